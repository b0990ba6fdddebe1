import { describe } from '@jest/globals';
import { KNOWN, PAGES } from '../../nodes/TencentCloudIot/messages/known';
import { inCommas, inQuotes, ofRows, ours } from '../../nodes/TencentCloudIot/messages/text';
import { testScenes } from './scenes.mts';

const time = ours('2026-11-30 06:00:05 GMT+8');
const since = ours('2026-11-01 02:15:00 GMT+8');
const sync = ours('CRM to IoT sync');
const requestId = ours('r-1');

describe('What receipts show about a customer', () => {
	const why = ours('InvalidParameterValue: 设备不存在');
	const ids = inCommas(inQuotes([ofRows('C017'), ofRows("o'neil")]));
	testScenes(
		[
			[
				'until a time',
				() => KNOWN.asOf({ time }),
				'As of 2026-11-30 06:00:05 GMT+8, without what came later',
				'截至 2026-11-30 06:00:05 GMT+8，不计此后的情况',
			],
			[
				'accepted',
				() => KNOWN.accepted({ devices: 3, time, requestId }),
				'Tencent accepted 3 devices on 2026-11-30 06:00:05 GMT+8 (RequestId r-1)',
				'腾讯云于 2026-11-30 06:00:05 GMT+8 接受了 3 台设备（RequestId r-1）',
			],
			[
				'accepted with one device',
				() => KNOWN.accepted({ devices: 1, time, requestId: undefined }),
				'Tencent accepted 1 device on 2026-11-30 06:00:05 GMT+8',
				'腾讯云于 2026-11-30 06:00:05 GMT+8 接受了 1 台设备',
			],
			[
				'accepted with none',
				() => KNOWN.accepted({ devices: 0, time, requestId }),
				'Tencent accepted 0 devices on 2026-11-30 06:00:05 GMT+8 (RequestId r-1)',
				'腾讯云于 2026-11-30 06:00:05 GMT+8 接受了 0 台设备（RequestId r-1）',
			],
			[
				'accepted, then unclear',
				() => KNOWN.unclearSince({ devices: 1, time, requestId, sets: 2 }),
				'Since then it is unclear: the request of 2026-11-30 06:00:05 GMT+8 (RequestId r-1) with 1 device may or may not have been applied. Tencent has one of 2 sets',
				'此后结果不明：2026-11-30 06:00:05 GMT+8 的请求（1 台设备，RequestId r-1）可能已应用，也可能没有。腾讯云上现有的是 2 组设备中的一组',
			],
			[
				'without a RequestId',
				() => KNOWN.unclearSince({ devices: 4, time, requestId: undefined, sets: 3 }),
				'Since then it is unclear: the request of 2026-11-30 06:00:05 GMT+8 with 4 devices may or may not have been applied. Tencent has one of 3 sets',
				'此后结果不明：2026-11-30 06:00:05 GMT+8 的请求（4 台设备）可能已应用，也可能没有。腾讯云上现有的是 3 组设备中的一组',
			],
			[
				'unclear from the beginning',
				() => KNOWN.unclear({ devices: 1, time, requestId }),
				'The request of 2026-11-30 06:00:05 GMT+8 (RequestId r-1) with 1 device may or may not have been applied. The log has no earlier one that was accepted',
				'2026-11-30 06:00:05 GMT+8 的请求（1 台设备，RequestId r-1）可能已应用，也可能没有。日志中没有此前被接受的请求',
			],
			[
				'unclear without a RequestId',
				() => KNOWN.unclear({ devices: 1200, time, requestId: undefined }),
				'The request of 2026-11-30 06:00:05 GMT+8 with 1,200 devices may or may not have been applied. The log has no earlier one that was accepted',
				'2026-11-30 06:00:05 GMT+8 的请求（1200 台设备）可能已应用，也可能没有。日志中没有此前被接受的请求',
			],
			[
				'never sent',
				() => KNOWN.neverSent(),
				'The log goes back to the first run, and has no request for this customer that was accepted or is unclear. A Push that keeps no receipts is not in it',
				'日志可追溯到首次运行，其中没有该客户被接受的请求，也没有结果不明的请求。不保留回执的 Push 不在日志中',
			],
			[
				'accepted before the log begins, perhaps',
				() => KNOWN.beforeLog({ since }),
				'The log has no accepted request for this customer. It begins on 2026-11-01 02:15:00 GMT+8: what was accepted before is not known',
				'日志中没有该客户被接受的请求。日志始于 2026-11-01 02:15:00 GMT+8：此前接受了什么不得而知',
			],
			[
				'gone',
				() => KNOWN.gone({ since, sync }),
				'No longer in the rows of CRM to IoT sync since 2026-11-01 02:15:00 GMT+8',
				'2026-11-01 02:15:00 GMT+8 起不在 CRM to IoT sync 的数据中',
			],
			[
				'gone after it was accepted',
				() => KNOWN.kept(),
				'Tencent keeps the devices',
				'其设备在腾讯侧仍然保留',
			],
			[
				'still in the rows of another Sync',
				() => KNOWN.stillIn({ since, sync }),
				'The customer was still in the rows of CRM to IoT sync at its last push, on 2026-11-01 02:15:00 GMT+8',
				'2026-11-01 02:15:00 GMT+8 最后一次推送该客户时，它仍在 CRM to IoT sync 的数据中',
			],
			[
				'a receipt is lost',
				() => KNOWN.missing({ count: 1 }),
				'The log lacks 1 receipt: it may belong to this customer',
				'日志缺少 1 条回执，其中可能有该客户的',
			],
			[
				'receipts are lost',
				() => KNOWN.missing({ count: 1200 }),
				'The log lacks 1,200 receipts: one of them may belong to this customer',
				'日志缺少 1200 条回执，其中可能有该客户的',
			],
			[
				'a receipt is lost since',
				() => KNOWN.missingSince({ count: 1 }),
				'Since then the log lacks 1 receipt: it may belong to this customer',
				'此后日志缺少 1 条回执，其中可能有该客户的',
			],
			[
				'receipts are lost since',
				() => KNOWN.missingSince({ count: 2 }),
				'Since then the log lacks 2 receipts: one of them may belong to this customer',
				'此后日志缺少 2 条回执，其中可能有该客户的',
			],
			[
				'a run is under way',
				() => KNOWN.running({ sync }),
				'A run of CRM to IoT sync is under way or was killed: what it has sent last is not in the log yet',
				'CRM to IoT sync 有运行正在进行，或已被强行终止：它最后推送的内容尚未写入日志',
			],
			[
				'failed once',
				() => KNOWN.lastFailure({ time, why }),
				'The rows of 2026-11-30 06:00:05 GMT+8 were not accepted: InvalidParameterValue: 设备不存在',
				'2026-11-30 06:00:05 GMT+8 的数据未被接受：InvalidParameterValue: 设备不存在',
			],
			[
				'failed since',
				() => KNOWN.lastFailures({ first: since, last: time, why }),
				'From 2026-11-01 02:15:00 GMT+8 to 2026-11-30 06:00:05 GMT+8 the rows were not accepted: InvalidParameterValue: 设备不存在',
				'2026-11-01 02:15:00 GMT+8 至 2026-11-30 06:00:05 GMT+8 的数据均未被接受：InvalidParameterValue: 设备不存在',
			],
			[
				'spelled otherwise',
				() => KNOWN.otherSpellings({ ids }),
				"The log has 'C017', 'o'neil', with letters in another case",
				"日志中有 C017、o'neil：大小写不同",
			],
			[
				'a Push before it failed',
				() => KNOWN.stepBefore({ text: ofRows('Nothing was sent') }),
				'The step before: Nothing was sent',
				'上一步：Nothing was sent',
			],
			[
				'many receipts',
				() => KNOWN.isCut({ shown: 1000 }),
				'Only the newest 1,000 are shown',
				'只显示最新的 1000 条',
			],
			['no receipt', () => KNOWN.noReceipts(), 'The log has no matching receipt', '日志中没有符合条件的回执'],
		],
		KNOWN,
	);
});

describe('The pages of receipts', () => {
	const { outcomes } = PAGES;
	testScenes(
		[
			['title', () => PAGES.allReceipts(), 'All receipts', '全部回执'],
			['column of times', () => PAGES.time(), 'Time', '时间'],
			['column of customers', () => PAGES.customer(), 'Customer', '客户'],
			['column of outcomes', () => PAGES.outcome(), 'Outcome', '结果'],
			['column of devices', () => PAGES.devices(), 'Devices', '设备'],
			['column of a run', () => PAGES.result(), 'Result', '结果'],
			[
				'a failure that repeats',
				() => PAGES.lastTime({ time }),
				'last 2026-11-30 06:00:05 GMT+8',
				'最近 2026-11-30 06:00:05 GMT+8',
			],
			['one more device', () => PAGES.moreDevices({ count: 1 }), '1 more', '另有 1 台'],
			['many more devices', () => PAGES.moreDevices({ count: 1200 }), '1,200 more', '另有 1200 台'],
			['OK', () => outcomes.OK(), 'accepted', '已接受'],
			['REFUSED', () => outcomes.REFUSED(), 'refused, nothing was changed', '被拒绝，没有任何更改'],
			['UNKNOWN', () => outcomes.UNKNOWN(), 'unclear, may have been applied', '结果不明，可能已应用'],
			['NOT_SENT', () => outcomes.NOT_SENT(), 'not sent', '未发送'],
			['GONE', () => outcomes.GONE(), 'no longer in the rows', '不在数据中'],
		],
		PAGES,
	);
});

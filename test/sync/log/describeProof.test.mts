import { describe, expect, test } from '@jest/globals';
import { inSentences, write } from '../../../nodes/TencentCloudIot/messages/text';
import { describeProof, deviceTextsOf } from '../../../nodes/TencentCloudIot/sync/log/describeProof';
import type { Proof } from '../../../nodes/TencentCloudIot/sync/log/proof';
import type { DeviceInfo } from '../../../nodes/TencentCloudIot/sync/../service/devices';
import type { Receipt } from '../../../nodes/TencentCloudIot/sync/log/receipt';

type SentSet = Proof['unclearSets'][number];

const NIGHT = Date.UTC(2026, 10, 29, 22, 0, 5);
const STYLE = { timezone: 'Asia/Shanghai', nameOf: (node: string) => `Sync ${node}` };

function device(name: string): DeviceInfo {
	return { DeviceId: `P/${name}`, CustomerDeviceNo: `SN-${name}`, ProductName: 'Lock' };
}

function set(requestId: string | undefined, names: readonly string[], atMs = NIGHT): SentSet {
	return { devices: names.map(device), atMs, requestId };
}

function failure(more: Partial<Receipt>): Receipt {
	return { customerId: 'c1', atMs: NIGHT, outcome: 'REFUSED', nodeKey: 'n', devices: [], ...more };
}

/** A customer without a receipt in the log. */
const NOTHING: Proof = {
	kind: 'neverSent',
	unclearSets: [],
	formerSyncs: [],
	currentSyncs: [],
	missing: 0,
	runningNodeKeys: [],
};

const AT_SIX = '2026-11-30 06:00:05 GMT+8';

const CASES: ReadonlyArray<[title: string, facts: Partial<Proof>, english: string[], chinese: string[]]> = [
	[
		'never sent',
		{},
		[
			'The log goes back to the first run, and has no request for this customer that was accepted or is unclear. A Push that keeps no receipts is not in it',
		],
		['日志可追溯到首次运行，其中没有该客户被接受的请求，也没有结果不明的请求。不保留回执的 Push 不在日志中'],
	],
	[
		'accepted, with the day and the zone of the workflow',
		{ kind: 'accepted', accepted: set('r-1', ['a', 'b']) },
		[`Tencent accepted 2 devices on ${AT_SIX} (RequestId r-1)`],
		[`腾讯云于 ${AT_SIX} 接受了 2 台设备（RequestId r-1）`],
	],
	[
		'accepted by a response without a RequestId',
		{ kind: 'accepted', accepted: set(undefined, ['a']) },
		[`Tencent accepted 1 device on ${AT_SIX}`],
		[`腾讯云于 ${AT_SIX} 接受了 1 台设备`],
	],
	[
		'accepted, and unclear twice since then, so Tencent has one of three sets',
		{
			kind: 'acceptedThenUnclear',
			accepted: set('r-1', ['a']),
			unclearSets: [set('r-2', ['b']), set(undefined, ['c', 'd'], NIGHT + 1000)],
		},
		[
			`Tencent accepted 1 device on ${AT_SIX} (RequestId r-1)`,
			`Since then it is unclear: the request of ${AT_SIX} (RequestId r-2) with 1 device may or may not have been applied. Tencent has one of 3 sets`,
			'Since then it is unclear: the request of 2026-11-30 06:00:06 GMT+8 with 2 devices may or may not have been applied. Tencent has one of 3 sets',
		],
		[
			`腾讯云于 ${AT_SIX} 接受了 1 台设备（RequestId r-1）`,
			`此后结果不明：${AT_SIX} 的请求（1 台设备，RequestId r-2）可能已应用，也可能没有。腾讯云上现有的是 3 组设备中的一组`,
			'此后结果不明：2026-11-30 06:00:06 GMT+8 的请求（2 台设备）可能已应用，也可能没有。腾讯云上现有的是 3 组设备中的一组',
		],
	],
	[
		'unclear, with no accepted request before',
		{ kind: 'unclear', unclearSets: [set('r-2', ['b'])] },
		[
			`The request of ${AT_SIX} (RequestId r-2) with 1 device may or may not have been applied. The log has no earlier one that was accepted`,
		],
		[`${AT_SIX} 的请求（1 台设备，RequestId r-2）可能已应用，也可能没有。日志中没有此前被接受的请求`],
	],
	[
		'unclear, in a log that does not reach back to the first run',
		{ kind: 'unclear', unclearSets: [set('r-2', ['b'])], completeFromMs: NIGHT },
		[
			`The request of ${AT_SIX} (RequestId r-2) with 1 device may or may not have been applied. The log has no earlier one that was accepted`,
			`The log has no accepted request for this customer. It begins on ${AT_SIX}: what was accepted before is not known`,
		],
		[
			`${AT_SIX} 的请求（1 台设备，RequestId r-2）可能已应用，也可能没有。日志中没有此前被接受的请求`,
			`日志中没有该客户被接受的请求。日志始于 ${AT_SIX}：此前接受了什么不得而知`,
		],
	],
	[
		'possibly accepted before the log begins',
		{ kind: 'beforeLog', completeFromMs: NIGHT },
		[
			`The log has no accepted request for this customer. It begins on ${AT_SIX}: what was accepted before is not known`,
		],
		[`日志中没有该客户被接受的请求。日志始于 ${AT_SIX}：此前接受了什么不得而知`],
	],
	[
		'accepted, so the beginning of the log does not matter',
		{ kind: 'accepted', accepted: set('r-1', ['a']), completeFromMs: NIGHT },
		[`Tencent accepted 1 device on ${AT_SIX} (RequestId r-1)`],
		[`腾讯云于 ${AT_SIX} 接受了 1 台设备（RequestId r-1）`],
	],
	[
		'refused last, with the reason that Tencent gives',
		{
			kind: 'accepted',
			accepted: set('r-1', ['a']),
			lastFailure: failure({ code: 'X', reason: 'It rained.' }),
		},
		[
			`Tencent accepted 1 device on ${AT_SIX} (RequestId r-1)`,
			`The rows of ${AT_SIX} were not accepted: X: It rained`,
		],
		[`腾讯云于 ${AT_SIX} 接受了 1 台设备（RequestId r-1）`, `${AT_SIX} 的数据未被接受：X: It rained`],
	],
	[
		'withheld last, with only a code',
		{ lastFailure: failure({ outcome: 'NOT_SENT', code: 'WITHHELD' }) },
		[
			'The log goes back to the first run, and has no request for this customer that was accepted or is unclear. A Push that keeps no receipts is not in it',
			`The rows of ${AT_SIX} were not accepted: WITHHELD`,
		],
		[
			'日志可追溯到首次运行，其中没有该客户被接受的请求，也没有结果不明的请求。不保留回执的 Push 不在日志中',
			`${AT_SIX} 的数据未被接受：WITHHELD`,
		],
	],
	[
		'gone from one Sync, and in the rows of another one',
		{
			kind: 'accepted',
			accepted: set('r-1', ['a']),
			formerSyncs: [{ nodeKey: 'night', atMs: NIGHT }],
			currentSyncs: [{ nodeKey: 'day', atMs: NIGHT + 1000 }],
		},
		[
			`Tencent accepted 1 device on ${AT_SIX} (RequestId r-1)`,
			`No longer in the rows of Sync night since ${AT_SIX}`,
			'Tencent keeps the devices',
			'The customer was still in the rows of Sync day at its last push, on 2026-11-30 06:00:06 GMT+8',
		],
		[
			`腾讯云于 ${AT_SIX} 接受了 1 台设备（RequestId r-1）`,
			`${AT_SIX} 起不在 Sync night 的数据中`,
			'其设备在腾讯侧仍然保留',
			'2026-11-30 06:00:06 GMT+8 最后一次推送该客户时，它仍在 Sync day 的数据中',
		],
	],
	[
		'gone and never accepted, so Tencent has no devices to keep',
		{ formerSyncs: [{ nodeKey: 'night', atMs: NIGHT }] },
		[
			'The log goes back to the first run, and has no request for this customer that was accepted or is unclear. A Push that keeps no receipts is not in it',
			`No longer in the rows of Sync night since ${AT_SIX}`,
		],
		[
			'日志可追溯到首次运行，其中没有该客户被接受的请求，也没有结果不明的请求。不保留回执的 Push 不在日志中',
			`${AT_SIX} 起不在 Sync night 的数据中`,
		],
	],
	[
		'in the rows of its Syncs, which is not mentioned',
		{ kind: 'accepted', accepted: set('r-1', ['a']), currentSyncs: [{ nodeKey: 'day', atMs: NIGHT }] },
		[`Tencent accepted 1 device on ${AT_SIX} (RequestId r-1)`],
		[`腾讯云于 ${AT_SIX} 接受了 1 台设备（RequestId r-1）`],
	],
	[
		'accepted, and receipts are missing since then',
		{ kind: 'accepted', accepted: set('r-1', ['a']), missing: 3 },
		[
			`Tencent accepted 1 device on ${AT_SIX} (RequestId r-1)`,
			'Since then the log lacks 3 receipts: one of them may belong to this customer',
		],
		[`腾讯云于 ${AT_SIX} 接受了 1 台设备（RequestId r-1）`, '此后日志缺少 3 条回执，其中可能有该客户的'],
	],
	[
		'never sent according to the log, which lacks a receipt',
		{ kind: 'beforeLog', missing: 1 },
		['The log lacks 1 receipt: it may belong to this customer'],
		['日志缺少 1 条回执，其中可能有该客户的'],
	],
	[
		'accepted, and a run was killed',
		{ kind: 'accepted', accepted: set('r-1', ['a']), runningNodeKeys: ['night'] },
		[
			`Tencent accepted 1 device on ${AT_SIX} (RequestId r-1)`,
			'A run of Sync night is under way or was killed: what it has sent last is not in the log yet',
		],
		[
			`腾讯云于 ${AT_SIX} 接受了 1 台设备（RequestId r-1）`,
			'Sync night 有运行正在进行，或已被强行终止：它最后推送的内容尚未写入日志',
		],
	],
];

describe('The text about a customer that was', () => {
	test.each(CASES)('%s', (_title, facts, english, chinese) => {
		const messages = describeProof({ ...NOTHING, ...facts }, STYLE).map((text) =>
			write(inSentences([text]), 'everything'),
		);
		expect(messages.map(([text]) => text)).toEqual(english);
		expect(messages.map(([, text]) => text)).toEqual(chinese);
	});
});

test('A device is one text, without its empty values', () => {
	const bare = { DeviceId: 'P/b', CustomerDeviceNo: '', ProductName: '' };
	expect(deviceTextsOf([device('a'), bare])).toEqual(['P/a · SN-a · Lock', 'P/b']);
});

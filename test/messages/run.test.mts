import { describe, expect, test } from '@jest/globals';
import { CHECKS, someIds, withOthers } from '../../nodes/TencentCloudIot/messages/checks';
import { wordsOf } from '../../nodes/TencentCloudIot/messages/failures';
import { ADVICE, REASONS } from '../../nodes/TencentCloudIot/messages/reasons';
import { because, FINDING_TEXT } from '../../nodes/TencentCloudIot/messages/findings';
import { rowsOf } from '../../nodes/TencentCloudIot/messages/rows';
import {
	aboveZero,
	countedClauses,
	customersClauses,
	FAILURE_OF,
	RUN,
} from '../../nodes/TencentCloudIot/messages/run';
import { wordsOfTables } from '../../nodes/TencentCloudIot/messages/tables';
import {
	asPlace,
	type Fact,
	inClauses,
	inCounts,
	inReasons,
	inSentences,
	ofRows,
	ours,
	quotedOfRows,
	write,
} from '../../nodes/TencentCloudIot/messages/text';
import { type Scene, testScenes } from './scenes.mts';

const nobody: Fact = undefined;
const at = ours('11-28 02:15');
const { dry, fewerRows, health, lastReceipt, plan, withheld } = RUN;

describe('The results of a run for its customers', () => {
	const ids = someIds(['a', "O'Neil", 'c', 'd']);
	const devices = 1200;
	const clauses = {
		...RUN,
		dry: 0,
		fewerRows: 0,
		health: 0,
		lastReceipt: 0,
		plan: 0,
		withheld: 0,
		whyEverybody: 0,
		everybodySent: 0,
	};
	testScenes(
		[
			[
				'one failed',
				() => RUN.newlyFailed({ count: 1, ids: someIds(['a']) }),
				"1 customer newly failed ('a')",
				'1 个客户本次开始失败（a）',
			],
			[
				'four failed',
				() => RUN.newlyFailed({ count: 4, ids }),
				"4 customers newly failed ('a', 'O'Neil', 'c' and others)",
				"4 个客户本次开始失败（a、O'Neil、c 等）",
			],
			[
				'four failed, in a hint',
				() => RUN.newlyFailed({ count: 4, ids }),
				'4 customers newly failed',
				'4 个客户本次开始失败',
				'hint',
			],
			[
				'four failed, with names off',
				() => RUN.newlyFailed({ count: 4, ids }),
				'4 customers newly failed',
				'4 个客户本次开始失败',
				'nameless',
			],
			['another failed before', () => RUN.othersFailed({ count: 1 }), '1 other failed', '另有 1 个客户失败'],
			['others failed before', () => RUN.othersFailed({ count: 2 }), '2 others failed', '另有 2 个客户失败'],
			[
				'one still failed',
				() => RUN.stillFailed({ count: 1 }),
				'1 customer still failed',
				'1 个客户仍然失败',
			],
			[
				'many still failed',
				() => RUN.stillFailed({ count: 1200 }),
				'1,200 customers still failed',
				'1200 个客户仍然失败',
			],
			[
				'one recovered',
				() => RUN.recovered({ count: 1, ids: nobody }),
				'1 customer recovered',
				'1 个客户已恢复',
			],
			[
				'four recovered',
				() => RUN.recovered({ count: 4, ids }),
				"4 customers recovered ('a', 'O'Neil', 'c' and others)",
				"4 个客户已恢复（a、O'Neil、c 等）",
			],
			[
				'none of one was pushed',
				() => RUN.nobodyPushed({ count: 1 }),
				'0 of 1 customer pushed',
				'1 个客户均未推送',
			],
			[
				'none of many was pushed',
				() => RUN.nobodyPushed({ count: 1200 }),
				'0 of 1,200 customers pushed',
				'1200 个客户均未推送',
			],
			[
				'none needed it',
				() => RUN.allUpToDate({ count: 2 }),
				'0 of 2 customers needed a push, all are up to date',
				'2 个客户均已是最新，无需推送',
			],
			[
				'the only one was up to date',
				() => RUN.allUpToDate({ count: 1 }),
				'0 of 1 customer needed a push, it is up to date',
				'1 个客户均已是最新，无需推送',
			],
			[
				'some were pushed',
				() => RUN.upToDate({ done: 1, total: 3, pushed: 1, devices: 1 }),
				'1 of 3 customers is up to date, 1 pushed now (1 device)',
				'3 个客户中 1 个已是最新，本次推送 1 个（1 台设备）',
			],
			[
				'some are up to date',
				() => RUN.upToDate({ done: 2, total: 1300, pushed: 0, devices: nobody }),
				'2 of 1,300 customers are up to date, 0 pushed now',
				'1300 个客户中 2 个已是最新，本次推送 0 个',
			],
			[
				'all are up to date now',
				() => RUN.allNowUpToDate({ total: 1300, pushed: 2, devices }),
				'1,300 customers are up to date, 2 pushed now (1,200 devices)',
				'1300 个客户中 1300 个已是最新，本次推送 2 个（1200 台设备）',
			],
			[
				'the only one is now',
				() => RUN.allNowUpToDate({ total: 1, pushed: 1, devices: nobody }),
				'1 customer is up to date, 1 pushed now',
				'1 个客户中 1 个已是最新，本次推送 1 个',
			],
			[
				'a Push of a part',
				() => RUN.pushed({ pushed: 1, total: 3, devices: 1 }),
				'1 of 3 customers, 1 device pushed',
				'3 个客户中已推送 1 个，共 1 台设备',
			],
			[
				'a Push of nothing',
				() => RUN.pushed({ pushed: 0, total: 1, devices: nobody }),
				'0 of 1 customer pushed',
				'1 个客户中已推送 0 个',
			],
			[
				'a Push of all',
				() => RUN.allPushed({ total: 2, devices }),
				'2 customers, 1,200 devices pushed',
				'2 个客户中已推送 2 个，共 1200 台设备',
			],
			[
				'a Push of one',
				() => RUN.allPushed({ total: 1, devices: nobody }),
				'1 customer pushed',
				'1 个客户中已推送 1 个',
			],
			[
				'one was re-pushed',
				() => RUN.rePushed({ count: 1 }),
				'1 re-pushed on schedule',
				'1 个按计划重新推送',
			],
			[
				'many were re-pushed',
				() => RUN.rePushed({ count: 1200 }),
				'1,200 re-pushed on schedule',
				'1200 个按计划重新推送',
			],
			[
				'refused',
				() => RUN.refused({ count: 1 }),
				'1 refused (nothing was changed)',
				'1 个被拒绝（没有任何更改）',
			],
			['unclear', () => RUN.unclear({ count: 1 }), '1 unclear', '1 个结果不明'],
			[
				'unclear, in full',
				() => RUN.mayBeApplied({ count: 1 }),
				'1 unclear (Tencent may or may not have applied it)',
				'1 个结果不明（腾讯云可能已应用）',
			],
			[
				'many are unclear, in full',
				() => RUN.mayBeApplied({ count: 1200 }),
				'1,200 unclear (Tencent may or may not have applied them)',
				'1200 个结果不明（腾讯云可能已应用）',
			],
			['not sent', () => RUN.notSent({ count: 2 }), '2 not sent', '2 个未发送'],
			['unchanged', () => RUN.unchanged({ count: 1200 }), '1,200 unchanged', '1200 个没有变化'],
			[
				'left',
				() => RUN.postponed({ count: 1, why: nobody }),
				'1 customer left for the next run',
				'1 个客户留待下次运行',
			],
			[
				'left for want of time',
				() => RUN.postponed({ count: 2, why: wordsOf('TIME_OVER').reason }),
				"2 customers left for the next run: The run reached its time limit, 'Longest Run (Minutes)'",
				'2 个客户留待下次运行：运行已达到 Longest Run (Minutes) 的时限',
			],
			[
				'a row is invalid',
				() => RUN.invalidRows({ count: 1 }),
				'1 row invalid (not sent)',
				'1 行数据无效（未发送）',
			],
			[
				'rows are invalid',
				() => RUN.invalidRows({ count: 1200 }),
				'1,200 rows invalid (not sent)',
				'1200 行数据无效（未发送）',
			],
			[
				'an audit compares no row that is invalid',
				() => RUN.invalidRowsOfAudit({ count: 1 }),
				'1 row invalid (not compared)',
				'1 行数据无效（未核对）',
			],
			[
				'given twice',
				() => RUN.givenEarlier({ count: 1 }),
				'1 not sent: already pushed with other devices',
				'1 个已以其他设备推送，未再发送',
			],
			[
				'not allowed',
				() => RUN.notAllowed({ count: 1 }),
				"1 not sent because of 'Allowed Actions'",
				'1 个因凭证的 Allowed Actions 未发送',
			],
			[
				'done before',
				() => RUN.doneEarlier({ count: 1 }),
				'1 already done in an earlier attempt',
				'1 个在此前的尝试中已完成',
			],
			['retried once', () => RUN.retries({ count: 1 }), '1 retry', '1 次重试'],
			['retried often', () => RUN.retries({ count: 1200 }), '1,200 retries', '1200 次重试'],
			[
				'a clock that is off by one',
				() => RUN.clockOff({ count: 1 }),
				"this server's clock is 1 second off",
				'本机时钟相差 1 秒',
			],
			[
				'a clock',
				() => RUN.clockOff({ count: 1200 }),
				"this server's clock is 1,200 seconds off",
				'本机时钟相差 1200 秒',
			],
			[
				'a scheme to set',
				() => RUN.setScheme({ scheme: ours('JSON Text') }),
				"set 'Nested Value Signing' in the credential to 'JSON Text' to save requests in each run",
				'在凭证中将 Nested Value Signing 设为 JSON Text，每次运行可少发请求',
			],
			[
				'a run was killed',
				() => RUN.interrupted(),
				'the previous run was interrupted, so the customers that it may have sent are sent again',
				'上次运行中断，可能已推送的客户会再次推送',
			],
			[
				'one has no device',
				() => RUN.leftOut({ count: 1 }),
				'1 customer left out: no device',
				'1 个客户没有设备，未推送',
			],
			[
				'two have no device',
				() => RUN.leftOut({ count: 2 }),
				'2 customers left out: no device',
				'2 个客户没有设备，未推送',
			],
			[
				'one has no device any more',
				() => RUN.withoutDevices({ count: 1, ids: someIds(['a']) }),
				"1 customer has no device in the rows any more; Tencent keeps its devices ('a')",
				'1 个客户已没有设备，其设备在腾讯侧仍然保留（a）',
			],
			[
				'four have no device any more',
				() => RUN.withoutDevices({ count: 4, ids }),
				"4 customers have no device in the rows any more; Tencent keeps their devices ('a', 'O'Neil', 'c' and others)",
				"4 个客户已没有设备，其设备在腾讯侧仍然保留（a、O'Neil、c 等）",
			],
			[
				'a database that was slow',
				() => RUN.stateTooLate({ seconds: ours('20.5') }),
				"n8n's database did not respond within 20.5 s, so it is not known whether the sync state was kept; if not, the next run repeats the customers that were sent last",
				'n8n 的数据库在 20.5 秒内没有响应，不确定同步状态是否已保存；若未保存，下次运行会再次推送最后推送的那些客户',
			],
			[
				'another run took over',
				() => RUN.stateTaken(),
				'another run has taken over, or somebody deleted the row of this Sync, so a later run repeats the customers that this run may have sent since its last heartbeat',
				'另一次运行已接管，或有人删除了此 Sync 的行，之后的运行会再次推送本次运行在最后一次心跳之后可能推送过的客户',
			],
			[
				'tables that are full',
				() => RUN.stateUnusable({ why: wordsOfTables('full').reason }),
				"the sync state could not be kept (n8n's Data Tables are full, so Sync could not record which customers it was going to send), so the next run repeats the customers that were sent last",
				'同步状态未能保存（n8n 的 Data Tables 空间已满，Sync 无法记录要推送的客户），下次运行会再次推送最后推送的那些客户',
			],
			[
				'the first message',
				() => RUN.firstMessage(),
				'from now on you will hear about new failures and recoveries, about customers that are gone or lost their devices, and about runs that are stopped',
				'此后如有客户开始失败或恢复、离开或失去设备，或运行被停止，都会收到消息',
			],
			[
				'a stop is over',
				() => RUN.stopOver({ since: at }),
				'the stop reported at 11-28 02:15 is over: nobody needs to approve or reject its plan any more',
				'11-28 02:15 报告的停止状态已解除，其计划无需再批准或拒绝',
			],
			['nothing was sent', () => RUN.nothingSent(), 'Nothing was sent', '未发送任何内容'],
			[
				'nothing was sent by Retry On Fail',
				() => RUN.nothingSentNow(),
				'Nothing was sent in this attempt',
				'本次尝试未发送任何内容',
			],
			[
				'the run ended',
				() => RUN.nothingMoreSent({ reason: wordsOf('CANCELLED').reason }),
				'The execution was cancelled. Nothing more was sent.',
				'执行已被取消。此后未再发送',
			],
			[
				'a cause that rows share',
				() => RUN.ofRows({ rows: rowsOf([2, 3]), cause: wordsOf('DNS_UNAVAILABLE').reason, devices: nobody }),
				'rows 3 and 4: The DNS lookup timed out',
				'第 3、4 行：DNS 查询超时',
			],
			[
				'with its devices',
				() =>
					RUN.ofRows({
						rows: rowsOf([2]),
						cause: FINDING_TEXT.ofSeveral({ itemIndex: 2, field: 'DeviceId', ...because('notDeviceId') }),
						devices: quotedOfRows(['P/1', 'P/2']),
					}),
				"row 3: 'DeviceId' is not ProductId/DeviceName with exactly one \"/\" ('P/1' and 'P/2')",
				'第 3 行：DeviceId 须为 ProductId/DeviceName，且恰有一个“/”（P/1、P/2）',
			],
			[
				'words of an operation',
				() => RUN.inEnglish({ english: ours('120 devices are listed') }),
				'120 devices are listed',
				'120 devices are listed',
			],
			[
				'what failed',
				() =>
					RUN.whatFailed({
						reasons: inReasons([wordsOf('RESPONSE_TIMEOUT').reason, wordsOf('DNS_UNAVAILABLE').reason]),
					}),
				'What failed: The request timed out before a complete response arrived. The DNS lookup timed out',
				'失败原因：在收到完整响应之前超时；DNS 查询超时',
			],
			[
				'an option for the only row',
				() => RUN.canMendIt({ options: ours('Empty CustomerId → Allow') }),
				'Row Handling can fix this row: Empty CustomerId → Allow',
				'Row Handling 可处理这 1 行：Empty CustomerId → Allow',
			],
			[
				'an option for all rows',
				() => RUN.canMendAll({ of: 2, options: ours('Empty CustomerId → Allow') }),
				'Row Handling can fix these 2 rows: Empty CustomerId → Allow',
				'Row Handling 可处理这 2 行：Empty CustomerId → Allow',
			],
			[
				'an option for some rows',
				() => RUN.canMend({ of: 1200, count: 1, options: ours('Empty CustomerId → Allow') }),
				'Row Handling can fix 1 of these 1,200 rows: Empty CustomerId → Allow',
				'Row Handling 可处理这 1200 行中的 1 行：Empty CustomerId → Allow',
			],
			[
				'it mends itself',
				() => RUN.mendsItself({ advice: RUN.checkNetwork() }),
				"Nothing has to be done now: the next run sends the rest. If this lasts for an hour: Check this server's network and its proxy, and ask Tencent whether the service is down",
				'暂无需处理：下次运行会推送其余客户。若持续一小时：检查本机的网络和代理，并向腾讯云确认服务是否故障',
			],
			[
				'the network',
				() => RUN.checkNetwork(),
				"Check this server's network and its proxy, and ask Tencent whether the service is down",
				'检查本机的网络和代理，并向腾讯云确认服务是否故障',
			],
			[
				'the service',
				() => RUN.giveRequestId(),
				'Give the RequestId, which the error item and Get Receipts have, to Tencent Cloud support',
				'请把 RequestId 提供给腾讯云客服，错误输出项和 Get Receipts 中都有',
			],
			[
				'a plan',
				() => RUN.approvePlan({ planId: ours('K7PQ') }),
				"If this is meant, approve plan K7PQ: in the approval form, or by 'Approved Plan' in the node",
				'如果确实要这样改，请批准计划 K7PQ：在审批表单中批准，或填入节点的 Approved Plan',
			],
			[
				'a stopped workflow',
				() => RUN.doNotRetry(),
				"Do not use n8n's Retry, which would repeat this whole execution: send only what is left",
				'请不要使用 n8n 的 Retry，它会把这次执行全部重做一遍：请只发送剩下的部分',
			],
			[
				'a million rows',
				() => RUN.manyRows({ rows: 1_000_000, advice: fewerRows.split() }),
				'n8n keeps all 1,000,000 rows on its heap, where a million take about 1 GB: split them into several runs',
				'n8n 把全部 1000000 行放在堆内存中，一百万行约占 1 GB：请分成几次运行',
			],
			[
				'customers that are missing',
				() => RUN.missing({ customers: ofRows(lastReceipt.OK({ customer: ours('a'), at })) }),
				'Missing: a: last accepted 11-28 02:15',
				'缺失的客户：a：最后一次被接受 11-28 02:15',
			],
			[
				'customers that are missing, in a hint',
				() => RUN.missing({ customers: ofRows('a') }),
				'',
				'',
				'hint',
			],
			...comparedScenes(),
		],
		clauses,
	);
});

/** Facts that a Sync has from its state. */
function comparedScenes(): Scene[] {
	const customers = ofRows(withOthers(inCounts([lastReceipt.OK({ customer: ours('a'), at })]), true));
	const device = ours('P/1');
	const move = RUN.movedDevice({ device, from: ofRows('a'), to: ours('b'), since: at });
	const fromGone = RUN.movedDevice({ device, from: RUN.goneCustomer(), to: ours('b'), since: at });
	return [
		[
			'one is gone',
			() => RUN.gone({ count: 1, customers: nobody }),
			'1 customer is no longer in the rows; Tencent keeps its devices',
			'1 个客户已不在数据中，其设备在腾讯侧仍然保留',
		],
		[
			'two are gone',
			() => RUN.gone({ count: 2, customers }),
			'2 customers are no longer in the rows; Tencent keeps their devices (a: last accepted 11-28 02:15 and others)',
			'2 个客户已不在数据中，其设备在腾讯侧仍然保留（a：最后一次被接受 11-28 02:15 等）',
		],
		[
			'two are gone, in a hint',
			() => RUN.gone({ count: 2, customers }),
			'2 customers are no longer in the rows; Tencent keeps their devices',
			'2 个客户已不在数据中，其设备在腾讯侧仍然保留',
			'hint',
		],
		[
			'two are gone, one of them never pushed',
			() => RUN.goneInPart({ count: 2, kept: 1, customers }),
			'2 customers are no longer in the rows; Tencent keeps the devices of 1, this Sync never pushed the others (a: last accepted 11-28 02:15 and others)',
			'2 个客户已不在数据中，其中 1 个的设备在腾讯侧仍然保留，其余的本 Sync 从未推送成功（a：最后一次被接受 11-28 02:15 等）',
		],
		[
			'many are gone, some of them never pushed',
			() => RUN.goneInPart({ count: 1200, kept: 1000, customers: nobody }),
			'1,200 customers are no longer in the rows; Tencent keeps the devices of 1,000, this Sync never pushed the others',
			'1200 个客户已不在数据中，其中 1000 个的设备在腾讯侧仍然保留，其余的本 Sync 从未推送成功',
		],
		[
			'one is gone and was never pushed',
			() => RUN.goneUnpushed({ count: 1, customers }),
			'1 customer is no longer in the rows; this Sync never pushed it (a: last accepted 11-28 02:15 and others)',
			'1 个客户已不在数据中，本 Sync 从未推送成功（a：最后一次被接受 11-28 02:15 等）',
		],
		[
			'two are gone and were never pushed',
			() => RUN.goneUnpushed({ count: 2, customers: nobody }),
			'2 customers are no longer in the rows; this Sync never pushed them',
			'2 个客户已不在数据中，本 Sync 从未推送成功',
		],
		[
			'a device moved',
			() => RUN.moved({ count: 1, moves: ofRows(move) }),
			'1 device moved to another customer (P/1 from a to b since 11-28 02:15)',
			'1 台设备已换到另一个客户（P/1：11-28 02:15 起由 a 换到 b）',
		],
		[
			'devices moved',
			() => RUN.moved({ count: 2, moves: ofRows(withOthers(inCounts([move]), true)) }),
			'2 devices moved to another customer (P/1 from a to b since 11-28 02:15 and others)',
			'2 台设备已换到另一个客户（P/1：11-28 02:15 起由 a 换到 b 等）',
		],
		[
			'a device moved, in a hint',
			() => RUN.moved({ count: 1, moves: ofRows(move) }),
			'1 device moved to another customer',
			'1 台设备已换到另一个客户',
			'hint',
		],
		[
			'a device of a customer that is gone',
			() => RUN.moved({ count: 1, moves: ofRows(fromGone) }),
			'1 device moved to another customer (P/1 from a customer that is gone to b since 11-28 02:15)',
			'1 台设备已换到另一个客户（P/1：11-28 02:15 起由 已不在数据中的客户 换到 b）',
		],
		[
			'what to do about it',
			() => RUN.movedAdvice(),
			"If pushes only add devices, the former owner still has them at Tencent: send Tencent a ticket with the RequestIds, which Get Receipts lists for a device. If you know that pushes replace, choose Do Not Report under 'Moved Devices'",
			'如果推送只会追加设备，原客户在腾讯侧仍保留这些设备：请通过工单把 RequestId 提供给腾讯云，可用 Get Receipts 按设备查询。若确知推送会替换，请在 Moved Devices 中选择 Do Not Report',
		],
		[
			'nothing changes any more',
			() => RUN.stale({ days: 30, usual: 2 }),
			'STALE_SOURCE: no row has changed for 30 days, and before that changes were at most 2 days apart',
			'STALE_SOURCE：数据行已有 30 天没有变化，而此前两次变化最多相隔 2 天',
		],
		[
			'nothing has changed for a day',
			() => RUN.stale({ days: 1, usual: 1 }),
			'STALE_SOURCE: no row has changed for 1 day, and before that changes were at most 1 day apart',
			'STALE_SOURCE：数据行已有 1 天没有变化，而此前两次变化最多相隔 1 天',
		],
		[
			'nothing has changed for as long as is expected',
			() => RUN.stale({ days: 7, usual: undefined }),
			'STALE_SOURCE: no row has changed for 7 days',
			'STALE_SOURCE：数据行已有 7 天没有变化',
		],
		[
			'what to do about that',
			() => RUN.staleAdvice(),
			"Check that the source still gets its data. If its rows really change so rarely, set 'Expect Changes Within (Days)'",
			'检查数据源是否仍在更新。如果它本来就很少变化，请设置 Expect Changes Within (Days)',
		],
	];
}

describe('Why a run sends everybody', () => {
	const why = RUN.whyEverybody;
	const sending = (kind: string) => RUN.everybodySent({ why: why[kind]?.() });
	testScenes(
		[
			[
				'there is no state',
				() => sending('empty'),
				'this is the first run of the node, so every customer is sent',
				'这是该节点的首次运行，因此须推送全部客户',
			],
			[
				'the workflow is not saved',
				() => sending('none'),
				'there is no sync state because the workflow is not saved, so every customer is sent',
				'工作流尚未保存，没有同步状态，因此须推送全部客户',
			],
			[
				'the state is lost',
				() => sending('lost'),
				'the sync state of earlier runs was lost, so every customer is sent',
				'此前运行的同步状态已丢失，因此须推送全部客户',
			],
			[
				'another account',
				() => sending('otherAccount'),
				'the last run had another App Key or endpoint, so every customer is sent',
				'上次运行使用另一个 App Key 或接口地址，因此须推送全部客户',
			],
			[
				'another secret',
				() => sending('otherSecret'),
				'the App Secret has changed since the last run, so every customer is sent',
				'App Secret 在上次运行之后已更换，因此须推送全部客户',
			],
			[
				'another version',
				() => sending('otherVersion'),
				'another version of this package left the sync state, so every customer is sent',
				'同步状态由本软件包的另一版本写入，因此须推送全部客户',
			],
		],
		{ why, everybodySent: RUN.everybodySent },
	);
});

describe('A customer that is gone, and its last receipt', () => {
	const facts = { customer: ours("O'Neil"), at };
	testScenes(
		[
			[
				'OK',
				() => lastReceipt.OK(facts),
				"O'Neil: last accepted 11-28 02:15",
				"O'Neil：最后一次被接受 11-28 02:15",
			],
			[
				'REFUSED',
				() => lastReceipt.REFUSED(facts),
				"O'Neil: last refused 11-28 02:15",
				"O'Neil：最后一次被拒绝 11-28 02:15",
			],
			[
				'UNKNOWN',
				() => lastReceipt.UNKNOWN(facts),
				"O'Neil: last unclear 11-28 02:15",
				"O'Neil：最后一次结果不明 11-28 02:15",
			],
			[
				'NOT_SENT',
				() => lastReceipt.NOT_SENT(facts),
				"O'Neil: last not sent 11-28 02:15",
				"O'Neil：最后一次未发送 11-28 02:15",
			],
		],
		lastReceipt,
	);
});

describe('The advice to read fewer rows at once', () => {
	testScenes(
		[
			[
				'items',
				() => RUN.manyRows({ rows: 250_000, advice: fewerRows.split() }),
				'n8n keeps all 250,000 rows on its heap, where a million take about 1 GB: split them into several runs',
				'n8n 把全部 250000 行放在堆内存中，一百万行约占 1 GB：请分成几次运行',
			],
			[
				'customers',
				() => RUN.manyRows({ rows: 250_000, advice: fewerRows.byCustomer() }),
				'n8n keeps all 250,000 rows on its heap, where a million take about 1 GB: split them by customer into several runs',
				'n8n 把全部 250000 行放在堆内存中，一百万行约占 1 GB：请按客户分成几次运行',
			],
			[
				'a Sync',
				() => RUN.manyRows({ rows: 250_000, advice: fewerRows.copies() }),
				'n8n keeps all 250,000 rows on its heap, where a million take about 1 GB: run copies of the workflow, each with a part of the customers',
				'n8n 把全部 250000 行放在堆内存中，一百万行约占 1 GB：请运行该工作流的几个副本，各负责一部分客户',
			],
		],
		fewerRows,
	);
});

describe('The health of a Sync in a message', () => {
	const kind = ours('Sync');
	const pushed = RUN.upToDate({ done: 1, total: 2, pushed: 1, devices: 1 });
	const failed = RUN.newlyFailed({ count: 1, ids: someIds(['a']) });
	const both = inSentences([inReasons([wordsOf('CANCELLED').reason]), inClauses([failed, pushed])]);
	testScenes(
		[
			[
				'ok',
				() => health.ok({ kind, code: undefined, what: inClauses([pushed]) }),
				'Sync is ok: 1 of 2 customers is up to date, 1 pushed now (1 device).',
				'Sync 正常：2 个客户中 1 个已是最新，本次推送 1 个（1 台设备）。',
			],
			[
				'ok, with a code',
				() => health.ok({ kind, code: ours('TIME_OVER'), what: inClauses([pushed]) }),
				'Sync is ok (TIME_OVER): 1 of 2 customers is up to date, 1 pushed now (1 device).',
				'Sync 正常（TIME_OVER）：2 个客户中 1 个已是最新，本次推送 1 个（1 台设备）。',
			],
			[
				'degraded',
				() => health.degraded({ kind, code: undefined, what: inClauses([failed, pushed]) }),
				"Sync is degraded: 1 customer newly failed ('a'); 1 of 2 customers is up to date, 1 pushed now (1 device).",
				'Sync 部分异常：1 个客户本次开始失败（a）；2 个客户中 1 个已是最新，本次推送 1 个（1 台设备）。',
			],
			[
				'degraded, with names off',
				() => health.degraded({ kind, code: undefined, what: failed }),
				'Sync is degraded: 1 customer newly failed.',
				'Sync 部分异常：1 个客户本次开始失败。',
				'nameless',
			],
			[
				'failing',
				() => health.failing({ kind, code: ours('CANCELLED'), what: both }),
				"Sync is failing (CANCELLED): The execution was cancelled. 1 customer newly failed ('a'); 1 of 2 customers is up to date, 1 pushed now (1 device).",
				'Sync 失败（CANCELLED）：执行已被取消。1 个客户本次开始失败（a）；2 个客户中 1 个已是最新，本次推送 1 个（1 台设备）。',
			],
			[
				'failing, without a code',
				() => health.failing({ kind, code: undefined, what: both }),
				"Sync is failing: The execution was cancelled. 1 customer newly failed ('a'); 1 of 2 customers is up to date, 1 pushed now (1 device).",
				'Sync 失败：执行已被取消。1 个客户本次开始失败（a）；2 个客户中 1 个已是最新，本次推送 1 个（1 台设备）。',
			],
		],
		health,
	);
});

describe('A Dry Run', () => {
	testScenes(
		[
			['nothing was sent', () => dry.nothingSent(), 'Dry run: nothing was sent', 'Dry Run：未发送任何内容'],
			[
				'nothing would be sent',
				() => dry.wouldSendNothing({ why: REASONS.noRows() }),
				'A run would send nothing: The source returned no rows',
				'真正运行时不会发送任何内容：数据源没有给出任何数据行',
			],
			[
				'rows would stop it',
				() => dry.stopsForRows(),
				'with Stop Workflow, these rows would end the run before anything is sent',
				'选择 Stop Workflow 时，运行会因这些行而结束，不会发送任何内容',
			],
			[
				'another run was killed',
				() => dry.interrupted(),
				'another run of this node is active or was interrupted: the customers that it may have sent are sent again',
				'该节点的另一次运行正在进行或已中断：它可能已推送的客户会再次推送',
			],
		],
		dry,
	);
});

describe('Why the rows of a customer are withheld', () => {
	const first = FINDING_TEXT.ofRow({
		itemIndex: 2,
		field: 'DeviceId',
		value: 'x',
		...because('notDeviceId'),
	});
	const fields = quotedOfRows(['DeviceId', 'ProductName']);
	testScenes(
		[
			[
				'one value',
				() => withheld.reason({ first, further: aboveZero(0) }),
				"[row 3] 'DeviceId': 'x' is not ProductId/DeviceName with exactly one \"/\": e.g. ProductABC/Device001.",
				'第 3 行：DeviceId“x” 须为 ProductId/DeviceName，且恰有一个“/”：例如 ProductABC/Device001',
			],
			[
				'two values',
				() => withheld.reason({ first, further: aboveZero(1) }),
				"[row 3] 'DeviceId': 'x' is not ProductId/DeviceName with exactly one \"/\": e.g. ProductABC/Device001; 1 other value cannot be used.",
				'第 3 行：DeviceId“x” 须为 ProductId/DeviceName，且恰有一个“/”：例如 ProductABC/Device001；另有 1 个值无法使用',
			],
			[
				'many values',
				() => withheld.reason({ first, further: aboveZero(1200) }),
				"[row 3] 'DeviceId': 'x' is not ProductId/DeviceName with exactly one \"/\": e.g. ProductABC/Device001; 1,200 other values cannot be used.",
				'第 3 行：DeviceId“x” 须为 ProductId/DeviceName，且恰有一个“/”：例如 ProductABC/Device001；另有 1200 个值无法使用',
			],
			[
				'a row to correct',
				() => withheld.correctOne({ fields: quotedOfRows(['DeviceId']) }),
				"Correct 'DeviceId' and try again",
				'修正 1 行中的 DeviceId',
			],
			[
				'rows to correct',
				() => withheld.correct({ fields, rows: 2 }),
				"Correct 'DeviceId' and 'ProductName' in 2 rows and try again",
				'修正 2 行中的 DeviceId、ProductName',
			],
		],
		withheld,
	);
});

describe('The form that asks for an approval', () => {
	const id = ofRows("O'Neil");
	const counts = inCounts([
		plan.changed({ added: 1, changed: 1200 }),
		plan.missing({ count: 3 }),
		plan.withheld({ count: 0 }),
	]);
	const change = ours('P/1 · SN-1');
	const inField = FINDING_TEXT.ofField({ itemIndex: 2, field: 'DeviceId', ...because('notDeviceId') });
	const from = RUN.goneCustomer();
	testScenes(
		[
			[
				'customers',
				() => plan.customers({ before: 1300, now: 1301, counts }),
				'Customers: 1,300 before, 1,301 now; 1 new, 1,200 changed, 3 missing, 0 withheld',
				'客户：之前 1300 个，现在 1301 个；新增 1 个，变化 1200 个，缺失 3 个，无法推送 0 个',
			],
			[
				'customers of a state that is lost',
				() => plan.customers({ before: undefined, now: 1, counts }),
				'Customers: 1 now; 1 new, 1,200 changed, 3 missing, 0 withheld',
				'客户：现在 1 个；新增 1 个，变化 1200 个，缺失 3 个，无法推送 0 个',
			],
			[
				'devices',
				() => plan.devices({ before: 2, now: 1, moved: aboveZero(0) }),
				'Devices: 2 before, 1 now',
				'设备：之前 2 台，现在 1 台',
			],
			[
				'devices that move',
				() => plan.devices({ before: 2000, now: 2100, moved: aboveZero(1) }),
				'Devices: 2,000 before, 2,100 now; 1 of another customer',
				'设备：之前 2000 台，现在 2100 台；其中 1 台原属其他客户',
			],
			[
				'devices of a state that is lost',
				() => plan.devices({ before: undefined, now: 1, moved: undefined }),
				'Devices: 1 now',
				'设备：现在 1 台',
			],
			[
				'changed customers',
				() => plan.changed({ added: 0, changed: 1 }),
				'0 new, 1 changed',
				'新增 0 个，变化 1 个',
			],
			['missing customers', () => plan.missing({ count: 1 }), '1 missing', '缺失 1 个'],
			['withheld customers', () => plan.withheld({ count: 1 }), '1 withheld', '无法推送 1 个'],
			[
				'a new one',
				() => plan.new({ id, change }),
				"· new: O'Neil: P/1 · SN-1",
				"· 新增：O'Neil：P/1 · SN-1",
			],
			[
				'a changed one',
				() => plan.changedExample({ id, change }),
				"· changed: O'Neil: P/1 · SN-1",
				"· 变化：O'Neil：P/1 · SN-1",
			],
			[
				'a missing one',
				() => plan.missingExample({ change: lastReceipt.OK({ customer: id, at }) }),
				"· missing: O'Neil: last accepted 11-28 02:15",
				"· 缺失：O'Neil：最后一次被接受 11-28 02:15",
			],
			[
				'a device that moves',
				() => plan.movedExample({ device: ofRows('P/1'), from: id, to: ofRows('b') }),
				"· moves: P/1 from O'Neil to b",
				"· 换到另一个客户：P/1：由 O'Neil 换到 b",
			],
			[
				'a device of a customer that is gone',
				() => plan.movedExample({ device: ofRows('P/1'), from, to: id }),
				"· moves: P/1 from a customer that is gone to O'Neil",
				"· 换到另一个客户：P/1：由 已不在数据中的客户 换到 O'Neil",
			],
			[
				'a withheld one',
				() => plan.withheldExample({ id, change: inField }),
				"· withheld: O'Neil: 'DeviceId' is not ProductId/DeviceName with exactly one \"/\": e.g. ProductABC/Device001",
				"· 无法推送：O'Neil：DeviceId 须为 ProductId/DeviceName，且恰有一个“/”：例如 ProductABC/Device001",
			],
			[
				'one request',
				() => plan.approve({ requests: 1 }),
				'Approve sends exactly this plan, once: 1 request. If the rows have changed by then, nothing is sent and you are asked again',
				'Approve：只发送这份计划，只发送一次，共 1 个请求。届时数据行若已变化，不会发送，而会再问一次',
			],
			[
				'many requests',
				() => plan.approve({ requests: 1200 }),
				'Approve sends exactly this plan, once: 1,200 requests. If the rows have changed by then, nothing is sent and you are asked again',
				'Approve：只发送这份计划，只发送一次，共 1200 个请求。届时数据行若已变化，不会发送，而会再问一次',
			],
			[
				'no request',
				() => plan.approveMissing(),
				'Approve sends nothing. From then on these rows count as complete; Tencent keeps the devices that are not in them. If the rows have changed by then, you are asked again',
				'Approve：什么都不发送。此后以这些数据行为准，其中没有的设备在腾讯侧仍然保留。届时数据行若已变化，会再问一次',
			],
			[
				'no',
				() => plan.reject(),
				'Reject sends nothing: correct the rows, and the next run passes by itself',
				'Reject：什么都不发送。修正数据行后，下次运行自动恢复',
			],
			[
				'no, without a state',
				() => plan.rejectWithoutState(),
				'Reject sends nothing: every later run is stopped, too, until somebody approves a plan',
				'Reject：什么都不发送。在有人批准计划之前，此后每次运行也会停止',
			],
		],
		plan,
	);
});

describe('The failure of one call', () => {
	const place = asPlace([rowsOf([2]), ofRows('c017')]);
	const happened = REASONS.happened({
		reason: wordsOf('RESPONSE_TIMEOUT').reason,
		stored: REASONS.stored.UNKNOWN(),
	});
	testScenes([
		[
			'with its RequestId',
			() => FAILURE_OF({ place, requestId: ours('r-1'), happened }),
			'[row 3, c017; RequestId r-1] The request timed out before a complete response arrived. Tencent may or may not have applied it.',
			'第 3 行 c017（RequestId r-1）：在收到完整响应之前超时（腾讯云可能已应用，也可能没有）',
		],
		[
			'without one',
			() => FAILURE_OF({ place, requestId: undefined, happened }),
			'[row 3, c017] The request timed out before a complete response arrived. Tencent may or may not have applied it.',
			'第 3 行 c017：在收到完整响应之前超时（腾讯云可能已应用，也可能没有）',
		],
		[
			'in a hint',
			() => FAILURE_OF({ place, requestId: ours('r-1'), happened }),
			'[row 3; RequestId r-1] The request timed out before a complete response arrived. Tencent may or may not have applied it.',
			'第 3 行（RequestId r-1）：在收到完整响应之前超时（腾讯云可能已应用，也可能没有）',
			'hint',
		],
	]);
});

describe('A whole message of a run', () => {
	const limit = CHECKS.above({ check: ours('Stop Above (% Changed)'), limit: 50 });
	testScenes([
		[
			'stopped by a check',
			() =>
				inSentences([
					health.failing({
						kind: ours('Sync'),
						code: ours('TOO_MANY_CHANGES'),
						what: inSentences([
							inReasons([CHECKS.tooMany({ changed: 996, judged: 1000, limit }), RUN.nothingSent()]),
							inClauses([RUN.invalidRows({ count: 2 })]),
						]),
					}),
					inSentences([CHECKS.advice.mapping(), RUN.approvePlan({ planId: ours('K7PQ') })]),
				]),
			"Sync is failing (TOO_MANY_CHANGES): 996 of 1,000 customers are new or changed, above the limit of 50 % in 'Stop Above (% Changed)'. Nothing was sent. 2 rows invalid (not sent). Correct the mapping or the rows. If this is meant, approve plan K7PQ: in the approval form, or by 'Approved Plan' in the node",
			'Sync 失败（TOO_MANY_CHANGES）：比较的 1000 个客户中 996 个新增或有变化，超过 Stop Above (% Changed) 的上限 50 %；未发送任何内容。2 行数据无效（未发送）。修正映射或数据行。如果确实要这样改，请批准计划 K7PQ：在审批表单中批准，或填入节点的 Approved Plan',
		],
		[
			'most of whose requests failed',
			() =>
				inSentences([
					health.failing({
						kind: ours('Sync'),
						code: undefined,
						what: inSentences([
							inReasons([wordsOf('RESPONSE_TIMEOUT').reason]),
							inClauses([
								RUN.newlyFailed({ count: 2, ids: someIds(['a', 'b']) }),
								RUN.upToDate({ done: 0, total: 2, pushed: 0, devices: undefined }),
								RUN.mayBeApplied({ count: 2 }),
								RUN.retries({ count: 1 }),
							]),
						]),
					}),
					RUN.mendsItself({ advice: ADVICE.tryAgain() }),
				]),
			"Sync is failing: The request timed out before a complete response arrived. 2 customers newly failed ('a', 'b'); 0 of 2 customers are up to date, 0 pushed now; 2 unclear (Tencent may or may not have applied them); 1 retry. Nothing has to be done now: the next run sends the rest. If this lasts for an hour: Try again",
			'Sync 失败：在收到完整响应之前超时。2 个客户本次开始失败（a、b）；2 个客户中 0 个已是最新，本次推送 0 个；2 个结果不明（腾讯云可能已应用）；1 次重试。暂无需处理：下次运行会推送其余客户。若持续一小时：重试',
		],
	]);
});

test('A count of none has no clause', () => {
	expect([-1, 0].map((count) => countedClauses(count, RUN.retries))).toEqual([[], []]);
	expect(customersClauses([], RUN.recovered)).toEqual([]);
	const clauses = [
		...countedClauses(1, RUN.retries),
		...customersClauses(['a', 'b', 'c', 'd'], RUN.recovered),
	];
	expect(clauses.map((clause) => write(clause, 'everything'))).toEqual([
		['1 retry', '1 次重试'],
		["4 customers recovered ('a', 'b', 'c' and others)", '4 个客户已恢复（a、b、c 等）'],
	]);
});

test('A number of none is left out', () => {
	expect([-1, 0, 1, 2].map(aboveZero)).toEqual([undefined, undefined, 1, 2]);
});

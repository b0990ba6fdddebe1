import { describe, expect, test } from '@jest/globals';
import { reportRun } from '../../../nodes/TencentCloudIot/run/report/runReport';
import { type RunResult, tallyRun } from '../../../nodes/TencentCloudIot/run/report/result';
import { hints } from '../../../nodes/TencentCloudIot/run/report/summary';
import { RowChanges } from '../../../nodes/TencentCloudIot/sync/changes';
import type { MovedDevice } from '../../../nodes/TencentCloudIot/sync/stop';
import { failureWith } from '../../support/failures.mts';
import { answered } from '../../support/fates.mts';
import { customer, resultWith, withheldOf } from '../../support/runResults.mts';

type Sync = NonNullable<RunResult['sync']>;

const sync = resultWith().sync!;
const DAY = 1440;
const stop = failureWith({ outcome: 'NOT_SENT', code: 'TOO_MANY_CHANGES', scope: 'run' });
const refused = answered(failureWith({ outcome: 'REFUSED' }));
const wrongKey = failureWith({ outcome: 'REFUSED', scope: 'run' });

/** The report of a run of Sync that pushed the customer a, unless a test changes that. */
const reportOf = (changes: Partial<Sync>, result: Partial<RunResult> = {}) =>
	reportRun(tallyRun(resultWith({ ...result, sync: { ...sync, ...changes } })), 'everything');

/** The log's last receipts of these customers, which were accepted at 02:15 in China. */
const receiptsOf = (...customerIds: string[]) => {
	const receipt = { outcome: 'OK' as const, atMs: Date.UTC(2026, 10, 27, 18, 15), nodeKey: '', devices: [] };
	return new Map(customerIds.map((customerId) => [`hash of ${customerId}`, { ...receipt, customerId }]));
};

/** These customers have left the rows, and no report has named them. */
const goneCustomers = (...customerIds: string[]): Partial<Sync> => ({
	gone: customerIds.length,
	goneKeys: customerIds.map((id) => [`hash of ${id}`, true] as const),
});

/** This many devices have moved to the customer a. */
const movesOf = (count: number, changes: Partial<MovedDevice> = {}): MovedDevice[] =>
	Array.from({ length: count }, (_, index) => ({
		deviceId: `P/${index + 1}`,
		deviceHash: `hash of ${index}`,
		formerOwnerId: 'b',
		formerOwnerKey: 'hash of b',
		newOwnerId: 'a',
		leftMinute: Date.UTC(2026, 10, 27, 18, 15) / 60_000,
		isSentBefore: false,
		...changes,
	}));

/** The rows have changed every day of the first ten. */
const dailyChanges = new RowChanges({ minutes: Array.from({ length: 10 }, (_, day) => day * DAY), gaps: [] });
const stale = { rowChanges: dailyChanges, areRowsChanged: false };

const FIRST_MESSAGE = [
	'from now on you will hear about new failures and recoveries, about customers that are gone or lost their devices, and about runs that are stopped',
	'此后如有客户开始失败或恢复、离开或失去设备，或运行被停止，都会收到消息',
];
const MOVED_ADVICE = [
	"If pushes only add devices, the former owner still has them at Tencent: send Tencent a ticket with the RequestIds, which Get Receipts lists for a device. If you know that pushes replace, choose Do Not Report under 'Moved Devices'",
	'如果推送只会追加设备，原客户在腾讯侧仍保留这些设备：请通过工单把 RequestId 提供给腾讯云，可用 Get Receipts 按设备查询。若确知推送会替换，请在 Moved Devices 中选择 Do Not Report',
];
const STALE_ADVICE = [
	"Check that the source still gets its data. If its rows really change so rarely, set 'Expect Changes Within (Days)'",
	'检查数据源是否仍在更新。如果它本来就很少变化，请设置 Expect Changes Within (Days)',
];
const SENT_AGAIN = [
	'the previous run was interrupted, so the customers that it may have sent are sent again',
	'上次运行中断，可能已推送的客户会再次推送',
];
const DONE = [
	'1 customer is up to date, 1 pushed now (2 devices)',
	'1 个客户中 1 个已是最新，本次推送 1 个（2 台设备）',
];

describe('A report of Sync says first what the run did and then what it knows from its state, in both languages', () => {
	test.each<[string, Partial<Sync>, Partial<RunResult>, string, string]>([
		[
			'the first run: why every customer is sent, and which messages to expect',
			{ stateCondition: 'empty', isFirstForAccount: true, lastRunMinute: undefined },
			{},
			`this is the first run of the node, so every customer is sent; ${FIRST_MESSAGE[0]}`,
			`这是该节点的首次运行，因此须推送全部客户；${FIRST_MESSAGE[1]}`,
		],
		[
			'the run after a first run that died: its message is the first one',
			{ stateCondition: 'interrupted', isFirstForAccount: true, lastRunMinute: undefined },
			{},
			`${SENT_AGAIN[0]}; ${FIRST_MESSAGE[0]}`,
			`${SENT_AGAIN[1]}；${FIRST_MESSAGE[1]}`,
		],
		[
			'the run after a later one that died',
			{ stateCondition: 'interrupted', isFirstForAccount: true },
			{},
			SENT_AGAIN[0]!,
			SENT_AGAIN[1]!,
		],
		[
			'customers that are gone, without a log',
			goneCustomers('g'),
			{},
			'1 customer is no longer in the rows; Tencent keeps its devices',
			'1 个客户已不在数据中，其设备在腾讯侧仍然保留',
		],
		[
			'customers that are gone, as far as the log knows them',
			goneCustomers('g', 'h'),
			{ lastReceiptsOfGone: receiptsOf('h') },
			'2 customers are no longer in the rows; Tencent keeps their devices (h: last accepted 11-28 02:15 and others)',
			'2 个客户已不在数据中，其设备在腾讯侧仍然保留（h：最后一次被接受 11-28 02:15 等）',
		],
		[
			'customers that are gone, some of which were never pushed',
			{ ...goneCustomers('g', 'h', 'i'), neverPushed: 2 },
			{},
			'3 customers are no longer in the rows; Tencent keeps the devices of 1, this Sync never pushed the others',
			'3 个客户已不在数据中，其中 1 个的设备在腾讯侧仍然保留，其余的本 Sync 从未推送成功',
		],
		[
			'customers that are gone, none of which was ever pushed',
			{ ...goneCustomers('g', 'h'), neverPushed: 2 },
			{},
			'2 customers are no longer in the rows; this Sync never pushed them',
			'2 个客户已不在数据中，本 Sync 从未推送成功',
		],
		[
			'a device that has moved, with the time',
			{ movedDevices: movesOf(1) },
			{},
			`1 device moved to another customer (P/1 from b to a since 11-28 02:15). ${MOVED_ADVICE[0]}`,
			`1 台设备已换到另一个客户（P/1：11-28 02:15 起由 b 换到 a）。${MOVED_ADVICE[1]}`,
		],
		[
			'a device that has moved from a customer that is gone and that the log knows',
			{ movedDevices: movesOf(1, { formerOwnerId: undefined }) },
			{ lastReceiptsOfGone: receiptsOf('b') },
			`1 device moved to another customer (P/1 from b to a since 11-28 02:15). ${MOVED_ADVICE[0]}`,
			`1 台设备已换到另一个客户（P/1：11-28 02:15 起由 b 换到 a）。${MOVED_ADVICE[1]}`,
		],
		[
			'a device that has moved from a customer that is gone and not in the log',
			{ movedDevices: movesOf(1, { formerOwnerId: undefined }) },
			{},
			`1 device moved to another customer (P/1 from a customer that is gone to a since 11-28 02:15). ${MOVED_ADVICE[0]}`,
			`1 台设备已换到另一个客户（P/1：11-28 02:15 起由 已不在数据中的客户 换到 a）。${MOVED_ADVICE[1]}`,
		],
		[
			'a device that has moved, where pushes replace',
			{ movedDevices: movesOf(1), isReplacing: true },
			{},
			'',
			'',
		],
		[
			'a source without changes for longer than ever before',
			{ ...stale, beganMinute: 15 * DAY },
			{},
			`STALE_SOURCE: no row has changed for 6 days, and before that changes were at most 1 day apart. ${STALE_ADVICE[0]}`,
			`STALE_SOURCE：数据行已有 6 天没有变化，而此前两次变化最多相隔 1 天。${STALE_ADVICE[1]}`,
		],
		[
			'a source without changes for longer than the option expects',
			{ ...stale, beganMinute: 12 * DAY, expectChangesDays: 2 },
			{},
			`STALE_SOURCE: no row has changed for 3 days. ${STALE_ADVICE[0]}`,
			`STALE_SOURCE：数据行已有 3 天没有变化。${STALE_ADVICE[1]}`,
		],
		[
			'a standstill that was reported before',
			{ ...stale, beganMinute: 15 * DAY, lastReport: { ...sync.lastReport!, isStale: true } },
			{},
			'',
			'',
		],
	])('%s', (_, changes, result, english, chinese) => {
		const { Summary, SummaryZh } = reportOf(changes, result);
		const sentence = (clauses: readonly string[], separator: string) =>
			clauses.filter((clause) => clause !== '').join(separator);
		expect(Summary).toBe(`Sync is ok: ${sentence([DONE[0]!, english], '; ')}.`);
		expect(SummaryZh).toBe(`Sync 正常：${sentence([DONE[1]!, chinese], '；')}。`);
	});

	test.each<[string, Partial<RunResult>]>([
		[
			'a run that a safety check stopped',
			{ blocked: stop, calls: [customer({ fate: { kind: 'notTried', why: stop } })] },
		],
		['a run that a wrong key ended', { calls: [customer({ fate: answered(wrongKey) })] }],
		['a run without valid rows', { calls: [], withheld: [withheldOf('h')] }],
	])('%s is not reported as one that sent every customer', (_, result) => {
		for (const stateCondition of ['empty', 'lost', 'interrupted'] as const) {
			const firstRun = { stateCondition, isFirstForAccount: true, lastRunMinute: undefined };
			const { Summary } = reportOf(firstRun, result);
			expect(Summary).not.toMatch(/every customer is sent|are sent again|from now on/);
		}
	});
});

describe('The members of a report that only a Sync has', () => {
	const ids = Array.from({ length: 11 }, (_, index) => `c${index}`);
	const firstTen = ids.slice(0, 10);

	test.each<[string, Partial<Sync>, Partial<RunResult>, object]>([
		[
			'customers that newly failed',
			{},
			{ calls: ids.map((id) => customer({ id, fate: refused })) },
			{ NewlyFailed: 11, NewlyFailedIds: firstTen },
		],
		[
			'customers that recovered',
			{ reportedFailures: new Set(ids) },
			{ calls: ids.map((id) => customer({ id })) },
			{ Recovered: 11, RecoveredIds: firstTen },
		],
		[
			'customers without devices',
			{ idsWithoutDevices: new Set(ids) },
			{},
			{ NoLongerWithDevices: 11, NoLongerWithDevicesIds: firstTen },
		],
		[
			'customers that are gone, by their last receipts',
			goneCustomers(...ids),
			{ lastReceiptsOfGone: receiptsOf(...ids) },
			{
				Gone: 11,
				GoneExamples: ids.slice(0, 5).map((CustomerId) => ({
					CustomerId,
					LastOutcome: 'OK',
					LastAt: '2026-11-27T18:15:00.000Z',
				})),
			},
		],
		[
			'devices that have moved',
			{ movedDevices: movesOf(6) },
			{},
			{
				Moved: 6,
				MovedExamples: [1, 2, 3, 4, 5].map((number) => ({
					DeviceId: `P/${number}`,
					From: 'b',
					To: 'a',
					Since: '2026-11-28T02:15:00.000+08:00',
				})),
			},
		],
		[
			'a standstill',
			{ ...stale, beganMinute: 15 * DAY },
			{},
			{ Warning: 'STALE_SOURCE', DaysSinceLastChange: 6 },
		],
		[
			'a standstill, whatever change a wrong clock noted in the future',
			{ rowChanges: dailyChanges.withChange(99 * DAY), areRowsChanged: false, beganMinute: 15 * DAY },
			{},
			{ Warning: 'STALE_SOURCE', DaysSinceLastChange: 6 },
		],
		[
			'rows that have just changed',
			{ ...stale, areRowsChanged: true },
			{},
			{ Warning: '', DaysSinceLastChange: 0 },
		],
	])('count %s and name the first', (_, changes, result, members) => {
		expect(reportOf(changes, result)).toMatchObject(members);
	});
});

test.each([
	[5, 'P/5 from b to a since 11-28 02:15)'],
	[6, 'P/5 from b to a since 11-28 02:15 and others)'],
])('A message about %d moved devices names five, and says whether there are more', (count, end) => {
	const { Summary } = reportOf({ movedDevices: movesOf(count) });
	expect(Summary).toContain(end);
	expect(Summary).not.toContain('P/6');
});

test('The hint of a run names no customer that is gone and no device that has moved', () => {
	const changes = { ...goneCustomers('g'), movedDevices: movesOf(1) };
	const result = resultWith({ sync: { ...sync, ...changes }, lastReceiptsOfGone: receiptsOf('g') });
	const { message } = hints.ofRun(tallyRun(result), 'hint', 1);
	expect(message).toContain(
		'1 customer is no longer in the rows; Tencent keeps its devices; 1 device moved to another customer. If pushes',
	);
});

import { because, ELSEWHERE } from '../../../nodes/TencentCloudIot/messages/findings';
import { NO_TEXT, ofRows } from '../../../nodes/TencentCloudIot/messages/text';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import manifest from '../../../package.json' with { type: 'json' };
import { reportRun as formReport } from '../../../nodes/TencentCloudIot/run/report/runReport';
import type { Place } from '../../../nodes/TencentCloudIot/messages/text';
import { tallyRun } from '../../../nodes/TencentCloudIot/run/report/result';
import type { RunResult } from '../../../nodes/TencentCloudIot/run/report/result';
import type { Fate } from '../../../nodes/TencentCloudIot/service/fate';
import type { Verdict } from '../../../nodes/TencentCloudIot/sync/verdicts';
import { failureWith, reasonOf } from '../../support/failures.mts';
import { answered, OK } from '../../support/fates.mts';
import { refusedBy } from '../../support/httpResponse.mts';
import { customer, resultWith, withheldOf } from '../../support/runResults.mts';

const reportRun = (result: RunResult, place: Place = 'everything') => formReport(tallyRun(result), place);
const refused = answered(failureWith({ outcome: 'REFUSED', code: 'Refused', reason: 'No.' }));
const unclear = answered(failureWith({ outcome: 'UNKNOWN', code: 'CONNECTION_RESET' }));
const notSent = answered(failureWith({ outcome: 'NOT_SENT', code: 'UNREACHABLE' }));
const unchanged: Fate = { kind: 'unchanged' };
const tripped = failureWith({ outcome: 'NOT_SENT', code: 'TOO_MANY_CHANGES', scope: 'run' });
const blockedCall: Fate = { kind: 'notTried', why: tripped };
const timeOver = failureWith({ outcome: 'NOT_SENT', code: 'TIME_OVER' });
const mostlyFailed = failureWith({ outcome: 'NOT_SENT', code: 'CIRCUIT_BREAKER' });
const postponed: Fate = { kind: 'postponed', why: timeOver };

/** A run in which each of these customers was refused for this reason. */
const refusedFor = (reasons: readonly string[]) =>
	resultWith({
		calls: reasons.map((reason, index) => {
			const failure = failureWith({ outcome: 'REFUSED', code: `Code${index}`, reason });
			return customer({ id: `c${index}`, fate: answered(failure), itemIndexes: [index] });
		}),
	});

test.each([
	['two if there are two', ['No.', 'No.'], 2],
	['at most three', ['No.', 'No.', 'No.', 'No.'], 3],
	['three long ones, each cut', ['x'.repeat(400), 'y'.repeat(400), 'z'.repeat(400)], 3],
])('The text names the first failures in both languages: %s', (_, reasons, lines) => {
	const { Text } = reportRun(refusedFor(reasons));
	expect(Text.split('\n').filter((line) => line.startsWith('· '))).toHaveLength(2 * lines);
	expect(Buffer.byteLength(Text)).toBeLessThanOrEqual(1_700);
});

test.each([
	['usual ids', 'c'],
	['long ids', 'x'.repeat(63)],
	['long Chinese ids', '长'.repeat(63)],
])(
	'The text has all counts, a failure and the beginning of its long reason in both languages, with %s.',
	(_, id) => {
		const failure = failureWith({ outcome: 'REFUSED', code: 'Code', reason: `Why: ${'长'.repeat(400)}` });
		const ids = ['1', '2', '3', '4'].map((digit) => id + digit);
		const calls = ids.map((customerId, index) =>
			customer({ id: customerId, fate: answered(failure), itemIndexes: [index] }),
		);
		const { Text } = reportRun(resultWith({ calls }));
		const failureLines = Text.split('\n').filter((line) => line.startsWith('· '));
		expect(failureLines).toEqual([expect.stringContaining('Why: 长'), expect.stringContaining('Why: 长')]);
		expect(Text).toMatch(/；4 个被拒绝.*; 4 refused/s);
		expect(Buffer.byteLength(Text)).toBeLessThanOrEqual(1_700);
	},
);

describe('The item of a run', () => {
	test('counts the customers by outcome, their devices and rows', () => {
		const ends: Array<[Verdict, Fate]> = [
			['changed', answered(OK, 3)],
			['waiting', answered(OK)],
			['due', answered(OK)],
			['unchanged', unchanged],
			['changed', refused],
			['due', unclear],
			['changed', notSent],
			['changed', postponed],
			['due', postponed],
			['changed', { kind: 'earlierAttempt', outcome: OK }],
		];
		const calls = ends.map(([verdict, fate], index) =>
			customer({ id: `c${index}`, devices: index + 1, verdict, fate, itemIndexes: [index] }),
		);
		const report = reportRun(
			resultWith({
				calls,
				withheld: [
					withheldOf('h'),
					withheldOf('h'),
					{ ...withheldOf('i'), mayBeStored: true },
					withheldOf(undefined),
				],
				rowCount: 30,
				durationMs: 99.6,
			}),
		);
		expect(report).toMatchObject({
			Health: 'degraded',
			News: true,
			Customers: 12,
			Pushed: 3,
			Unchanged: 1,
			Due: 1,
			Refused: 1,
			Unclear: 1,
			NotSent: 1,
			Postponed: 2,
			Withheld: 2,
			New: 0,
			Changed: 5,
			Waiting: 1,
			FailedBefore: 0,
			Devices: 1 + 2 + 3 + 10,
			Rows: 30,
			InvalidRows: 1,
			Requests: 3 + 5,
			Retries: 2,
			DurationMs: 100,
			PackageVersion: manifest.version,
			State: 'used',
		});
		expect(report.Failures.map(({ CustomerId, outcome, rows }) => [CustomerId, outcome, rows])).toEqual([
			['c4', 'REFUSED', [5]],
			['c5', 'UNKNOWN', [6]],
			['h', 'NOT_SENT', [5]],
			['h', 'NOT_SENT', [5]],
			['i', 'UNKNOWN', [5]],
			// New failures come first.
			['c6', 'NOT_SENT', [7]],
			[undefined, 'NOT_SENT', [5]],
		]);
		expect(report.Failures[0]).toEqual({
			CustomerId: 'c4',
			outcome: 'REFUSED',
			code: 'Refused',
			message: 'No. Tencent refused it; nothing was changed.',
			advice: 'Advice',
			adviceZh: '建议',
			rows: [5],
		});
		expect(report.Failures.at(-1)).not.toHaveProperty('CustomerId');
	});

	test('counts a customer that was sent in part once', () => {
		const report = reportRun(resultWith({ withheld: [withheldOf('a')] }));
		expect(report).toMatchObject({ Customers: 1, Pushed: 1, Withheld: 0 });
		expect(report.Failures).toHaveLength(1);
	});

	test('adds up: the total is the sum of the other counts in random runs', () => {
		const fate = fc.constantFrom(answered(OK), refused, unclear, notSent, unchanged, postponed, blockedCall);
		const verdict = fc.constantFrom<Verdict>('changed', 'waiting', 'failed', 'due', 'unchanged');
		const run = fc.record({
			customers: fc.array(fc.record({ verdict, fate })),
			withheld: fc.array(fc.constantFrom('h', 'i', undefined)),
			blocked: fc.constantFrom(tripped, undefined),
			endedEarly: fc.constantFrom(timeOver, undefined),
		});
		fc.assert(
			fc.property(run, ({ customers, withheld, ...runFacts }) => {
				const result = { ...runFacts, calls: customers.map(customer), withheld: withheld.map(withheldOf) };
				const { Customers, ...report } = reportRun(resultWith(result));
				const { Pushed, Unchanged, Due, Refused, Unclear, NotSent, Postponed, Withheld } = report;
				const sent = Pushed + Unchanged + Due + Refused + Unclear + NotSent;
				expect(sent + Postponed + Withheld + report.WithoutDevice).toBe(Customers);
				const ids = new Set(withheld.filter((id) => id !== undefined));
				expect(Customers).toBe(customers.length + ids.size);
			}),
		);
	});

	test('of a blocked run counts every customer as not sent, and has the reason first and once', () => {
		const calls = [
			customer({ verdict: 'unchanged', fate: blockedCall }),
			customer({ verdict: undefined, fate: blockedCall }),
		];
		const report = reportRun(resultWith({ calls, blocked: tripped, withheld: [withheldOf('h')] }));
		expect(report).toMatchObject({ Health: 'failing', Customers: 3, NotSent: 2, Withheld: 1 });
		expect(report).not.toHaveProperty('Changed');
		expect(report.Failures.map(({ code, rows }) => [code, rows])).toEqual([
			['TOO_MANY_CHANGES', []],
			['INVALID_ROWS', [5]],
		]);
	});

	test('names the reason why the run ended early, except its time limit', () => {
		const codes = (endedEarly: RunResult['endedEarly']) =>
			reportRun(resultWith({ endedEarly })).Failures.map(({ code }) => code);
		expect(codes(mostlyFailed)).toEqual(['CIRCUIT_BREAKER']);
		// The first sentence has the reason, so it has no line among those of the customers.
		const calls = [customer({ id: 'a', fate: answered(OK) }), customer({ id: 'b', fate: refused })];
		const { Text } = reportRun(resultWith({ calls, endedEarly: mostlyFailed }));
		expect(Text.split('\n').filter((line) => line.startsWith('· '))).toHaveLength(2);
		expect(codes(timeOver)).toEqual([]);
	});

	test('has the reason of the whole run in both sentences, first and once', () => {
		const wrongKey = refusedBy('InvalidParameterValue', 'Signature is not valid');
		const notTried = {
			kind: 'notTried',
			why: failureWith({ outcome: 'NOT_SENT', code: 'NOT_TRIED', scope: 'run', endedBy: wrongKey }),
		} as const;
		const calls = [
			customer({ id: 'a', fate: notTried }),
			customer({ id: 'b', fate: answered(wrongKey) }),
			customer({ id: 'c', fate: unchanged }),
		];
		expect(reportRun(resultWith({ calls }))).toMatchObject({
			Failures: [
				{ message: expect.stringMatching(/not valid\. Tencent refused it; nothing was changed\.$/) },
			],
			Summary:
				'Sync is failing: Tencent did not accept the signature and responded with InvalidParameterValue: Signature is not valid. 1 of 3 customers is up to date, 0 pushed now; 1 refused (nothing was changed); 1 not sent. Check App Key and App Secret in the credential.',
			SummaryZh:
				'Sync 失败：签名未通过验证，腾讯云返回 InvalidParameterValue：Signature is not valid。3 个客户中 1 个已是最新，本次推送 0 个；1 个被拒绝（没有任何更改）；1 个未发送。检查凭证中的 App Key 和 App Secret。',
		});
		const outOfTime = failureWith({
			outcome: 'NOT_SENT',
			code: 'NO_RESPONSE',
			reason: 'No response.',
			scope: 'run',
		});
		const none = [
			customer({ fate: unclear }),
			customer({ fate: { ...notTried, why: { ...notTried.why, endedBy: outOfTime } } }),
		];
		const report = reportRun(resultWith({ calls: none }));
		expect(report.Summary).toMatch(/^Sync is failing \(NO_RESPONSE\): Reason\. No response\. /);
		expect(report.Failures[0]).toMatchObject({
			code: 'NO_RESPONSE',
			message: 'No response. Nothing more was sent.',
		});
	});

	test('says how many days ago the last run started, if that is known', () => {
		const daysAfter = (lastRunMinute: number | undefined) =>
			reportRun(resultWith({ sync: { ...resultWith().sync!, lastRunMinute, beganMinute: 7700 } }))
				.DaysSinceLastRun;
		// A tenth of a day is 144 minutes.
		const lastMinutes = [0, 7700 - 72, 7700 - 71, 7700, undefined];
		expect(lastMinutes.map(daysAfter)).toEqual([5.3, 0.1, 0, 0, undefined]);
	});

	test.each([0, 1, 2, 3, 4, 5, 6, 7])(
		'has a text of at most 1,700 bytes in both languages without a split character, after %d letters',
		(letters) => {
			const flag = '🇨🇳';
			const long = 'x'.repeat(letters) + flag.repeat(600);
			const blocked = { ...tripped, reason: reasonOf(long) };
			const { Text } = reportRun(resultWith({ calls: [customer({ fate: blockedCall })], blocked }));
			expect(Buffer.byteLength(Text)).toBeLessThanOrEqual(1_700);
			expect(Text).toMatch(/^Sync 失败.*…\n建议。\nSync is failing.*…\nAdvice\.$/);
			expect(Text.replaceAll(flag, '')).not.toMatch(/\p{Regional_Indicator}/u);
		},
	);

	test('names the first hundred failures', () => {
		const calls = Array.from({ length: 101 }, (_, index) => customer({ id: `c${index}`, fate: refused }));
		const { Failures } = reportRun(resultWith({ calls }));
		expect(Failures).toHaveLength(100);
		expect(Failures.at(-1)?.CustomerId).toBe('c99');
	});

	test('has no members about the sync state for an operation without one', () => {
		const report = reportRun(resultWith({ sync: undefined, calls: [customer({ verdict: undefined })] }));
		expect(report).not.toHaveProperty('State');
		expect(report).not.toHaveProperty('News');
		expect(report).toMatchObject({ Customers: 1, Pushed: 1 });
	});

	test('says whether it has news, and whether the state was stored', () => {
		const { sync } = resultWith();
		const notKept = { kind: 'unknown', isReportStored: false, tookMs: 4630 } as const;
		const ofSync = (changes: object) => reportRun(resultWith({ sync: { ...sync!, ...changes } }));
		const recovered = ofSync({ lastReport: { ...sync!.lastReport!, health: 'failing' } });
		const shown = [recovered, ofSync({ notKept }), ofSync({})].map(({ News, StateKept }) => [
			News,
			StateKept,
		]);
		expect(shown).toEqual([
			[true, true],
			[true, false],
			[false, true],
		]);
	});
});

test('A device that is withheld only because of another device in its row needs no correction', () => {
	const wrong = { itemIndex: 4, field: 'DeviceId', code: 'empty' as const };
	const beside = {
		itemIndex: 6,
		field: 'DeviceId',
		...because('alsoInInvalidRow', { row: ELSEWHERE.row(4) }),
	};
	const failureFor = (findings: ReturnType<typeof withheldOf>['findings']) =>
		reportRun(resultWith({ withheld: [{ ...withheldOf('h'), findings }] })).Failures[0];
	expect(failureFor([wrong, beside])).toEqual(failureFor([wrong]));
	expect(failureFor([wrong, { ...wrong, itemIndex: 6 }])).toMatchObject({
		message: expect.stringContaining('; 1 other value cannot be used'),
		advice: "Correct 'DeviceId' in 2 rows and try again",
	});
});

test('Pages of a list do not count as retries', () => {
	const fate = { ...answered(OK, 4), pages: 3 } as Fate;
	expect(reportRun(resultWith({ calls: [customer({ fate })] }))).toMatchObject({ Requests: 4, Retries: 1 });
});

test.each([
	[3, '第 1、2、3 行：'],
	[4, '第 1、2、3、4 行：'],
	[5, '第 1、2、3 行及另外 2 行：'],
])('For %i rows with the same failure, three are named and the others are counted', (count, rows) => {
	const itemIndexes = Array.from({ length: count }, (_, index) => index);
	expect(reportRun(resultWith({ calls: [customer({ itemIndexes, fate: refused })] })).SummaryZh).toContain(
		rows,
	);
});

test('A stopped run names no customer of its plan as gone, but counts those that left in earlier runs', () => {
	const counts = { customers: 9, withheld: 0, leftOut: 0, devices: 7, products: 1 };
	const changes = { newIds: [], changedIds: [], missingKeys: ['hash of g'], movedDevices: [] };
	const planFacts = { before: counts, now: counts, changes, requestCount: 0 };
	const receipt = { customerId: 'g', atMs: 0, outcome: 'OK' as const, nodeKey: '', devices: [] };
	const correction = { examples: NO_TEXT, advice: NO_TEXT };
	const blocked = { ...tripped, planId: 'plan', planFacts, correction };
	const report = reportRun(
		resultWith({
			calls: [customer({ id: 'a', fate: blockedCall })],
			blocked,
			lastReceiptsOfGone: new Map([['hash of g', receipt]]),
			sync: { ...resultWith().sync!, gone: 1, missingKeys: ['hash of g'] },
		}),
	);
	expect(report).toMatchObject({ Gone: 1, GoneExamples: [] });
	expect(report.Summary).toContain('1 customer is no longer in the rows; Tencent keeps its devices.');
});

test('The plan of a stop names the first of each kind, and says what it does', () => {
	const counts = { customers: 9, withheld: 1, leftOut: 0, devices: 7, products: 1 };
	const moved = { deviceHash: 'hash', leftMinute: 0, isSentBefore: false };
	const changes = {
		newIds: ['b'],
		changedIds: ['c', 'd', 'e'],
		missingKeys: ['hash of g', 'hash of a customer without a receipt'],
		movedDevices: [
			{ ...moved, deviceId: 'P/D1', formerOwnerKey: 'hash of a', formerOwnerId: 'a', newOwnerId: 'b' },
			{ ...moved, deviceId: 'P/D2', formerOwnerKey: 'hash of g', formerOwnerId: undefined, newOwnerId: 'c' },
			{
				...moved,
				deviceId: 'P/D3',
				formerOwnerKey: 'hash of a customer without a receipt',
				formerOwnerId: undefined,
				newOwnerId: 'c',
			},
		],
	};
	const receipt = {
		customerId: 'g',
		atMs: Date.UTC(2026, 10, 28, 2, 15),
		outcome: 'OK' as const,
		nodeKey: '',
	};
	const lastReceiptsOfGone = new Map([['hash of g', { ...receipt, devices: [], requestId: 'r1' }]]);
	const planFacts = { before: counts, now: counts, changes, requestCount: 4 };
	const calls = [...'abcde'].map((id) => customer({ id, devices: id === 'd' ? 4 : 3, fate: blockedCall }));
	const correction = { examples: NO_TEXT, advice: NO_TEXT };
	const blocked = { ...tripped, planId: 'plan', planFacts, correction };
	const run = {
		calls,
		blocked,
		lastReceiptsOfGone,
		withheld: [withheldOf('h')],
		sync: { ...resultWith().sync!, gone: 2 },
	};
	const three = ['P/D0 · 0 · x', 'P/D1 · 1 · x', 'P/D2 · 2 · x'];
	expect(reportRun(resultWith(run)).Plan).toEqual({
		PlanId: 'plan',
		Code: 'TOO_MANY_CHANGES',
		New: 1,
		Changed: 3,
		Missing: 2,
		MovedDevices: 3,
		Withheld: 1,
		CustomersBefore: 9,
		DevicesBefore: 7,
		CustomersNow: 9,
		DevicesNow: 7,
		Requests: 4,
		Examples: [
			{ Kind: 'new', CustomerId: 'b', Devices: three },
			{ Kind: 'changed', CustomerId: 'c', Devices: three },
			{ Kind: 'changed', CustomerId: 'd', Devices: [...three, '…'] },
			{ Kind: 'changed', CustomerId: 'e', Devices: three },
			{
				Kind: 'missing',
				CustomerId: 'g',
				Devices: [],
				LastOutcome: 'OK',
				LastAt: '2026-11-28T02:15:00.000Z',
				LastRequestId: 'r1',
			},
			{ Kind: 'moved', CustomerId: 'a', Devices: ['P/D1'], To: 'b' },
			{ Kind: 'moved', CustomerId: 'g', Devices: ['P/D2'], To: 'c' },
			{ Kind: 'moved', CustomerId: null, Devices: ['P/D3'], To: 'c' },
			{
				Kind: 'withheld',
				CustomerId: 'h',
				Devices: [],
				ReasonZh: '第 5 行：DeviceId 为空：请填写（未发送）',
				Reason: "[row 5] 'DeviceId' is empty: fill it in. Nothing was sent.",
			},
		],
		Text: expect.stringMatching(
			/^原因\n客户：之前 9 个，现在 9 个；新增 1 个，变化 3 个，缺失 2 个，无法推送 1 个\n设备：之前 7 台，现在 7 台；其中 3 台原属其他客户\n· 新增：b：P\/D0 · 0 · x、P.*\n· 变化：c：.*\n· 缺失：g：最后一次被接受 11-28 10:15\n· 换到另一个客户：P\/D1：由 a 换到 b\n.*由 已不在数据中的客户 换到 c\n· 无法推送：h：第 5 行：DeviceId .*共 4 个请求.*\n\nReason\.\nCustomers: 9 before, 9 now; 1 new, 3 changed, 2 missing, 1 withheld\nDevices: 7 before, 7 now; 3 of another customer\n· new: b: P\/D0 · 0 · x, P.* · x, …\n· changed: e.*\n· missing: g: last accepted 11-28 10:15\n· moves: P\/D1 from a to b\n· moves: P\/D2 from g to c\n· moves: P\/D3 from a customer that is gone to c\n· withheld: h.*\nApprove [^\n]*once: 4 requests\. [^\n]*\nReject [^\n]*$/s,
		),
	});
	const ofLost = {
		...blocked,
		planFacts: { before: undefined, now: counts, changes: undefined, requestCount: 5 },
	};
	expect(reportRun(resultWith({ ...run, blocked: ofLost }), 'nameless').Plan).toEqual({
		PlanId: 'plan',
		Code: 'TOO_MANY_CHANGES',
		Withheld: 1,
		CustomersNow: 9,
		DevicesNow: 7,
		Requests: 5,
		Examples: [],
		Text: expect.stringMatching(
			/Customers: 9 now; 1 withheld\nDevices: 7 now\nApprove [^\n]*\nReject [^\n]* until somebody approves a plan$/,
		),
	});
});

test('The plan of a stop names five of each kind at most, with the reasons of those that are withheld', () => {
	const six = [0, 1, 2, 3, 4, 5];
	const receipt = { atMs: 0, outcome: 'OK' as const, nodeKey: '', devices: [] };
	const changes = {
		newIds: six.map((number) => `new ${number}`),
		changedIds: six.map((number) => `changed ${number}`),
		missingKeys: six.map((number) => `hash of ${number}`),
		movedDevices: six.map((number) => ({
			deviceId: `P/${number}`,
			deviceHash: '',
			formerOwnerId: 'a',
			formerOwnerKey: 'hash of a',
			newOwnerId: 'b',
			leftMinute: 0,
			isSentBefore: false,
		})),
	};
	const counts = { customers: 12, withheld: 6, leftOut: 0, devices: 24, products: 1 };
	const planFacts = { before: counts, now: counts, changes, requestCount: 12 };
	const correction = { examples: NO_TEXT, advice: NO_TEXT };
	const blocked = { ...tripped, planId: 'plan', planFacts, correction };
	const inOtherRow = because('shared', { customer: ofRows('other'), row: ELSEWHERE.row(8) });
	const findings = [{ itemIndex: 4, field: 'DeviceId', ...inOtherRow }];
	const { Plan } = reportRun(
		resultWith({
			calls: [...changes.newIds, ...changes.changedIds].map((id) => customer({ id, fate: blockedCall })),
			withheld: six.map((number) => ({ ...withheldOf(`withheld ${number}`), findings })),
			blocked,
			lastReceiptsOfGone: new Map(
				six.map((number) => [`hash of ${number}`, { ...receipt, customerId: `missing ${number}` }]),
			),
		}),
	);
	const kinds = ['new', 'changed', 'missing', 'moved', 'withheld'] as const;
	const ofKind = (kind: string) => Plan?.Examples.filter(({ Kind }) => Kind === kind);
	expect(kinds.map((kind) => ofKind(kind)?.length)).toEqual([5, 5, 5, 5, 5]);
	expect(ofKind('withheld')?.[0]).toMatchObject({
		Reason: expect.stringContaining("also under customer 'other' in row 9"),
		ReasonZh: expect.stringContaining('other'),
	});
	for (const customerText of ['new 4', 'changed 4', 'missing 4', 'P/4', 'withheld 4']) {
		expect(Plan?.Text).toContain(customerText);
	}
});

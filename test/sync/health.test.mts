import { describe, expect, test } from '@jest/globals';
import type { RunResult } from '../../nodes/TencentCloudIot/run/report/result';
import { CANCELLED } from '../../nodes/TencentCloudIot/service/transportError';
import { RowChanges } from '../../nodes/TencentCloudIot/sync/changes';
import { healthAndNewsOf } from '../../nodes/TencentCloudIot/sync/healthAndNews';
import {
	earlierReportsOf,
	ALL_WELL,
	type GoneCustomer,
	type LastReport,
	reportBeforeRun,
	withoutLossesAndMoves,
} from '../../nodes/TencentCloudIot/sync/lastReport';
import type { Verdict } from '../../nodes/TencentCloudIot/sync/verdicts';
import type { Failure } from '../../nodes/TencentCloudIot/service/outcome';
import { failureWith } from '../support/failures.mts';
import { answered, OK } from '../support/fates.mts';
import { customer, resultWith, withheldOf } from '../support/runResults.mts';

const ok = customer();
const refused = customer({ fate: answered(failureWith({ outcome: 'REFUSED' })) });
const unclearFate = answered(failureWith({ outcome: 'UNKNOWN', code: 'CONNECTION_RESET' }));
const unclear = customer({ fate: unclearFate });
const notSent = customer({ fate: answered(failureWith({ outcome: 'NOT_SENT', code: 'UNREACHABLE' })) });
const timeOver = failureWith({ outcome: 'NOT_SENT', code: 'TIME_OVER' });
const waiting = customer({ fate: { kind: 'postponed', why: timeOver } });
const cancelled = customer({ fate: { kind: 'notTried', why: CANCELLED } });
const unclearAgain = customer({ verdict: 'failed', fate: unclearFate });
const wrongKeyFailure = failureWith({ outcome: 'REFUSED', code: 'AuthFailure', scope: 'run' });
const wrongKey = answered(wrongKeyFailure);
const tripped = failureWith({ outcome: 'NOT_SENT', code: 'TOO_MANY_CHANGES', scope: 'run' });
const breakerOpen = failureWith({ outcome: 'NOT_SENT', code: 'CIRCUIT_BREAKER' });

const after = (health: 'ok' | 'degraded' | 'failing') =>
	({ ...resultWith().sync!, lastReport: { ...ALL_WELL, health } }) as const;

/** A run whose state was not kept: the next one does not know of it. */
const notKept = {
	...resultWith().sync!,
	notKept: { kind: 'unknown', isReportStored: false, tookMs: 4600 } as const,
} as const;

describe('The health of a run', () => {
	const many = (count: number, changes: Parameters<typeof customer>[0]) =>
		Array.from({ length: count }, () => customer(changes));
	const unchanged = many(259, { fate: { kind: 'unchanged' } });
	const failedAgain = { verdict: 'failed', fate: refused.fate } as const;

	test.each<[string, 'ok' | 'degraded' | 'failing', Partial<RunResult>]>([
		['all accepted', 'ok', {}],
		['all accepted by Push', 'ok', { sync: undefined }],
		['nothing to send', 'ok', { calls: [customer({ verdict: 'unchanged', fate: { kind: 'unchanged' } })] }],
		['all accepted, and the state not kept', 'degraded', { sync: notKept }],
		[
			'accepted by an earlier attempt',
			'ok',
			{ calls: [customer({ fate: { kind: 'earlierAttempt', outcome: OK } })] },
		],
		['the time limit was reached', 'ok', { calls: [ok, waiting, waiting], endedEarly: timeOver }],
		['the time limit was reached before the first request', 'ok', { calls: [waiting], endedEarly: timeOver }],
		[
			'the time limit was reached before a customer that failed before',
			'degraded',
			{ calls: [customer({ verdict: 'failed', fate: waiting.fate })], endedEarly: timeOver },
		],
		['half of them refused', 'degraded', { calls: [ok, refused] }],
		['more than half of them refused', 'failing', { calls: [ok, refused, refused] }],
		[
			'more than half refused, not counting postponed ones',
			'failing',
			{ calls: [ok, refused, refused, waiting, waiting] },
		],
		[
			'all refused, for the hundredth time',
			'failing',
			{ calls: many(300, failedAgain), sync: after('degraded') },
		],
		['nine refused, the others unchanged', 'degraded', { calls: [...many(9, refused), ...unchanged] }],
		['ten refused, the others unchanged', 'failing', { calls: [...many(10, refused), ...unchanged] }],
		[
			'40 refused, one accepted, the others unchanged',
			'degraded',
			{ calls: [...many(40, refused), ok, ...unchanged] },
		],
		[
			'40 refused again in the same outage',
			'failing',
			{ calls: [...many(40, failedAgain), ...unchanged], sync: after('failing') },
		],
		[
			'40 refused again, each for its own reason',
			'degraded',
			{ calls: [...many(40, failedAgain), ...unchanged], sync: after('degraded') },
		],
		[
			'more than half failing, a known one of them postponed',
			'failing',
			{
				calls: [ok, refused, customer({ verdict: 'failed', fate: { kind: 'postponed', why: breakerOpen } })],
			},
		],
		['one unclear', 'degraded', { calls: [ok, unclear] }],
		['one not sent', 'degraded', { calls: [ok, notSent] }],
		['one withheld', 'degraded', { withheld: [withheldOf('h')] }],
		['more than half withheld', 'degraded', { withheld: [withheldOf('h'), withheldOf('i')] }],
		['all withheld', 'failing', { calls: [], withheld: [withheldOf('h')] }],
		['all left out', 'ok', { calls: [], withheld: [] }],
		['rows without a recognizable customer', 'degraded', { withheld: [withheldOf(undefined)] }],
		['cancelled', 'failing', { calls: [ok, cancelled] }],
		[
			'no clear response for three of few',
			'failing',
			{ calls: [unclear, unclear, unclear, ...many(9, { fate: { kind: 'unchanged' } })] },
		],
		[
			'no clear response for two of few',
			'degraded',
			{ calls: [unclear, unclear, ...many(9, { fate: { kind: 'unchanged' } })] },
		],
		[
			'one lost response in a run with one change',
			'degraded',
			{ calls: [unclear, ...many(298, { fate: { kind: 'unchanged' } })] },
		],
		[
			'no clear response for three that had none before',
			'failing',
			{
				calls: [unclearAgain, unclearAgain, unclearAgain, ...many(9, { fate: { kind: 'unchanged' } })],
				sync: after('degraded'),
			},
		],
		['no response for one, a refusal of another', 'degraded', { calls: [unclearAgain, refused, ok, ok] }],
		['the service not reached', 'failing', { calls: [notSent] }],
		['a wrong key', 'failing', { calls: [ok, ok, customer({ fate: wrongKey })] }],
		[
			'a safety check',
			'failing',
			{ calls: [customer({ fate: { kind: 'notTried', why: tripped } })], blocked: tripped },
		],
		['circuit breaker open', 'failing', { calls: [ok, waiting], endedEarly: breakerOpen }],
		['circuit breaker open, up to the last one', 'failing', { calls: [ok], endedEarly: breakerOpen }],
	])('%s: %s', (_, health, changes) => {
		expect(healthAndNewsOf(resultWith(changes)).health).toBe(health);
	});
});

test('A customer that was reported as failing has recovered once all its rows were accepted, not only some', () => {
	const sync = { ...resultWith().sync!, reportedFailures: new Set(['a', 'b', 'c', 'd']) };
	const calls = ['a', 'b', 'e'].map((id) => customer({ id }));
	calls.push(customer({ id: 'c', fate: { kind: 'unchanged' } }), customer({ id: 'd', fate: unclearFate }));
	const { recovered } = healthAndNewsOf(resultWith({ calls, withheld: [withheldOf('b')], sync }));
	expect(recovered).toEqual(['a', 'c']);
});

test('Without Sync there is no news, and nothing is remembered', () => {
	const end = resultWith({ calls: [refused], sync: undefined });
	expect(healthAndNewsOf(end)).toMatchObject({
		newlyFailed: [],
		recovered: [],
		hasNews: false,
		reportAfter: ALL_WELL,
	});
});

describe('Whether the report of a run has news:', () => {
	const degraded: LastReport = { ...ALL_WELL, health: 'degraded', minute: 1440 };
	const sync = { ...resultWith().sync!, beganMinute: 25 * 60, reportedFailures: new Set(['bad']) };
	const bad = customer({ id: 'bad', verdict: 'failed', fate: refused.fate });
	const failedNow = customer({ id: 'x', fate: refused.fate });
	const wrongKeyBefore = customer({ verdict: 'failed', fate: wrongKey });
	const stopOf = (blocked: Failure) =>
		healthAndNewsOf(resultWith({ calls: [], blocked, sync })).reportAfter.stop;
	const failing = (why: Failure): LastReport => ({
		...ALL_WELL,
		health: 'failing',
		stop: stopOf(why),
		minute: 1440,
	});
	const well: LastReport = { ...ALL_WELL, minute: 1440 };
	/** A report which said that a safety check stopped the node. */
	const withCheck = (report: LastReport): LastReport => ({
		...report,
		check: { code: tripped.code, minute: 1440 },
	});
	const move = {
		deviceId: 'P/1',
		deviceHash: 'hash',
		formerOwnerId: 'b',
		formerOwnerKey: 'hash of b',
		newOwnerId: 'a',
		leftMinute: 1400,
		isSentBefore: false,
	};
	const after = (
		lastReport: LastReport | undefined,
		changes: Partial<NonNullable<RunResult['sync']>> = {},
	) => ({
		...sync,
		lastReport,
		...changes,
	});

	test.each<[string, boolean, Partial<RunResult>]>([
		['all is well, as before', false, { sync }],
		['all is well, and there is no earlier report', false, { sync: after(undefined) }],
		['a customer failed', true, { calls: [failedNow], sync }],
		['it recovered', true, { calls: [customer({ verdict: 'failed' })], sync: after(degraded) }],
		[
			'the same one fails again',
			false,
			{ calls: [bad, ok], sync: after(degraded, { reportedFailures: new Set(['bad']) }) },
		],
		['another one fails too', true, { calls: [bad, failedNow], sync: after(degraded) }],
		[
			'another one fails in the same outage',
			false,
			{ calls: [customer({ fate: unclearFate })], sync: after({ ...degraded, health: 'failing' }) },
		],
		['a customer is withheld', true, { withheld: [withheldOf('h')], sync: after(degraded) }],
		[
			'the same one is withheld again',
			false,
			{ withheld: [withheldOf('h')], sync: after(degraded, { reportedFailures: new Set(['h']) }) },
		],
		[
			'a customer that failed before was not sent',
			false,
			{
				calls: [customer({ id: 'bad', verdict: 'failed', fate: waiting.fate })],
				endedEarly: timeOver,
				sync: after(degraded),
			},
		],
		['a check stops the run', true, { blocked: tripped, sync: after(degraded) }],
		['the same check stops it again', false, { blocked: tripped, sync: after(failing(tripped)) }],
		['another one stops it', true, { blocked: tripped, sync: after(failing(breakerOpen)) }],
		['a check that stopped the last run no longer does', true, { sync: after(failing(tripped)) }],
		[
			'a check that was reported stops it again',
			false,
			{ blocked: tripped, sync: after(withCheck(failing(tripped))) },
		],
		[
			'a check that was reported no longer stops it, but the same customers fail as before',
			true,
			{ calls: [bad, ok], sync: after(withCheck(degraded)) },
		],
		[
			'a customer that recovered today fails again',
			false,
			{ calls: [failedNow, ok], sync: after(well, { recentlyRecovered: new Set(['x']) }) },
		],
		[
			'a customer that recovered today fails again, and a row has no recognizable customer',
			true,
			{
				calls: [failedNow, ok],
				withheld: [withheldOf(undefined)],
				sync: after(well, { recentlyRecovered: new Set(['x']) }),
			},
		],
		[
			'a customer that recovered today fails again, and the state was not kept',
			true,
			{
				calls: [failedNow, ok],
				sync: after(well, { recentlyRecovered: new Set(['x']), notKept: notKept.notKept }),
			},
		],
		['a device has moved', true, { sync: after(well, { movedDevices: [move] }) }],
		[
			'a device has moved, but pushes replace the full set',
			false,
			{ sync: after(well, { movedDevices: [move], isReplacing: true }) },
		],
		[
			'every customer is pushed again, and the same ones fail as before',
			true,
			{
				calls: [bad, ok],
				sync: after({ ...degraded, degradedMinute: 25 * 60 - 1 }, { isFirstForAccount: true }),
			},
		],
		['a wrong key again', false, { calls: [wrongKeyBefore], sync: after(failing(wrongKeyFailure)) }],
		['23 hours later', false, { calls: [bad, ok], sync: after(degraded, { beganMinute: 47 * 60 + 59 }) }],
		['24 hours later', true, { calls: [bad, ok], sync: after(degraded, { beganMinute: 48 * 60 }) }],
		[
			'24 hours later, all being well',
			false,
			{ sync: after({ ...degraded, health: 'ok' }, { beganMinute: 48 * 60 }) },
		],
		['somebody cancelled it', false, { calls: [ok, cancelled], sync }],
		[
			'somebody cancelled it after a wrong key',
			false,
			{ calls: [customer({ fate: wrongKey }), cancelled], sync },
		],
		['somebody cancelled it before the first request', false, { blocked: CANCELLED, sync }],
		['another run is active', false, { blocked: failureWith({ code: 'ALREADY_RUNNING' }), sync }],
		['the operation does not remember other runs', false, { calls: [failedNow], sync: undefined }],
	])('%s: %j', (_, isNews, changes) => {
		expect(healthAndNewsOf(resultWith(changes)).hasNews).toBe(isNews);
	});

	test('only a report with news replaces the last one', () => {
		const before = after({ ...degraded, minute: 180 });
		expect(healthAndNewsOf(resultWith({ calls: [bad, ok], sync: before })).reportAfter).toMatchObject({
			...degraded,
			minute: 180,
		});
		expect(healthAndNewsOf(resultWith({ sync: before })).reportAfter).toMatchObject({
			...ALL_WELL,
			minute: 1500,
		});
	});

	test('a last report in the future, from a wrong clock, does not delay the next one', () => {
		const late = { ...degraded, minute: 30600 };
		expect(
			healthAndNewsOf(resultWith({ calls: [bad, ok], sync: after(late, { beganMinute: 511 * 60 }) })).hasNews,
		).toBe(false);
		expect(
			healthAndNewsOf(resultWith({ calls: [bad, ok], sync: after(late, { beganMinute: 509 * 60 }) })).hasNews,
		).toBe(true);
		expect(
			healthAndNewsOf(resultWith({ calls: [bad, ok], sync: after(late, { beganMinute: 534 * 60 }) })).hasNews,
		).toBe(true);
	});

	test('the report of a run that was blocked at its start keeps the code of the reason, but none for an outage', () => {
		expect(stopOf(tripped)).toBe(tripped.code);
		expect(stopOf(failureWith({ code: 'CIRCUIT_BREAKER' }))).toBe('');
	});
});

test('A run that could not count gone customers keeps the number that is not reported yet', () => {
	const before = {
		lastReport: { ...ALL_WELL, gone: 5 },
		reportedFailures: new Set<string>(),
		idsWithoutDevices: new Set<string>(),
	};
	expect(reportBeforeRun(before as never).gone).toBe(5);
	expect(reportBeforeRun({ ...before, gone: 7 } as never).gone).toBe(7);
});

test('Gone customers are counted until a report has named them', () => {
	const before = { ...resultWith().sync!, lastReport: { ...ALL_WELL, gone: 2 }, gone: 5 };
	const { hasNews, reportAfter } = healthAndNewsOf(resultWith({ sync: before }));
	expect([hasNews, reportAfter.gone]).toEqual([true, 0]);
	const byHand = healthAndNewsOf(resultWith({ sync: { ...before, isManual: true } }));
	expect([byHand.hasNews, byHand.reportAfter.gone]).toEqual([false, 5]);
});

test('At most fifty gone customers are kept until a report has named them, those that were pushed before the others', () => {
	const keyed = (count: number, isPushed: boolean, name: string) => {
		return Array.from({ length: count }, (_, index): GoneCustomer => [`${name}${index}`, isPushed]);
	};
	const leave = (newlyGone: readonly GoneCustomer[], before: Partial<LastReport> = {}) => {
		const { neverPushed = 0, goneKeys = [] } = earlierReportsOf({
			...resultWith().sync!,
			lastReport: { ...ALL_WELL, ...before },
			newlyGone,
			whyStopped: undefined,
		});
		return { neverPushed, goneKeys };
	};
	const before = leave([...keyed(3, false, 'a'), ...keyed(2, true, 'b')]);
	expect(before).toEqual({ neverPushed: 3, goneKeys: [...keyed(2, true, 'b'), ...keyed(3, false, 'a')] });
	const after = leave([...keyed(60, false, 'c'), ...keyed(1, true, 'd')], before);
	expect(after.neverPushed).toBe(63);
	expect(after.goneKeys).toHaveLength(50);
	expect(after.goneKeys.slice(0, 4).map(([key]) => key)).toEqual(['b0', 'b1', 'd0', 'a0']);
	const sync = { ...resultWith().sync!, gone: 66, ...after };
	const byHand = healthAndNewsOf(resultWith({ sync: { ...sync, isManual: true } }));
	expect(byHand.reportAfter).toMatchObject(after);
	expect(healthAndNewsOf(resultWith({ sync })).reportAfter).toMatchObject({
		neverPushed: 0,
		goneKeys: [],
	});
});

test('A run that sends every customer again has news once one of them is accepted', () => {
	const sync = { ...resultWith().sync!, isFirstForAccount: true };
	const hasNews = (calls: RunResult['calls'], isFirstForAccount = true) =>
		healthAndNewsOf(resultWith({ calls, sync: { ...sync, isFirstForAccount } })).hasNews;
	const unchanged = customer({ verdict: 'unchanged', fate: { kind: 'unchanged' } });
	expect([hasNews([ok]), hasNews([ok], false), hasNews([unchanged])]).toEqual([true, false, false]);
});

test('A run that cannot tell which customers are gone reports those that no earlier run has reported', () => {
	const noIds = new Set<string>();
	const before = {
		reportedFailures: noIds,
		unreportedFailures: noIds,
		recentlyRecovered: noIds,
		idsWithoutDevices: noIds,
		movedDevices: [],
	};
	const judge = (goneBefore: number, gone: number | undefined) => {
		const lastReport = { ...ALL_WELL, gone: goneBefore };
		const sync = {
			...before,
			lastReport,
			gone,
			beganMinute: 1_000,
			isManual: false,
			isFirstForAccount: false,
		};
		return healthAndNewsOf({ calls: [], withheld: [], blocked: undefined, endedEarly: undefined, sync })
			.hasNews;
	};
	expect([judge(0, undefined), judge(3, undefined), judge(3, 0), judge(0, 2)]).toEqual([
		false,
		true,
		false,
		true,
	]);
});

describe('A run keeps for the next report', () => {
	test.each<[why: string, isStale: true | undefined, areRowsChanged: boolean, blocked: Failure | undefined]>([
		['if the source still stands still', true, false, undefined],
		['unless the rows have changed', undefined, true, undefined],
		['if the run is stopped', true, false, tripped],
		['if the run is stopped because the rows have changed too much', true, true, tripped],
	])('that a standstill was reported, %s', (_, isStale, areRowsChanged, blocked) => {
		const sync = {
			...resultWith().sync!,
			lastReport: { ...ALL_WELL, isStale: true },
			rowChanges: new RowChanges({ minutes: [1], gaps: [] }),
			beganMinute: 1440 * 9,
			expectChangesDays: 2,
			areRowsChanged,
		};
		expect(healthAndNewsOf(resultWith({ blocked, sync })).reportAfter.isStale).toBe(isStale);
	});

	const fails = (id: string, verdict: Verdict = 'changed') => customer({ id, verdict, fate: refused.fate });
	const acceptedCalls = ['o1', 'o2', 'o3'].map((id) => customer({ id }));
	const justReported = { ...ALL_WELL, health: 'degraded', minute: 1430, degradedMinute: 1430 } as const;
	const reportAfter = (calls: RunResult['calls'], changes: Partial<NonNullable<RunResult['sync']>>) => {
		const sync = { ...resultWith().sync!, lastReport: justReported, ...changes };
		return healthAndNewsOf(resultWith({ calls, sync })).reportAfter;
	};

	test('the customers that fail and wait for the next message', () => {
		const { unreportedFailures } = reportAfter([fails('a'), ...acceptedCalls], {
			unreportedFailures: new Set(['u']),
		});
		expect(unreportedFailures).toEqual(new Set(['u', 'a']));
	});

	test('no further customers while all fail, because the outage is the news', () => {
		const outage = {
			lastReport: { ...justReported, health: 'failing' as const },
			unreportedFailures: new Set(['u']),
		};
		expect(reportAfter([fails('a'), fails('b')], outage).unreportedFailures).toEqual(new Set(['u']));
	});

	test.each<[string, boolean, Verdict, Partial<NonNullable<RunResult['sync']>>]>([
		['that a report had named', true, 'changed', { reportedFailures: new Set(['a']) }],
		['that no report had named', true, 'changed', { unreportedFailures: new Set(['a']) }],
		[
			'that failed again on the day of its last recovery',
			true,
			'failed',
			{ recentlyRecovered: new Set(['a']) },
		],
		[
			'that had recovered before and did not fail since',
			false,
			'changed',
			{ recentlyRecovered: new Set(['a']) },
		],
		['that failed for the first time and was not reported', false, 'failed', {}],
	])('as recovered a customer %s (%j)', (_, isRecovered, verdict, changes) => {
		const recovered = reportAfter([customer({ id: 'a', verdict }), ...acceptedCalls], changes).recoveredInRun;
		expect(recovered?.has('a')).toBe(isRecovered);
	});
});

test('A Dry Run leaves it to the next run to report customers that left or lost all devices, and devices that moved', () => {
	const facts = {
		...resultWith().sync!,
		gone: 2,
		neverPushed: 1,
		goneKeys: [['hash of g', true]] as const,
		movedDevices: [{ deviceId: 'P/1' }] as never,
		idsWithoutDevices: new Set(['lost']),
	};
	expect(withoutLossesAndMoves(facts)).toEqual({
		...resultWith().sync!,
		gone: undefined,
		neverPushed: undefined,
		goneKeys: undefined,
		movedDevices: [],
		idsWithoutDevices: new Set(),
	});
});

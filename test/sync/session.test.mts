import { describe, expect, test } from '@jest/globals';
import type { Failure, OutcomeName } from '../../nodes/TencentCloudIot/service/outcome';
import type { SyncRun, StartFacts } from '../../nodes/TencentCloudIot/sync/syncRun';
import { sendOrderOf, type EndStatus, type Verdict } from '../../nodes/TencentCloudIot/sync/verdicts';
import type { RunEnd, StateNotKept, StateWriteResult } from '../../nodes/TencentCloudIot/sync/health';
import { ALL_WELL, type LastReport } from '../../nodes/TencentCloudIot/sync/lastReport';
import { SyncSession } from '../../nodes/TencentCloudIot/sync/session';
import { FakeClock } from '../support/fakeClock.mts';
import { failureWith } from '../support/failures.mts';
import { answered, OK } from '../support/fates.mts';
import { resultWith } from '../support/runResults.mts';
import { expectReadable } from '../support/wording.mts';
import { englishOf } from '../support/texts.mts';

type Opening = ConstructorParameters<typeof SyncSession>[0];

interface Changes extends Partial<Opening> {
	/** Whether the run may start requests, as far as its lock row says. */
	isAlone?: boolean;
	/** Whether another run has taken over the sync state. */
	isLockTakenByOther?: boolean;
	/** Whether the run certainly has the lock row at this moment. */
	mayLeave?: boolean;
	isRetriedEarly?: StartFacts['isRetriedEarly'];
	/** Why the run may send nothing at all. */
	stopped?: Failure;
	state?: StartFacts['stateCondition'];
	minute?: number;
	isManual?: boolean;
	/** The result of writing the sync state at the end; kept by default, undefined if there is no state. */
	writeResult?: StateWriteResult | undefined;
}

let sessions = 0;

const KEPT = { kind: 'kept', isReportStored: true } as const;

/** A state in which nothing was reported before. */
const NOTHING_REPORTED: Opening['earlierReports'] = {
	lastReport: ALL_WELL,
	reportedFailures: new Set(),
	unreportedFailures: new Set(),
	recentlyRecovered: new Set(),
	idsWithoutDevices: new Set(),
	movedDevices: [],
	gone: undefined,
};

/** A session over a state with these verdicts, and records of what it does with the state. */
function open(verdicts: readonly Verdict[], changes: Changes = {}) {
	const {
		isAlone = true,
		isLockTakenByOther = !isAlone,
		mayLeave = true,
		isRetriedEarly = () => false,
		...withoutLock
	} = changes;
	const { stopped, state = 'used', minute = 0, isManual = false, ...opening } = withoutLock;
	const writeResult = 'writeResult' in changes ? changes.writeResult : KEPT;
	const kept: Array<[readonly EndStatus[], LastReport]> = [];
	const notKept: StateNotKept[] = [];
	const noted: unknown[] = [];
	sessions++;
	const nodeKey = `w ${sessions}`;
	const calls = { mayStart: 0, release: 0 };
	const run = {
		kind: stopped === undefined ? 'sending' : 'stopped',
		facts: {
			beganMinute: minute,
			isManual,
			stateCondition: state,
			verdicts,
			sendOrder: sendOrderOf(verdicts, false, isRetriedEarly),
			movedDevices: [],
			isFirstForAccount: false,
			whyStopped: stopped,
			isRetriedEarly,
		},
		mayStart: async () => {
			calls.mayStart++;
			return isAlone;
		},
		isLockTakenByOther,
		mayLeave,
		noteOutcome: (index: number, outcome: OutcomeName) => noted.push([index, outcome]),
		noteReceiptsWritten: (indexes: readonly number[]) => noted.push(indexes),
		end: async (endStatuses: readonly EndStatus[], reported: LastReport) => {
			kept.push([endStatuses, reported]);
			return writeResult;
		},
	} as unknown as SyncRun;
	const session = new SyncSession({
		run,
		sendAll: false,
		earlierReports: NOTHING_REPORTED,
		earlierFates: verdicts.map(() => undefined),
		longestRunMinutes: 0,
		clock: new FakeClock(),
		releaseNode: () => {
			calls.release++;
		},
		nodeKey,
		onNotKept: (why) => {
			notKept.push(why);
		},
		...opening,
	});
	return { session, kept, calls, noted, notKept, node: changes.nodeKey ?? nodeKey };
}

const fateOf = (outcome: OutcomeName) => answered(outcome === 'OK' ? OK : failureWith({ outcome }));
const times = (count: number, outcome: OutcomeName) => new Array<OutcomeName>(count).fill(outcome);

function settleAll(session: SyncSession, ...outcomes: OutcomeName[]): void {
	for (const outcome of outcomes) {
		session.addFate(0, fateOf(outcome));
	}
}

describe('Longest Run (Minutes)', () => {
	test.each([
		[0, 1e9, true],
		[1, 59_999, true],
		[1, 60_000, false],
	])('is %j: after %i ms, may a request start? %j', async (longestRunMinutes, ms, mayStart) => {
		const clock = new FakeClock();
		const { session } = open(['changed'], { longestRunMinutes, clock });
		await clock.advance(ms);
		const blocked = await session.whyBlocked();
		expect(blocked?.code).toBe(mayStart ? undefined : 'TIME_OVER');
		expect(session.endedEarly).toBe(blocked);
	});

	test('ends all waits when it is over, and leaves no timer', async () => {
		const clock = new FakeClock();
		await clock.advance(1000);
		const { session } = open(['changed'], { longestRunMinutes: 0.1, clock });
		await clock.advance(5999);
		expect(session.timeOver.aborted).toBe(false);
		await clock.advance(1);
		expect(session.timeOver.aborted).toBe(true);
		expect((await session.whyBlocked())?.code).toBe('TIME_OVER');
		const other = open(['changed'], { longestRunMinutes: 1, clock });
		await other.session.finish(undefined);
		expect(clock.waiting).toBe(0);
	});

	test('leaves requests that were not started to the next run, and says so', async () => {
		const clock = new FakeClock();
		const { session } = open(['changed'], { longestRunMinutes: 1, clock });
		await clock.advance(60_000);
		const blocked = await session.whyBlocked();
		expectReadable(blocked!);
		expect(blocked).toMatchObject({ outcome: 'NOT_SENT', scope: 'call' });
	});
});

describe('A run whose circuit breaker opens', () => {
	test.each<[string, OutcomeName[], boolean]>([
		['11 of 20', [...times(9, 'OK'), ...times(11, 'REFUSED')], false],
		['11 of 20, unclear', [...times(11, 'UNKNOWN'), ...times(9, 'OK')], false],
		['half of 20', [...times(10, 'OK'), ...times(10, 'REFUSED')], true],
		['all of 19', times(19, 'REFUSED'), true],
		['all of 20', times(20, 'REFUSED'), false],
		['the last 11 of many', [...times(1000, 'OK'), ...times(11, 'UNKNOWN')], false],
		['the last 10 of many', [...times(1000, 'OK'), ...times(10, 'UNKNOWN')], true],
		['11 of 20 that were not sent', [...times(9, 'OK'), ...times(11, 'NOT_SENT')], false],
		[
			'10 of each 20, over and over',
			Array.from({ length: 100 }, (_, at) => (at % 2 ? 'OK' : 'REFUSED')),
			true,
		],
	])('%s: may a request start? %#', async (_, outcomes, mayStart) => {
		const { session } = open(['changed']);
		settleAll(session, ...outcomes);
		expect((await session.whyBlocked()) === undefined).toBe(mayStart);
	});

	test('starts no more requests, and says so', async () => {
		const { session } = open(['changed']);
		settleAll(session, ...times(8, 'OK'), ...times(12, 'UNKNOWN'));
		expectReadable(session.endedEarly!);
		expect(session.endedEarly).toMatchObject({ code: 'CIRCUIT_BREAKER', outcome: 'NOT_SENT', scope: 'call' });
		settleAll(session, ...times(20, 'OK'));
		expect(englishOf((await session.whyBlocked())?.reason)).toContain('12');
	});

	test('does not count customers without a request', async () => {
		const { session } = open(['changed']);
		for (let call = 0; call < 100; call++) {
			session.addFate(0, { kind: 'notTried', why: failureWith({}) });
		}
		expect(await session.whyBlocked()).toBeUndefined();
	});

	test('counts only customers that did not fail before', async () => {
		const { session } = open(['failed', 'changed']);
		for (const outcome of [...times(9, 'OK'), ...times(100, 'REFUSED')]) {
			session.addFate(0, fateOf(outcome));
		}
		for (const outcome of [...times(9, 'OK'), ...times(10, 'REFUSED')]) {
			session.addFate(1, fateOf(outcome));
		}
		expect(session.endedEarly).toBeUndefined();
		session.addFate(1, fateOf('REFUSED'));
		expect(session.endedEarly?.code).toBe('CIRCUIT_BREAKER');
	});
});

describe('Of 300 customers that failed before', () => {
	/** Sends them and those of `more` in the order of the run, until it may not send any more. @returns the indexes that were sent */
	async function sendUntilBlocked(outcome: OutcomeName, more: readonly Verdict[] = []) {
		const verdicts = [...new Array<Verdict>(300).fill('failed'), ...more];
		const { session } = open(verdicts, { isRetriedEarly: (index) => index % 3 === 1 });
		const sentIndexes: number[] = [];
		for (const index of session.sendOrder) {
			if ((await session.whyBlocked()) !== undefined) {
				break;
			}
			session.addFate(index, fateOf(index < 300 ? outcome : 'OK'));
			sentIndexes.push(index);
		}
		return { session, sentIndexes };
	}

	test.each([[[]], [['changed', 'changed'] as const]])(
		'only those with an early retry are sent if they fail, and the others are not reported; also sent: %j',
		async (more) => {
			const { session, sentIndexes } = await sendUntilBlocked('REFUSED', more);
			expect(sentIndexes.filter((index) => index < 300).toSorted((a, b) => a - b)).toEqual(
				Array.from({ length: 100 }, (_, turn) => 3 * turn + 1),
			);
			expect(sentIndexes).toHaveLength(100 + more.length);
			expect(session.endedEarly).toBeUndefined();
			expect((await session.whyBlocked())?.code).toBe('CIRCUIT_BREAKER');
		},
	);

	test('all are sent if they are accepted now', async () => {
		expect((await sendUntilBlocked('OK')).sentIndexes).toHaveLength(300);
	});
});

test('A customer without a response counts against the service, unless it had none before', () => {
	const { session } = open(['changed', 'failed', 'waiting']);
	expect([0, 1, 2].map((index) => session.countsForWarmUp(index))).toEqual([true, false, true]);
});

describe('A run that may send no more', () => {
	test.each([
		[true, 'TAKEN_OVER'],
		[false, 'STATE_NOT_USABLE'],
	])(
		'because another one has taken over (%j; otherwise its state does not respond), says %s',
		async (isLockTakenByOther, code) => {
			const { session } = open(['changed'], { isAlone: false, isLockTakenByOther });
			const blocked = await session.whyBlocked();
			expectReadable(blocked!);
			expect(blocked).toMatchObject({ code, outcome: 'NOT_SENT', scope: 'call' });
		},
	);

	test.each([
		[false, 'CANCELLED'],
		[true, 'TAKEN_OVER'],
	])(
		'because somebody cancels it while it waits, says so; another one has taken over: %j',
		async (isLockTakenByOther, code) => {
			const signal = AbortSignal.abort();
			const { session } = open(['changed'], { isAlone: false, isLockTakenByOther, signal });
			expect((await session.whyBlocked())?.code).toBe(code);
		},
	);

	test('keeps the reason that it had before, and does not look at its state again', async () => {
		const clock = new FakeClock();
		const { session, calls } = open(['changed'], { isAlone: false, longestRunMinutes: 1, clock });
		await clock.advance(60_000);
		await session.whyBlocked();
		expect((await session.whyBlocked())?.code).toBe('TIME_OVER');
		expect(calls.mayStart).toBe(0);
	});
});

test.each([
	['has the lock row', true, {}, true],
	['cannot be sure of its lock row', false, {}, false],
	['sends nothing, and so needs no lock row', false, { stopped: failureWith({}) }, true],
])('A request may leave while the run %s', (_, mayRunLeave, changes, mayLeave) => {
	expect(open(['changed'], { mayLeave: mayRunLeave, ...changes }).session.mayLeave()).toBe(mayLeave);
});

test('A session notes each response in the state at once, and which receipts are in the log', () => {
	const { session, noted } = open(['changed', 'changed', 'changed']);
	session.addFate(0, fateOf('OK'));
	session.addFate(1, fateOf('REFUSED'));
	session.addFate(2, { kind: 'postponed', why: failureWith({}) });
	session.noteReceiptsWritten([0, 1]);
	expect(noted).toEqual([
		[0, 'OK'],
		[1, 'REFUSED'],
		[0, 1],
	]);
});

describe('At its end a run', () => {
	test('stores what became of each customer, including those that it did not send', async () => {
		const verdicts: Verdict[] = ['changed', 'unchanged', 'changed', 'failed', 'changed'];
		const earlierFates = [
			undefined,
			undefined,
			undefined,
			undefined,
			{ kind: 'earlierAttempt', outcome: OK } as const,
		];
		const { session, kept, calls } = open(verdicts, { earlierFates });
		expect(session.sendOrder).toEqual([0, 2, 4, 3]);
		session.addFate(0, fateOf('OK'));
		session.addFate(2, { kind: 'postponed', why: failureWith({}) });
		await session.finish(resultWith());
		expect(kept).toMatchObject([[['accepted', 'accepted', 'waiting', 'failed', 'accepted'], ALL_WELL]]);
		expect(calls.release).toBe(1);
	});

	test('stores its report in the state', async () => {
		const { session, kept } = open(['changed'], { releaseNode: undefined });
		await session.finish(resultWith({ blocked: failureWith({ code: 'STATE_NOT_USABLE', scope: 'run' }) }));
		expect(kept).toMatchObject([[['waiting'], { health: 'failing' }]]);
	});

	test('keeps the last report if an error ended it', async () => {
		const lastReport: LastReport = { ...ALL_WELL, health: 'degraded', stop: 'NO_ROWS', minute: 300 };
		const { session, kept } = open(['changed'], {
			earlierReports: { ...NOTHING_REPORTED, lastReport, gone: 0 },
		});
		await session.finish(undefined);
		expect(kept).toMatchObject([[['waiting'], lastReport]]);
	});

	/** A finished run that pushed one customer; writing the sync state had this result. */
	async function finished(
		writeResult: StateWriteResult | undefined,
		changes: Changes = {},
		end: Partial<RunEnd> = {},
	) {
		const opened = open(['changed'], { writeResult, minute: 100, ...changes });
		opened.session.addFate(0, fateOf('OK'));
		await opened.session.finish({ ...resultWith(), sync: opened.session.facts, ...end });
		return { ...opened, facts: opened.session.facts };
	}

	const notKeptIn = (tookMs: number): StateNotKept => ({
		kind: 'unknown',
		isReportStored: false,
		tookMs,
	});

	test.each<[string, StateWriteResult]>([
		['took too long', notKeptIn(4600)],
		['belongs to another run', { kind: 'takenOver', isReportStored: false, tookMs: 40 }],
	])('reports, once, that the state was not kept: it %s', async (_, writeResult) => {
		const { facts, notKept, node: nodeKey } = await finished(writeResult);
		expect([facts.notKept, notKept]).toEqual([writeResult, [writeResult]]);
		// The state lacks the report, so the next run would repeat it. It is remembered in the process instead.
		expect(SyncSession.unstoredReport(nodeKey)).toMatchObject({
			...ALL_WELL,
			health: 'degraded',
			minute: 100,
		});
		const next = await finished(KEPT, {
			nodeKey,
			earlierReports: {
				...NOTHING_REPORTED,
				lastReport: { ...ALL_WELL, ...SyncSession.unstoredReport(nodeKey) },
				gone: 0,
			},
		});
		expect([next.facts.notKept, SyncSession.unstoredReport(nodeKey)]).toEqual([undefined, undefined]);
	});

	test.each<[string, StateWriteResult | undefined]>([
		['was kept', KEPT],
		['does not exist', undefined],
	])('reports nothing of a state that %s', async (_, writeResult) => {
		const { facts, notKept, node } = await finished(writeResult);
		expect([facts.notKept, notKept, SyncSession.unstoredReport(node)]).toEqual([undefined, [], undefined]);
	});

	test('reports that the state was not kept if another run has taken over', async () => {
		const writeResult: StateWriteResult = { kind: 'takenOver', isReportStored: false, tookMs: 40 };
		const { session, notKept } = open(['changed'], { isAlone: false, isLockTakenByOther: true, writeResult });
		await session.whyBlocked();
		await session.finish(resultWith({ endedEarly: session.endedEarly }));
		expect([session.facts.notKept, notKept]).toEqual([writeResult, [writeResult]]);
	});

	test.each<[string, StartFacts['stateCondition'], isReportStored: boolean, boolean]>([
		['STATE_NOT_USABLE', 'used', false, true],
		['STATE_LOST', 'lost', true, false],
		['NO_ROWS', 'interrupted', false, true],
		['TOO_MANY_CHANGES', 'used', true, false],
		['ALREADY_RUNNING', 'interrupted', false, false],
	])(
		'remembers its report in the process if the state cannot hold it: %s, %s, %j, %j',
		async (code, state, isReportStored, isRemembered) => {
			const writeResult: StateWriteResult = { ...KEPT, isReportStored };
			const stopped = failureWith({ code, scope: 'run', outcome: 'NOT_SENT' });
			const { node } = await finished(writeResult, { stopped, state }, { blocked: stopped });
			expect(SyncSession.unstoredReport(node)?.health).toBe(isRemembered ? 'failing' : undefined);
		},
	);

	test('remembers nothing of a manual run, which reports to nobody', async () => {
		const { node } = await finished(notKeptIn(40), { isManual: true });
		expect(SyncSession.unstoredReport(node)).toBeUndefined();
	});

	test('lets the next run begin, even if the state cannot be written', async () => {
		const { session, calls } = open(['changed'], {
			run: {
				kind: 'sending',
				facts: {
					stateCondition: 'used',
					verdicts: ['changed'],
					sendOrder: [0],
					whyStopped: undefined,
					isRetriedEarly: () => false,
				},
				end: () => Promise.reject(new Error('SQLITE_BUSY')),
			} as unknown as SyncRun,
		});
		await expect(session.finish(undefined)).rejects.toThrow('SQLITE_BUSY');
		expect(calls.release).toBe(1);
	});
});

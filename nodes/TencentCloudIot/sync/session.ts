/**
 * One run of Sync from its plan to its end: which customers may still be sent, and what is kept of them. A session is
 *
 *     blocked     from the beginning: its run is stopped; no request is made, `finish` keeps the report alone
 *     open        requests may start
 *     at the rest only customers are left that failed before and whose turn it is not: if customers like them keep failing, none is sent
 *     ended       no further request starts: the time is over, the circuit breaker has opened, or the lock is lost. Requests that are under
 *                 way are still waited for
 *     finished    `finish` has written the state, and the next run of the node may begin
 */
import { ADVICE, REASONS } from '../messages/failures';
import { type Failure, notSent } from '../service/outcome';
import type { Fate } from '../service/fate';
import type { Clock } from '../service/transport/clock';
import {
	judgeEnd,
	type StateEnd,
	type KnownBefore,
	type LastReport,
	reportedBefore,
	type RunEnd,
	TIME_OVER,
} from './health';
import { readChanges } from './changes';
import type { SyncRun, StartFacts } from './syncRun';
import type { ChangeLast } from './last';
import type { SafetyCheckOptions } from './safetyChecks';
import { standingOf, type Verdict } from './verdicts';

/** What a run of Sync found in its state, and what it has to know for its report. */
export interface SyncFacts extends NonNullable<RunEnd['sync']>, Omit<StartFacts, keyof KnownBefore> {
	/** The number of the state that the run leaves. */
	leftStateNumber?: number | undefined;
	/** Why there is no state; undefined where there is one, even if it does not work. */
	whyNone: string | undefined;
	/** Whether unchanged customers are sent, too. */
	sendAll: boolean;
}

/** What a session begins with. */
interface SessionStart
	extends Pick<SyncOptions, 'sendAll' | 'longestRunMinutes' | 'isReplacing' | 'expectChangesDays'> {
	run: SyncRun;
	whyNone?: SyncFacts['whyNone'];
	/** What runs before this one have reported, and what they could not. */
	knownBefore: KnownBefore;
	/** What became of each customer in an earlier attempt of the run; undefined where it was not settled. */
	earlier: ReadonlyArray<Fate | undefined>;
	clock: Pick<Clock, 'alarm'>;
	/** Lets the next run of the node begin in this process; undefined for a run that holds up nobody. */
	release: (() => void) | undefined;
	/** Names workflow and node. */
	node: string;
	onNotKept: (notKept: StateEnd) => void;
}

/** Ends a run because the database does not respond while customers are sent, or because this process stood still. */
const STATE_TOO_LATE: Failure = {
	...notSent('STATE_NOT_USABLE'),
	reason: REASONS.databaseTooLate(),
	advice: ADVICE.sendsRest(),
};

/** The states are at the head of this file. */
export class SyncSession {
	readonly order: readonly number[];
	readonly verdicts: readonly Verdict[];
	readonly blocked: Failure | undefined;
	facts: SyncFacts;
	readonly #start: SessionStart;
	/** Judges the customers that did not fail before. When it opens the run ends. */
	readonly #breaker = new CircuitBreaker();
	/** Judges the customers that failed before. When it opens only the rest is not sent: each of them may fail for a reason of its own. */
	readonly #breakerOfFailed = new CircuitBreaker();
	/** How many customers are still to be sent before the rest: those that failed before and whose turn it is not. */
	#countBeforeLateRetries: number;
	readonly #fates: Array<Fate | undefined>;
	/** Aborted when the time of 'Longest Run (Minutes)' is over: no further request starts, and calls that wait for a retry stop waiting. */
	readonly timeOver: AbortSignal;
	#turnOffAlarm: (() => void) | undefined;
	/** Why no further request may start, for whatever reason. */
	#whyNoFurther: Failure | undefined;
	/** Why the run has ended before its last customer. Undefined where only the rest is not sent because it keeps failing: that is no early end. */
	endedEarly: Failure | undefined;

	constructor(beginning: SessionStart) {
		const { run, knownBefore, sendAll, whyNone, earlier, clock, longestRunMinutes } = beginning;
		const { isReplacing = false, expectChangesDays } = beginning;
		const { verdicts, order, stopped, last } = run.facts;
		this.#start = beginning;
		this.verdicts = verdicts;
		this.order = order;
		this.#countBeforeLateRetries = order.filter(
			(index) => earlier[index] === undefined && !this.#isLateRetry(index),
		).length;
		this.blocked = stopped;
		this.facts = {
			...run.facts,
			...knownBefore,
			leftStateNumber: run.kind === 'sending' ? run.stateNumber : run.facts.stateNumber,
			whyNone,
			sendAll,
			isReplacing,
			changes: last && readChanges(last['changes']),
			expectChangesDays,
		};
		this.#fates = verdicts.map((verdict, index) => {
			return earlier[index] ?? (verdict === 'unchanged' && !sendAll ? { kind: 'unchanged' } : undefined);
		});
		const ends = new AbortController();
		this.timeOver = ends.signal;
		if (longestRunMinutes > 0) {
			this.#turnOffAlarm = clock.alarm(longestRunMinutes * 60_000, () => ends.abort());
		}
	}

	/** Whether a missing response to this customer's request says that the service is down. One that failed in an earlier run says nothing. */
	countsForWarmUp(index: number): boolean {
		return this.verdicts[index] !== 'failed';
	}

	/**
	 * Says why no further request may start; undefined where one may. To be called before each request, also before each retry.
	 * @param index of the customer whose request it is; undefined for a request that changes nothing at the service
	 */
	async whyBlocked(index?: number): Promise<Failure | undefined> {
		const { run } = this.#start;
		if (this.timeOver.aborted) {
			this.#end(scopedToCall(notSent(TIME_OVER)));
		}
		if (this.#whyNoFurther === undefined && run.kind === 'sending' && !(await run.mayStart(index))) {
			this.#end(scopedToCall(run.isTakenOver ? notSent('TAKEN_OVER') : STATE_TOO_LATE));
		}
		return this.#whyNoFurther;
	}

	/** Whether a request that was allowed to start may still leave. If not, `whyBlocked` is to be asked again. */
	mayLeave(): boolean {
		const { run } = this.#start;
		return run.kind !== 'sending' || run.isHeld;
	}

	/** To be called when a customer has its fate. */
	addFate(index: number, fate: Fate): void {
		this.#fates[index] = fate;
		if (!this.#isLateRetry(index)) {
			this.#countBeforeLateRetries--;
		}
		const { run } = this.#start;
		if (run.kind === 'sending' && fate.kind === 'answered') {
			run.settled(index, fate.outcome.outcome);
		}
		const breaker = this.verdicts[index] === 'failed' ? this.#breakerOfFailed : this.#breaker;
		breaker.record(fate);
		const { whyOpen } = this.#breaker;
		if (whyOpen !== undefined) {
			this.#end(whyOpen);
		}
		// Each customer of the rest has its turn in one of the next two runs, so nobody is given up here.
		if (this.#countBeforeLateRetries <= 0) {
			this.#whyNoFurther ??= this.#breakerOfFailed.whyOpen;
		}
	}

	/** To be called when the receipts of these customers are in the log: only then may the state say that they were accepted. */
	receiptsStand(indexes: readonly number[]): void {
		const { run } = this.#start;
		if (run.kind === 'sending') {
			run.receiptsStand(indexes);
		}
	}

	/** Whether a customer belongs to the rest: it failed before, and it is not its turn. The rest is sent last. */
	#isLateRetry(index: number): boolean {
		return this.verdicts[index] === 'failed' && !this.#start.run.facts.isRetriedEarly(index);
	}

	#end(why: Failure): void {
		this.endedEarly ??= why;
		this.#whyNoFurther ??= why;
	}

	/**
	 * Writes what became of the customers, and what is reported of it, into the state. To be called once, however the run went.
	 * @param end undefined for a run that has thrown: it reports nothing
	 * @param change of the lock row's `last` for people (news, a plan, the log), made by the same statement
	 */
	async finish(end: RunEnd | undefined, change?: ChangeLast): Promise<void> {
		const { run, release } = this.#start;
		this.#turnOffAlarm?.();
		try {
			const standings = this.verdicts.map((verdict, index) => standingOf(verdict, this.#fates[index]));
			const after = end === undefined ? reportedBefore(this.facts) : judgeEnd(end).after;
			this.#rememberUnstored(await run.end(standings, after, change), end);
		} finally {
			release?.();
		}
	}

	/** Remembers in this process a report that the state could not keep. The next run would report the same again otherwise. */
	#rememberUnstored(kept: StateEnd | undefined, end: RunEnd | undefined): void {
		const { node, onNotKept } = this.#start;
		// A run that ended because another one has taken over already says so.
		if (kept !== undefined && kept.kind !== 'kept' && this.endedEarly?.code !== 'TAKEN_OVER') {
			this.facts = { ...this.facts, notKept: kept };
			onNotKept(kept);
		}
		// A run that was blocked by these reports nothing.
		const isSilent = ['ALREADY_RUNNING', 'CANCELLED'].includes(this.blocked?.code ?? '');
		if (end === undefined || isSilent) {
			return;
		}
		const { hasNews, after } = judgeEnd({ ...end, sync: this.facts });
		if (kept?.hasReport === true) {
			unstoredReports.delete(node);
		} else if (hasNews) {
			unstoredReports.set(node, after);
		}
	}
}

/** By the key of a node: its last report, if its sync state could not keep that. */
const unstoredReports = new Map<string, LastReport>();

/** The last report of a node, if its sync state could not keep that. @param node names workflow and node */
export function unstoredReport(node: string): LastReport | undefined {
	return unstoredReports.get(node);
}

function scopedToCall(failure: Failure): Failure {
	return { ...failure, scope: 'call' };
}

/** The breaker judges this many of the last customers. With fewer a few refused ones in a row would end a run. */
const JUDGED_CUSTOMERS = 20;

/** Opens when more than half of the last 20 customers that were sent have failed. */
class CircuitBreaker {
	/** Of each of the last customers whether it has failed, the oldest first. */
	readonly #haveFailed: boolean[] = [];

	/** Takes in what became of a customer. One for which no request was made is not counted. */
	record(fate: Fate): void {
		if (fate.kind !== 'answered') {
			return;
		}
		this.#haveFailed.push(fate.outcome.outcome !== 'OK');
		if (this.#haveFailed.length > JUDGED_CUSTOMERS) {
			this.#haveFailed.shift();
		}
	}

	/** Why no further customer may be sent; undefined while the breaker is closed. */
	get whyOpen(): Failure | undefined {
		const failed = this.#haveFailed.filter((hasFailed) => hasFailed).length;
		if (this.#haveFailed.length < JUDGED_CUSTOMERS || 2 * failed <= JUDGED_CUSTOMERS) {
			return undefined;
		}
		return scopedToCall(notSent('CIRCUIT_BREAKER', { failed, judged: JUDGED_CUSTOMERS }));
	}
}

/** What a user chose for Sync, typed. */
export interface SyncOptions {
	/** 'Longest Run (Minutes)': no further customer is started after this many minutes; 0 for no limit. */
	longestRunMinutes: number;
	/** 'Push Again After (Days)': unchanged customers are pushed again after this many days; 0 for never. */
	pushAgainAfterDays: number;
	/** 'Send' is Every Customer. */
	sendAll: boolean;
	/** 'Moved Devices' is Do Not Report: a push is known to replace. */
	isReplacing?: boolean;
	/** 'Expect Changes Within (Days)': how long the source may stand still; 0 to judge by its own past. */
	expectChangesDays?: number;
	checks: SafetyCheckOptions;
}

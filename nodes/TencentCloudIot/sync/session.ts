/**
 * One run of Sync from its plan to its end: it decides which requests may still start, and what the state keeps. A session is
 *
 *     blocked        from the beginning, if its run is of the kind `stopped`: no request starts, and `finish` writes a report only
 *     open           requests may start
 *     late retries   only customers are left that failed before and are not retried early. Once more than half of the last 20 customers that
 *                    failed before have failed again, the others are not sent
 *     ended          no further request starts, because the time is over, the circuit breaker has opened or the lock row is lost. The caller
 *                    still waits for the requests that are under way
 *     finished       `finish` has written the state, and the next run of the node may begin
 */
import { REASONS } from '../messages/reasons';
import { type Failure, notSent } from '../service/outcome';
import type { Fate } from '../service/fate';
import type { Clock } from '../service/transport/clock';
import { CANCELLED } from '../service/transportError';
import { type RunEnd, type StateNotKept, type StateWriteResult, TIME_OVER } from './health';
import { healthAndNewsOf } from './healthAndNews';
import {
	type EarlierReports,
	type LastReport,
	reportBeforeRun,
	type UnstoredReport,
	withoutLossesAndMoves,
} from './lastReport';
import { RowChanges } from './changes';
import type { Sending, SyncRun, StartFacts } from './syncRun';
import type { ChangeLastCell } from './last';
import type { SafetyCheckOptions } from './safetyChecks';
import { endStatusOf, type Verdict } from './verdicts';

/** What a run of Sync found in the state, and what else its report needs. */
export interface SyncFacts extends NonNullable<RunEnd['sync']>, Omit<StartFacts, keyof EarlierReports> {
	/**
	 * The number of the state that the run leaves (`LastCell.stateNumber`); before `finish` that of the state that it found. Undefined if the run has
	 * not read the lock row, or it is not certain that the state was kept.
	 */
	stateNumberAfter?: number | undefined;
	/** Whether unchanged customers are sent, too. */
	sendAll: boolean;
}

/** What the caller gives to a new session. */
interface SessionContext
	extends Pick<SyncOptions, 'sendAll' | 'longestRunMinutes' | 'isReplacing' | 'expectChangesDays'> {
	run: SyncRun;
	/** What earlier runs have reported, and what they left to report. */
	earlierReports: EarlierReports;
	/** The fate of each customer in an earlier attempt of the execution, by index; undefined if that attempt did not settle it. */
	earlierFates: ReadonlyArray<Fate | undefined>;
	clock: Pick<Clock, 'alarm'>;
	/** Aborted when somebody cancels the execution. */
	signal?: AbortSignal | undefined;
	/** Lets the next run of the node begin in this process; undefined for a run that keeps no other from beginning, such as a Dry Run. */
	releaseNode: (() => void) | undefined;
	/** The key of the node: it names workflow and node by their ids. */
	nodeKey: string;
	/** Called at the end of the run if it is not certain that the state was written. */
	onNotKept: (writeResult: StateNotKept) => void;
}

/** Why a run ends if it could not keep the lock row: the database did not respond in time, or this process stood still. */
const STATE_TOO_LATE: Failure = {
	...notSent('STATE_NOT_USABLE'),
	reason: REASONS.databaseTooLate(),
};

/** A session: the head of this file lists its states. */
export class SyncSession {
	/** The customers to send, by index, in the order of sending; all others are unchanged. */
	readonly sendOrder: readonly number[];
	/** What the sync state says of each customer, by index. */
	readonly verdicts: readonly Verdict[];
	/** Why no customer is sent; undefined if the customers of `sendOrder` may be sent. */
	readonly blocked: Failure | undefined;
	/** What the run knows of the sync state, for its reports; after `finish` also whether the state was kept. */
	facts: SyncFacts;
	readonly #context: SessionContext;
	/** The run, if it sends and keeps what it sent; undefined for a run of any other kind. */
	readonly #sendingRun: Sending | undefined;
	/** Judges the customers that did not fail before. When this breaker opens the run ends: the service may be down. */
	readonly #breaker = new CircuitBreaker();
	/**
	 * Judges the customers that failed before. Each of them may fail for a reason of its own, so when this breaker opens the run does not end:
	 * only the late retries are not sent.
	 */
	readonly #retryBreaker = new CircuitBreaker();
	/** How many customers are still to be sent before the late retries begin. */
	#countBeforeLateRetries: number;
	/** What became of each customer so far, by index. */
	readonly #fates: Array<Fate | undefined>;
	/** Aborted when the time of 'Longest Run (Minutes)' is over: no further request starts, and calls that wait for a retry stop waiting. */
	readonly timeOver: AbortSignal;
	#turnOffAlarm: (() => void) | undefined;
	/** Why no further request may start; undefined while requests may start. */
	#whyNoFurtherRequest: Failure | undefined;
	/** Why the run ended before its last customer. Undefined if only late retries were not sent: that is not an early end. */
	endedEarly: Failure | undefined;

	constructor(context: SessionContext) {
		const {
			run,
			earlierReports,
			sendAll,
			earlierFates,
			clock,
			longestRunMinutes,
			isReplacing = false,
			expectChangesDays,
		} = context;
		const { verdicts, sendOrder, whyStopped, last } = run.facts;
		this.#context = context;
		this.#sendingRun = run.kind === 'sending' ? run : undefined;
		this.verdicts = verdicts;
		this.sendOrder = sendOrder;
		this.#countBeforeLateRetries = sendOrder.filter(
			(customerIndex) => earlierFates[customerIndex] === undefined && !this.#isLateRetry(customerIndex),
		).length;
		this.blocked = whyStopped;
		this.facts = {
			...run.facts,
			...earlierReports,
			stateNumberAfter: run.facts.stateNumber,
			sendAll,
			isReplacing,
			rowChanges: last && new RowChanges(last['changes']),
			expectChangesDays,
		};
		this.#fates = verdicts.map((verdict, index) => {
			if (verdict === 'unchanged' && !sendAll) {
				return earlierFates[index] ?? { kind: 'unchanged' };
			}
			return earlierFates[index];
		});
		const timeLimit = new AbortController();
		this.timeOver = timeLimit.signal;
		if (longestRunMinutes > 0) {
			this.#turnOffAlarm = clock.alarm(longestRunMinutes * 60_000, () => timeLimit.abort());
		}
	}

	/**
	 * Whether a missing response to this customer's request shows that the service is down. It does not if the customer failed in an earlier
	 * run: then the reason may be the customer.
	 */
	countsForWarmUp(customerIndex: number): boolean {
		return this.verdicts[customerIndex] !== 'failed';
	}

	/**
	 * Says why no further request may start; undefined if requests may start. Call it before each request and each retry.
	 * @param customerIndex the index of the request's customer; undefined for a request that only reads
	 */
	async whyBlocked(customerIndex?: number): Promise<Failure | undefined> {
		const run = this.#sendingRun;
		if (this.timeOver.aborted) {
			this.#endEarly(scopedToCall(notSent(TIME_OVER)));
		}
		const needsLock = run !== undefined && this.#whyNoFurtherRequest === undefined;
		if (needsLock && !(await run.mayStart(customerIndex))) {
			// A cancelled run makes no heartbeat any more, so the request waited for one in vain.
			if (!run.isLockTakenByOther && this.#context.signal?.aborted === true) {
				return CANCELLED;
			}
			this.#endEarly(scopedToCall(run.isLockTakenByOther ? notSent('TAKEN_OVER') : STATE_TOO_LATE));
		}
		return this.#whyNoFurtherRequest;
	}

	/**
	 * Whether a request that was allowed to start may still leave. If not, call `whyBlocked` again: it finds out whether this run still owns the
	 * lock row, and ends the run if not.
	 */
	mayLeave(): boolean {
		return this.#sendingRun?.mayLeave ?? true;
	}

	/** Notes the fate of a customer as soon as it is known. Too many failures end the run early, or only its late retries. */
	addFate(customerIndex: number, fate: Fate): void {
		this.#fates[customerIndex] = fate;
		if (!this.#isLateRetry(customerIndex)) {
			this.#countBeforeLateRetries--;
		}
		if (fate.kind === 'answered') {
			this.#sendingRun?.noteOutcome(customerIndex, fate.outcome.outcome);
		}
		const breaker = this.verdicts[customerIndex] === 'failed' ? this.#retryBreaker : this.#breaker;
		breaker.countFate(fate);
		const { whyOpen } = this.#breaker;
		if (whyOpen !== undefined) {
			this.#endEarly(whyOpen);
		}
		// Once only late retries are left, an open retry breaker keeps this run from sending them. One of the next two runs sends each of them early.
		if (this.#countBeforeLateRetries <= 0) {
			this.#whyNoFurtherRequest ??= this.#retryBreaker.whyOpen;
		}
	}

	/** Notes that the receipts of these customers are in the log: see `Sending.noteReceiptsWritten`. */
	noteReceiptsWritten(indexes: readonly number[]): void {
		this.#sendingRun?.noteReceiptsWritten(indexes);
	}

	/** Whether a customer failed before and is not retried early: such customers are sent last. */
	#isLateRetry(index: number): boolean {
		return this.verdicts[index] === 'failed' && !this.#context.run.facts.isRetriedEarly(index);
	}

	#endEarly(whyEnded: Failure): void {
		this.endedEarly ??= whyEnded;
		this.#whyNoFurtherRequest ??= whyEnded;
	}

	/**
	 * Writes into the state what became of the customers and what this run reports. Call it once, however the run went: otherwise no other run
	 * of the node can begin in this process.
	 * @param runEnd undefined for a run that has thrown: it reports nothing
	 * @param changeLastCell changes the cell `last` for people (news, a plan, the log), by the same statement
	 */
	async finish(runEnd: RunEnd | undefined, changeLastCell?: ChangeLastCell): Promise<void> {
		const { run, releaseNode } = this.#context;
		this.#turnOffAlarm?.();
		try {
			const endStatuses = this.verdicts.map((verdict, index) => endStatusOf(verdict, this.#fates[index]));
			const reportAfter =
				runEnd === undefined ? this.#reportBeforeRun() : healthAndNewsOf(runEnd).reportAfter;
			this.#noteWriteResult(await run.end(endStatuses, reportAfter, changeLastCell), runEnd);
		} finally {
			releaseNode?.();
		}
	}

	/** The last report as it was before the run. A stopped run leaves the state as it is, so the next run finds what left or moved once more. */
	#reportBeforeRun(): LastReport {
		const isStopped = this.#context.run.kind === 'stopped';
		return reportBeforeRun(isStopped ? withoutLossesAndMoves(this.facts) : this.facts);
	}

	/**
	 * Tells the host if the state could not be kept. A report that the state does not have is remembered in this process: otherwise the next run
	 * would report the same again.
	 */
	#noteWriteResult(writeResult: StateWriteResult | undefined, runEnd: RunEnd | undefined): void {
		const { nodeKey, onNotKept } = this.#context;
		if (writeResult?.kind === 'kept') {
			const stateNumberAfter = writeResult.newStateNumber ?? this.facts.stateNumber;
			this.facts = { ...this.facts, stateNumberAfter };
		} else if (writeResult !== undefined) {
			this.facts = { ...this.facts, notKept: writeResult, stateNumberAfter: undefined };
			onNotKept(writeResult);
		}
		if (runEnd === undefined) {
			return;
		}
		if (writeResult?.isReportStored === true) {
			unstoredReports.delete(nodeKey);
			return;
		}
		const { hasNews, reportAfter } = healthAndNewsOf({ ...runEnd, sync: this.facts });
		if (hasNews) {
			unstoredReports.set(nodeKey, this.#unstoredReportOf(reportAfter));
		}
	}

	/** What this process has to remember of a report that the state does not have: only what the run itself knew, if it could not read the lock row. */
	#unstoredReportOf(reportAfter: LastReport): UnstoredReport {
		const { run, nodeKey } = this.#context;
		if (run.kind !== 'stopped' || run.facts.last !== undefined) {
			return reportAfter;
		}
		const { health, stop, minute } = reportAfter;
		return { ...unstoredReports.get(nodeKey), health, stop, minute };
	}

	/** The last report of a node, if only this process has it because the sync state could not keep it. @param nodeKey the key of the node */
	static unstoredReport(nodeKey: string): UnstoredReport | undefined {
		return unstoredReports.get(nodeKey);
	}
}

/** The last report of each node whose sync state could not keep it, by the key of the node. */
const unstoredReports = new Map<string, UnstoredReport>();

function scopedToCall(failure: Failure): Failure {
	return { ...failure, scope: 'call' };
}

/** A circuit breaker judges this many customers: the last that were sent. With fewer, some refused customers in a row could end a run. */
const JUDGED_CUSTOMER_COUNT = 20;

/** Opens when more than half of the last 20 customers that were sent have failed. */
class CircuitBreaker {
	/** For each of the last 20 customers, whether it failed, the oldest first. */
	readonly #failureFlags: boolean[] = [];

	/** Counts a customer by its fate; a customer without a request does not count. */
	countFate(fate: Fate): void {
		if (fate.kind !== 'answered') {
			return;
		}
		this.#failureFlags.push(fate.outcome.outcome !== 'OK');
		if (this.#failureFlags.length > JUDGED_CUSTOMER_COUNT) {
			this.#failureFlags.shift();
		}
	}

	/** Why no further customer may be sent; undefined while the breaker is closed. */
	get whyOpen(): Failure | undefined {
		const failedCount = this.#failureFlags.filter(Boolean).length;
		if (this.#failureFlags.length < JUDGED_CUSTOMER_COUNT || 2 * failedCount <= JUDGED_CUSTOMER_COUNT) {
			return undefined;
		}
		return scopedToCall(notSent('CIRCUIT_BREAKER', { failed: failedCount, judged: JUDGED_CUSTOMER_COUNT }));
	}
}

/** What a user chose for Sync. Each member is named by the label in the panel. */
export interface SyncOptions {
	/** 'Longest Run (Minutes)': no further customer is started after this many minutes; 0 for no limit. */
	longestRunMinutes: number;
	/** 'Push Again After (Days)': unchanged customers are pushed again after this many days; 0 for never. */
	pushAgainAfterDays: number;
	/** 'Send' is Every Customer. */
	sendAll: boolean;
	/** 'Moved Devices' is Do Not Report: the user knows that a push replaces the full set, so a moved device leaves its former owner. */
	isReplacing?: boolean;
	/** 'Expect Changes Within (Days)': how long the source may stand still; 0 to take the limit from its past changes. */
	expectChangesDays?: number;
	/** 'Safety Checks' */
	checks: SafetyCheckOptions;
}

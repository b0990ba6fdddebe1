/**
 * Judges how a run ended. A node's health is one of three states:
 *
 *     ok         no customer failed or is withheld
 *     degraded   some customers failed or are withheld, or the state could not be kept
 *     failing    the run as a whole failed: `healthOf` has the rules
 */
import { failureOf, type Fate, isAccepted, isAttempted, isUpToDate, outcomeOf } from '../service/fate';
import type { Failure } from '../service/outcome';
import type { WhyUnusable } from '../tables/dataTables';
import type { RowChanges } from './changes';
import type { Health, EarlierReports } from './lastReport';
import type { Verdict } from './verdicts';

/** The code of customers that are postponed because the time of *Longest Run (Minutes)* is over. They do not count as failed. */
export const TIME_OVER = 'TIME_OVER';

/**
 * The run is `failing` if at least this many customers were attempted and none was accepted. Fewer customers may each have been refused for a
 * reason of their own.
 */
const FEWEST_FAILED_CUSTOMERS = 10;

/** The run is `failing` if at least this many requests were made and none got a clear response. The warm-up ends a run after as many such requests. */
const FEWEST_UNCLEAR_REQUESTS = 3;

/** A call, usually for one customer, and what became of it. */
interface CallEnd {
	call: { customer?: { id: string } | undefined };
	fate: Fate;
	/** What the sync state said of the call's customer before the run; undefined without a sync state. */
	verdict?: Verdict | undefined;
}

/** The end of a run, as `judgeRun` and `healthAndNewsOf` need it. */
export interface RunEnd {
	calls: readonly CallEnd[];
	/** The rows that could not be sent, with their customer if they name one. */
	withheld: ReadonlyArray<{ customerId?: string | undefined }>;
	/** Why the run sent nothing; undefined if it could send. */
	blocked: Failure | undefined;
	/** Why no further request started from some moment on; undefined if the run reached its last customer. */
	endedEarly: Failure | undefined;
	/** What a Sync adds; undefined for an operation without a sync state, which knows nothing of other runs. */
	sync: SyncPartOfRunEnd | undefined;
}

/** What a Sync adds to `RunEnd`: facts of its state and of earlier runs. */
interface SyncPartOfRunEnd extends EarlierReports {
	/** When this run began, minutes since 1970. */
	beganMinute: number;
	/** Whether somebody runs the workflow by hand in the editor. Such a run neither reports nor changes what was reported. */
	isManual: boolean;
	/** Whether no run with this account has finished yet: see `StartFacts`. */
	isFirstForAccount: boolean;
	/** When the rows of earlier runs changed; undefined if this run has not read the lock row. */
	rowChanges?: RowChanges | undefined;
	/** Whether the rows differ from those of the last run; undefined if the run does not know. */
	areRowsChanged?: boolean | undefined;
	/** 'Expect Changes Within (Days)': how long the source may stand still; 0 to take the limit from its past changes. */
	expectChangesDays?: number | undefined;
	/** Whether the user knows that a push replaces the full set. Then Tencent unbinds a device that moved, and the move is not news. */
	isReplacing?: boolean;
	/** Set if it is not certain that the run could write the sync state. */
	notKept?: StateNotKept;
}

/** Whether a run could write the sync state at its end. */
export type StateWriteResult = StateKept | StateNotKept;

/** The state says what this run did, or is as before if the run sent nothing. */
interface StateKept {
	kind: 'kept';
	/** Whether the lock row is known to have the report of this run. If not, this process remembers the report: see `unstoredReport`. */
	isReportStored: boolean;
	/** The number of the state that the run leaves, if it is another one than the run found (`LastCell.stateNumber`). */
	newStateNumber?: number | undefined;
}

/** It is not certain that the state says what this run did. */
export interface StateNotKept {
	/**
	 * - `unknown`: n8n's database did not respond. If the last statement did not take effect, the next run repeats the last customers
	 * - `takenOver`: another run owns the lock row, and sends again the customers that this one may have sent
	 */
	kind: 'unknown' | 'takenOver';
	isReportStored: false;
	/** How long the run tried to write the state, milliseconds. */
	tookMs: number;
	/** Why n8n's Data Tables cannot be used, if that is why the state was not kept. */
	whyUnusable?: WhyUnusable | undefined;
}

/** Judges how a run went as a whole. */
export function judgeRun(end: RunEnd) {
	const whyRunFailed = whyFailed(end);
	return {
		health: healthOf(end, whyRunFailed),
		/** Undefined if the run did not fail as a whole. */
		whyRunFailed,
	};
}

/**
 * Judges the health after a run. It depends on how many customers are up to date now, not on what the run changed.
 *
 * - `failing`: the run was stopped as a whole; or no customer has valid rows; or at least three requests were made and none got a clear
 *   response; or at least ten customers were tried and none was accepted; or fewer than half of the customers with valid rows are up to
 *   date. Customers that were postponed because the time was over do not count. If only customers are tried that failed before, and none of
 *   them is accepted, that alone does not make the health `failing`.
 * - `degraded`: a customer failed or is withheld, or the state could not be kept.
 * - `ok`: everything else.
 */
function healthOf({ calls, withheld, sync }: RunEnd, whyRunFailed: Failure | undefined): Health {
	const judgedCalls = calls.filter(({ fate }) => fate.kind !== 'postponed' || fate.why.code !== TIME_OVER);
	const callsUpToDate = judgedCalls.filter(({ fate }) => isUpToDate(fate));
	const attemptedCalls = calls.filter(({ fate }) => isAttempted(fate));
	const areAllUnclear =
		attemptedCalls.length >= FEWEST_UNCLEAR_REQUESTS &&
		!attemptedCalls.some(({ fate }) => isAccepted(fate) || outcomeOf(fate)?.outcome === 'REFUSED');
	const isFailingIfNoneAccepted =
		sync?.lastReport?.health === 'failing' || attemptedCalls.some(({ verdict }) => verdict !== 'failed');
	const isNoneAccepted =
		isFailingIfNoneAccepted &&
		attemptedCalls.length >= FEWEST_FAILED_CUSTOMERS &&
		!attemptedCalls.some(({ fate }) => isAccepted(fate));
	const isNoCustomerValid = calls.length === 0 && withheld.length > 0;
	const areMostNotUpToDate = 2 * callsUpToDate.length < judgedCalls.length;
	if (
		whyRunFailed !== undefined ||
		isNoCustomerValid ||
		areAllUnclear ||
		isNoneAccepted ||
		areMostNotUpToDate
	) {
		return 'failing';
	}
	// A customer that failed before and whose retry is postponed still fails.
	const stillFails = ({ fate, verdict }: CallEnd) => verdict === 'failed' && fate.kind === 'postponed';
	const hasFailedCall = calls.some((call) => failureOf(call.fate) !== undefined || stillFails(call));
	const isDegraded = withheld.length > 0 || sync?.notKept !== undefined || hasFailedCall;
	return isDegraded ? 'degraded' : 'ok';
}

/** Why the whole run sent nothing, or nothing more from some moment on. The end of *Longest Run (Minutes)* is not such a reason. */
export function whyRunStopped({
	blocked,
	endedEarly,
}: Pick<RunEnd, 'blocked' | 'endedEarly'>): Failure | undefined {
	return blocked ?? (endedEarly?.code === TIME_OVER ? undefined : endedEarly);
}

/** Why the whole run failed: what stopped or ended it, or a failure that holds for every request, such as a wrong App Secret. */
function whyFailed(end: RunEnd): Failure | undefined {
	const failures = end.calls.flatMap(({ fate }) => failureOf(fate) ?? []);
	const reasons = failures.map((failure) => failure.endedBy ?? failure);
	return whyRunStopped(end) ?? reasons.find(({ scope }) => scope === 'run');
}

/**
 * Judges how a run ended, and whether somebody should get a message about it. A node's health is one of three states:
 *
 *     ok         no customer failed or is withheld
 *     degraded   some customers failed or are withheld, or the state could not be kept
 *     failing    the run as a whole failed: `healthOf` has the rules
 *
 * A message is due when the health changes to `failing` or from it, or from `degraded` to `ok`; when the reason for `failing` changes; after
 * every customer was pushed anew; and once a day while the health is not `ok`. Single events are worth a message, too: a customer that newly
 * failed, lost its devices or left the rows; a device that moved; a source that stands still. While customers fail, such events wait until an
 * hour has passed since the last message.
 */
import { failureOf, type Fate, isAttempted, outcomeOf } from '../service/fate';
import type { Failure, OutcomeName } from '../service/outcome';
import { CANCELLED } from '../service/transportError';
import type { WhyUnusable } from '../tables/dataTables';
import type { RowChanges } from './changes';
import { ALL_WELL, type Health, type EarlierReports, type LastReport, reportBeforeRun } from './lastReport';
import { asStop, type MovedDevice } from './stop';
import { endStatusOf, type Verdict } from './verdicts';

/**
 * Codes that all mean that the network or the service is down. A report treats them as one reason: which of them a request meets first is
 * chance, and would be news each time.
 */
const OUTAGE_CODES = new Set([
	'CIRCUIT_BREAKER',
	'CONNECTION_REFUSED',
	'CONNECTION_RESET',
	'DNS_NOT_FOUND',
	'DNS_UNAVAILABLE',
	'NO_RESPONSE',
	'RESPONSE_TIMEOUT',
	'UNREACHABLE',
]);

/** The code of customers that are postponed because the time of *Longest Run (Minutes)* is over. They do not count as failed. */
export const TIME_OVER = 'TIME_OVER';

/** A run that ended with one of these codes reports nothing: the person who cancelled it knows, or another run reports. */
export const CODES_WITHOUT_REPORT = [CANCELLED.code, 'ALREADY_RUNNING', 'TAKEN_OVER'];

/** While the health of a node is not `ok`, a message says so again after this many hours. */
const REMINDER_HOURS = 24;

/**
 * The run is `failing` if at least this many customers were tried and none was accepted. Fewer customers may each have been refused for a
 * reason of their own.
 */
const FEWEST_TRIED_CUSTOMERS = 10;

/** The run is `failing` if at least this many requests were made and none got a clear response. The warm-up ends a run after as many such requests. */
const FEWEST_UNCLEAR_REQUESTS = 3;

/** While some customers fail, two messages are at least this many minutes apart. */
const MINUTES_BETWEEN_MESSAGES = 60;

/** A call, usually for one customer, and what became of it. */
interface CallEnd {
	call: { customer?: { id: string } | undefined };
	fate: Fate;
	/** What the sync state said of the call's customer before the run; undefined without a sync state. */
	verdict?: Verdict | undefined;
}

/** The end of a run, as `healthAndNewsOf` needs it. */
export interface RunEnd {
	calls: readonly CallEnd[];
	/** The rows that could not be sent, with their customer if they name one. */
	withheld: ReadonlyArray<{ customerId?: string | undefined }>;
	/** Why the run sent nothing; undefined if it could send. */
	blocked: Failure | undefined;
	/** Why no further request started from some moment on; undefined if the run reached its last customer. */
	endedEarly: Failure | undefined;
	/** What a Sync adds; undefined for an operation without a sync state, which knows nothing of other runs. */
	sync: SyncEnd | undefined;
}

/** What a Sync adds to `RunEnd`: facts of its state and of earlier runs. */
interface SyncEnd extends EarlierReports {
	/** When this run began, minutes since 1970. */
	beganMinute: number;
	/** Whether somebody runs the workflow by hand in the editor. Such a run neither reports nor changes what was reported. */
	isManual: boolean;
	/** Whether no run with this account has finished yet: see `StartFacts`. */
	isFirstRun: boolean;
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

/** The health after a run, the news that a message about it would have, and the last report that the next run finds. */
interface HealthAndNews {
	health: Health;
	/** Why the whole run failed: what stopped or ended it, or a failure that holds for every request. Undefined if there is no such reason. */
	whyRunFailed: Failure | undefined;
	/**
	 * The ids of customers that fail for a reason of their own (refused, unclear or withheld, also in part), if no report has named their
	 * failure. A customer that recovered within the last 24 hours and fails again is not listed: it would be news again and again.
	 */
	newlyFailed: readonly string[];
	/** The ids of customers that failed before, whether or not a report has named them, and are up to date now. */
	recovered: readonly string[];
	/** The moved devices that the report names: none while the message has to wait. */
	movedDevices: readonly MovedDevice[];
	/** The standstill of the source; undefined if the source does not stand still, or the run was stopped. */
	standstill: ReturnType<RowChanges['standstillAt']>;
	/**
	 * When a report said that a safety check stopped an earlier run, minutes since 1970, if this run has passed the checks. Else undefined.
	 */
	passedStopMinute: number | undefined;
	/**
	 * Whether somebody should get a message about the run: see the head of this file. A run in the editor, a cancelled run and a run beside
	 * another one have no news.
	 */
	hasNews: boolean;
	/** What counts as the last report after this run. */
	reportAfter: LastReport;
}

export function healthAndNewsOf(end: RunEnd): HealthAndNews {
	const whyRunFailed = whyFailed(end);
	const health = healthOf(end, whyRunFailed);
	const { sync, blocked } = end;
	if (sync === undefined) {
		return { health, whyRunFailed, ...NOTHING_NEW };
	}
	const ended: EndedSync = { ...end, sync, lastReport: sync.lastReport ?? ALL_WELL, health, whyRunFailed };
	const developments = developmentsOf(ended);
	const isReporting = doesReport(ended);
	const mustWait = mustWaitForHourlyMessage(ended);
	const isMessageDue = isUrgent(ended) || (!mustWait && isNoteworthy(ended, developments));
	const hasNews = isReporting && isMessageDue;
	// If the message has to wait, the moved devices wait for it. A run that does not report, e.g. a run by hand, shows them anyway.
	const areMovesWaiting = isReporting && mustWait && !hasNews;
	const { newlyFailed, recovered, movedDevices, standstill } = developments;
	return {
		health,
		whyRunFailed,
		newlyFailed,
		recovered,
		movedDevices: areMovesWaiting ? [] : movedDevices,
		standstill,
		passedStopMinute: isReporting && blocked === undefined ? ended.lastReport.check?.minute : undefined,
		hasNews,
		reportAfter: reportAfterRun(ended, developments, { isReporting, mustWait, hasNews }),
	};
}

/** A Sync at its end, and how it went as a whole. */
interface EndedSync extends RunEnd, Pick<HealthAndNews, 'health' | 'whyRunFailed'> {
	sync: SyncEnd;
	/** The last report before the run. */
	lastReport: LastReport;
}

/** What a Sync has found that a message may report: customers that newly failed or recovered, moved devices, a standstill of the source. */
interface Developments
	extends Pick<HealthAndNews, 'newlyFailed' | 'recovered' | 'movedDevices' | 'standstill'> {
	/** The ids of the customers that fail for a reason of their own, whether or not a report has named them. */
	failedIds: readonly string[];
	/** The calls of customers that are up to date; empty if no customer failed before this run, so that none can have recovered. */
	callsUpToDate: readonly CallEnd[];
}

function developmentsOf(ended: EndedSync): Developments {
	const { calls, sync } = ended;
	const { reportedFailures, unreportedFailures, recentlyRecovered } = sync;
	const failedIds = findFailedIds(ended);
	// In most runs no customer has failed before, so none can recover, and looking through 100,000 customers would take as long as reading rows.
	const mayRecover = reportedFailures.size + unreportedFailures.size + recentlyRecovered.size > 0;
	const callsUpToDate = mayRecover ? findCallsUpToDate(ended) : [];
	const idsUpToDate = callsUpToDate.map(customerIdOf);
	return {
		failedIds,
		callsUpToDate,
		newlyFailed: failedIds.filter((id) => !reportedFailures.has(id) && !recentlyRecovered.has(id)),
		recovered: idsUpToDate.filter((id) => reportedFailures.has(id) || unreportedFailures.has(id)),
		movedDevices: filterSentMoves(calls, sync.movedDevices),
		standstill: standstillOfRun(ended),
	};
}

/** Whether the run has news that is sent at once. */
function isUrgent({ health, whyRunFailed, lastReport, sync, calls, blocked }: EndedSync): boolean {
	const isFailing = health === 'failing';
	const isFailingBegunOrOver = isFailing !== (lastReport.health === 'failing');
	const isWellAgain = health === 'ok' && lastReport.health === 'degraded';
	const isOtherReason = isFailing && stopCodeOf(whyRunFailed) !== lastReport.stop;
	const isReminderDue = health !== 'ok' && isLongAgo(lastReport.minute, sync.beganMinute);
	const isStopOver = lastReport.check !== undefined && blocked === undefined;
	const areAllPushedAnew = sync.isFirstRun && calls.some(({ fate }) => hasOutcome(fate, 'OK'));
	const isHealthNews = isFailingBegunOrOver || isWellAgain || isOtherReason;
	return isHealthNews || isReminderDue || isStopOver || areAllPushedAnew;
}

/**
 * Whether the run has news that is not urgent: customers that newly failed, left the rows or lost all devices, devices that moved, or a
 * standstill. `mustWaitForHourlyMessage` decides whether its message waits.
 */
function isNoteworthy(
	{ health, lastReport, sync, withheld }: EndedSync,
	developments: Developments,
): boolean {
	const { failedIds, newlyFailed, recovered, movedDevices, standstill } = developments;
	const { unreportedFailures, recentlyRecovered, idsWithoutDevices, isReplacing = false } = sync;
	// A run that has not read the state cannot count which customers left the rows. It reports those that earlier runs counted and did not report.
	const { gone = lastReport.gone } = sync;
	const hasLosses = idsWithoutDevices.size > 0 || gone > 0;
	const hasMoves = movedDevices.length > 0 && !isReplacing;
	const isNewStandstill = standstill !== undefined && lastReport.isStale !== true;
	// Customers that fail again within a day of their recovery are not news, as long as nothing else is wrong.
	const areAllFailingAgain = failedIds.length > 0 && failedIds.every((id) => recentlyRecovered.has(id));
	const isNothingElseWrong = sync.notKept === undefined && !withheld.some(namesNoCustomer);
	const isOnlyFailingAgain = areAllFailingAgain && isNothingElseWrong;
	const isNewlyDegraded = health === 'degraded' && lastReport.health === 'ok' && !isOnlyFailingAgain;
	const hasNewFailure = newlyFailed.length > 0 || recovered.some((id) => unreportedFailures.has(id));
	// In an outage every customer that is sent fails. Then the news is the outage, and not these customers.
	const isFailureNews = health !== 'failing' && (hasNewFailure || isNewlyDegraded);
	return hasLosses || hasMoves || isNewStandstill || isFailureNews;
}

/** Whether news that is not urgent waits for the next message: while customers fail, the group gets one message an hour that sums up such news. */
function mustWaitForHourlyMessage({ health, lastReport, sync }: EndedSync): boolean {
	const minutesSinceMessage = sync.beganMinute - (lastReport.degradedMinute ?? -Infinity);
	const isAboutFailures = health === 'degraded' || sync.unreportedFailures.size > 0;
	// A message from the future was dated by a wrong clock, and does not count.
	const isMessageRecent = minutesSinceMessage >= 0 && minutesSinceMessage < MINUTES_BETWEEN_MESSAGES;
	return isAboutFailures && isMessageRecent;
}

/** What counts as the last report after a run. */
function reportAfterRun(
	ended: EndedSync,
	developments: Developments,
	{ isReporting, mustWait, hasNews }: { isReporting: boolean; mustWait: boolean; hasNews: boolean },
): LastReport {
	const { health, whyRunFailed, lastReport, sync, blocked } = ended;
	const { reportedFailures, unreportedFailures, recentlyRecovered, isReplacing = false, beganMinute } = sync;
	const { failedIds, callsUpToDate, newlyFailed, recovered, movedDevices, standstill } = developments;
	const reportBefore = reportBeforeRun(sync);
	if (!isReporting) {
		return reportBefore;
	}
	const isStale = standstill !== undefined && (hasNews || lastReport.isStale === true);
	// A customer that failed again within a day of its recovery may be in neither `reportedFailures` nor `unreportedFailures`, so not in `recovered`.
	const idsFailedBefore = callsUpToDate.filter(({ verdict }) => verdict === 'failed').map(customerIdOf);
	const idsRecoveredAgain = idsFailedBefore.filter((id) => recentlyRecovered.has(id));
	const reportAfter: LastReport = {
		...reportBefore,
		isStale: isStale || undefined,
		recoveredInRun: new Set([...recovered, ...idsRecoveredAgain]),
	};
	if (hasNews || isReplacing) {
		const movesReportedNow = new Set(movedDevices);
		reportAfter.movedDevices = sync.movedDevices.filter((move) => !movesReportedNow.has(move));
	}
	if (!hasNews) {
		if (health !== 'failing' && mustWait) {
			// This run's message has to wait, so the next message names the customers that newly failed.
			reportAfter.unreportedFailures = new Set([...unreportedFailures, ...newlyFailed]);
		}
		return reportAfter;
	}
	const recoveredIds = new Set(recovered);
	const stillFailingIds = [...reportedFailures].filter((id) => !recoveredIds.has(id));
	return {
		...reportAfter,
		health,
		stop: stopCodeOf(whyRunFailed),
		minute: beganMinute,
		degradedMinute: health === 'degraded' ? beganMinute : lastReport.degradedMinute,
		check: checkAfter(blocked, lastReport, beganMinute),
		gone: 0,
		neverPushed: 0,
		goneKeys: [],
		// Failures of an outage count as reported, too: the report at the end of the outage then says how many customers have recovered.
		reportedFailures: new Set([...stillFailingIds, ...failedIds]),
		unreportedFailures: new Set(),
		idsWithoutDevices: new Set(),
	};
}

/** The members of `HealthAndNews` that an operation without a sync state cannot fill. */
const NOTHING_NEW: Omit<HealthAndNews, 'health' | 'whyRunFailed'> = {
	newlyFailed: [],
	recovered: [],
	movedDevices: [],
	standstill: undefined,
	passedStopMinute: undefined,
	hasNews: false,
	reportAfter: ALL_WELL,
};

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
	const callsUpToDate = judgedCalls.filter(isUpToDate);
	const attemptedCalls = calls.filter(({ fate }) => isAttempted(fate));
	const areAllUnclear =
		attemptedCalls.length >= FEWEST_UNCLEAR_REQUESTS &&
		!attemptedCalls.some(({ fate }) => hasOutcome(fate, 'OK', 'REFUSED'));
	const isFailingIfNoneAccepted =
		sync?.lastReport?.health === 'failing' || attemptedCalls.some(({ verdict }) => verdict !== 'failed');
	const isNoneAccepted =
		isFailingIfNoneAccepted &&
		attemptedCalls.length >= FEWEST_TRIED_CUSTOMERS &&
		!attemptedCalls.some(({ fate }) => hasOutcome(fate, 'OK'));
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

/** The code by which the last report remembers why the whole run failed; `''` if it did not, and for an outage. */
function stopCodeOf(whyRunFailed: Failure | undefined): string {
	return whyRunFailed === undefined || OUTAGE_CODES.has(whyRunFailed.code) ? '' : whyRunFailed.code;
}

function hasOutcome(fate: Fate, ...outcomes: OutcomeName[]): boolean {
	const { outcome } = outcomeOf(fate) ?? {};
	return outcome !== undefined && outcomes.includes(outcome);
}

function isUpToDate({ fate }: CallEnd): boolean {
	return fate.kind === 'unchanged' || hasOutcome(fate, 'OK');
}

function customerIdOf({ call }: CallEnd): string {
	return call.customer?.id ?? '';
}

function namesNoCustomer({ customerId }: RunEnd['withheld'][number]): boolean {
	return customerId === undefined;
}

/** Finds the ids of customers that fail for a reason of their own, not because the whole run fails. */
function findFailedIds({ calls, withheld, blocked }: RunEnd): string[] {
	if (blocked !== undefined) {
		return [];
	}
	const failedCalls = calls.filter(({ fate, verdict = 'changed' }) => {
		return failureOf(fate)?.scope !== 'run' && endStatusOf(verdict, fate) === 'failed';
	});
	return [
		...new Set([...failedCalls.map(customerIdOf), ...withheld.flatMap(({ customerId }) => customerId ?? [])]),
	];
}

/** Finds the calls of customers that are up to date and have no withheld row. */
function findCallsUpToDate({ calls, withheld }: RunEnd): CallEnd[] {
	const withheldIds = new Set(withheld.map(({ customerId }) => customerId));
	return calls.filter((call) => isUpToDate(call) && !withheldIds.has(customerIdOf(call)));
}

/** The moved devices whose new owner Tencent has accepted, or may have accepted. Until then only the former owner may have the device. */
function filterSentMoves(calls: RunEnd['calls'], movedDevices: readonly MovedDevice[]): MovedDevice[] {
	if (movedDevices.length === 0) {
		return [];
	}
	const sentCalls = calls.filter((call) => isUpToDate(call) || hasOutcome(call.fate, 'UNKNOWN'));
	const sentIds = new Set(sentCalls.map(customerIdOf));
	return movedDevices.filter(({ newOwnerId }) => sentIds.has(newOwnerId));
}

/** Whether a run reports at all. If it does not, the next run that reports names what this one has found. */
function doesReport({ calls, sync, whyRunFailed }: EndedSync): boolean {
	const isCancelled = calls.some(({ fate }) => failureOf(fate)?.code === CANCELLED.code);
	return !sync.isManual && !isCancelled && !CODES_WITHOUT_REPORT.includes(whyRunFailed?.code ?? '');
}

function standstillOfRun({ sync, blocked }: EndedSync): HealthAndNews['standstill'] {
	if (sync.areRowsChanged === true || blocked !== undefined) {
		return undefined;
	}
	return sync.rowChanges?.standstillAt(sync.beganMinute, sync.expectChangesDays ?? 0);
}

/**
 * Whether the last report is at least a day old, counted in full hours, so a daily run that starts a minute earlier still reminds. A report
 * from the future was dated by a wrong clock, and counts as old.
 */
function isLongAgo(reportMinute: number, nowMinute: number): boolean {
	const hoursSinceReport = Math.floor(nowMinute / 60) - Math.floor(reportMinute / 60);
	return hoursSinceReport < 0 || hoursSinceReport >= REMINDER_HOURS;
}

/**
 * Gives the member `check` of the last report after this run: the safety check that still stops the node. A run that failed before its safety
 * checks has not passed them, so the earlier check stays.
 * @param minute when this run began, minutes since 1970
 */
function checkAfter(blocked: Failure | undefined, report: LastReport, minute: number): LastReport['check'] {
	if (blocked === undefined) {
		return undefined;
	}
	const isNewStop = asStop(blocked) !== undefined && report.check?.code !== blocked.code;
	return isNewStop ? { code: blocked.code, minute } : report.check;
}

/**
 * Decides whether somebody should get a message about a run. A message is due when the health changes to `failing` or from it, or from
 * `degraded` to `ok`; when the reason for `failing` changes; after the first push for an account; and once a day while the health is not `ok`.
 * Single events are worth a message, too: a customer that newly failed, lost its devices or left the rows; a device that moved; a source that
 * stands still. While customers fail, such events wait until an hour has passed since the last message.
 */
import { failureOf, isAccepted, isUpToDate, outcomeOf } from '../service/fate';
import { type Failure, mayBeApplied } from '../service/outcome';
import { CANCELLED } from '../service/transportError';
import type { RowChanges } from './changes';
import { judgeRun, type RunEnd } from './health';
import { ALL_WELL, type LastReport, reportBeforeRun } from './lastReport';
import { asStop, type MovedDevice } from './stop';
import { endStatusOf } from './verdicts';

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

/** A run that ended with one of these codes reports nothing: the person who cancelled it knows, or another run reports. */
export const CODES_WITHOUT_REPORT = [CANCELLED.code, 'ALREADY_RUNNING', 'TAKEN_OVER'];

/** While the health of a node is not `ok`, a message says so again after this many hours. */
const REMINDER_HOURS = 24;

/** While some customers fail, two messages are at least this many minutes apart. */
const MINUTES_BETWEEN_MESSAGES = 60;

/** A call, usually for one customer, and what became of it. */
type CallEnd = RunEnd['calls'][number];

/** The health after a run, the news that a message about it would have, and the last report that the next run finds. */
interface HealthAndNews extends ReturnType<typeof judgeRun> {
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
	 * Whether somebody should get a message about the run: see the head of this file. A run in the editor, a cancelled run, and a run
	 * that found another run active or was taken over have no news.
	 */
	hasNews: boolean;
	/** The last report as the next run finds it. */
	reportAfter: LastReport;
}

export function healthAndNewsOf(end: RunEnd): HealthAndNews {
	const judgedRun = judgeRun(end);
	const { sync, blocked } = end;
	if (sync === undefined) {
		return { ...judgedRun, ...NOTHING_NEW };
	}
	const ended: EndedSync = { ...end, ...judgedRun, sync, lastReport: sync.lastReport ?? ALL_WELL };
	const developments = developmentsOf(ended);
	const isReporting = doesReport(ended);
	const mustWait = mustWaitForHourlyMessage(ended);
	const isMessageDue = isUrgent(ended) || (!mustWait && isNoteworthy(ended, developments));
	const hasNews = isReporting && isMessageDue;
	// If the hourly limit delays the message, a later message names the moved devices. A run that does not report, e.g. one by hand, shows them at once.
	const mustMovesWait = isReporting && mustWait && !hasNews;
	const { newlyFailed, recovered, movedDevices, standstill } = developments;
	return {
		...judgedRun,
		newlyFailed,
		recovered,
		movedDevices: mustMovesWait ? [] : movedDevices,
		standstill,
		passedStopMinute: isReporting && blocked === undefined ? ended.lastReport.check?.minute : undefined,
		hasNews,
		reportAfter: reportAfterRun(ended, developments, { isReporting, mustWait, hasNews }),
	};
}

/** A Sync at its end, and how it went as a whole. */
interface EndedSync extends RunEnd, ReturnType<typeof judgeRun> {
	sync: NonNullable<RunEnd['sync']>;
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
	const isFirstPushForAccount = sync.isFirstForAccount && calls.some(({ fate }) => isAccepted(fate));
	const isHealthNews = isFailingBegunOrOver || isWellAgain || isOtherReason;
	return isHealthNews || isReminderDue || isStopOver || isFirstPushForAccount;
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
	const hasRowsOfNoCustomer = withheld.some(({ customerId }) => customerId === undefined);
	const isNothingElseWrong = sync.notKept === undefined && !hasRowsOfNoCustomer;
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

/** Makes the last report that the next run finds. Only a run that reports adds its findings to it. */
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
	const wasStale = lastReport.isStale === true;
	// A blocked run does not judge the source. It keeps what a report has said, or the same standstill would be news again.
	const isStale = blocked === undefined ? standstill !== undefined && (hasNews || wasStale) : wasStale;
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

/** The code by which the last report remembers why the whole run failed; `''` if it did not, and for an outage. */
function stopCodeOf(whyRunFailed: Failure | undefined): string {
	return whyRunFailed === undefined || OUTAGE_CODES.has(whyRunFailed.code) ? '' : whyRunFailed.code;
}

function customerIdOf({ call }: CallEnd): string {
	return call.customer?.id ?? '';
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
	return calls.filter((call) => isUpToDate(call.fate) && !withheldIds.has(customerIdOf(call)));
}

/** The moved devices whose new owner Tencent has accepted, or may have accepted. Until then only the former owner may have the device. */
function filterSentMoves(calls: RunEnd['calls'], movedDevices: readonly MovedDevice[]): MovedDevice[] {
	if (movedDevices.length === 0) {
		return [];
	}
	const sentCalls = calls.filter(({ fate }) => isUpToDate(fate) || mayBeApplied(outcomeOf(fate)?.outcome));
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

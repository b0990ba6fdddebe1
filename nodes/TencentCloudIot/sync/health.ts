/**
 * How a run ended, and whether that is news. A node's health is one of three states:
 *
 *     ok         no customer failed or is withheld
 *     degraded   some customers failed or are withheld, or the state could not be kept
 *     failing    the run as a whole failed; `healthOf` has the rules
 *
 * A message is sent when the health changes to `failing` or from it, from `degraded` to `ok`, once a day while it is not `ok`, and for
 * single events (a customer newly failed, lost its devices, left the rows; a device moved; the source stands still). While customers fail,
 * such events wait so that there is at most one message an hour. `Judgement.hasNews` has the details.
 */
import { failureOf, type Fate, isTried, outcomeOf } from '../service/fate';
import type { Failure, OutcomeName } from '../service/outcome';
import { CANCELLED } from '../service/transportError';
import type { WhyUnusable } from '../tables/dataTables';
import { type readChanges, standstillOf } from './changes';
import { asStop, type Moved } from './safetyChecks';
import { standingOf, type Verdict } from './verdicts';

/** The states of a node: see the head of this file. */
export type Health = 'ok' | 'degraded' | 'failing';

/** The last report of a node. It stands in the sync state, so that the next run knows what is new. */
export interface LastReport {
	health: Health;
	/** The code of why the whole run failed, e.g. `TOO_MANY_CHANGES`; `''` where it did not, and for an outage. */
	stop: string;
	/** When it was reported, minutes since 1970. */
	minute: number;
	/** When a report with the health `degraded` was last sent, minutes since 1970. */
	degradedMinute?: number | undefined;
	/** Whether a report has said that the source stands still, which it still does. */
	isStale?: boolean | undefined;
	/** The safety check whose stop a report has named, and when; undefined once a run has passed the checks. */
	check?: { code: string; minute: number } | undefined;
	/** How many customers have left the rows while no report has said so. */
	gone: number;
	/** The customers whose failure a report has named and that have not recovered since. The state keeps this with each customer. */
	reportedFailures?: ReadonlySet<string>;
	/** The customers that have failed since the last report, which no report has named yet. The state keeps this with each customer. */
	unreportedFailures?: ReadonlySet<string>;
	/** The customers that have recovered with this run. */
	recovered?: ReadonlySet<string>;
	/** The customers that have lost all their devices while no report has said so. */
	lostDevices?: ReadonlySet<string>;
	/** The devices that have moved to another customer while no report has said so. */
	moved?: readonly Moved[];
}

/** What counts as the last report before there is one. */
export const ALL_WELL: LastReport = { health: 'ok', stop: '', minute: 0, gone: 0 };

/** Codes that all mean that the network or the service is down: one reason for a report, whichever of them a request met first. */
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

/** The code of customers that are postponed because the time of *Longest Run (Minutes)* is over. That is no failure. */
export const TIME_OVER = 'TIME_OVER';

/** A run that ended for one of these reports nothing: the person who cancelled it knows, or another run is under way and reports. */
const SILENT_CODES = [CANCELLED.code, 'ALREADY_RUNNING', 'TAKEN_OVER'];

/** After this time a health that is not `ok` is reported once more, hours. */
const REMINDER_HOURS = 24;

/** If this many customers were tried and none was accepted the run is failing. With fewer each may have been refused for a reason of its own. */
const FEWEST_TRIED = 10;

/** If this many requests were made and none got a clear response the run is failing. The warm-up ends a run after as many. */
const FEWEST_UNCLEAR = 3;

/** While some customers fail, messages are at least this far apart. Minutes. */
const MINUTES_BETWEEN_MESSAGES = 60;

/** A call and its fate. */
interface CallEnd {
	call: { customer?: { id: string } | undefined };
	fate: Fate;
	/** What the sync state said of its customer. */
	verdict?: Verdict | undefined;
}

/** How a run ended, as far as its report depends on it. */
export interface RunEnd {
	calls: readonly CallEnd[];
	withheld: ReadonlyArray<{ customerId?: string | undefined }>;
	/** Why nothing could be sent. */
	blocked: Failure | undefined;
	/** Why no further request was started from some moment on. */
	endedEarly: Failure | undefined;
	/** Undefined for an operation without a sync state: nothing is known of other runs. */
	sync: SyncEnd | undefined;
}

/** What a run of Sync knows of itself and of the runs before it, as far as its report depends on it. */
interface SyncEnd extends KnownBefore {
	/** When the run began, minutes since 1970. */
	minute: number;
	/** Whether somebody runs the workflow by hand in the editor. Such a run neither reports nor changes what was reported. */
	isManual: boolean;
	/** Whether no run with this account has reached its end yet: see `StartFacts`. */
	isFirst: boolean;
	/** When the rows changed before this run; undefined where the node does not know. */
	changes?: ReturnType<typeof readChanges> | undefined;
	/** Whether the rows differ from those of the last run. */
	isChanged?: boolean | undefined;
	/** 'Expect Changes Within (Days)': how long the source may stand still; 0 to judge by its own past. */
	expectChangesDays?: number | undefined;
	/** Whether a push is known to replace a customer's devices. Then a device that moves is removed from its former owner, and not news. */
	isReplacing?: boolean;
	/** Set at the end of a run whose state is not known to be kept. */
	notKept?: StateEnd;
}

/** What a run of Sync knows of those before it. */
export interface KnownBefore
	extends Required<Pick<LastReport, 'reportedFailures' | 'unreportedFailures' | 'lostDevices' | 'moved'>> {
	/** The customers that failed and recovered within the last 24 hours, whether or not they fail now. */
	recentlyRecovered: ReadonlySet<string>;
	/** What was last reported; undefined where it is not known. */
	reported: LastReport | undefined;
	/** How many customers have left the rows while no report has said so; undefined where that is not known. */
	gone: number | undefined;
}

/** How a run left the sync state at its end. */
export interface StateEnd {
	/**
	 * - `kept`: it says what this run did. If the run sent nothing, it says what it said before
	 * - `unknown`: n8n's database gave no answer. If the last statement did not take effect the next run sends again whom this one sent last
	 * - `takenOver`: another run owns it, and sends again whom this one may have sent
	 */
	kind: 'kept' | 'unknown' | 'takenOver';
	/** Whether the state is known to have the report of this run. */
	hasReport: boolean;
	/** How long it took to write, or to try to, milliseconds. */
	tookMs: number;
	/** Why the table cannot be used, if that is the reason. */
	unusable?: WhyUnusable | undefined;
}

/** The judgement of a run at its end: what its report says, and what the next run has to know of it. */
interface Judgement {
	health: Health;
	/** Why the whole run is failing, if there is one reason for it. Calls that were not tried have the reason of what ended the run. */
	reason: Failure | undefined;
	/**
	 * The customers that fail for a reason of their own (refused, unclear or withheld, also in part), if no report has named their failure.
	 * A customer that recovered within the last 24 hours and fails again is not among them: it fails on and off.
	 */
	newlyFailed: readonly string[];
	/** The customers that failed before, whether or not a report has named them, and are up to date now. */
	recovered: readonly string[];
	/** The moved devices that the report names: none while its message has to wait. */
	moved: readonly Moved[];
	/** For how long the source has stood still, if that is far longer than usual. A run that was stopped does not show it. */
	standstill: ReturnType<typeof standstillOf>;
	/** If this run has passed the safety checks after a stop: when that stop was reported, minutes since 1970. */
	stopOver: number | undefined;
	/**
	 * Whether somebody should get a message about the run: the health or the reason of a failure has changed; a customer newly failed while
	 * others get through, lost its devices or left the rows; a device moved; the source stands still; or every customer was pushed anew. While
	 * the health is not `ok` there is a reminder once a day. A run in the editor, a cancelled run and a run beside another one have no news.
	 */
	hasNews: boolean;
	/** The last report, once this run has reported what it has to. */
	after: LastReport;
}

/** Judges a run at its end. */
export function judgeEnd(end: RunEnd): Judgement {
	const { calls, blocked, sync } = end;
	const reason = reasonOf(end);
	const health = healthOf(end, reason);
	if (sync === undefined) {
		return { health, reason, ...NOTHING_NEW };
	}
	const {
		reported: before = ALL_WELL,
		minute,
		reportedFailures,
		unreportedFailures,
		recentlyRecovered,
		lostDevices,
	} = sync;
	// A run that does not know who is gone reports those that no earlier run has reported.
	const { gone = before.gone, isFirst, isReplacing = false } = sync;
	const failed = failedNow(end);
	const newlyFailed = failed.filter((id) => !reportedFailures.has(id) && !recentlyRecovered.has(id));
	// In most runs nobody has failed before. Looking for who recovered among 100,000 customers takes as long as reading their rows.
	const mayRecover = reportedFailures.size + unreportedFailures.size + recentlyRecovered.size > 0;
	const upToDate = mayRecover ? upToDateNow(end) : [];
	const recovered = upToDate.map(idOf).filter((id) => reportedFailures.has(id) || unreportedFailures.has(id));
	const moved = movedNow(calls, sync.moved);
	const standstill = standstillAt(end);
	const hasPassedChecks = blocked === undefined;
	const stop = reason === undefined || OUTAGE_CODES.has(reason.code) ? '' : reason.code;

	// What somebody must hear at once.
	const isTurningPoint =
		(health !== before.health && (health === 'failing' || before.health === 'failing')) ||
		(health === 'ok' && before.health === 'degraded');
	const isOtherStop = health === 'failing' && stop !== before.stop;
	const isReminderDue = health !== 'ok' && isLongAgo(before.minute, minute);
	const isStopOver = before.check !== undefined && hasPassedChecks;
	const isPushedAnew = isFirst && calls.some(({ fate }) => isOutcome(fate, 'OK'));
	const isUrgent = isTurningPoint || isOtherStop || isReminderDue || isStopOver || isPushedAnew;

	// What may wait while customers fail: there is one message an hour then, which sums up.
	const areAllFailingAgain = failed.length > 0 && failed.every((id) => recentlyRecovered.has(id));
	const isNewlyDegraded =
		health === 'degraded' &&
		before.health === 'ok' &&
		(!areAllFailingAgain || sync.notKept !== undefined || end.withheld.some(isUnnamed));
	const hasNewFailure =
		newlyFailed.length > 0 || recovered.some((id) => unreportedFailures.has(id)) || isNewlyDegraded;
	const isNoteworthy =
		lostDevices.size > 0 ||
		gone > 0 ||
		(moved.length > 0 && !isReplacing) ||
		(standstill !== undefined && before.isStale !== true) ||
		// In an outage every customer that changes fails, too: that is no news.
		(hasNewFailure && health !== 'failing');
	const minutesSinceMessage = minute - (before.degradedMinute ?? -Infinity);
	const isAboutFailures = health === 'degraded' || unreportedFailures.size > 0;
	const mustWait =
		isAboutFailures && minutesSinceMessage >= 0 && minutesSinceMessage < MINUTES_BETWEEN_MESSAGES;
	const isReporting = isReported(end, reason);
	const hasNews = isReporting && (isUrgent || (isNoteworthy && !mustWait));

	const after = reportedBefore(sync);
	if (isReporting) {
		const isStale = standstill !== undefined && (hasNews || before.isStale === true);
		after.isStale = isStale ? true : undefined;
		const isAgainWell = ({ verdict }: CallEnd, id: string) =>
			reportedFailures.has(id) ||
			unreportedFailures.has(id) ||
			(verdict === 'failed' && recentlyRecovered.has(id));
		after.recovered = new Set(upToDate.filter((call) => isAgainWell(call, idOf(call))).map(idOf));
		if (hasNews || isReplacing) {
			const reportedNow = new Set(moved);
			after.moved = sync.moved.filter((move) => !reportedNow.has(move));
		}
	}
	if (isReporting && !hasNews && health !== 'failing' && mustWait) {
		// The next message sums them up.
		after.unreportedFailures = new Set([...unreportedFailures, ...newlyFailed]);
	}
	if (hasNews) {
		const recoveredIds = new Set(recovered);
		const stillFailing = [...reportedFailures].filter((id) => !recoveredIds.has(id));
		Object.assign(after, {
			health,
			stop,
			minute,
			degradedMinute: health === 'degraded' ? minute : before.degradedMinute,
			check: checkAfter(blocked, before, minute),
			gone: 0,
			// In an outage no later report names the others that fail: the report of its end counts those that were named.
			reportedFailures: new Set([...stillFailing, ...failed]),
			unreportedFailures: new Set(),
			lostDevices: new Set(),
		} satisfies Partial<LastReport>);
	}
	return {
		health,
		reason,
		newlyFailed,
		recovered,
		moved: isReporting && mustWait && !hasNews ? [] : moved,
		standstill,
		stopOver: isReporting && hasPassedChecks ? before.check?.minute : undefined,
		hasNews,
		after,
	};
}

/** The rest of the judgement for an operation without a sync state. */
const NOTHING_NEW: Omit<Judgement, 'health' | 'reason'> = {
	newlyFailed: [],
	recovered: [],
	moved: [],
	standstill: undefined,
	stopOver: undefined,
	hasNews: false,
	after: ALL_WELL,
};

/** What counts as the last report after a run that reports nothing: the same as before it. */
export function reportedBefore(before: KnownBefore): LastReport {
	const {
		reported = ALL_WELL,
		gone = reported.gone,
		reportedFailures,
		unreportedFailures,
		lostDevices,
		moved,
	} = before;
	return { ...reported, gone, reportedFailures, unreportedFailures, lostDevices, moved };
}

/**
 * The health after a run. It depends on how things are after the run, not on what has changed.
 *
 * - `failing`: the run was stopped as a whole; or no customer has valid rows; or at least three requests were made and none got a clear
 *   response; or at least ten customers were tried and none was accepted; or fewer than half of the customers with valid rows are up to
 *   date. Customers that were postponed because the time was over do not count. A run that tries only customers that failed before, and
 *   fails with them again, does not become `failing` by that.
 * - `degraded`: a customer failed or is withheld, or the state could not be kept.
 * - `ok`: everything else.
 */
function healthOf({ calls, withheld, sync }: RunEnd, reason: Failure | undefined): Health {
	const judged = calls.filter(({ fate }) => fate.kind !== 'postponed' || fate.why.code !== TIME_OVER);
	const upToDate = judged.filter(isUpToDate);
	const tried = calls.filter(({ fate }) => isTried(fate));
	const isUnclear =
		tried.length >= FEWEST_UNCLEAR && !tried.some(({ fate }) => isOutcome(fate, 'OK', 'REFUSED'));
	const mayShowFailure =
		sync?.reported?.health === 'failing' || tried.some(({ verdict }) => verdict !== 'failed');
	const isNoneAccepted =
		mayShowFailure && tried.length >= FEWEST_TRIED && !tried.some(({ fate }) => isOutcome(fate, 'OK'));
	const isNobodyValid = calls.length === 0 && withheld.length > 0;
	const isMostlyBehind = 2 * upToDate.length < judged.length;
	if (reason !== undefined || isNobodyValid || isUnclear || isNoneAccepted || isMostlyBehind) {
		return 'failing';
	}
	const isFailed = ({ fate, verdict }: CallEnd) =>
		failureOf(fate) !== undefined || (verdict === 'failed' && fate.kind === 'postponed');
	const isDegraded = withheld.length > 0 || sync?.notKept !== undefined || calls.some(isFailed);
	return isDegraded ? 'degraded' : 'ok';
}

/** Why the whole run sent nothing, or nothing more. */
export function stopOf({ blocked, endedEarly }: Pick<RunEnd, 'blocked' | 'endedEarly'>): Failure | undefined {
	return blocked ?? (endedEarly?.code === TIME_OVER ? undefined : endedEarly);
}

/** Why the whole run is failing: what stopped it, or a failure that says the same of every request. */
function reasonOf(end: RunEnd): Failure | undefined {
	const failures = end.calls.flatMap(({ fate }) => failureOf(fate) ?? []);
	const reasons = failures.map((failure) => failure.endedBy ?? failure);
	return stopOf(end) ?? reasons.find(({ scope }) => scope === 'run');
}

function isOutcome(fate: Fate, ...outcomes: OutcomeName[]): boolean {
	const { outcome } = outcomeOf(fate) ?? {};
	return outcome !== undefined && outcomes.includes(outcome);
}

function isUpToDate({ fate }: CallEnd): boolean {
	return fate.kind === 'unchanged' || isOutcome(fate, 'OK');
}

function idOf({ call }: CallEnd): string {
	return call.customer?.id ?? '';
}

function isUnnamed({ customerId }: RunEnd['withheld'][number]): boolean {
	return customerId === undefined;
}

/** The ids of customers that fail for a reason of their own, and not because the whole run does. */
function failedNow({ calls, withheld, blocked }: RunEnd): string[] {
	if (blocked !== undefined) {
		return [];
	}
	const failed = calls.filter(({ fate, verdict = 'changed' }) => {
		return failureOf(fate)?.scope !== 'run' && standingOf(verdict, fate) === 'failed';
	});
	return [...new Set([...failed.map(idOf), ...withheld.flatMap(({ customerId }) => customerId ?? [])])];
}

/** The customers whose rows are all up to date. */
function upToDateNow({ calls, withheld }: RunEnd): CallEnd[] {
	const withheldIds = new Set(withheld.map(({ customerId }) => customerId));
	return calls.filter((call) => isUpToDate(call) && !withheldIds.has(idOf(call)));
}

/** The devices that have moved to a customer whose request Tencent has, or may have, accepted. The others are reported once it has. */
function movedNow(calls: RunEnd['calls'], moved: readonly Moved[]): Moved[] {
	if (moved.length === 0) {
		return [];
	}
	const sent = calls.filter((call) => isUpToDate(call) || isOutcome(call.fate, 'UNKNOWN'));
	const ids = new Set(sent.map(idOf));
	return moved.filter(({ to }) => ids.has(to));
}

/** Whether a run reports to anybody at all. What it does not report is reported by the next run that does. */
function isReported({ calls, sync }: RunEnd, reason: Failure | undefined): boolean {
	const isCancelled = calls.some(({ fate }) => failureOf(fate)?.code === CANCELLED.code);
	return sync?.isManual === false && !isCancelled && !SILENT_CODES.includes(reason?.code ?? '');
}

function standstillAt({ sync, blocked }: RunEnd): Judgement['standstill'] {
	if (sync?.changes === undefined || sync.isChanged === true || blocked !== undefined) {
		return undefined;
	}
	return standstillOf(sync.changes, sync.minute, sync.expectChangesDays ?? 0);
}

/** Whether the last report is a day old, counted in full hours of the clock. One from the future was dated by a wrong clock. */
function isLongAgo(reportedMinute: number, minute: number): boolean {
	const hours = Math.floor(minute / 60) - Math.floor(reportedMinute / 60);
	return hours < 0 || hours >= REMINDER_HOURS;
}

/**
 * The safety check that still stops the node, once this run has reported. When a run passes the checks its message says that the approval
 * form needs no answer any more. A run that failed before the checks has not passed them.
 */
function checkAfter(blocked: Failure | undefined, before: LastReport, minute: number): LastReport['check'] {
	if (blocked === undefined) {
		return undefined;
	}
	const isNewStop = asStop(blocked) !== undefined && before.check?.code !== blocked.code;
	return isNewStop ? { code: blocked.code, minute } : before.check;
}

import { failureOf, type Fate, isTried, outcomeOf } from '../service/fate';
import type { Failure, OutcomeName } from '../service/outcome';
import { CANCELLED } from '../service/transportError';
import type { WhyUnusable } from '../tables/dataTables';
import { type Changes, type Standstill, standstillOf } from './changes';
import { standingOf, type Verdict } from './verdicts';

/** How a run ended, as its report shows it. */
export type Health = 'ok' | 'degraded' | 'failing';

/**
 * A device that is now under another customer, and that no report has named yet. Where a push adds devices, the former owner keeps it at
 * Tencent, and no response shows that.
 */
export interface Moved {
	deviceId: string;
	/** The hashes of the device and of the customer who had it. A report names each pair once. */
	device: string;
	fromKey: string;
	/** Who had it; undefined for a customer that is not in the rows any more. */
	from: string | undefined;
	to: string;
	/** When it was first missed from the rows of its former owner, minutes since 1970. */
	since: number;
	/** Whether it was sent for `to` before this run. */
	isSent: boolean;
}

/** What was last reported of a node; in the sync state, so that the next run knows what is new. */
export interface Reported {
	health: Health;
	/** The code of why the whole run failed, e.g. `TOO_MANY_CHANGES`; `''` where it did not, and for an outage. */
	stop: string;
	/** When, minutes since 1970. */
	minute: number;
	/** When it was last reported that some fail, minutes since 1970. */
	degradedMinute?: number | undefined;
	/** Whether it was reported that the source stands still, and it still does. */
	isStale?: boolean | undefined;
	/** The safety check whose stop was reported; undefined once a run has passed the checks. */
	check?: { code: string; minute: number } | undefined;
	/** How many customers have left the rows, not yet reported. */
	gone: number;
	/** The customers whose failure was reported and who have not recovered since. The state keeps this with each customer. */
	failing?: ReadonlySet<string>;
	/** The customers that have failed since the last report and are in none yet. The state keeps this with each customer. */
	untold?: ReadonlySet<string>;
	/** The customers that are well again with this run. */
	recovered?: ReadonlySet<string>;
	/** The customers that have lost all their devices, which no report has said yet. */
	lostDevices?: ReadonlySet<string>;
	/** The devices that have moved to another customer, which no report has said yet. */
	moved?: readonly Moved[];
}

/** The report before the first one. */
export const ALL_WELL: Reported = { health: 'ok', stop: '', minute: 0, gone: 0 };

function hourOf(minute: number): number {
	return Math.floor(minute / 60);
}

/** With these codes the network or the service is down. That is one reason, whichever of them a request met first. */
const OF_OUTAGE = new Set([
	'CIRCUIT_BREAKER',
	'CONNECTION_REFUSED',
	'CONNECTION_RESET',
	'DNS_NOT_FOUND',
	'DNS_UNAVAILABLE',
	'NO_RESPONSE',
	'RESPONSE_TIMEOUT',
	'UNREACHABLE',
]);

/** What the state keeps of why a run failed: the code, or `''` for an outage, whose codes change from run to run. */
function reportedStop(reason: Pick<Failure, 'code'> | undefined): string {
	return reason === undefined || OF_OUTAGE.has(reason.code) ? '' : reason.code;
}

/** The code of customers that were postponed because *Longest Run (Minutes)* was over. That is no failure. */
export const TIME_OVER = 'TIME_OVER';

/** A run that ended for one of these reports nothing: who cancelled it knows, or another run is under way and reports. */
const NO_NEWS = [CANCELLED.code, 'ALREADY_RUNNING', 'TAKEN_OVER'];

/** After this time a health that is not `ok` is reported once more, hours. */
const REMINDER_HOURS = 24;

/** With fewer refusals than this each may have a reason of its own. */
const FEWEST_TRIED = 10;

/** The same number of requests without a clear response ends a run at its beginning; fewer say nothing about the service. */
const FEWEST_UNCLEAR = 3;

/** While some customers fail, messages are at least this far apart. Minutes. */
const BETWEEN_MESSAGES = 60;

/** What a run came to, as far as its health depends on it. */
export interface RunEnd {
	calls: ReadonlyArray<{
		call: { customer?: { id: string } | undefined };
		fate: Fate;
		verdict?: Verdict | undefined;
	}>;
	withheld: ReadonlyArray<{ customerId?: string | undefined }>;
	/** Why nothing could be sent. */
	blocked: Failure | undefined;
	/** Why no further request was started from some moment on. */
	endedEarly: Failure | undefined;
	/** Undefined for an operation without a sync state: nothing is known of other runs. */
	sync: SyncEnd | undefined;
}

/** How a run of Sync ended, and whether anybody gets to see its report. */
interface SyncEnd extends KnownBefore {
	/** When the run began, minutes since 1970. */
	minute: number;
	/** Whether somebody runs the workflow by hand in the editor. Such a run neither reports nor changes what was reported. */
	isManual: boolean;
	/** Whether the run sends every customer with valid rows: it is a first run, or the node does not know what was accepted. */
	isEverybodySent?: boolean;
	/** When the rows changed before this run; undefined where the node does not know. */
	changes?: Changes | undefined;
	/** Whether the rows differ from those of the last run. */
	isChanged?: boolean | undefined;
	/** 'Expect Changes Within (Days)'; 0 for what its past says. */
	expectChangesDays?: number | undefined;
	/** Whether a push is known to replace a customer's devices. Then no report names devices that have moved. */
	isReplacing?: boolean;
	/** Set at the end where the state is not known to be kept. */
	notKept?: Kept;
}

/** What a run of Sync knows of those before it. */
export interface KnownBefore
	extends Required<Pick<Reported, 'failing' | 'untold' | 'lostDevices' | 'moved'>> {
	/** The customers that failed and recovered within the last 24 hours, whether or not they fail now. */
	recent: ReadonlySet<string>;
	/** What was last reported; undefined where it is not known. */
	reported: Reported | undefined;
	/** How many customers have left the rows without a report of it; undefined where the node does not know. */
	gone: number | undefined;
}

/** How a run left the sync state. */
export interface Kept {
	/**
	 * - `kept`: it says what this run did, or what it said before where this run sent nothing
	 * - `unknown`: n8n's database gave no answer; if it did not take effect, the next run sends again whom this one sent last
	 * - `takenOver`: another run has it, and sends again whom this one may have sent
	 */
	left: 'kept' | 'unknown' | 'takenOver';
	/** Whether it is known to say what was reported. */
	hasReport: boolean;
	/** How long that took, milliseconds. */
	tookMs: number;
	/** Why the table cannot be used, where that is the reason. */
	unusable?: WhyUnusable | undefined;
}

/**
 * How well a run ended. It depends on the state of things after the run, not on what is new.
 *
 * - `failing`: the run was stopped as a whole; or no customer has valid rows; or at least three requests were made and none got a clear
 *   response; or at least ten customers were tried and none was accepted; or fewer than half of the customers with valid rows are up to
 *   date. Customers that were postponed because the time was over do not count. A run that tries only customers that failed before, and
 *   fails with them again, does not become `failing` by that.
 * - `degraded`: a customer failed or is withheld, or the state could not be kept.
 * - `ok`: everything else.
 */
export function healthOf(end: RunEnd): Health {
	const { calls, withheld, sync } = end;
	const judged = calls.filter(({ fate }) => fate.kind !== 'postponed' || fate.why.code !== TIME_OVER);
	const upToDate = judged.filter(({ fate }) => fate.kind === 'unchanged' || isOutcome(fate, 'OK'));
	const tried = calls.filter(({ fate }) => isTried(fate));
	const isUnclear =
		tried.length >= FEWEST_UNCLEAR && !tried.some(({ fate }) => isOutcome(fate, 'OK', 'REFUSED'));
	const mayTell = sync?.reported?.health === 'failing' || tried.some(({ verdict }) => verdict !== 'failed');
	const isNoneAccepted =
		mayTell && tried.length >= FEWEST_TRIED && !tried.some(({ fate }) => isOutcome(fate, 'OK'));
	const isNobodyValid = calls.length === 0 && withheld.length > 0;
	const isFailing = isNobodyValid || isUnclear || isNoneAccepted || 2 * upToDate.length < judged.length;
	if (isFailing || reasonOf(end) !== undefined) {
		return 'failing';
	}
	const isFailed = ({ fate, verdict }: RunEnd['calls'][number]) =>
		failureOf(fate) !== undefined || (verdict === 'failed' && fate.kind === 'postponed');
	const isDegraded = withheld.length > 0 || sync?.notKept !== undefined || calls.some(isFailed);
	return isDegraded ? 'degraded' : 'ok';
}

function isOutcome(fate: Fate, ...outcomes: OutcomeName[]): boolean {
	const { outcome } = outcomeOf(fate) ?? {};
	return outcome !== undefined && outcomes.includes(outcome);
}

/** Why the whole run sent nothing, or nothing more. */
export function stopOf({ blocked, endedEarly }: Pick<RunEnd, 'blocked' | 'endedEarly'>): Failure | undefined {
	return blocked ?? (endedEarly?.code === TIME_OVER ? undefined : endedEarly);
}

/** Why the whole run is failing, if there is one reason for it. Calls that were not tried have the reason of the one that ended the run. */
export function reasonOf(end: Pick<RunEnd, 'calls' | 'blocked' | 'endedEarly'>): Failure | undefined {
	const failures = end.calls.flatMap(({ fate }) => failureOf(fate) ?? []);
	const reasons = failures.map((failure) => failure.endedBy ?? failure);
	return stopOf(end) ?? reasons.find(({ scope }) => scope === 'run');
}

/**
 * The customers that fail for a reason of their own (refused, unclear or withheld, also in part) and whose failure no report has said.
 * A customer that failed within the last 24 hours and recovered is not reported again.
 */
export function newlyFailed(end: RunEnd): string[] {
	const { sync } = end;
	return failedNow(end).filter((id) => sync?.failing.has(id) !== true && sync?.recent.has(id) !== true);
}

/** The customers that fail for a reason of their own. */
function failedNow({ calls, withheld, blocked, sync }: RunEnd): string[] {
	if (sync === undefined || blocked !== undefined) {
		return [];
	}
	const isFailed = ({ fate, verdict }: RunEnd['calls'][number]) =>
		failureOf(fate)?.scope !== 'run' && standingOf(verdict ?? 'changed', fate) === 'failed';
	const failed = calls.flatMap((result) => (isFailed(result) ? (result.call.customer?.id ?? []) : []));
	return [...new Set([...failed, ...withheld.flatMap(({ customerId }) => customerId ?? [])])];
}

/** The customers that failed before, reported or not, and are up to date now. */
export function recovered(end: RunEnd): string[] {
	const { failing, untold } = end.sync ?? {};
	return wellNow(end, (id) => failing?.has(id) === true || untold?.has(id) === true);
}

/** Of some customers, those that are up to date now. */
function wellNow(
	{ calls, withheld, sync }: RunEnd,
	isAmong: (id: string, verdict: Verdict | undefined) => boolean,
): string[] {
	if (sync === undefined) {
		return [];
	}
	const inPart = new Set(withheld.map(({ customerId }) => customerId));
	return calls.flatMap(({ call, fate, verdict }) => {
		const id = call.customer?.id ?? '';
		const isWell = fate.kind === 'unchanged' || isOutcome(fate, 'OK');
		return isWell && isAmong(id, verdict) && !inPart.has(id) ? id : [];
	});
}

/** The devices that have moved to a customer whose request Tencent has accepted or may have. The others wait until it has. */
function movedNow({ calls, sync }: RunEnd): Moved[] {
	const moved = sync?.moved ?? [];
	if (moved.length === 0) {
		return [];
	}
	const sent = new Set<string | undefined>();
	for (const { call, fate } of calls) {
		if (fate.kind === 'unchanged' || isOutcome(fate, 'OK', 'UNKNOWN')) {
			sent.add(call.customer?.id);
		}
	}
	return moved.filter(({ to }) => sent.has(to));
}

/** Whether the report of a run is sent to anybody. What a run does not report, the next one that reports does. */
function isReporting(end: RunEnd): boolean {
	const { calls, sync } = end;
	if (sync === undefined || sync.isManual) {
		return false;
	}
	const isCancelled = calls.some(({ fate }) => failureOf(fate)?.code === CANCELLED.code);
	return !isCancelled && !NO_NEWS.includes(reasonOf(end)?.code ?? '');
}

/**
 * Whether the report of a run has news: the health or the reason of a failure is another one; a customer newly failed while others get
 * through, lost its devices or left the rows; a device moved; the source stands still; or everybody was pushed anew. While not all is
 * well there is also a reminder once a day. A run in the editor, a cancelled run and a run beside another one have no news.
 */
export function hasNews(end: RunEnd): boolean {
	if (end.sync === undefined || !isReporting(end)) {
		return false;
	}
	const { reported: before = ALL_WELL, minute, lostDevices, isEverybodySent } = end.sync;
	// A run that does not know who is gone tells what no run has told yet.
	const { gone = before.gone } = end.sync;
	const health = healthOf(end);
	const isAtOnce =
		(health !== before.health && (health === 'failing' || before.health === 'failing')) ||
		(health === 'failing' && reportedStop(reasonOf(end)) !== before.stop) ||
		(health === 'ok' && before.health === 'degraded') ||
		(health !== 'ok' && isLongAgo(before, minute)) ||
		(before.check !== undefined && hasPassed(end)) ||
		(isEverybodySent === true && end.calls.some(({ fate }) => isOutcome(fate, 'OK')));
	if (isAtOnce) {
		return true;
	}
	const isNew =
		lostDevices.size > 0 ||
		gone > 0 ||
		(end.sync.isReplacing !== true && movedNow(end).length > 0) ||
		(standstill(end) !== undefined && before.isStale !== true) ||
		// In an outage every customer that changes fails, too: that is no news.
		(health !== 'failing' && hasNewFailure(end, before));
	return isNew && !mustWait(end);
}

/** Whether a customer fails, or failed and recovered, and no report has said so. Customers that recovered within 24 hours do not count. */
function hasNewFailure(end: RunEnd, before: Reported): boolean {
	const { recent, untold, notKept } = end.sync ?? {};
	if (newlyFailed(end).length > 0 || recovered(end).some((id) => untold?.has(id) === true)) {
		return true;
	}
	if (healthOf(end) !== 'degraded' || before.health !== 'ok') {
		return false;
	}
	const isAgain = failedNow(end).length > 0 && failedNow(end).every((id) => recent?.has(id) === true);
	return notKept !== undefined || !isAgain || end.withheld.some(({ customerId }) => customerId === undefined);
}

/** The moved devices that the report of this run names: none while its message has to wait. */
export function movedTold(end: RunEnd): Moved[] {
	const isWaiting = isReporting(end) && mustWait(end) && !hasNews(end);
	return isWaiting ? [] : movedNow(end);
}

/** For how long the source has stood still, if that is far longer than usual. A run that was stopped does not show it. */
export function standstill({ sync, blocked }: RunEnd): Standstill | undefined {
	if (sync?.changes === undefined || sync.isChanged === true || blocked !== undefined) {
		return undefined;
	}
	return standstillOf(sync.changes, sync.minute, sync.expectChangesDays ?? 0);
}

/** Whether the news of this run has to wait: while customers fail there is one message an hour, which sums up. */
function mustWait(end: RunEnd): boolean {
	const { reported, minute = 0, untold } = end.sync ?? {};
	const since = minute - (reported?.degradedMinute ?? -Infinity);
	const isOfFailures = healthOf(end) === 'degraded' || (untold?.size ?? 0) > 0;
	return isOfFailures && since >= 0 && since < BETWEEN_MESSAGES;
}

/** Whether the last report is a day old. One from the future was dated by a clock that was wrong: it counts as old. */
function isLongAgo({ minute: before }: Reported, minute: number): boolean {
	const hours = hourOf(minute) - hourOf(before);
	return hours < 0 || hours >= REMINDER_HOURS;
}

/** The codes of safety checks. Once a run passes the checks, the message says that the form needs no answer any more. */
const CHECKS: ReadonlySet<string> = new Set([
	'TOO_FEW_CUSTOMERS',
	'TOO_MANY_CHANGES',
	'TOO_MANY_MOVES',
	'TOO_FEW_DEVICES',
	'STATE_LOST',
	'OTHER_VERSION',
]);

/** Whether a run has passed the safety checks. A run that failed before the checks has not. */
function hasPassed({ blocked }: RunEnd): boolean {
	return blocked === undefined;
}

/** When the stop was reported that is over with this run, minutes since 1970; undefined where none is. */
export function stopOver(end: RunEnd): number | undefined {
	const { check } = end.sync?.reported ?? {};
	return check !== undefined && isReporting(end) && hasPassed(end) ? check.minute : undefined;
}

/** The stop that is not over yet after a run that reports. */
function checkAfter(end: RunEnd, before: Reported, minute: number): Reported['check'] {
	if (hasPassed(end)) {
		return undefined;
	}
	const code = end.blocked?.code ?? '';
	const isSame = before.check?.code === code;
	return CHECKS.has(code) && !isSame ? { code, minute } : before.check;
}

/** The last report after a run that reports nothing. */
export function reportedBefore(before: KnownBefore): Reported {
	const { reported = ALL_WELL, gone = reported.gone, failing, untold, lostDevices, moved } = before;
	return { ...reported, gone, failing, untold, lostDevices, moved };
}

/** The last report once a run has ended: unchanged but for what the run reports. */
export function reportedAfter(end: RunEnd): Reported {
	const { sync } = end;
	if (sync === undefined) {
		return ALL_WELL;
	}
	const before = reportedBefore(sync);
	if (!isReporting(end)) {
		return before;
	}
	const isAgainWell = (id: string, verdict: Verdict | undefined) => {
		return sync.failing.has(id) || sync.untold.has(id) || (verdict === 'failed' && sync.recent.has(id));
	};
	const movedBefore = new Set(movedNow(end));
	const notMoved = sync.moved.filter((move) => !movedBefore.has(move));
	const moved = sync.isReplacing === true ? notMoved : sync.moved;
	const isStandingStill = standstill(end) !== undefined;
	const isStale = isStandingStill && before.isStale === true ? true : undefined;
	const well = { ...before, moved, isStale, recovered: new Set(wellNow(end, isAgainWell)) };
	const health = healthOf(end);
	if (!hasNews(end)) {
		if (health === 'failing') {
			return well;
		}
		// The next message has the sum.
		return mustWait(end) ? { ...well, untold: new Set([...sync.untold, ...newlyFailed(end)]) } : well;
	}
	const over = new Set(recovered(end));
	const still = [...sync.failing].filter((id) => !over.has(id));
	// In an outage no later report names who else fails: its end counts those that were named.
	const failing = new Set([...still, ...failedNow(end)]);
	return {
		...well,
		gone: 0,
		failing,
		untold: new Set(),
		lostDevices: new Set(),
		moved: notMoved,
		isStale: isStandingStill ? true : undefined,
		health,
		stop: reportedStop(reasonOf(end)),
		minute: sync.minute,
		degradedMinute: health === 'degraded' ? sync.minute : before.degradedMinute,
		check: checkAfter(end, before, sync.minute),
	};
}

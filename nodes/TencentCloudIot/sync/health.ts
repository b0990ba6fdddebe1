import { failureOf, type Fate, isTried, outcomeOf } from '../service/fate';
import type { Failure, OutcomeName } from '../service/outcome';
import { CANCELLED } from '../service/transportError';
import type { WhyUnusable } from '../tables/dataTables';
import { type readChanges, standstillOf } from './changes';
import { asStop, type Moved } from './safetyChecks';
import { standingOf, type Verdict } from './verdicts';

/** How a run ended, as its report shows it. */
export type Health = 'ok' | 'degraded' | 'failing';

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

/** A call, and what became of it. */
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

/** How a run of Sync ended, and whether anybody gets to see its report. */
interface SyncEnd extends KnownBefore {
	/** When the run began, minutes since 1970. */
	minute: number;
	/** Whether somebody runs the workflow by hand in the editor. Such a run neither reports nor changes what was reported. */
	isManual: boolean;
	/** Whether the run sends every customer with valid rows: it is a first run, or the node does not know what was accepted. */
	isEverybodySent?: boolean;
	/** When the rows changed before this run; undefined where the node does not know. */
	changes?: ReturnType<typeof readChanges> | undefined;
	/** Whether the rows differ from those of the last run. */
	isChanged?: boolean | undefined;
	/** 'Expect Changes Within (Days)'; 0 for what its past says. */
	expectChangesDays?: number | undefined;
	/** Whether a push is known to replace a customer's devices. Then no report names devices that have moved. */
	isReplacing?: boolean;
	/** Set at the end where the state is not known to be kept. */
	notKept?: StateEnd;
}

/** What a run of Sync knows of those before it. */
export interface KnownBefore
	extends Required<Pick<Reported, 'failing' | 'untold' | 'lostDevices' | 'moved'>> {
	/** The customers that failed and recovered within the last 24 hours, whether or not they fail now. */
	recentlyRecovered: ReadonlySet<string>;
	/** What was last reported; undefined where it is not known. */
	reported: Reported | undefined;
	/** How many customers have left the rows without a report of it; undefined where the node does not know. */
	gone: number | undefined;
}

/** How a run left the sync state. */
export interface StateEnd {
	/**
	 * - `kept`: it says what this run did, or what it said before where this run sent nothing
	 * - `unknown`: n8n's database gave no answer; if it did not take effect, the next run sends again whom this one sent last
	 * - `takenOver`: another run has it, and sends again whom this one may have sent
	 */
	kind: 'kept' | 'unknown' | 'takenOver';
	/** Whether it is known to say what was reported. */
	hasReport: boolean;
	/** How long that took, milliseconds. */
	tookMs: number;
	/** Why the table cannot be used, where that is the reason. */
	unusable?: WhyUnusable | undefined;
}

/** What a run came to: what its report says, and what the next run has to know of that. */
interface Judgement {
	health: Health;
	/**
	 * Why the whole run is failing, if there is one reason for it. Calls that were not tried have the reason of the one that ended the
	 * run.
	 */
	reason: Failure | undefined;
	/**
	 * The customers that fail for a reason of their own (refused, unclear or withheld, also in part) and whose failure no report has said.
	 * A customer that failed within the last 24 hours and recovered is not reported again.
	 */
	newlyFailed: readonly string[];
	/** The customers that failed before, reported or not, and are up to date now. */
	recovered: readonly string[];
	/** The moved devices that the report names: none while its message has to wait. */
	moved: readonly Moved[];
	/** For how long the source has stood still, if that is far longer than usual. A run that was stopped does not show it. */
	standstill: ReturnType<typeof standstillOf>;
	/** When the stop was reported that is over with this run, minutes since 1970; undefined where none is. */
	stopOver: number | undefined;
	/**
	 * Whether somebody should hear of the run: the health or the reason of a failure is another one; a customer newly failed while others
	 * get through, lost its devices or left the rows; a device moved; the source stands still; or everybody was pushed anew. While not all
	 * is well there is also a reminder once a day. A run in the editor, a cancelled run and a run beside another one have no news.
	 */
	hasNews: boolean;
	/** The last report, once this run has reported what it has to. */
	after: Reported;
}

/** Judges a run at its end. */
export function judgeEnd(end: RunEnd): Judgement {
	const { calls, blocked, sync } = end;
	const reason = reasonOf(end);
	const health = healthOf(end, reason);
	if (sync === undefined) {
		return { health, reason, ...NOTHING_NEW };
	}
	const { reported: before = ALL_WELL, minute, failing, untold, recentlyRecovered, lostDevices } = sync;
	// A run that does not know who is gone tells what no run has told yet.
	const { gone = before.gone, isEverybodySent = false, isReplacing = false } = sync;
	const failed = failedNow(end);
	const newlyFailed = failed.filter((id) => !failing.has(id) && !recentlyRecovered.has(id));
	// Mostly nobody has failed. To look at each of 100,000 customers takes as long as to read their rows.
	const mayRecover = failing.size + untold.size + recentlyRecovered.size > 0;
	const well = mayRecover ? wellNow(end) : [];
	const recovered = well.map(idOf).filter((id) => failing.has(id) || untold.has(id));
	const moved = movedNow(calls, sync.moved);
	const standstill = standstillAt(end);
	const hasPassed = blocked === undefined;
	const stop = reason === undefined || OF_OUTAGE.has(reason.code) ? '' : reason.code;

	const isAtOnce =
		(health !== before.health && (health === 'failing' || before.health === 'failing')) ||
		(health === 'failing' && stop !== before.stop) ||
		(health === 'ok' && before.health === 'degraded') ||
		(health !== 'ok' && isLongAgo(before.minute, minute)) ||
		(before.check !== undefined && hasPassed) ||
		(isEverybodySent && calls.some(({ fate }) => isOutcome(fate, 'OK')));
	const isFailedAgain = failed.length > 0 && failed.every((id) => recentlyRecovered.has(id));
	const isNewlyDegraded =
		health === 'degraded' &&
		before.health === 'ok' &&
		(!isFailedAgain || sync.notKept !== undefined || end.withheld.some(isUnnamed));
	const hasNewFailure = newlyFailed.length > 0 || recovered.some((id) => untold.has(id)) || isNewlyDegraded;
	const isNew =
		lostDevices.size > 0 ||
		gone > 0 ||
		(moved.length > 0 && !isReplacing) ||
		(standstill !== undefined && before.isStale !== true) ||
		// In an outage every customer that changes fails, too: that is no news.
		(hasNewFailure && health !== 'failing');
	// While customers fail there is one message an hour, which sums up.
	const sinceMessage = minute - (before.degradedMinute ?? -Infinity);
	const isOfFailures = health === 'degraded' || untold.size > 0;
	const mustWait = isOfFailures && sinceMessage >= 0 && sinceMessage < BETWEEN_MESSAGES;
	const isReporting = isReported(end, reason);
	const hasNews = isReporting && (isAtOnce || (isNew && !mustWait));

	const after = reportedBefore(sync);
	if (isReporting) {
		const isStale = standstill !== undefined && (hasNews || before.isStale === true);
		after.isStale = isStale ? true : undefined;
		const isAgainWell = ({ verdict }: CallEnd, id: string) =>
			failing.has(id) || untold.has(id) || (verdict === 'failed' && recentlyRecovered.has(id));
		after.recovered = new Set(well.filter((call) => isAgainWell(call, idOf(call))).map(idOf));
		if (hasNews || isReplacing) {
			const movedBefore = new Set(moved);
			after.moved = sync.moved.filter((move) => !movedBefore.has(move));
		}
	}
	if (isReporting && !hasNews && health !== 'failing' && mustWait) {
		// The next message has the sum.
		after.untold = new Set([...untold, ...newlyFailed]);
	}
	if (hasNews) {
		const over = new Set(recovered);
		const stillFailing = [...failing].filter((id) => !over.has(id));
		Object.assign(after, {
			health,
			stop,
			minute,
			degradedMinute: health === 'degraded' ? minute : before.degradedMinute,
			check: checkAfter(blocked, before, minute),
			gone: 0,
			// In an outage no later report names who else fails: its end counts those that were named.
			failing: new Set([...stillFailing, ...failed]),
			untold: new Set(),
			lostDevices: new Set(),
		} satisfies Partial<Reported>);
	}
	return {
		health,
		reason,
		newlyFailed,
		recovered,
		moved: isReporting && mustWait && !hasNews ? [] : moved,
		standstill,
		stopOver: isReporting && hasPassed ? before.check?.minute : undefined,
		hasNews,
		after,
	};
}

/** Of an operation without a sync state. */
const NOTHING_NEW: Omit<Judgement, 'health' | 'reason'> = {
	newlyFailed: [],
	recovered: [],
	moved: [],
	standstill: undefined,
	stopOver: undefined,
	hasNews: false,
	after: ALL_WELL,
};

/** The last report after a run that reports nothing. */
export function reportedBefore(before: KnownBefore): Reported {
	const { reported = ALL_WELL, gone = reported.gone, failing, untold, lostDevices, moved } = before;
	return { ...reported, gone, failing, untold, lostDevices, moved };
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
function healthOf({ calls, withheld, sync }: RunEnd, reason: Failure | undefined): Health {
	const judged = calls.filter(({ fate }) => fate.kind !== 'postponed' || fate.why.code !== TIME_OVER);
	const upToDate = judged.filter(isUpToDate);
	const tried = calls.filter(({ fate }) => isTried(fate));
	const isUnclear =
		tried.length >= FEWEST_UNCLEAR && !tried.some(({ fate }) => isOutcome(fate, 'OK', 'REFUSED'));
	const mayTell = sync?.reported?.health === 'failing' || tried.some(({ verdict }) => verdict !== 'failed');
	const isNoneAccepted =
		mayTell && tried.length >= FEWEST_TRIED && !tried.some(({ fate }) => isOutcome(fate, 'OK'));
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

/** The customers that fail for a reason of their own. */
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
function wellNow({ calls, withheld }: RunEnd): CallEnd[] {
	const withheldIds = new Set(withheld.map(({ customerId }) => customerId));
	return calls.filter((call) => isUpToDate(call) && !withheldIds.has(idOf(call)));
}

/** The devices that have moved to a customer whose request Tencent has accepted or may have. The others wait until it has. */
function movedNow(calls: RunEnd['calls'], moved: readonly Moved[]): Moved[] {
	if (moved.length === 0) {
		return [];
	}
	const sent = calls.filter((call) => isUpToDate(call) || isOutcome(call.fate, 'UNKNOWN'));
	const ids = new Set(sent.map(idOf));
	return moved.filter(({ to }) => ids.has(to));
}

/** Whether the report of a run is sent to anybody. What a run does not report, the next one that reports does. */
function isReported({ calls, sync }: RunEnd, reason: Failure | undefined): boolean {
	const isCancelled = calls.some(({ fate }) => failureOf(fate)?.code === CANCELLED.code);
	return sync?.isManual === false && !isCancelled && !NO_NEWS.includes(reason?.code ?? '');
}

function standstillAt({ sync, blocked }: RunEnd): Judgement['standstill'] {
	if (sync?.changes === undefined || sync.isChanged === true || blocked !== undefined) {
		return undefined;
	}
	return standstillOf(sync.changes, sync.minute, sync.expectChangesDays ?? 0);
}

/** Whether the last report is a day old, by the hours of the clock. One from the future was dated by a clock that was wrong. */
function isLongAgo(reportedMinute: number, minute: number): boolean {
	const hours = Math.floor(minute / 60) - Math.floor(reportedMinute / 60);
	return hours < 0 || hours >= REMINDER_HOURS;
}

/**
 * The stop of a safety check that is not over yet: once a run passes the checks, the message says that the form needs no answer any more.
 * A run that failed before the checks has not passed them.
 */
function checkAfter(blocked: Failure | undefined, before: Reported, minute: number): Reported['check'] {
	if (blocked === undefined) {
		return undefined;
	}
	const isNewStop = asStop(blocked) !== undefined && before.check?.code !== blocked.code;
	return isNewStop ? { code: blocked.code, minute } : before.check;
}

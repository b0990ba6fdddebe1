import type { Found, StateCondition } from '../began';
import { type Health, type Reported, REPORTED_BELOW } from '../health';
import { ACCEPTED_REPORTED, entryOf, NOTED, NumberEntries, type StateEntries } from './entries';

/** A customer that failed has its turn in one of this many runs. */
export const TURNS = 3;

/** Each state has a random number below this: a plan that is approved passes once. */
export const NOVELTIES = 2 ** 24;

/**
 * The numbers that a run leaves of itself: why and when something was last reported and how many that are gone were not, all
 * in one; when it began, minutes since 1970, until the year 2480; whose turn it was; and a random one.
 */
export const RUN_NUMBERS = new NumberEntries({
	report: REPORTED_BELOW.gone * REPORTED_BELOW.stop * REPORTED_BELOW.hour,
	minute: 2 ** 28,
	turn: TURNS,
	novelty: NOVELTIES,
});

const ALL_HEALTH: readonly Health[] = ['failing', 'degraded', 'ok'];

/**
 * What the last run left of itself. Its time is no part of the fingerprints: a workflow that rests over a weekend, or another
 * 'Push Again After (Days)', would look as if all customers had changed.
 */
export interface LastRun extends Pick<Found, 'state' | 'reported'> {
	/** When it began, minutes since 1970; undefined where it is not known. */
	minute: number | undefined;
	/** Which of the customers that failed have their turn after it, 0 to 2. */
	turn: number;
	/** The random number of its state; undefined where it is not known. */
	novelty: number | undefined;
	isNoted: boolean;
	/** Whether some customers that were accepted are reported to fail. */
	isAcceptedReported: boolean;
}

/** The entries that show the last run of an account, and in which condition it left the state. */
export function entriesOfLastRun({ account, application }: StateEntries): string[] {
	return [
		account,
		application,
		ACCEPTED_REPORTED,
		NOTED,
		...ALL_HEALTH.map(healthEntry),
		...RUN_NUMBERS.all(),
	];
}

/** Puts what is reported now in the place of what was reported before; and the minute of this run, if given, in that of the last one's. */
export function replaceReport(reported: Reported, minute?: number) {
	const names = minute === undefined ? (['report'] as const) : (['report', 'minute'] as const);
	const kind = [...ALL_HEALTH.map(healthEntry), ...RUN_NUMBERS.all(...names)];
	return { kind, entries: entriesOfRun(reported, { minute }) };
}

/** What a run leaves of itself, also while it is in progress. @param others of its numbers */
export function entriesOfRun(
	{ health, stop, hour, gone }: Reported,
	others: { minute?: number | undefined; turn?: number; novelty?: number },
): string[] {
	const most = REPORTED_BELOW;
	const report = (Math.min(gone, most.gone - 1) * most.stop + stop) * most.hour + hour;
	return [healthEntry(health), ...RUN_NUMBERS.encode({ report, ...others })];
}

function reportedOf(report: number | undefined, there: ReadonlySet<string>): Reported | undefined {
	const [health, ...others] = ALL_HEALTH.filter((one) => there.has(healthEntry(one)));
	if (health === undefined || others.length > 0 || report === undefined) return undefined;
	const most = REPORTED_BELOW;
	const stops = Math.floor(report / most.hour);
	return { health, stop: stops % most.stop, hour: report % most.hour, gone: Math.floor(stops / most.stop) };
}

/** This was reported last. */
export function healthEntry(health: Health): string {
	return entryOf(['health', health]);
}

/** Whether any run of this version has left anything of itself. */
export function isOfThisVersion(there: ReadonlySet<string>): boolean {
	return ALL_HEALTH.some((health) => there.has(healthEntry(health)));
}

/** Reads the last run from the answers. @param condition of a state that is not closed; undefined for a closed one */
export function readLastRun(
	{ account, application }: StateEntries,
	there: ReadonlySet<string>,
	condition: StateCondition | undefined,
): LastRun {
	const other = there.has(application) ? 'otherSecret' : 'otherAccount';
	const { report, minute, turn = -1, novelty } = RUN_NUMBERS.decode(there);
	return {
		state: condition ?? (there.has(account) ? 'used' : other),
		minute,
		reported: reportedOf(report, there),
		turn: (turn + 1) % TURNS,
		novelty,
		// In a state in progress this entry may be a question of the interrupted run.
		isNoted: condition === undefined && there.has(NOTED),
		isAcceptedReported: there.has(ACCEPTED_REPORTED),
	};
}

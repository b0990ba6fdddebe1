import { HOURS, MOST_GONE, type Reported, STOPS } from '../health';
import {
	ACCEPTED_REPORTED,
	ALL_HEALTH,
	healthEntry,
	IN_PROGRESS,
	LAST_MINUTE,
	NumberEntries,
	sizeEntry,
	type StateEntries,
} from './entries';

/** Why and when something was last reported, and how many that are gone were not: all in one number. */
export const LAST_REPORT = new NumberEntries('report', { below: MOST_GONE * STOPS * HOURS });

/** A customer that failed has its turn in one of this many runs. */
export const TURNS = 3;

/** Whose turn it was in the last run. */
const LAST_TURN = new NumberEntries('turn', { below: TURNS });

/** Each customer has an entry for what became of it, and one that shows that it is known. */
export const ENTRIES_OF_A_CUSTOMER = 2;

/**
 * In which condition a run finds the sync state.
 * - `used`: it has what the last run left
 * - `otherAccount`: the last run pushed to another account, so that nothing counts as unchanged
 * - `otherSecret`: the same, and the account differs in nothing but its App Secret
 * - `empty`: there is nothing: this is the first run, or what was there is lost
 * - `interrupted`: the last run was interrupted, so that nothing counts as unchanged
 * - `none`: this n8n has no store for it, so that everything is sent
 */
export type StateCondition = 'used' | 'otherAccount' | 'otherSecret' | 'empty' | 'interrupted' | 'none';

/**
 * What the last run left of itself. Its time is no part of the fingerprints: a workflow that rests over a weekend, or another
 * 'Push Again After (Days)', would look as if all customers had changed.
 */
export interface LastRun {
	state: StateCondition;
	/** When it began, minutes since 1970; undefined where it is not known. */
	minute: number | undefined;
	/** What was last reported; undefined where that is not known. */
	reported: Reported | undefined;
	/** Which of the customers that failed had their turn, 0 to 2; undefined where it is not known. */
	turn: number | undefined;
}

/** Whose state it is. */
type Owner = Pick<StateEntries, 'account' | 'application'>;

/** The entries that show the last run of an account. @param count the number of entries in the state */
export function entriesOfLastRun({ account, application }: Owner, count: number): string[] {
	const ofOwner = [account, application, ACCEPTED_REPORTED, sizeEntry(count)];
	return [...ofOwner, ...REPORT_ENTRIES, ...LAST_MINUTE.all, ...LAST_TURN.all];
}

/** Entries of a closed state that a run has queried, and which of them it leaves instead of those it found. */
export interface Replacement {
	kind: readonly string[];
	entries: readonly string[];
}

const REPORT_ENTRIES: readonly string[] = [...ALL_HEALTH.map(healthEntry), ...LAST_REPORT.all];

/** What a run has added by querying what was last reported: once taken back, the next run reads it also if this one dies. */
export function queriesOfReport(there: ReadonlySet<string>): string[] {
	return REPORT_ENTRIES.filter((entry) => !there.has(entry));
}

/** Puts what is reported now in the place of what was reported before. */
export function replaceReport(reported: Reported): Replacement {
	return { kind: REPORT_ENTRIES, entries: entriesOfReport(reported) };
}

/** The same, and the minute of this run in the place of the last one's. */
export function replaceRun(reported: Reported, minute: number): Replacement {
	return {
		kind: [...REPORT_ENTRIES, ...LAST_MINUTE.all],
		entries: [...entriesOfReport(reported), ...LAST_MINUTE.of(minute)],
	};
}

function entriesOfReport({ health, stop, hour, gone }: Reported): string[] {
	const number = (Math.min(gone, MOST_GONE - 1) * STOPS + stop) * HOURS + hour;
	return [healthEntry(health), ...LAST_REPORT.of(number)];
}

function readReport(there: ReadonlySet<string>): Reported | undefined {
	const health = ALL_HEALTH.find((one) => there.has(healthEntry(one)));
	const number = LAST_REPORT.read(there);
	if (health === undefined || number === undefined) return undefined;
	const [stops, hour] = [Math.floor(number / HOURS), number % HOURS];
	return { health, stop: stops % STOPS, hour, gone: Math.floor(stops / STOPS) };
}

/**
 * Reads the last run from the response. A state is closed if it has as many entries as the last run left: what another run
 * has added, and not yet taken back, is nobody's fingerprint.
 * @param there which of the queried ones were there
 */
export function readLastRun(owner: Owner, count: number, there: ReadonlySet<string>): LastRun {
	const isClosed = (count === 0 || there.has(sizeEntry(count))) && !there.has(IN_PROGRESS);
	const other = there.has(owner.application) ? 'otherSecret' : 'otherAccount';
	const known = count === 0 ? 'empty' : there.has(owner.account) ? 'used' : other;
	return {
		state: isClosed ? known : 'interrupted',
		minute: LAST_MINUTE.read(there),
		reported: readReport(there),
		turn: LAST_TURN.read(there),
	};
}

/** What a run leaves of itself. */
export interface Left {
	owner: Owner;
	minute: number;
	reported: Reported;
	turn: number;
}

/** What a run leaves that ends: with the entries of its rows, a closed state. */
export function closedState({ owner, minute, reported, turn }: Left, ofRows: readonly string[]): string[] {
	const entries = [
		owner.account,
		owner.application,
		...entriesOfReport(reported),
		...LAST_MINUTE.of(minute),
		...LAST_TURN.of(turn),
		...ofRows,
	];
	return [...entries, sizeEntry(entries.length + 1)];
}

import { dayEntry, healthEntry, IN_PROGRESS, type Health } from '../stateEntries';

/** A run leaves an entry for its account, its day and its health, beside those of its customers. */
const ENTRIES_OF_A_RUN = 3;

/** `ok` needs no query: it is what remains. */
const BAD_HEALTH: readonly Health[] = ['failing', 'degraded'];

/**
 * In which condition a run finds the sync state.
 * - `used`: it has what the last run left
 * - `empty`: it knows nothing of this account: this is the first run, or the first with it
 * - `doubted`: the last run was interrupted, so that nothing counts as unchanged
 * - `none`: there is none or the store does not work, so that everything is sent
 */
export type StateCondition = 'used' | 'empty' | 'doubted' | 'none';

/**
 * What the last run left of itself. Its day is no part of the fingerprints: a workflow that rests over a weekend, or another
 * 'Push Again After', would look as if all customers had changed.
 */
export interface LastRun {
	state: StateCondition;
	/** How many customers it left. */
	customers: number;
	/** Its day, counted from 1970; undefined when it is too long ago: every customer is due. */
	day: number | undefined;
	/** Undefined when there was none. An interrupted one counts as failing. */
	health: Health | undefined;
}

/** Which account queries the last run, and when. */
export interface LastRunQuery {
	/** The entry of the account. */
	account: string;
	/** Days since 1970. */
	today: number;
	/** 'Push Again After', days. */
	everyDays: number;
}

/** The entries that show the last run. */
export function entriesOfLastRun({ account, today, everyDays }: LastRunQuery): string[] {
	return [account, ...BAD_HEALTH.map(healthEntry), ...possibleDays(today, everyDays).map(dayEntry)];
}

/**
 * Reads the last run from the response.
 * @param count the number of entries there were
 * @param there which of the queried ones were there
 */
export function readLastRun(
	count: number,
	there: ReadonlySet<string>,
	{ account, today, everyDays }: LastRunQuery,
): LastRun {
	const known = there.has(account) ? 'used' : 'empty';
	return {
		state: there.has(IN_PROGRESS) ? 'doubted' : known,
		customers: Math.max(0, count - ENTRIES_OF_A_RUN),
		day: possibleDays(today, everyDays).find((day) => there.has(dayEntry(day))),
		health: count === 0 ? undefined : (BAD_HEALTH.find((health) => there.has(healthEntry(health))) ?? 'ok'),
	};
}

/** From the newest. The clock of the worker that did the last run may be ahead. */
function possibleDays(today: number, everyDays: number): number[] {
	return Array.from({ length: everyDays + 1 }, (_, age) => today + 1 - age);
}

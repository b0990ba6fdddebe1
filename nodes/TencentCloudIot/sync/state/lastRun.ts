import { LAST_MINUTE } from '../numberEntries';
import { ALL_HEALTH, healthEntry, IN_PROGRESS, sizeEntry, type Health } from '../stateEntries';

/** A run leaves an entry for its account, its health and the size, and those of its minute, beside those of its customers. */
const ENTRIES_OF_A_RUN = 3 + LAST_MINUTE.of(0).length;

/**
 * In which condition a run finds the sync state.
 * - `used`: it has what the last run left
 * - `empty`: it knows nothing of this account: this is the first run, or the first with it
 * - `interrupted`: the last run was interrupted, so that nothing counts as unchanged
 * - `none`: there is none or the store does not work, so that everything is sent
 */
export type StateCondition = 'used' | 'empty' | 'interrupted' | 'none';

/**
 * What the last run left of itself. Its time is no part of the fingerprints: a workflow that rests over a weekend, or another
 * 'Push Again After', would look as if all customers had changed.
 */
export interface LastRun {
	state: StateCondition;
	/** How many customers it left. */
	customers: number;
	/** When it began, minutes since 1970; undefined where it is not known. */
	minute: number | undefined;
	/** Undefined when there was none. An interrupted one counts as failing. */
	health: Health | undefined;
}

/** The entries that show the last run of an account, in a state of so many entries. */
export function entriesOfLastRun(account: string, count: number): string[] {
	return [account, sizeEntry(count), ...ALL_HEALTH.map(healthEntry), ...LAST_MINUTE.all];
}

/**
 * Reads the last run from the response. A state is closed if it has as many entries as the last run left: what another run
 * has added, and not yet taken back, is nobody's fingerprint.
 * @param there which of the queried ones were there
 */
export function readLastRun(account: string, count: number, there: ReadonlySet<string>): LastRun {
	const isClosed = count === 0 || (there.has(sizeEntry(count)) && !there.has(IN_PROGRESS));
	const known = there.has(account) ? 'used' : 'empty';
	const health = ALL_HEALTH.find((one) => there.has(healthEntry(one))) ?? 'ok';
	return {
		state: isClosed && !there.has(IN_PROGRESS) ? known : 'interrupted',
		customers: Math.max(0, count - ENTRIES_OF_A_RUN),
		minute: LAST_MINUTE.read(there),
		health: count === 0 ? undefined : isClosed ? health : 'failing',
	};
}

/** What a run leaves that ends: with the entries of its customers, a closed state. */
export function closedState(
	{ account, minute, health }: { account: string; minute: number; health: Health },
	ofCustomers: readonly string[],
): string[] {
	const entries = [account, healthEntry(health), ...LAST_MINUTE.of(minute), ...ofCustomers];
	return [...entries, sizeEntry(entries.length + 1)];
}

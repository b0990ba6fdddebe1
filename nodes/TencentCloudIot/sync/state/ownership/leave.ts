import { slotOf, SLOTS } from '../../rePush';
import type { Replacement } from '../lastRun';
import type { Lease } from './lease';
import { outlastPassing, PASSING_MS } from './passing';

const NOTHING: Replacement = { kind: [], entries: [] };

/**
 * Removes what a run has added, as far as it is there. What another run had read before may bring it back: then once more.
 * Where the run still owns the state, entries take the place of others.
 */
export async function leave(lease: Lease, { kind, entries }: Replacement = NOTHING): Promise<void> {
	if (entries.length > 0) await lease.record(entries);
	const removed = new Set(lease.isLost ? lease.left : [...lease.left, ...kind]);
	if (!lease.isLost) for (const entry of entries) removed.delete(entry);
	await lease.added.remove([...removed]);
	await lease.clock.sleep(PASSING_MS);
	await isGone(lease, [...removed]);
}

/**
 * Leaves a state that another run has just opened, or is about to leave, after a while: until then the number of entries
 * tells that one to look again. Where both remove at once, each may bring back what the other one has removed.
 */
export async function leaveLater(lease: Lease): Promise<void> {
	await lease.clock.sleep(pauseMs(lease));
	await leave(lease);
}

/**
 * Leaves the closed state that a run found as it was, but for entries that take the place of others; an empty one stays
 * empty. A run that opened it at the same moment may bring back what it had read before: then once more.
 */
export async function restore(lease: Lease, { kind, entries }: Replacement = NOTHING): Promise<void> {
	const removed = new Set([...lease.added.all, ...kind]);
	if (lease.found > 0) for (const entry of entries) removed.delete(entry);
	await lease.added.remove([...removed]);
	await outlastPassing(lease.clock, async () => await isGone(lease, [...removed]), pauseMs(lease));
}

/**
 * Whether the state has as many entries as a run found that has removed what it had added. If not, it removes them again
 * where another run has brought them back; else `in progress` is there by another run.
 */
async function isGone(lease: Lease, removed: readonly string[]): Promise<boolean> {
	const count = await lease.count();
	if (count === lease.found) return true;
	await lease.added.remove(lease.added.ownTokens);
	if ((await lease.count()) < count) await lease.added.remove(removed);
	return false;
}

/** Not the same for two runs that meet: they do not stay in step. */
function pauseMs({ token }: Lease): number {
	return PASSING_MS * (1 + slotOf(token) / SLOTS);
}

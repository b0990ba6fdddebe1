import type { Clock } from '../../../service/transport/clock';
import { entriesOfOthers, readOthers } from '../../entries/waitEntries';
import { failed } from '../fence';
import type { Lease } from './lease';

/** A waiting run leaves within this time after it has seen a heartbeat; then this one goes on. Milliseconds. */
const LOOK_AGAIN_MS = 2000;
const MOST_LOOKS = 5;

/**
 * What a run knows that has settled in a closed state.
 * - `sure`: it owns the state, and has these entries of all that it relied on; the others came from a run that began at the
 *   same moment
 * - `unsure`: it owns the state, but somebody else has left entries in it: nothing counts as unchanged
 * - `other`: another run owns it
 */
export type Settled =
	| { is: 'sure'; there: ReadonlySet<string> }
	| { is: 'unsure' }
	| { is: 'other' }
	| { is: 'cancelled' };

/**
 * Makes a run the owner of a closed state that it has opened. Of runs that began at the same moment each may have read it
 * before the others wrote: the last one to write stays. After the time to settle all have written, and the others see that
 * their token is gone.
 * @param reliedOn entries that must have been there before
 */
export async function settle(
	lease: Lease,
	clock: Clock,
	reliedOn: readonly string[],
	signal: AbortSignal | undefined,
): Promise<Settled> {
	await lease.waitToSettle(signal);
	for (let look = 0; look < MOST_LOOKS && !lease.isLost; look++) {
		if (signal?.aborted) return { is: 'cancelled' };
		const there = await check(lease, reliedOn).catch(failed);
		if (there !== undefined) return { is: 'sure', there };
		if (!lease.isLost) await clock.sleep(LOOK_AGAIN_MS, signal);
	}
	if (lease.isLost) return { is: 'other' };
	lease.expect(await lease.count());
	return { is: 'unsure' };
}

/** @returns which of the entries are there; undefined when others have added some */
async function check(lease: Lease, reliedOn: readonly string[]): Promise<ReadonlySet<string> | undefined> {
	let isAlone = await lease.isAlone();
	if (!isAlone) {
		// A run that left may have overwritten what this one has added.
		await lease.restoreAdded();
		isAlone = !lease.isLost && (await lease.isAlone());
	}
	if (!isAlone) return undefined;
	const there = await lease.record(reliedOn.length === 0 ? [] : [...reliedOn, ...lease.added.all]);
	return lease.isLost ? undefined : there;
}

/**
 * How many entries a run that waits adds and removes in all: more than an active run gives heartbeats meanwhile. So no number
 * of waiting runs that come and go hides a heartbeat in the number of entries.
 */
const ENTRIES_OF_A_WAIT = 8;

/** What a run has found that came to a state in progress. */
export interface Arrival {
	lease: Lease;
	clock: Clock;
	signal: AbortSignal | undefined;
	/** The number of entries before it came. */
	count: number;
	/** Which of the entries that it queried were there. */
	there: ReadonlySet<string>;
	/** Whether another run has opened it in the last seconds. */
	isOpening: boolean;
	/** Called when this run begins to wait. */
	onWait: () => void;
}

/**
 * Takes over a state that another run has left in progress, if that one is dead.
 *
 * | this run finds | it does |
 * | --- | --- |
 * | that another one has just opened the state, waits, or is about to own it | leaves at once, and takes back what it added |
 * | nothing of that kind | leaves an entry that says since when it waits, and waits for `quietMs` |
 * | that nobody has written for `quietMs` since a run began to wait, itself or an earlier one | takes a new token, waits to settle, and owns the state if the token is there and nobody else has written |
 * | that somebody has written, e.g. an active run its heartbeat | leaves |
 *
 * What passing runs add and take back changes nothing. A run that is cut off while it waits leaves its entry: the next run
 * goes on where it was.
 * @returns whether this run owns the state; else another one does or will, or somebody cancelled this one
 */
export async function takeOver(arrival: Arrival): Promise<boolean> {
	const { lease, clock, signal, count, there, isOpening, onWait } = arrival;
	const { quietMs } = lease.timing;
	const others = readOthers(there, clock.nowMs(), count, quietMs);
	if (isOpening || others.isThere) return await leave(lease);
	// The token stays.
	await lease.added.undoQueries();
	let { expected } = lease;
	if (others.quietMs === undefined) {
		onWait();
		expected = await lease.announce('waiting', ENTRIES_OF_A_WAIT - 2);
		if (lease.isLost) return await leave(lease);
		await clock.sleep(quietMs, signal);
		if (signal?.aborted) return false;
	}
	if (!(await lease.hasCount(expected))) return await giveWay(lease, clock);
	return await claim(lease, signal);
}

async function claim(lease: Lease, signal: AbortSignal | undefined): Promise<boolean> {
	const expected = await lease.announce('settling', ENTRIES_OF_A_WAIT - 1);
	if (lease.isLost) return await leave(lease);
	await lease.waitToSettle(signal);
	if (signal?.aborted) {
		await lease.added.undoLast();
		return false;
	}
	if (!(await lease.hasCount(expected))) return await leave(lease);
	await lease.record([]);
	if (lease.isLost) return await leave(lease);
	lease.expect(expected);
	return true;
}

/** Another run has written. If it waits now, this one leaves so that the other can go on: without a write that stays. */
async function giveWay(lease: Lease, clock: Clock): Promise<boolean> {
	const count = await lease.count();
	const there = await lease.record(entriesOfOthers(clock.nowMs(), count));
	if (lease.isLost || !readOthers(there, clock.nowMs(), count, lease.timing.quietMs).isThere)
		return await leave(lease);
	await lease.added.undoLast();
	return false;
}

async function leave(lease: Lease): Promise<false> {
	await lease.leave();
	return false;
}

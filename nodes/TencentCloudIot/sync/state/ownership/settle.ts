import type { Clock } from '../../../service/transport/clock';
import { failed, stopwatch } from '../fence';
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
		const passedMs = stopwatch(clock);
		const there = await check(lease, reliedOn).catch(failed);
		if (there !== undefined) return { is: 'sure', there };
		if (!lease.isLost) await clock.sleep(Math.max(0, LOOK_AGAIN_MS - passedMs()), signal);
	}
	if (lease.isLost) return { is: 'other' };
	lease.expect(await lease.count());
	return { is: 'unsure' };
}

/** @returns which of the entries are there; undefined when others have added some */
async function check(lease: Lease, reliedOn: readonly string[]): Promise<ReadonlySet<string> | undefined> {
	// Who passes is gone soon; what is missing was overwritten.
	let isAlone = (await lease.count()) >= lease.expected && (await lease.hasCount(lease.expected));
	if (!isAlone) {
		// A run that left may have overwritten what this one has added.
		await lease.signalAlive(lease.added.all);
		isAlone = !lease.isLost && (await lease.count()) === lease.expected;
	}
	if (!isAlone) return undefined;
	const there = await lease.record(reliedOn.length === 0 ? [] : [...reliedOn, ...lease.added.all]);
	return lease.isLost ? undefined : there;
}

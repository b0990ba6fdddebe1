import { randomInt } from 'node:crypto';

import type { Random } from '../verdicts';
import { waitEntry } from './entries';
import type { Lease } from './lease';
import type { Opened, SyncSettings } from './settings';
import { failed, stopwatch } from './store';

/** A waiting run leaves within this time after it has seen a heartbeat; then this one goes on. Milliseconds. */
const LOOK_AGAIN_MS = 2000;
const MOST_LOOKS = 5;

/**
 * Makes a run the owner of a closed state that it has opened. Of runs that began at the same moment each may have read it
 * before the others wrote: the last one to write stays. After the time to settle all have written, and the others see that
 * their token is gone.
 * @param reliedOn entries that must have been there before
 * @returns which of these are there, the others came from a run that began at the same moment; `unsure` where it owns the state
 *   and somebody else has left entries in it, so that nothing counts as unchanged; `other` where another run owns it
 */
export async function settle(
	lease: Lease,
	reliedOn: readonly string[],
	signal: AbortSignal | undefined,
): Promise<ReadonlySet<string> | 'unsure' | 'other' | 'cancelled'> {
	await lease.waitToSettle(signal);
	for (let look = 0; look < MOST_LOOKS && !lease.isLost; look++) {
		if (signal?.aborted) return 'cancelled';
		const passedMs = stopwatch(lease.clock);
		const there = await check(lease, reliedOn).catch(failed);
		if (there !== undefined) return there;
		if (!lease.isLost) await lease.clock.sleep(Math.max(0, LOOK_AGAIN_MS - passedMs()), signal);
	}
	if (lease.isLost) return 'other';
	lease.expect(await lease.count());
	return 'unsure';
}

/** @returns which of the entries are there; undefined when others have added some */
async function check(lease: Lease, reliedOn: readonly string[]): Promise<ReadonlySet<string> | undefined> {
	// Who passes is gone soon; what is missing was overwritten.
	let isAlone = (await lease.count()) >= lease.expected && (await lease.hasCount(lease.expected));
	if (!isAlone) {
		// A run that left may have overwritten what this one has added.
		await lease.signalAlive([...lease.added]);
		isAlone = !lease.isLost && (await lease.isAt(lease.expected));
	}
	if (!isAlone) return undefined;
	const there = await lease.record(reliedOn.length === 0 ? [] : [...reliedOn, ...lease.added]);
	return lease.isLost ? undefined : there;
}

/**
 * How many entries a run that waits adds and removes in all: more than an active run gives heartbeats meanwhile, so that no
 * waiting runs that come and go hide a heartbeat in the number of entries; and not the same number for any two of them, so that
 * what one removes does not hide what another one adds.
 */
const FEWEST_ENTRIES = 8;
const MOST_ENTRIES = 15;

/** A run that came at the same moment has left after this time. Milliseconds. */
const SOON_MS = 800;

/** How often a run begins to wait, where what others took back has changed the number of entries. */
const MOST_WAITS = 6;

/** Those that watch do not end at the same moment: by so much, milliseconds. */
const WATCH_SPREAD_MS = 1000;
const LOOK_MS = 1000;

/** A run that has come to a state in progress. */
interface Arrival {
	lease: Lease;
	signal: AbortSignal | undefined;
	random: Random;
}

/**
 * Watches, without a write, whether a run that has announced itself is alive.
 * @returns the number of entries if nobody has written
 */
export async function watch(
	lease: Lease,
	{ signal, random = randomInt }: Pick<SyncSettings, 'signal' | 'random'>,
): Promise<number | undefined> {
	let passedMs = stopwatch(lease.clock);
	const watchMs = lease.timing.quietMs + random(0, WATCH_SPREAD_MS);
	let { found } = lease;
	let isReplaced = false;
	const isAsFound = async () => {
		const count = await lease.count();
		// Runs that pass add entries. Fewer are there only while another one ends.
		isReplaced ||= count < found;
		return isReplaced || count === found;
	};
	for (let looks = 0; passedMs() < watchMs; looks++) {
		await lease.clock.sleep(LOOK_MS, signal);
		const isQuiet = await lease.outlastPassing(isAsFound);
		if (signal?.aborted || isReplaced) return undefined;
		if (isQuiet) continue;
		if (looks > 0 || passedMs() > lease.timing.takeoverMs) return undefined;
		// Runs that came at the same moment may have left entries.
		found = await lease.count();
		passedMs = stopwatch(lease.clock);
	}
	// What a process that stood still would send is old.
	return passedMs() < watchMs + lease.timing.takeoverMs ? found : undefined;
}

/** What a run queries to see whether another one waits, or is about to own the state. @param count of entries in the state */
export function entriesOfOthers(count: number): string[] {
	return [waitEntry('waiting', count), waitEntry('settling', count)];
}

/**
 * Takes over a state that another run has left in progress, if that one is dead.
 *
 * | this run finds | it does |
 * | --- | --- |
 * | that another one has opened the state, waits, or is about to own it | takes back what it added, watches, and goes on when nobody has written: see `watch` |
 * | nothing of that kind | leaves an entry that says that it waits, and waits for `quietMs` |
 * | that nobody has written for `quietMs` since a run began to wait, itself or an earlier one | takes a new token, waits to settle, and owns the state if the token is there and nobody else has written |
 * | that runs which came at the same moment have taken back what they had added | waits anew |
 * | that somebody has written, e.g. an active run its heartbeat | leaves |
 *
 * What passing runs add and take back changes nothing.
 * @returns whether this run owns the state; else another one does or will, or somebody cancelled this one
 */
export async function takeOver(
	{ lease, isOwnerDead }: Opened,
	{ signal, random = randomInt, onWait }: SyncSettings,
): Promise<boolean> {
	const arrival = { lease, signal, random };
	if (!isOwnerDead) onWait?.(lease.timing.takeoverMs);
	let end = await (isOwnerDead ? claim(arrival, lease.expected, Infinity) : wait(arrival));
	for (let waits = 1; end === 'disturbed' && waits < MOST_WAITS; waits++) end = await wait(arrival);
	if (end === 'disturbed') await lease.leave();
	return end === 'owner';
}

/** What came of an attempt; `gone` when this run has left, or was cancelled. */
type End = 'owner' | 'disturbed' | 'gone';

async function wait(arrival: Arrival): Promise<End> {
	const { lease, signal } = arrival;
	const expected = await lease.announce('waiting', tokensOf(arrival));
	if (lease.isLost) return await afterLoss(arrival);
	await lease.clock.sleep(SOON_MS, signal);
	if (signal?.aborted) return 'gone';
	// Runs that came at the same moment have left; an active one gives its next heartbeat before this wait is over.
	if (!(await lease.isAt(expected))) return await afterOthers(arrival);
	await lease.clock.sleep(lease.timing.quietMs - SOON_MS, signal);
	return signal?.aborted ? 'gone' : await claim(arrival, expected);
}

/**
 * @param expected the number of entries if nobody has written
 * @param most see `afterOthers`
 */
async function claim(arrival: Arrival, expected: number, most = expected): Promise<End> {
	const { lease, signal } = arrival;
	if (!(await lease.hasCount(expected))) return await afterOthers(arrival, most);
	const settling = await lease.announce('settling', tokensOf(arrival));
	if (lease.isLost) return await afterLoss(arrival);
	await lease.waitToSettle(signal);
	if (signal?.aborted) {
		await lease.undoLast();
		return 'gone';
	}
	const announced = settling - expected;
	if (!(await lease.hasCount(settling))) return await afterOthers(arrival, most + announced);
	await lease.record([]);
	if (lease.isLost) return await afterLoss(arrival);
	lease.expect(settling);
	return 'owner';
}

/** How many new entries show what this run is about, beside the one that says so. */
function tokensOf({ random }: Arrival): number {
	return random(FEWEST_ENTRIES, MOST_ENTRIES + 1) - 1;
}

/**
 * Another run has written. If it waits now, this one leaves so that the other can go on: without a write that stays.
 * @param most the number of entries beyond which an active run has given its heartbeat
 */
async function afterOthers(arrival: Arrival, most = Infinity): Promise<End> {
	const { lease } = arrival;
	const count = await lease.count();
	const others = entriesOfOthers(count);
	const there = await lease.record(others);
	if (lease.isLost) return await afterLoss(arrival);
	await lease.undoLast();
	if (others.some((entry) => there.has(entry))) return 'gone';
	if (count <= most) return 'disturbed';
	await lease.leave();
	return 'gone';
}

/** A run that passes writes what it has read before: that may take this one's token away, too. */
async function afterLoss({ lease, signal }: Arrival): Promise<End> {
	if (!lease.renew()) {
		await lease.leave();
		return 'gone';
	}
	await lease.clock.sleep(SOON_MS, signal);
	return signal?.aborted ? 'gone' : 'disturbed';
}

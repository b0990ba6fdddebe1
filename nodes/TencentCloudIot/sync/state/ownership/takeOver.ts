import type { Clock } from '../../../service/transport/clock';
import { entriesOfOthers, readOthers } from '../../entries/waitEntries';
import type { Lease } from './lease';
import { leave, leaveLater } from './leave';

/**
 * How many entries a run that waits adds and removes in all: more than an active run gives heartbeats meanwhile. So no number
 * of waiting runs that come and go hides a heartbeat in the number of entries.
 */
const ENTRIES_OF_A_WAIT = 8;

/** A run that came at the same moment has left after this time. Milliseconds. */
const SOON_MS = 800;

/** How often a run begins to wait, where what others took back has changed the number of entries. */
const MOST_WAITS = 6;

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
 * | that another one has just opened the state | leaves soon, and takes back what it added |
 * | that another one waits, or is about to own it | leaves at once, and takes back what it added |
 * | nothing of that kind | leaves an entry that says since when it waits, and waits for `quietMs` |
 * | that nobody has written for `quietMs` since a run began to wait, itself or an earlier one | takes a new token, waits to settle, and owns the state if the token is there and nobody else has written |
 * | that runs which came at the same moment have taken back what they had added | waits anew |
 * | that somebody has written, e.g. an active run its heartbeat | leaves |
 *
 * What passing runs add and take back changes nothing. A run that is cut off while it waits leaves its entry: the next run
 * goes on where it was.
 * @returns whether this run owns the state; else another one does or will, or somebody cancelled this one
 */
export async function takeOver(arrival: Arrival): Promise<boolean> {
	const { lease, clock, count, there, isOpening, onWait } = arrival;
	const others = readOthers(there, clock.nowMs(), count, lease.timing.quietMs);
	if (isOpening || others.isThere) {
		await (isOpening ? leaveLater(lease) : leave(lease));
		return false;
	}
	// An earlier run has waited, was cut off, and nobody has written since.
	const isQuiet = others.quietMs !== undefined;
	if (!isQuiet) onWait();
	let end = await (isQuiet ? claim(arrival, lease.expected, Infinity) : wait(arrival, ENTRIES_OF_A_WAIT - 2));
	for (let waits = 1; end === 'disturbed' && waits < MOST_WAITS; waits++) {
		end = await wait(arrival, ENTRIES_OF_A_WAIT - 1);
	}
	if (end === 'disturbed') await leave(lease);
	return end === 'owner';
}

/** What came of an attempt; `gone` when this run has left, or was cancelled. */
type End = 'owner' | 'disturbed' | 'gone';

/** @param tokens how many new entries show that this run waits, beside the one that says since when */
async function wait(arrival: Arrival, tokens: number): Promise<End> {
	const { lease, clock, signal } = arrival;
	const expected = await lease.announce('waiting', tokens);
	if (lease.isLost) return await afterLoss(arrival);
	await clock.sleep(SOON_MS, signal);
	if (signal?.aborted) return 'gone';
	// Runs that came at the same moment have left; an active one gives its next heartbeat before this wait is over.
	if ((await lease.count()) !== expected) return await afterOthers(arrival);
	await clock.sleep(lease.timing.quietMs - SOON_MS, signal);
	return signal?.aborted ? 'gone' : await claim(arrival, expected);
}

/**
 * @param expected the number of entries if nobody has written
 * @param most see `afterOthers`
 */
async function claim(arrival: Arrival, expected: number, most = expected): Promise<End> {
	const { lease, signal } = arrival;
	if (!(await lease.hasCount(expected))) return await afterOthers(arrival, most);
	const settling = await lease.announce('settling', ENTRIES_OF_A_WAIT - 1);
	if (lease.isLost) return await afterLoss(arrival);
	await lease.waitToSettle(signal);
	if (signal?.aborted) {
		await lease.added.undoLast();
		return 'gone';
	}
	const announced = settling - expected;
	if (!(await lease.hasCount(settling))) return await afterOthers(arrival, most + announced);
	await lease.record([]);
	if (lease.isLost) return await afterLoss(arrival);
	lease.expect(settling);
	return 'owner';
}

/**
 * Another run has written. If it waits now, this one leaves so that the other can go on: without a write that stays.
 * @param most the number of entries beyond which an active run has given its heartbeat
 */
async function afterOthers(arrival: Arrival, most = Infinity): Promise<End> {
	const { lease, clock } = arrival;
	const count = await lease.count();
	const there = await lease.record(entriesOfOthers(clock.nowMs(), count));
	if (lease.isLost) return await afterLoss(arrival);
	await lease.added.undoLast();
	if (readOthers(there, clock.nowMs(), count, lease.timing.quietMs).isThere) return 'gone';
	if (count <= most) return 'disturbed';
	await leave(lease);
	return 'gone';
}

/** A run that passes writes what it has read before: that may take this one's token away, too. */
async function afterLoss({ lease, clock, signal }: Arrival): Promise<End> {
	if (!lease.renew()) {
		await leave(lease);
		return 'gone';
	}
	await clock.sleep(SOON_MS, signal);
	return signal?.aborted ? 'gone' : 'disturbed';
}

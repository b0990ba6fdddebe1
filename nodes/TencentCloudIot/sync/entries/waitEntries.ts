import { openingEntry, waitEntry, type WaitKind } from './stateEntries';

/** The wall clock is read in slots of this length, milliseconds: the clocks of two workers may differ by some seconds. */
const SLOT_MS = 5000;

/** How many slots back a run looks for another one that waits, or is about to own the state. */
const SLOTS_BACK: Readonly<Record<WaitKind, number>> = { waiting: 12, settling: 1 };

/** The entry by which a run shows others that it waits or settles. @param count the number of entries in the state */
export function waitEntryAt(kind: WaitKind, nowMs: number, count: number): string {
	return waitEntry(kind, slotAt(nowMs), count);
}

/** What a run adds that opens the state: a clock may be ahead or behind. */
export function entriesOfOpening(nowMs: number): string[] {
	return [1, 0, -1].map((slots) => openingEntry(slotAt(nowMs) + slots));
}

/** Whether another run has opened the state in the last five to ten seconds. */
export function isJustOpened(there: ReadonlySet<string>, nowMs: number): boolean {
	return there.has(openingEntry(slotAt(nowMs)));
}

/** What a run queries to see whether another one waits. @param count the number of entries in the state */
export function entriesOfOthers(nowMs: number, count: number): string[] {
	return [...entriesOf('waiting', nowMs, count), ...entriesOf('settling', nowMs, count)];
}

/** Whether another run waits, or is about to own the state; and else for how long nobody has written since one waited. */
export type Others = { isThere: true } | { isThere: false; quietMs: number | undefined };

/** Reads that from the response. @param neededMs a run that has waited for longer is dead, milliseconds */
export function readOthers(
	there: ReadonlySet<string>,
	nowMs: number,
	count: number,
	neededMs: number,
): Others {
	const waiting = entriesOf('waiting', nowMs, count).flatMap((entry, back) =>
		there.has(entry) ? [back] : [],
	);
	const isSettling = entriesOf('settling', nowMs, count).some((entry) => there.has(entry));
	// All of them at once: another run queries at this moment.
	if (isSettling || waiting.length > 1) return { isThere: true };
	const [back] = waiting;
	if (back === undefined) return { isThere: false, quietMs: undefined };
	const quietMs = nowMs - (slotAt(nowMs) + 2 - back) * SLOT_MS;
	return quietMs < neededMs ? { isThere: true } : { isThere: false, quietMs };
}

/** From that of the next slot back: a clock may be ahead. */
function entriesOf(kind: WaitKind, nowMs: number, count: number): string[] {
	const slots = Array.from({ length: SLOTS_BACK[kind] + 2 }, (_, back) => slotAt(nowMs) + 1 - back);
	return slots.map((slot) => waitEntry(kind, slot, count));
}

function slotAt(nowMs: number): number {
	return Math.floor(nowMs / SLOT_MS);
}

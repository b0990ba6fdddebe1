/**
 * What people have heard of receipts that could not be written. A log that is full is full in each run until the month is over, and a Sync may
 * run every quarter of an hour:
 *
 *     missing, and nobody has heard of this reason for a day     is told, with the sum since the last time
 *     missing, and somebody has                                  is added up for the next message, whatever that one is about
 */
import { integerOf, isInteger, readMembers } from '../edited';
import type { Written } from '../log/logTables';

interface ToldReceipts {
	/** Why some were missing last; undefined where none ever was. */
	why: Written['why'];
	/** When that was told last, Unix milliseconds. */
	atMs: number;
	/** How many are missing of which nobody has heard. */
	untold: number;
}

/** After this time the same reason is told once more. */
const AGAIN_MS = 24 * 3_600_000;

/**
 * Adds the receipts that a run could not write.
 * @param why undefined for a run that could write all
 * @returns what nobody has heard yet, and whether people are to hear of it now. A time in the future was noted by a clock that was wrong.
 */
export function addUnwritten(
	before: ToldReceipts,
	{ missing, why, nowMs }: Pick<Written, 'missing' | 'why'> & { nowMs: number },
): { after: ToldReceipts; isDue: boolean } {
	const sinceMs = nowMs - before.atMs;
	const wasTold = before.why === why && sinceMs >= 0 && sinceMs < AGAIN_MS;
	const after = { ...before, why: why ?? before.why, untold: before.untold + missing };
	return { after, isDue: missing > 0 && !wasTold };
}

/** A message has named all receipts that nobody had heard of. One about something else is no word about receipts. */
export function noteToldReceipts(before: ToldReceipts, nowMs: number): ToldReceipts {
	return before.untold === 0 ? before : { ...before, atMs: nowMs, untold: 0 };
}

const REASONS: ReadonlyArray<Written['why']> = ['tooLarge', 'full', 'notUsable'];

/** What `last` has; nothing was told where somebody has edited it. */
export function readToldReceipts(value: unknown): ToldReceipts {
	const { why, atMs, untold } = readMembers<ToldReceipts>(value);
	return {
		why: REASONS.find((reason) => reason === why),
		atMs: isInteger(atMs) ? atMs : 0,
		untold: integerOf(untold),
	};
}

/**
 * Receipts that could not be written, and which of them a message has reported. A full log is full in each run until the month is over, and a
 * Sync may run every quarter of an hour. So of receipts that are missing
 *
 *     for a reason that no message has reported for a day     a message reports the number since the last one
 *     for a reason that one has reported within a day         the next message, whatever it is about, reports the number
 */
import { integerOf, isInteger, readMembers } from '../edited';
import type { Written } from '../log/logTables';

interface UnwrittenReceipts {
	/** Why some were missing last; undefined where none ever was. */
	why: Written['why'];
	/** When a message last reported that some are missing, Unix milliseconds. */
	reportedMs: number;
	/** How many are missing that no message has reported. */
	unreported: number;
}

/** After this time the same reason is reported once more. */
const REMINDER_MS = 24 * 3_600_000;

/**
 * Adds the receipts that a run could not write.
 * @param why undefined for a run that could write all
 * @returns what no message has reported yet, and whether one is due for it. A time in the future comes from a wrong clock.
 */
export function addUnwritten(
	before: UnwrittenReceipts,
	{ missing, why, nowMs }: Pick<Written, 'missing' | 'why'> & { nowMs: number },
): { after: UnwrittenReceipts; isDue: boolean } {
	const sinceMs = nowMs - before.reportedMs;
	const wasReported = before.why === why && sinceMs >= 0 && sinceMs < REMINDER_MS;
	const after = { ...before, why: why ?? before.why, unreported: before.unreported + missing };
	return { after, isDue: missing > 0 && !wasReported };
}

/** Notes that a message has reported all that were unreported. If there were none it was about something else: nothing changes. */
export function noteReported(before: UnwrittenReceipts, nowMs: number): UnwrittenReceipts {
	return before.unreported === 0 ? before : { ...before, reportedMs: nowMs, unreported: 0 };
}

const REASONS: ReadonlyArray<Written['why']> = ['tooLarge', 'full', 'notUsable'];

/** Reads the member `unwrittenReceipts` of `last`. What somebody has edited counts as left out. */
export function readUnwritten(value: unknown): UnwrittenReceipts {
	const { why, reportedMs, unreported } = readMembers<UnwrittenReceipts>(value);
	return {
		why: REASONS.find((reason) => reason === why),
		reportedMs: isInteger(reportedMs) ? reportedMs : 0,
		unreported: integerOf(unreported),
	};
}

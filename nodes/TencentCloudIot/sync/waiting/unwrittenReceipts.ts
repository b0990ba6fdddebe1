/**
 * Counts the receipts that could not be written, and decides when a message reports them. A full log stays full until the month is over, and a
 * Sync may run every quarter of an hour. So a message is sent for missing receipts only if no message has reported the same reason within a day.
 * Else the next message reports their number, whatever it is about.
 */
import { integerOf, isInteger, readMembers } from '../edited';
import type { BatchResult } from '../log/logTables';

/** The receipts that a node could not write, as the cell `last` counts them in its member `unwrittenReceipts`. */
interface UnwrittenReceipts {
	/** Why receipts were last missing; undefined if none ever was. */
	why: BatchResult['why'];
	/** When a message last reported missing receipts, Unix milliseconds. */
	reportedMs: number;
	/** How many receipts are missing that no message has reported. */
	unreported: number;
}

/** Missing receipts are reported again after this time, even if the reason is the same. */
const REMINDER_MS = 24 * 3_600_000;

/**
 * Adds the receipts that a run could not write. If the last report lies in the future, a wrong clock has dated it, and it does not count.
 * @param why undefined if the run has written all receipts
 * @returns the new count, and whether a message is due for it
 */
export function addUnwritten(
	before: UnwrittenReceipts,
	{ missing, why, nowMs }: Pick<BatchResult, 'missing' | 'why'> & { nowMs: number },
): { after: UnwrittenReceipts; isDue: boolean } {
	const sinceReportMs = nowMs - before.reportedMs;
	const wasReported = before.why === why && sinceReportMs >= 0 && sinceReportMs < REMINDER_MS;
	const after = { ...before, why: why ?? before.why, unreported: before.unreported + missing };
	return { after, isDue: missing > 0 && !wasReported };
}

/** Notes that a message was sent, which reports all missing receipts. If none was missing, nothing changes. */
export function noteReported(before: UnwrittenReceipts, nowMs: number): UnwrittenReceipts {
	return before.unreported === 0 ? before : { ...before, reportedMs: nowMs, unreported: 0 };
}

const WHYS_MISSING: ReadonlyArray<BatchResult['why']> = ['tooLarge', 'full', 'notUsable'];

/** Reads the member `unwrittenReceipts` of the cell `last`. A value that somebody has edited so that it cannot be read is ignored. */
export function readUnwritten(value: unknown): UnwrittenReceipts {
	const { why, reportedMs, unreported } = readMembers<UnwrittenReceipts>(value);
	return {
		why: WHYS_MISSING.find((reason) => reason === why),
		reportedMs: isInteger(reportedMs) ? reportedMs : 0,
		unreported: integerOf(unreported),
	};
}

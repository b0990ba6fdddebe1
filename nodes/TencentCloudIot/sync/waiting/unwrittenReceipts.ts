/**
 * Counts the receipts that could not be written, and decides when a message reports them. A full log stays full until the month is over, and a
 * Sync may run every quarter of an hour. So a message is sent for missing receipts only if no message has reported the same reason within a day.
 * Else the next message that is sent for another reason reports the number of missing receipts.
 */
import { integerOf, isMoment, readMembers } from '../edited';
import type { LogBatchResult } from '../log/logWriter';

/** A message reports missing receipts again after this time, even if the reason is the same. */
const REMINDER_MS = 24 * 3_600_000;

const REASONS: ReadonlyArray<LogBatchResult['why']> = ['tooLarge', 'full', 'otherColumns', 'notUsable'];

/**
 * How many receipts a node could not write, and why. The receipts themselves are lost. The cell `last` keeps these members as JSON in its member
 * `unwrittenReceipts`.
 */
export class UnwrittenReceipts {
	/** Why receipts were last missing; undefined if none ever was. */
	readonly why: LogBatchResult['why'];
	/** When a message last reported missing receipts, Unix milliseconds. */
	readonly reportedMs: number;
	/** How many of the missing receipts no message has reported. */
	readonly unreported: number;

	private constructor({
		why,
		reportedMs,
		unreported,
	}: Pick<UnwrittenReceipts, 'why' | 'reportedMs' | 'unreported'>) {
		this.why = why;
		this.reportedMs = reportedMs;
		this.unreported = unreported;
	}

	/** Reads the member `unwrittenReceipts` of the cell `last`. A value that somebody has edited so that it cannot be read is ignored. */
	static read(value: unknown): UnwrittenReceipts {
		const { why, reportedMs, unreported } = readMembers<UnwrittenReceipts>(value);
		return new UnwrittenReceipts({
			why: REASONS.find((reason) => reason === why),
			reportedMs: isMoment(reportedMs) ? reportedMs : 0,
			unreported: integerOf(unreported),
		});
	}

	/**
	 * Adds the receipts that a run could not write. If the last report lies in the future, a wrong clock has dated it, and that report does not count.
	 * @param why undefined if the run has written all receipts
	 * @returns the new count, and whether a message about missing receipts is due
	 */
	addMissing({ missing, why, nowMs }: Pick<LogBatchResult, 'missing' | 'why'> & { nowMs: number }): {
		unwrittenAfter: UnwrittenReceipts;
		isMessageDue: boolean;
	} {
		const sinceReportMs = nowMs - this.reportedMs;
		const wasReasonReportedLately = this.why === why && sinceReportMs >= 0 && sinceReportMs < REMINDER_MS;
		const unreported = this.unreported + missing;
		const unwrittenAfter = new UnwrittenReceipts({ ...this, why: why ?? this.why, unreported });
		return { unwrittenAfter, isMessageDue: missing > 0 && !wasReasonReportedLately };
	}

	/** Notes that a message was sent, which reports all missing receipts. If none was missing, nothing changes. */
	noteReported(nowMs: number): UnwrittenReceipts {
		return this.unreported === 0
			? this
			: new UnwrittenReceipts({ ...this, reportedMs: nowMs, unreported: 0 });
	}
}

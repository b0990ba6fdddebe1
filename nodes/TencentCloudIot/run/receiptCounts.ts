import type { LogBatchResult } from '../sync/log/logWriter';
import type { LogMemory } from '../sync/log/runLog';

/** What became of the receipts of a run: how many this run has written to the log, and how many of its receipts the log lacks. */
export interface ReceiptCounts
	extends Pick<LogBatchResult, 'writtenCount' | 'missing'>,
		Partial<Pick<LogBatchResult, 'why'>> {
	/**
	 * Whether the log table into which the node's last run wrote no longer exists. Only this run's message reports it: the lock row then names
	 * the table into which this run wrote.
	 */
	isLogLost?: boolean;
	/** What the next run of the node has to know of the log; undefined for a Push, which has no lock row to keep it in. */
	logMemory?: LogMemory;
}

/** The counts of a run that writes no receipts. */
export const NO_RECEIPTS: ReceiptCounts = { writtenCount: 0, missing: 0 };

import type { ChangeLastCell } from '../sync/last';
import type { BatchResult } from '../sync/log/logWriter';
import type { LogMemory } from '../sync/log/runLog';
import type { RunResult } from './report/result';

/**
 * What a run has kept for people beside the sync state: receipts and the message to the group. `lastReceiptsOfGone` gives reports the ids
 * of customers that the rows no longer have.
 */
export interface KeptForPeople extends Pick<RunResult, 'lastReceiptsOfGone'> {
	/** How many receipts this run has written to the log, and how many of its receipts the log lacks. */
	receiptCounts: ReceiptCounts;
	/** The run's message to its group; undefined for a Push, because only a Sync writes messages. */
	groupMessage: GroupMessage | undefined;
}

/** What became of the receipts of a run. */
export interface ReceiptCounts
	extends Pick<BatchResult, 'writtenCount' | 'missing'>,
		Partial<Pick<BatchResult, 'why'>> {
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

/** The message of a Sync to a group of people, and what it leaves in the lock row for the messages of later runs. */
export interface GroupMessage {
	/**
	 * Adds what waits for people to the lock row's `last`, and chooses the news of the message. Called again if somebody else has changed the
	 * row meanwhile, with its new `last`.
	 */
	changeLastCell: ChangeLastCell;
	/** Whether there is news that nobody has confirmed. Final after `changeLastCell`, which adds the run to the news in the lock row. */
	readonly hasNews: boolean;
	/** The body to post to the group's robot; '' without news. Final after `changeLastCell`, which chooses the news of the message. */
	readonly messageBody: string;
}

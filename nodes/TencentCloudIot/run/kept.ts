import type { ChangeLast } from '../sync/last';
import type { Written } from '../sync/log/logTables';
import type { LogMemory } from '../sync/log/runLog';
import type { RunResult } from './report/result';

/** What a run leaves for people, beside the sync state: receipts and news. */
export interface KeptForPeople extends Pick<RunResult, 'gone'> {
	receipts: KeptReceipts;
	/** Of a Sync. */
	telling: Telling | undefined;
}

/** What became of the receipts of a run. */
export interface KeptReceipts extends Pick<Written, 'written' | 'missing'>, Partial<Pick<Written, 'why'>> {
	/** Whether receipts of earlier runs are gone: people hear of it once. */
	isLost?: boolean;
	/** What the next run of the node has to know of the log; undefined for a Push, which has no row to keep it. */
	memory?: LogMemory;
}

/** What became of the receipts of a run that writes none. */
export const NO_RECEIPTS: KeptReceipts = { written: 0, missing: 0 };

/** The message of a run of Sync, and what it leaves in the lock row for the messages after it. */
export interface Telling {
	/** Adds what waits for people to the lock row's `last`, and chooses the news of the message. Called again if the row has changed. */
	change: ChangeLast;
	/** Whether there is news that nobody has confirmed. To be called after `change`. */
	readonly hasNews: boolean;
	/** The body to post; '' without news. */
	readonly message: string;
}

import type { Failure } from '../../service/outcome';
import type { Clock } from '../../service/transport/clock';
import type { Marks } from '../marks';
import type { Random } from '../random';
import type { SyncCustomer } from './lookup';

/** What a run of Sync is to do. */
export interface SyncSettings {
	marks: Marks;
	/** The customers whose rows can be sent, in the order of the rows; none of them twice. */
	customers: readonly SyncCustomer[];
	/** Those whose rows cannot be sent, none of them twice and none among `customers`. */
	heldBack?: readonly string[];
	/** 'Send' is Every Customer. */
	sendAll: boolean;
	/** 'Stop Above', percent. */
	stopAbove: number;
	/** 'Push Again After', whole days; 0 for never. */
	pushAgainAfterDays: number;
	/** Nothing will be sent, and the memory is to stay as it is. */
	dryRun: boolean;
	clock: Clock;
	signal: AbortSignal | undefined;
	/** Why there is nothing to send, for a reason of all rows: the run only leaves how it ended. */
	refusal?: Failure | undefined;
	/** Called when the run has to wait for a sign of life of the one before it, with at most how long. Milliseconds. */
	onWait?: (longestMs: number) => void;
	random?: Random;
	newToken?: () => string;
}

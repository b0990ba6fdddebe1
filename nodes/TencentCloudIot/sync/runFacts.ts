import type { Failure, Outcome } from '../service/outcome';
import type { Health } from './stateEntries';
import type { StateCondition } from './state/lastRun';
import type { Verdict } from './plan';

/** A customer whose rows can be sent, and what became of it. */
export interface CustomerFacts {
	customerId: string;
	devices: number;
	itemIndexes: readonly number[];
	/** Undefined for an operation without a memory. */
	verdict: Verdict | undefined;
	/** Undefined when no request was begun. */
	outcome: Outcome | undefined;
}

/** Rows that cannot be sent. */
export interface HeldBackFacts {
	/** Undefined for rows of which nobody knows whose they are. */
	customerId: string | undefined;
	itemIndexes: readonly number[];
	/** Why. */
	failure: Failure;
}

/** What a run found in its memory. */
interface MemoryFacts {
	state: StateCondition;
	/** How the run before it ended, or an earlier try of this one. */
	healthBefore: Health | undefined;
	/** How the run before it ended; `ok` where none is known. */
	healthTold: Health;
}

/** What a run did. */
export interface RunFacts {
	customers: readonly CustomerFacts[];
	/** Whether also those were to be sent that are unchanged. */
	sendAll: boolean;
	/** Also the rest of customers that were sent in part. */
	heldBack: readonly HeldBackFacts[];
	rows: { total: number; invalid: number };
	requests: number;
	retries: number;
	durationMs: number;
	/** What the memory was to it, for an operation that has one. */
	memory: MemoryFacts | undefined;
	/** Why nothing was sent at all. */
	stopped: Failure | undefined;
	/** Why nothing more was sent from some moment on. */
	paused: Failure | undefined;
}

/** How many customers were not sent, not even in part, since their rows cannot be. */
export function countHeldBack({ customers, heldBack }: Pick<RunFacts, 'customers' | 'heldBack'>): number {
	if (heldBack.length === 0) return 0;
	const ids = new Set(heldBack.flatMap(({ customerId }) => customerId ?? []));
	for (const { customerId } of customers) ids.delete(customerId);
	return ids.size;
}

import { classifyFault } from '../../service/fault';
import { notSent, type Failure } from '../../service/outcome';
import type { Health } from '../marks';
import type { Verdict } from '../plan';
import type { MemoryState } from './lastRun';
import type { SyncSettings } from './settings';

/** What a run begins with. */
export interface Begun {
	memory: MemoryState;
	/** Of each customer, in their order. */
	verdicts: readonly Verdict[];
	/** How the last run ended, as far as it is known. */
	healthBefore: Health | undefined;
	/** Why nothing may be sent; in a Dry Run, why nothing would be. */
	stopped: Failure | undefined;
}

export const CANCELLED = classifyFault({ kind: 'CANCELLED', written: false });

export const ALREADY_RUNNING = notSent(
	'ALREADY_RUNNING',
	'Another run of this node is under way.',
	'The next run pushes what is new. Start the workflow less often than one run of it takes',
);

export const MEMORY_NOT_USABLE = notSent(
	'MEMORY_NOT_USABLE',
	'The database of n8n did not answer, so that it is not known what was pushed before.',
	"Run the workflow again when n8n's database works. The operation Push needs no memory",
);

/** What a run begins with that `claimRun` does not let begin: as in another process, the other one's memory is open. */
export function withoutClaim({ customers }: Pick<SyncSettings, 'customers'>): Begun {
	const verdicts = allChanged(customers);
	return { memory: 'doubted', verdicts, healthBefore: 'failing', stopped: ALREADY_RUNNING };
}

/** Where there is nothing to compare with, every customer is sent. */
export function sendingAll(memory: MemoryState, { customers, refusal }: SyncSettings): Begun {
	return { memory, verdicts: allChanged(customers), healthBefore: undefined, stopped: refusal };
}

export function allChanged(customers: readonly unknown[]): Verdict[] {
	return customers.map(() => 'changed');
}

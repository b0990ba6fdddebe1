import { notSent, type Failure } from '../../service/outcome';
import type { Verdict } from '../plan';
import type { Health } from '../stateEntries';
import type { StateCondition } from './lastRun';
import type { SyncSettings } from './settings';

/** What a run knows when it has begun. */
export interface Begun {
	state: StateCondition;
	/** Of each customer, in their order. */
	verdicts: readonly Verdict[];
	/** How the last run ended; undefined where it is not known. */
	healthBefore: Health | undefined;
	/** Why nothing may be sent; in a Dry Run, why nothing would be. */
	stopped: Failure | undefined;
}

export const ALREADY_RUNNING = notSent(
	'ALREADY_RUNNING',
	'Another run of this node is under way.',
	'The next run pushes what is new. Start the workflow less often than one run of it takes',
);

export const STATE_NOT_USABLE = notSent(
	'MEMORY_NOT_USABLE',
	'The database of n8n did not answer, so that it is not known what was pushed before.',
	"Run the workflow again when n8n's database works. The operation Push needs no memory",
);

const claimed = new Set<string>();

/**
 * Lets one run of each node at a time go on in this process.
 * @param node names workflow and node
 * @returns what ends the claim; undefined while another run has it
 */
export function claimRun(node: string): (() => void) | undefined {
	if (claimed.has(node)) return undefined;
	claimed.add(node);
	return () => void claimed.delete(node);
}

/** What a run gets that has no claim: the same as beside a run in another process. */
export function besideOther({ customers }: Pick<SyncSettings, 'customers'>): Begun {
	const verdicts = allChanged(customers);
	return { state: 'doubted', verdicts, healthBefore: 'failing', stopped: ALREADY_RUNNING };
}

/** Every customer is sent where there is nothing to compare with. */
export function sendingAll(state: StateCondition, { customers, refusal }: SyncSettings): Begun {
	return { state, verdicts: allChanged(customers), healthBefore: undefined, stopped: refusal };
}

export function allChanged(customers: readonly unknown[]): Verdict[] {
	return customers.map(() => 'changed');
}

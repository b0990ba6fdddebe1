import { hash } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

import { isToolCall } from '../input/agentInput';
import type { Call } from '../operation';
import type { Connection } from '../service/connection';
import type { Failure, Outcome } from '../service/outcome';
import { executionState } from './executionState';

interface Kept {
	refusedKey?: { run: string; firstItem: number | undefined; failure: Failure };
}

/**
 * That the service refused App Key or App Secret in this run of the node. The engine's Retry On Fail begins it again with
 * the same credential: it would be refused again. Where an agent itself calls its tool nothing is kept.
 */
export class RefusedKey {
	/** Why nothing is sent in this try, if the key was refused in an earlier one. */
	readonly failure: Failure | undefined;
	readonly #kept: Kept;
	readonly #run: string;
	readonly #firstItem: number | undefined;

	constructor(context: IExecuteFunctions, { endpoint, appKey }: Connection) {
		const { $runIndex } = context.getWorkflowDataProxy(0);
		const run = [$runIndex, endpoint, appKey].map(String).join(' ');
		this.#run = hash('sha256', run, 'base64url').slice(0, 22);
		this.#kept = isToolCall(context) ? {} : executionState(context);
		const known = this.#kept.refusedKey?.run === this.#run ? this.#kept.refusedKey : undefined;
		this.failure = known?.failure;
		this.#firstItem = known?.firstItem;
	}

	/** The outcome of the call whose request was refused in an earlier try. */
	outcomeOf({ itemIndexes }: Call): Outcome | undefined {
		return this.#firstItem === itemIndexes[0] ? this.failure : undefined;
	}

	/** Keeps what became of a call, if it tells that the key is refused. */
	record({ itemIndexes }: Call, outcome: Outcome): void {
		if (outcome.outcome === 'OK' || outcome.scope !== 'run' || this.failure !== undefined) return;
		if (outcome.refused !== 'signature' && outcome.refused !== 'appKey') return;
		this.#kept.refusedKey = { run: this.#run, firstItem: itemIndexes[0], failure: outcome };
	}
}

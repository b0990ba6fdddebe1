import { createHash } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { Connection } from './connection';
import type { Call } from './operation';
import { digestOf, encodeParameters } from './service/signature';

/** RequestIds of accepted requests, by what was sent and for which items. Ids of users are only in the hash. */
type Accepted = Record<string, string>;

/**
 * What the service accepted in this run of the node. It stands in the execution's own data, which survives the
 * engine's Retry On Fail and is saved by Cancel, so that a re-run does not send again what is already there.
 */
export class Ledger {
	readonly #action: string;
	readonly #accepted: Accepted;
	readonly #isNew: boolean;

	constructor(context: IExecuteFunctions, action: string, { endpoint, appKey }: Connection) {
		this.#action = action;
		// In a loop each round is a run of its own, and sends what it is told to.
		const { $runIndex } = context.getWorkflowDataProxy(0);
		const account = createHash('sha256').update(`${endpoint} ${appKey}`).digest('base64url').slice(0, 22);
		const run = `${String($runIndex)} ${account}`;
		const kept = context.getContext('node') as { run?: string; accepted?: Accepted };
		this.#isNew = kept.run !== run;
		if (this.#isNew) Object.assign(kept, { run, accepted: {} });
		this.#accepted = kept.accepted ?? {};
	}

	/** The RequestId by which the service accepted this call earlier. */
	find(call: Call): string | undefined {
		if (this.#isNew) return undefined;
		return this.#accepted[
			keyOf(call, digestOf(encodeParameters({ Action: this.#action, ...call.parameters })))
		];
	}

	/** @param digest of the Action and the call's parameters */
	record(call: Call, digest: string, requestId: string): void {
		this.#accepted[keyOf(call, digest)] = requestId;
	}
}

/** Two items may ask for the same thing; each of them is done once. */
function keyOf({ itemIndexes }: Call, digest: string): string {
	return `${itemIndexes[0]}.${digest}`;
}

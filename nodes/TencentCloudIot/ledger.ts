import { createHash } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { Connection } from './connection';
import type { Call } from './operation';
import type { Delivered } from './service/sender';
import { digestOf, encodeParameters } from './service/signature';

/** What an earlier try of this run left behind, by what was sent and for which items. */
interface Kept {
	run?: string;
	/** RequestIds of accepted requests. Ids of users are only in the hash that is the key. */
	accepted?: Record<string, string>;
	/** Requests of which nobody knows whether they were applied. */
	unclear?: Record<string, true>;
}

/**
 * What became of requests in this run of the node. It stands in the execution's own data, which survives the
 * engine's Retry On Fail and is saved by Cancel, so that a re-run neither sends again what is already there nor calls
 * untried what an earlier try may have stored.
 */
export class Ledger {
	readonly #action: string;
	readonly #kept: Required<Kept>;
	readonly #isNew: boolean;

	constructor(context: IExecuteFunctions, action: string, { endpoint, appKey }: Connection) {
		this.#action = action;
		// In a loop each round is a run of its own, and sends what it is told to.
		const { $runIndex } = context.getWorkflowDataProxy(0);
		const account = createHash('sha256').update(`${endpoint} ${appKey}`).digest('base64url').slice(0, 22);
		const run = `${String($runIndex)} ${account}`;
		const kept = context.getContext('node') as Kept;
		this.#isNew = kept.run !== run;
		if (this.#isNew) Object.assign(kept, { run, accepted: {}, unclear: {} });
		this.#kept = kept as Required<Kept>;
	}

	/** The RequestId by which the service accepted this call earlier. */
	find(call: Call): string | undefined {
		if (this.#isNew) return undefined;
		const digest = digestOf(encodeParameters({ Action: this.#action, ...call.parameters }));
		return this.#kept.accepted[keyOf(call, digest)];
	}

	/** Keeps what became of a call, and returns it with what an earlier try knows of it. */
	record(call: Call, delivered: Delivered): Delivered {
		const { accepted, unclear } = this.#kept;
		const { outcome, digest, requestIds } = delivered;
		const key = keyOf(call, digest);
		if (outcome.outcome === 'OK') {
			accepted[key] = outcome.requestId ?? requestIds.at(-1) ?? '';
			return delivered;
		}
		if (outcome.outcome === 'UNKNOWN') unclear[key] = true;
		return key in unclear ? { ...delivered, outcome: { ...outcome, outcome: 'UNKNOWN' } } : delivered;
	}
}

/** Two items may ask for the same thing; each of them is done once. */
function keyOf({ itemIndexes }: Call, digest: string): string {
	return `${itemIndexes[0]}.${digest}`;
}

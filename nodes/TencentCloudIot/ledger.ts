import { createHash } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { Connection } from './connection';
import type { Call } from './operation';
import type { Failure, Outcome, Success } from './service/outcome';
import type { Delivered } from './service/sender';
import { digestOf, encodeParameters, type Parameters } from './service/signature';

/** What an earlier try of this run left behind, by what was sent and for which items. */
interface Kept {
	run?: string;
	/** Accepted requests: their RequestId, or the answer as well. Ids of users are only in the hash that is the key. */
	accepted?: Record<string, string | Success>;
	/** Requests of which nobody knows whether they were applied; with the outcome where they must not be repeated. */
	unclear?: Record<string, true | Failure>;
}

/**
 * What became of requests in this run of the node. It stands in the execution's own data, which survives the
 * engine's Retry On Fail and is saved by Cancel, so that a re-run neither sends again what is already there, or may
 * be and must not be there twice, nor calls untried what an earlier try may have stored.
 */
export class Ledger {
	readonly #repeatable: boolean;
	readonly #kept: Required<Kept>;
	readonly #isNew: boolean;

	/** @param repeatable whether a request that may have been applied may be sent again */
	constructor(context: IExecuteFunctions, { endpoint, appKey }: Connection, repeatable: boolean) {
		this.#repeatable = repeatable;
		// In a loop each round is a run of its own, and sends what it is told to.
		const { $runIndex } = context.getWorkflowDataProxy(0);
		const account = createHash('sha256').update(`${endpoint} ${appKey}`).digest('base64url').slice(0, 22);
		const run = `${String($runIndex)} ${account}`;
		const kept = context.getContext('node') as Kept;
		this.#isNew = kept.run !== run;
		if (this.#isNew) Object.assign(kept, { run, accepted: {}, unclear: {} });
		this.#kept = kept as Required<Kept>;
	}

	/**
	 * What became of this call in an earlier try, if it must not be sent again.
	 * @param request the Action and the call's parameters
	 */
	find(call: Call, request: Parameters): Outcome | undefined {
		if (this.#isNew) return undefined;
		const key = keyOf(call, digestOf(encodeParameters(request)));
		const accepted = this.#kept.accepted[key];
		if (typeof accepted === 'string') return { outcome: 'OK', data: {}, requestId: accepted };
		const unclear = this.#kept.unclear[key];
		return accepted ?? (unclear === true ? undefined : unclear);
	}

	/** Keeps what became of a call, and returns it with what an earlier try knows of it. */
	record(call: Call, delivered: Delivered): Delivered {
		const { accepted, unclear } = this.#kept;
		const { outcome, digest, requestIds } = delivered;
		const key = keyOf(call, digest);
		const requestId = outcome.requestId ?? requestIds.at(-1) ?? '';
		if (outcome.outcome === 'OK') {
			accepted[key] = isPlainOk(outcome) ? requestId : { ...outcome, requestId };
			return delivered;
		}
		if (outcome.outcome === 'UNKNOWN') unclear[key] = this.#repeatable || { ...outcome, requestId };
		return key in unclear ? { ...delivered, outcome: { ...outcome, outcome: 'UNKNOWN' } } : delivered;
	}
}

/** Whether nothing of the answer is needed to tell of it once more. */
function isPlainOk({ data }: Success): boolean {
	return Object.keys(data).every((name) => name === 'Status' || name === 'RequestId');
}

/** Two items may ask for the same thing; each of them is done once. */
function keyOf({ itemIndexes }: Call, digest: string): string {
	return `${itemIndexes[0]}.${digest}`;
}

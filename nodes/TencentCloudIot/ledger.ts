import { createHash } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { Connection } from './connection';
import type { Call } from './operation';
import type { Outcome } from './service/outcome';
import type { Delivered } from './service/sender';
import { digestOf, encodeParameters, type Parameters } from './service/signature';

/** A RequestId, which is all there is to a plain Status OK, or an outcome as it was. */
type Kept = string | Outcome;

/** What became of requests, by what was sent and for which items. Ids of users are only in the hash. */
type Accepted = Record<string, Kept>;

/**
 * What must not be sent again in this run of the node: what the service accepted, and what it may have accepted and
 * would do twice. It stands in the execution's own data, which survives the engine's Retry On Fail and is saved by
 * Cancel. A re-run gets the outcome that was kept.
 */
export class Ledger {
	readonly #accepted: Accepted;
	readonly #isNew: boolean;

	constructor(context: IExecuteFunctions, { endpoint, appKey }: Connection) {
		// In a loop each round is a run of its own, and sends what it is told to.
		const { $runIndex } = context.getWorkflowDataProxy(0);
		const account = createHash('sha256').update(`${endpoint} ${appKey}`).digest('base64url').slice(0, 22);
		const run = `${String($runIndex)} ${account}`;
		const kept = context.getContext('node') as { run?: string; accepted?: Accepted };
		this.#isNew = kept.run !== run;
		if (this.#isNew) Object.assign(kept, { run, accepted: {} });
		this.#accepted = kept.accepted ?? {};
	}

	/**
	 * What became of this call in an earlier try.
	 * @param request the Action and the call's parameters
	 */
	find(call: Call, request: Parameters): Outcome | undefined {
		if (this.#isNew) return undefined;
		const kept = this.#accepted[keyOf(call, digestOf(encodeParameters(request)))];
		return typeof kept === 'string' ? { outcome: 'OK', data: {}, requestId: kept } : kept;
	}

	/** @param delivered that of a request which must not be sent again */
	record(call: Call, { outcome, digest, requestIds }: Delivered): void {
		const requestId = outcome.requestId ?? requestIds.at(-1) ?? '';
		this.#accepted[keyOf(call, digest)] = isPlainOk(outcome) ? requestId : { ...outcome, requestId };
	}
}

/** Whether nothing of the answer is needed to tell of it once more. */
function isPlainOk(outcome: Outcome): boolean {
	return (
		outcome.outcome === 'OK' &&
		Object.keys(outcome.data).every((name) => name === 'Status' || name === 'RequestId')
	);
}

/** Two items may ask for the same thing; each of them is done once. */
function keyOf({ itemIndexes }: Call, digest: string): string {
	return `${itemIndexes[0]}.${digest}`;
}

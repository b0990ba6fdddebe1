import { hash } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { Connection } from '../service/connection';
import type { Call } from '../operation';
import type { Outcome } from '../service/outcome';
import type { Delivered } from '../service/delivery/sender';
import { digestOf, encodeParameters, type Parameters } from '../service/signature';

/** What earlier tries of this run left behind, by what was sent and for which items. Ids of users are only in the hash. */
interface Kept {
	run: string;
	/** What must not be sent again: a RequestId, which is all there is to a plain Status OK, or an outcome as it was. */
	settled: Record<string, string | Outcome>;
	/** Requests that may be sent again, but of which nobody knows whether they were applied. */
	unclear: Record<string, true>;
}

/**
 * What became of requests in this run of the node. It stands in the execution's own data, which survives the
 * engine's Retry On Fail and is saved by Cancel, so that a re-run neither sends again what is already there, or may be
 * there and would be done twice, nor calls untried what an earlier try may have stored.
 */
export class Ledger {
	readonly #kept: Kept;
	readonly #isNew: boolean;

	constructor(context: IExecuteFunctions, { endpoint, appKey }: Connection) {
		// In a loop each round is a run of its own, and sends what it is told to.
		const { $runIndex } = context.getWorkflowDataProxy(0);
		const account = hash('sha256', `${endpoint} ${appKey}`, 'base64url').slice(0, 22);
		const run = `${String($runIndex)} ${account}`;
		this.#kept = context.getContext('node') as Kept;
		this.#isNew = this.#kept.run !== run;
		if (this.#isNew) Object.assign(this.#kept, { run, settled: {}, unclear: {} });
	}

	/**
	 * What became of this call in an earlier try, if it must not be sent again.
	 * @param request the Action and the call's parameters
	 */
	find(call: Call, request: Parameters): Outcome | undefined {
		if (this.#isNew) return undefined;
		const kept = this.#kept.settled[keyOf(call, digestOf(encodeParameters(request)))];
		return typeof kept === 'string' ? { outcome: 'OK', data: {}, requestId: kept } : kept;
	}

	/**
	 * Keeps what became of a call, and returns it with what an earlier try knows of it.
	 * @param isRepeatable whether the call may be sent again when it is unclear
	 */
	record(call: Call, delivered: Delivered, isRepeatable: boolean): Delivered {
		const { settled, unclear } = this.#kept;
		const { outcome, digest, requestIds } = delivered;
		const key = keyOf(call, digest);
		const requestId = outcome.requestId ?? requestIds.at(-1) ?? '';
		if (isPlainOk(outcome)) settled[key] = requestId;
		else if (outcome.outcome === 'OK') settled[key] = { ...outcome, requestId };
		else if (outcome.outcome === 'UNKNOWN' && !isRepeatable) settled[key] = { ...outcome, requestId };
		else if (outcome.outcome === 'UNKNOWN') unclear[key] = true;
		else if (key in unclear) return { ...delivered, outcome: { ...outcome, outcome: 'UNKNOWN' } };
		return delivered;
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

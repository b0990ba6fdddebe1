import { hash } from 'node:crypto';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isToolCall } from '../input/agentInput';
import type { Call } from '../operation';
import type { Outcome } from '../service/outcome';
import type { Delivered } from '../service/delivery/sender';
import { digestOf, encodeParameters, type Parameters } from '../service/signature';
import { executionState } from './executionState';

/** What earlier tries of a run left behind, by place. */
interface Kept {
	/** What must not be sent again. A plain Status OK is a text: the digest of what was sent, then the RequestId. */
	settled: Record<string, Settled>;
	/** What may be sent again, but of which nobody knows whether it was applied. */
	unclear: Record<string, true>;
}

type Settled = string | SettledAsSent | SettledForGood;

type Place = Pick<Call, 'itemIndexes' | 'subject'>;

type KeptOf = { kept: Kept; isNew: boolean };

/** Settled for a call that says the same. */
interface SettledAsSent {
	digest: string;
	outcome: Outcome;
}

/** Settled whatever the call's parameters have become since. */
interface SettledForGood {
	call: Omit<Call, 'itemIndexes'>;
	outcome: Outcome;
}

/** A call that an earlier try has settled, as it was sent then. */
export interface Earlier {
	call: Call;
	outcome: Outcome;
}

const DIGEST_LENGTH = 22;

/** The tries of one tool call have nothing in common but the arguments that the model gave for it. */
const toolCalls = new WeakMap<object, Kept>();

/**
 * What became of requests in this run of the node, so that another try by the engine's Retry On Fail neither sends again
 * what is already there, or may be there and would be done twice, nor calls untried what an earlier try may have stored.
 * Parameters may evaluate to something else at each try (`$now`, a counter), so that a call is known by its place.
 */
export class Ledger {
	/** Whether there was no earlier try. */
	readonly isNew: boolean;
	readonly #kept: Kept;
	readonly #isRepeatable: boolean;

	/** @param isRepeatable whether a call may be sent again when its answer was lost */
	constructor(context: IExecuteFunctions, items: readonly INodeExecutionData[], isRepeatable: boolean) {
		const { kept, isNew } = isToolCall(context) ? keptOfToolCall(items) : keptOfRun(context);
		this.#kept = kept;
		this.isNew = isNew;
		this.#isRepeatable = isRepeatable;
	}

	/**
	 * What an earlier try has settled of this call, if it must not be sent again.
	 * @param request the Action and the call's parameters
	 */
	find(call: Call, request: Parameters): Earlier | undefined {
		const forGood = this.findForGood(call);
		const kept = this.#settled(call);
		if (forGood !== undefined || kept === undefined) return forGood;
		const { digest, outcome } = typeof kept === 'string' ? plainOk(kept) : (kept as SettledAsSent);
		return digest === digestOf(encodeParameters(request)) ? { call, outcome } : undefined;
	}

	/** What an earlier try has settled in this place whatever is read there now, usable or not. */
	findForGood(place: Place): Earlier | undefined {
		const kept = this.#settled(place);
		if (typeof kept !== 'object' || !('call' in kept)) return undefined;
		return { call: { ...kept.call, itemIndexes: place.itemIndexes }, outcome: kept.outcome };
	}

	/** Whether an earlier try has, or may have, stored something in this place. */
	mayHold(place: Place): boolean {
		return !this.isNew && (this.#settled(place) !== undefined || placeOf(place) in this.#kept.unclear);
	}

	/** Keeps what became of a call, and returns it with what an earlier try knows of it. */
	record(call: Call, delivered: Delivered): Delivered {
		const { settled, unclear } = this.#kept;
		const { outcome } = delivered;
		const place = placeOf(call);
		if (outcome.outcome === 'OK' || (outcome.outcome === 'UNKNOWN' && !this.#isRepeatable)) {
			settled[place] = this.#settledBy(call, delivered);
		} else if (outcome.outcome === 'UNKNOWN') {
			delete settled[place];
			unclear[place] = true;
		} else if (this.mayHold(call)) {
			return { ...delivered, outcome: { ...outcome, outcome: 'UNKNOWN' } };
		}
		return delivered;
	}

	#settled(place: Place): Settled | undefined {
		return this.isNew ? undefined : this.#kept.settled[placeOf(place)];
	}

	#settledBy({ action, parameters, subject }: Call, { outcome, digest, requestIds }: Delivered): Settled {
		const requestId = outcome.requestId ?? requestIds.at(-1) ?? '';
		const told = { ...outcome, requestId };
		if (!this.#isRepeatable) return { call: { action, parameters, subject }, outcome: told };
		return isPlainOk(outcome) ? digest + requestId : { digest, outcome: told };
	}
}

/** That of the engine's run of the node. In a loop each round is a run of its own, and sends what it is told to. */
function keptOfRun(context: IExecuteFunctions): KeptOf {
	const state = executionState(context) as { ledger?: Kept & { run: unknown } };
	const { $runIndex: run } = context.getWorkflowDataProxy(0);
	const isNew = state.ledger?.run !== run;
	if (isNew) state.ledger = { run, settled: {}, unclear: {} };
	return { kept: state.ledger!, isNew };
}

function keptOfToolCall([item]: readonly INodeExecutionData[]): KeptOf {
	const known = toolCalls.get(item!.json);
	const kept = known ?? { settled: {}, unclear: {} };
	toolCalls.set(item!.json, kept);
	return { kept, isNew: known === undefined };
}

/** Two items may ask for the same thing, and each of them is done once. An id of a user is a key only as its hash. */
function placeOf({ itemIndexes, subject }: Place): string {
	return subject === undefined
		? String(itemIndexes[0])
		: hash('sha256', subject, 'base64url').slice(0, DIGEST_LENGTH);
}

/** Whether nothing of the answer is needed to tell of it once more. */
function isPlainOk(outcome: Outcome): boolean {
	return (
		outcome.outcome === 'OK' &&
		Object.keys(outcome.data).every((name) => name === 'Status' || name === 'RequestId')
	);
}

function plainOk(text: string): SettledAsSent {
	const requestId = text.slice(DIGEST_LENGTH);
	return { digest: text.slice(0, DIGEST_LENGTH), outcome: { outcome: 'OK', data: {}, requestId } };
}

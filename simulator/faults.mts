import type { Parameters } from './parameters.mts';
import type { ServiceError } from './refusal.mts';
import type { RequestFacts } from './requestRecord.mts';

/** What a fault can look at: a request as it arrived, before any check. */
export interface ArrivedRequest extends RequestFacts {
	/** Its place in `simulator.requests`, from 0. */
	readonly index: number;
	/** All parameters of the body; empty if it was no JSON object. */
	readonly parameters: Parameters;
}

/**
 * A way to treat a request badly.
 *
 * - `reset`: the connection is reset without a response
 * - `applyThenReset`: the request is carried out, then the connection is reset
 * - `silence`: no response ever comes; the connection stays open
 * - `status`: any HTTP response
 * - `error`: the service's own error response, in the envelope of the moment
 * - `body`: these bytes as a response with status 200
 * - `late`: the usual response, but not before the promise is settled
 *
 * The request is not carried out, unless the kind is `applyThenReset` or `late` or `applyFirst` is set; then it is
 * checked and carried out as usual, and only the response is lost, replaced or late.
 */
export type Fault = { readonly applyFirst?: boolean } & (
	| { readonly kind: 'reset' | 'applyThenReset' | 'silence' }
	| {
			readonly kind: 'status';
			readonly status: number;
			readonly body?: string | Uint8Array;
			readonly headers?: Readonly<Record<string, string>>;
	  }
	| ({ readonly kind: 'error' } & ServiceError)
	| { readonly kind: 'body'; readonly body: string | Uint8Array }
	| { readonly kind: 'late'; readonly until: Promise<unknown> }
);

/** A fault and the requests it is for: one index, all of one CustomerId, or all that a predicate picks. */
export type FaultRule = Fault & {
	readonly on: number | string | ((request: ArrivedRequest) => boolean);
	/** How many requests at most; no limit when left out. */
	readonly times?: number;
};

/** A list, where the first rule that fits is taken, or a function asked for each request. */
export type Faults = readonly FaultRule[] | ((request: ArrivedRequest) => Fault | undefined);

/** Gives each request its fault, and keeps count of how often a rule was used. */
export class FaultPlan {
	readonly #faults: Faults;
	readonly #uses = new Map<FaultRule, number>();

	constructor(faults: Faults) {
		this.#faults = faults;
	}

	faultFor(request: ArrivedRequest): Fault | undefined {
		if (typeof this.#faults === 'function') {
			return this.#faults(request);
		}
		const rule = this.#faults.find((candidate) => this.#fits(candidate, request));
		if (rule) {
			this.#uses.set(rule, this.#usesOf(rule) + 1);
		}
		return rule;
	}

	/** Starts counting anew. */
	reset(): void {
		this.#uses.clear();
	}

	#fits(rule: FaultRule, request: ArrivedRequest): boolean {
		return this.#usesOf(rule) < (rule.times ?? Infinity) && isMeant(rule.on, request);
	}

	#usesOf(rule: FaultRule): number {
		return this.#uses.get(rule) ?? 0;
	}
}

function isMeant(on: FaultRule['on'], request: ArrivedRequest): boolean {
	if (typeof on === 'function') {
		return on(request);
	}
	return typeof on === 'number' ? on === request.index : on === request.CustomerId;
}

import type { Parameters } from './parameters.mts';
import type { ServiceError } from './refusal.mts';
import type { RequestFacts } from './requestRecord.mts';

/** What a fault can look at: a request as it arrived, before any check. */
export interface ArrivedRequest extends RequestFacts {
	/** Its place in `simulator.requests`, from 0. */
	readonly index: number;
	/** All parameters of the body; empty if it was not a JSON object. */
	readonly parameters: Parameters;
}

/**
 * A way to treat a request badly.
 *
 * - `reset`: the connection is reset without a response
 * - `applyThenReset`: the request is carried out, then the connection is reset
 * - `silence`: no response ever comes; the connection stays open
 * - `status`: any HTTP response
 * - `error`: the service's own error response, in the current envelope
 * - `body`: these bytes as a response with status 200
 * - `late`: the usual response, after the promise has settled
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

/** A fault and its requests: one index, all of one CustomerId, or all that match a predicate. */
export type FaultRule = Fault & {
	readonly on: number | string | ((request: ArrivedRequest) => boolean);
	/** The maximum number of requests; no limit when left out. */
	readonly times?: number;
};

/** A list whose first matching rule applies, or a function that is called for each request. */
export type Faults = readonly FaultRule[] | ((request: ArrivedRequest) => Fault | undefined);

/** Picks the fault of each request, and counts how often each rule was used. */
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

	/** Restarts the counts. */
	reset(): void {
		this.#uses.clear();
	}

	#fits(rule: FaultRule, request: ArrivedRequest): boolean {
		return this.#usesOf(rule) < (rule.times ?? Infinity) && matches(rule.on, request);
	}

	#usesOf(rule: FaultRule): number {
		return this.#uses.get(rule) ?? 0;
	}
}

function matches(on: FaultRule['on'], request: ArrivedRequest): boolean {
	if (typeof on === 'function') {
		return on(request);
	}
	return typeof on === 'number' ? on === request.index : on === request.CustomerId;
}

import type { Failure } from '../outcome';

/** Waits of full jitter: a random part of a ceiling that doubles with each attempt. Milliseconds. */
const BASE_MS = 200;
const CEILING_MS = 20_000;

/**
 * After throttling the jitter comes on top of this time: a rate limit counts the requests of a second, and until that
 * second is over another attempt is refused as well. Milliseconds.
 */
const THROTTLED_MS = 1_000;

/**
 * The retry budget of a run, so that an outage does not triple the load: a retry takes its cost, a success after retries
 * gives their cost back, and any other success one token.
 */
const BUDGET_TOKENS = 500;
const TRANSIENT_COST = 10;
const THROTTLED_COST = 5;

export interface RetryOptions {
	maxAttempts: number;
	/** Whether a request that may have been applied may be sent again. */
	isIdempotent: boolean;
	/** Uniform in [0, 1). */
	random: () => number;
}

/** Decides for one run whether and when a failed request is retried. */
export class RetryPolicy {
	readonly #options: RetryOptions;
	#tokens = BUDGET_TOKENS;

	constructor(options: RetryOptions) {
		this.#options = options;
	}

	/**
	 * The wait before the next attempt in milliseconds, or undefined when there is none.
	 * @param attempts the number of attempts so far, this failed one included
	 */
	waitBeforeNext(failure: Failure, attempts: number): number | undefined {
		if (failure.retry === 'never' || attempts >= this.#options.maxAttempts) return undefined;
		if (failure.outcome === 'UNKNOWN' && !this.#options.isIdempotent) return undefined;
		const cost = costOf(failure);
		if (this.#tokens < cost) return undefined;
		this.#tokens -= cost;
		const leastMs = failure.retry === 'throttled' ? THROTTLED_MS : 0;
		const jitterMs = this.#options.random() * Math.min(CEILING_MS, BASE_MS * 2 ** (attempts - 1));
		return Math.max(failure.retryAfterMs ?? 0, leastMs + jitterMs);
	}

	/** @param failures the failed attempts before the success */
	succeeded(failures: readonly Failure[]): void {
		const refund = failures.reduce((sum, failure) => sum + costOf(failure), 0);
		this.#tokens = Math.min(BUDGET_TOKENS, this.#tokens + Math.max(1, refund));
	}
}

function costOf(failure: Failure): number {
	return failure.retry === 'throttled' ? THROTTLED_COST : TRANSIENT_COST;
}

import type { RequestFailure } from '../outcome';

/** Exponential backoff with full jitter: each wait is a random part of a ceiling that doubles. */
const BASE_MS = 200;
const CEILING_MS = 20_000;

/**
 * After throttling, the jitter is added to this time: a rate limit counts the requests of a second, so a retry within
 * the same second would also be rejected.
 */
const THROTTLED_MS = 1_000;

/**
 * The retry budget of a run, so that an outage does not triple the load: a retry takes its cost, a success after retries
 * refunds their cost, and any other success adds one token.
 */
const BUDGET_TOKENS = 500;
const TRANSIENT_COST = 10;
const THROTTLED_COST = 5;

/** What decides whether a run's requests are retried. */
export interface RetryOptions {
	/** The most attempts of a request, the first one included. */
	maxAttempts: number;
	/** Whether a request that may have been applied may be sent again. */
	isIdempotent: boolean;
	/** Uniform in [0, 1): the jitter of the waits. */
	random?: () => number;
}

/** Decides for one run whether and when a failed request is retried. */
export class RetryPolicy {
	readonly #options: Required<RetryOptions>;
	#tokens = BUDGET_TOKENS;

	constructor(options: RetryOptions) {
		this.#options = { random: Math.random, ...options };
	}

	/**
	 * Decides whether a failed request is retried. A retry takes its cost from the budget.
	 * @param attempts the number of attempts so far, this failed one included
	 */
	takeRetry(failure: RequestFailure, attempts: number): boolean {
		if (failure.retry === 'never' || attempts >= this.#options.maxAttempts) {
			return false;
		}
		if (failure.outcome === 'UNKNOWN' && !this.#options.isIdempotent) {
			return false;
		}
		const cost = retryCostOf(failure);
		if (this.#tokens < cost) {
			return false;
		}
		this.#tokens -= cost;
		return true;
	}

	/**
	 * How long to wait after a failed attempt, in milliseconds.
	 * @param attempts the number of attempts so far, this failed one included
	 */
	waitAfter({ retry, retryAfterMs = 0 }: RequestFailure, attempts: number): number {
		const leastMs = retry === 'throttled' ? THROTTLED_MS : 0;
		const jitterMs = this.#options.random() * Math.min(CEILING_MS, BASE_MS * 2 ** (attempts - 1));
		return Math.max(retryAfterMs, leastMs + jitterMs);
	}

	/**
	 * Refunds the cost of the retries before a success.
	 * @param failures the failed attempts before the success
	 */
	noteSuccess(failures: readonly RequestFailure[]): void {
		const refund = failures.reduce((sum, failure) => sum + retryCostOf(failure), 0);
		this.#tokens = Math.min(BUDGET_TOKENS, this.#tokens + Math.max(1, refund));
	}
}

function retryCostOf(failure: RequestFailure): number {
	return failure.retry === 'throttled' ? THROTTLED_COST : TRANSIENT_COST;
}

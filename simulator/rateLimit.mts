import type { RateLimit } from './options.mts';

const windowMs = 1000;

/** Checks requests against a rate limit: at most `perSecond` in any one second, however they are spaced. */
export class RateLimiter {
	readonly limit: RateLimit;
	/** The times of the last admitted requests: a ring buffer whose next slot holds the oldest. */
	readonly #admittedAtMs: number[];
	#next = 0;

	constructor(limit: RateLimit) {
		this.limit = limit;
		this.#admittedAtMs = new Array<number>(limit.perSecond).fill(-Infinity);
	}

	/**
	 * Whether the request with this index is within the limit. `nowMs` comes from a monotonic clock.
	 * Requests above the limit do not count towards it.
	 */
	admits(index: number, nowMs: number): boolean {
		if (index < (this.limit.startsAfterRequests ?? 0)) {
			return true;
		}
		if (nowMs - this.#admittedAtMs[this.#next]! < windowMs) {
			return false;
		}
		this.#admittedAtMs[this.#next] = nowMs;
		this.#next = (this.#next + 1) % this.#admittedAtMs.length;
		return true;
	}
}

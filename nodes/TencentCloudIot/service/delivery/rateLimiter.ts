import pLimit, { type LimitFunction } from 'p-limit';

import type { Clock } from '../transport/clock';
import { AdaptiveRate } from './adaptiveRate';

export interface RateLimiterOptions {
	/** The most requests in flight at once. */
	concurrency: number;
	/** The most requests started per second; 0 for no limit. */
	requestsPerSecond: number;
	clock: Clock;
	signal?: AbortSignal | undefined;
}

/**
 * When the next request of a run may start: a number of slots, an even spacing in time, and a pause of everything
 * when the service says that it is too much. Throttling halves the slots and slows the rate; success gives both back.
 */
export class RateLimiter {
	readonly #options: RateLimiterOptions;
	readonly #slots: LimitFunction;
	readonly #rate: AdaptiveRate;
	readonly #firstStartMs: number;
	#nextStartMs = 0;
	#pausedUntilMs = 0;
	#throttledMs = -Infinity;
	#successes = 0;

	constructor(options: RateLimiterOptions) {
		this.#options = options;
		this.#firstStartMs = options.clock.elapsedMs();
		this.#slots = pLimit(options.concurrency);
		this.#rate = new AdaptiveRate(options.requestsPerSecond > 0 ? options.requestsPerSecond : Infinity);
	}

	/** Slots in use at most at the moment. */
	get concurrency(): number {
		return this.#slots.concurrency;
	}

	/**
	 * Runs a task in a slot, when its turn has come. Undefined when the signal is aborted first.
	 * @param task gets the moment of its start, for `throttled`
	 */
	async run<T>(task: (startedMs: number) => Promise<T>): Promise<T | undefined> {
		return await this.#slots(async () => {
			await this.#turn();
			return this.#options.signal?.aborted ? undefined : await task(this.#options.clock.elapsedMs());
		});
	}

	/** No request starts before this time is over. Milliseconds. */
	pause(pauseMs: number): void {
		this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#options.clock.elapsedMs() + pauseMs);
	}

	/**
	 * Goes slower after the service said that it is too much. Requests that were under way at that moment are refused
	 * for the same reason, which counts once.
	 */
	throttled(startedMs: number): void {
		if (startedMs <= this.#throttledMs) return;
		this.#throttledMs = this.#options.clock.elapsedMs();
		this.#rate.throttled(this.#throttledMs, Math.max(this.#firstStartMs, this.#pausedUntilMs));
		this.#slots.concurrency = Math.max(1, Math.floor(this.#slots.concurrency / 2));
		this.#successes = 0;
	}

	/** Gives one slot back for each full round of successes. */
	succeeded(): void {
		this.#rate.succeeded(this.#options.clock.elapsedMs());
		if (this.#slots.concurrency === this.#options.concurrency) return;
		if (++this.#successes < this.#slots.concurrency) return;
		this.#slots.concurrency += 1;
		this.#successes = 0;
	}

	async #turn(): Promise<void> {
		const { clock, signal } = this.#options;
		let startMs = this.#reserveStart();
		while (startMs > clock.elapsedMs() && !signal?.aborted) {
			await clock.sleep(startMs - clock.elapsedMs(), signal);
			// A pause that came while this request waited moves its start.
			if (this.#pausedUntilMs > startMs) startMs = this.#reserveStart();
		}
	}

	#reserveStart(): number {
		const nowMs = this.#options.clock.elapsedMs();
		const startMs = Math.max(this.#nextStartMs, this.#pausedUntilMs, nowMs);
		this.#nextStartMs = startMs + 1000 / this.#rate.perSecond(nowMs);
		return startMs;
	}
}

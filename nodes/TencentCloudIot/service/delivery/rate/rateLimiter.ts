import type { Clock } from '../../transport/clock';
import { AdaptiveRate } from './adaptiveRate';

const SECOND_MS = 1_000;

/** No request is assumed to arrive at the service later than this after its start. Milliseconds. */
const LATEST_ARRIVAL_MS = 250;

/** Also the fastest request may have travelled slower than another one will. Milliseconds. */
const JITTER_MS = 10;

/** A request of the last second. Milliseconds of `elapsedMs`. */
interface Started {
	atMs: number;
	/** Infinity while it is in flight. */
	endedMs: number;
}

export interface RateLimiterOptions {
	/** The most requests that start in any second; 0 for no limit. */
	requestsPerSecond: number;
	clock: Clock;
	signal?: AbortSignal | undefined;
}

/**
 * Decides when the next request of a run may start: evenly spaced by a rate that adapts to throttling, after a pause of
 * all requests, and never more than configured in any second, also when a busy event loop delayed some starts.
 */
export class RateLimiter {
	readonly #options: RateLimiterOptions;
	readonly #rate: AdaptiveRate;
	/** The last requests, a ring as long as the limit; the one at `#oldest` is replaced next. */
	readonly #started: Started[];
	#oldest = 0;
	/** The shortest time from start to end of a request: the delay that all arrivals share. */
	#fastestMs = Number.MAX_VALUE;
	readonly #firstStartMs: number;
	#nextStartMs = 0;
	#pausedUntilMs = 0;
	#throttledMs = -Infinity;

	constructor(options: RateLimiterOptions) {
		const { clock, requestsPerSecond } = options;
		this.#options = options;
		this.#firstStartMs = clock.elapsedMs();
		this.#rate = new AdaptiveRate(requestsPerSecond > 0 ? requestsPerSecond : Infinity);
		const length = Math.ceil(requestsPerSecond);
		this.#started = Array.from({ length }, () => ({ atMs: -Infinity, endedMs: Infinity }));
	}

	/**
	 * Runs a task as soon as it may start. Undefined when the signal is aborted first.
	 * @param task gets the moment of its start, for `throttled`
	 */
	async run<T>(task: (startedMs: number) => Promise<T>): Promise<T | undefined> {
		const { clock, signal } = this.#options;
		await this.#waitForStart();
		if (signal?.aborted) return undefined;
		const started = { atMs: clock.elapsedMs(), endedMs: Infinity };
		if (this.#started.length > 0) {
			this.#started[this.#oldest] = started;
			this.#oldest = (this.#oldest + 1) % this.#started.length;
		}
		try {
			return await task(started.atMs);
		} finally {
			started.endedMs = clock.elapsedMs();
			this.#fastestMs = Math.min(this.#fastestMs, started.endedMs - started.atMs);
		}
	}

	/** No request starts before this time is over. Milliseconds. */
	pause(pauseMs: number): void {
		this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#options.clock.elapsedMs() + pauseMs);
	}

	/** Slows down after throttling. Requests that were in flight at that moment count once. */
	throttled(startedMs: number): void {
		if (startedMs <= this.#throttledMs) return;
		this.#throttledMs = this.#options.clock.elapsedMs();
		this.#rate.throttled(this.#throttledMs, Math.max(this.#firstStartMs, this.#pausedUntilMs));
	}

	succeeded(): void {
		this.#rate.succeeded(this.#options.clock.elapsedMs());
	}

	async #waitForStart(): Promise<void> {
		const { clock, signal } = this.#options;
		let startMs = this.#reserveStart();
		while (!signal?.aborted) {
			// A pause that came while this request waited moves its start.
			if (this.#pausedUntilMs > startMs) startMs = this.#reserveStart();
			const waitMs = Math.max(startMs, this.#windowFreeMs()) - clock.elapsedMs();
			if (waitMs <= 0) return;
			await clock.sleep(waitMs, signal);
		}
	}

	/** When the second is over that began with the arrival of the oldest request. */
	#windowFreeMs(): number {
		const oldest = this.#started[this.#oldest];
		if (oldest === undefined) return -Infinity;
		const { atMs, endedMs } = oldest;
		const sharedMs = Math.max(0, this.#fastestMs - JITTER_MS);
		return Math.min(atMs + LATEST_ARRIVAL_MS, endedMs - sharedMs) + SECOND_MS;
	}

	#reserveStart(): number {
		const nowMs = this.#options.clock.elapsedMs();
		const startMs = Math.max(this.#nextStartMs, this.#pausedUntilMs, nowMs);
		this.#nextStartMs = startMs + SECOND_MS / this.#rate.perSecond(nowMs);
		return startMs;
	}
}

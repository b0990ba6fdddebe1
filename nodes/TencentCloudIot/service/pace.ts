import PQueue from 'p-queue';

import type { Clock } from './clock';

export interface PaceOptions {
	/** The most requests in flight at once. */
	concurrency: number;
	/** The most requests started per second; 0 for no limit. */
	requestsPerSecond: number;
	clock: Clock;
	signal?: AbortSignal | undefined;
}

/**
 * When the next request of a run may start: a number of slots, an even spacing in time, and a pause of everything
 * when the service says that it is too much. Throttling halves the slots; each full round of successes gives one back.
 */
export class Pace {
	readonly #slots: PQueue;
	readonly #options: PaceOptions;
	readonly #spacingMs: number;
	#nextStartMs = 0;
	#pausedUntilMs = 0;
	#successes = 0;

	constructor(options: PaceOptions) {
		this.#options = options;
		this.#slots = new PQueue({ concurrency: options.concurrency });
		this.#spacingMs = options.requestsPerSecond > 0 ? 1000 / options.requestsPerSecond : 0;
	}

	/** Slots in use at most at the moment. */
	get concurrency(): number {
		return this.#slots.concurrency;
	}

	/**
	 * Runs a task in a slot, when its turn has come. Undefined when the run is cancelled first.
	 */
	async run<T>(task: () => Promise<T>): Promise<T | undefined> {
		return await this.#slots.add(async () => {
			await this.#turn();
			return this.#options.signal?.aborted ? undefined : await task();
		});
	}

	throttled(pauseMs: number): void {
		this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#options.clock.elapsedMs() + pauseMs);
		this.#slots.concurrency = Math.max(1, Math.floor(this.#slots.concurrency / 2));
		this.#successes = 0;
	}

	succeeded(): void {
		if (this.#slots.concurrency === this.#options.concurrency || ++this.#successes < this.#slots.concurrency)
			return;
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
		const startMs = Math.max(this.#nextStartMs, this.#pausedUntilMs, this.#options.clock.elapsedMs());
		this.#nextStartMs = startMs + this.#spacingMs;
		return startMs;
	}
}

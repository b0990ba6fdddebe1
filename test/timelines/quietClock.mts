import { setImmediate as settle, setTimeout as realTime } from 'node:timers/promises';
import { TimelineClock } from './timelineClock.mts';

interface Sleep {
	readonly endMs: number;
	readonly wake: () => void;
}

/**
 * A clock that advances only while everything waits: when nothing happens any more, the sleep with the earliest end finishes at
 * its time. Anything without a sleep, such as a request, takes no time.
 */
export class QuietClock extends TimelineClock {
	readonly #sleeps = new Set<Sleep>();
	readonly #countEvents: () => number;
	#isPassing = false;

	/** @param countEvents how many events other than sleeps, such as requests, have happened so far */
	constructor(countEvents: () => number) {
		super();
		this.#countEvents = countEvents;
	}

	override async sleep(ms: number): Promise<void> {
		await new Promise<void>((wake) => {
			this.#sleeps.add({ endMs: this.elapsedMs + ms, wake });
			if (!this.#isPassing) {
				void this.#pass();
			}
		});
	}

	async #pass(): Promise<void> {
		this.#isPassing = true;
		while (this.#sleeps.size > 0) {
			await this.#quiet();
			const first = [...this.#sleeps].reduce((a, b) => (b.endMs < a.endMs ? b : a));
			this.#sleeps.delete(first);
			await this.advance(first.endMs - this.elapsedMs);
			first.wake();
		}
		this.#isPassing = false;
	}

	/** Waits until nothing has happened in this process for some turns of its event loop. */
	async #quiet(): Promise<void> {
		let before: number;
		do {
			before = this.#countEvents();
			for (let turn = 0; turn < 10; turn++) {
				await settle();
			}
			await realTime(1);
		} while (this.#countEvents() !== before);
	}
}

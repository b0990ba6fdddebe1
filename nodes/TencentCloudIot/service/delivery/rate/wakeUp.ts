import type { Clock } from '../../transport/clock';

/** One sleep at a time, until the earliest moment at which there is something to do. */
export class WakeUp {
	readonly #clock: Clock;
	readonly #onTime: () => void;
	#sleep: { untilMs: number; ends: AbortController } | undefined;

	constructor(clock: Clock, onTime: () => void) {
		this.#clock = clock;
		this.#onTime = onTime;
	}

	/** @param untilMs by `elapsedMs`; a later time than before leaves the sleep as it is, and Infinity ends it */
	at(untilMs: number): void {
		if (untilMs < Infinity && (this.#sleep?.untilMs ?? Infinity) <= untilMs) return;
		this.#sleep?.ends.abort();
		this.#sleep = undefined;
		if (untilMs === Infinity) return;
		const sleep = { untilMs, ends: new AbortController() };
		this.#sleep = sleep;
		void this.#clock.sleep(untilMs - this.#clock.elapsedMs(), sleep.ends.signal).then(() => {
			// An earlier one has taken its place.
			if (this.#sleep !== sleep) return;
			this.#sleep = undefined;
			this.#onTime();
		});
	}
}

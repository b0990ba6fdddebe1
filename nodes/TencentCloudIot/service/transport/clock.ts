/** The port to time. Tests pass their own. */
export interface Clock {
	/** Wall clock, Unix milliseconds: for timestamps. */
	nowMs(): number;
	/** Milliseconds that never jump: for waits and rates. */
	elapsedMs(): number;
	/** Resolves after `ms`, or soon after the signal is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
	/** Calls `ring` after `ms`, unless the returned function was called first. */
	alarm(ms: number, ring: () => void): () => void;
}

/**
 * The deadlines of a run's requests. All have the same timeout, so they pass in the order in which they were set and one
 * alarm at a time serves them all: a timer for each request would be a tenth of a request's cost.
 */
export class Deadlines {
	readonly #timeoutMs: number;
	readonly #clock: Clock;
	/** The callback of each and when it is due, in milliseconds of `elapsedMs`; the next one first. */
	readonly #due = new Map<() => void, number>();
	#cancelAlarm: (() => void) | undefined;

	constructor(timeoutMs: number, clock: Clock) {
		this.#timeoutMs = timeoutMs;
		this.#clock = clock;
	}

	/** Calls `onPassed` once after the timeout, unless the returned function was called first. */
	set(onPassed: () => void): () => void {
		this.#due.set(onPassed, this.#clock.elapsedMs() + this.#timeoutMs);
		if (this.#cancelAlarm === undefined) this.#wakeAfter(this.#timeoutMs);
		return () => void this.#due.delete(onPassed);
	}

	/** Turns the alarm off: no deadline passes any more. */
	close(): void {
		this.#cancelAlarm?.();
	}

	#wakeAfter(ms: number): void {
		this.#cancelAlarm = this.#clock.alarm(ms, () => this.#wake());
	}

	#wake(): void {
		for (const [onPassed, dueMs] of this.#due) {
			const restMs = dueMs - this.#clock.elapsedMs();
			if (restMs > 0) return this.#wakeAfter(restMs);
			this.#due.delete(onPassed);
			onPassed();
		}
		this.#cancelAlarm = undefined;
	}
}

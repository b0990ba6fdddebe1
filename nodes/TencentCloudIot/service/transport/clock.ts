import type { TransportErrorKind } from '../transportError';

/** The port to time. Tests pass their own. */
export interface Clock {
	/** Wall clock, Unix milliseconds: for timestamps. */
	nowMs(): number;
	/** Monotonic milliseconds: for waits and rates. */
	elapsedMs(): number;
	/** Resolves after `ms`, or soon after the signal is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
	/** Calls `ring` after `ms`, unless the returned function was called first. */
	alarm(ms: number, ring: () => void): () => void;
}

/**
 * Starts to measure time.
 * @returns a function that gives the milliseconds since then, by the monotonic clock or the wall clock, whichever shows more: the monotonic clock
 *   stops while a virtual machine is paused
 */
export function stopwatch(clock: Pick<Clock, 'elapsedMs' | 'nowMs'>): () => number {
	const monotonicStartMs = clock.elapsedMs();
	const wallStartMs = clock.nowMs();
	return () => Math.max(clock.elapsedMs() - monotonicStartMs, clock.nowMs() - wallStartMs);
}

/** Ends a request that is in flight. */
type EndRequest = (reason: Extract<TransportErrorKind, 'RESPONSE_TIMEOUT' | 'CANCELLED'>) => void;

/**
 * Ends a run's requests: each at its deadline, and all when the run is cancelled. All have the same timeout, so they are due in
 * the order in which they were set, and one alarm at a time serves them all. A timer for each would cost a tenth of a request.
 */
export class Deadlines {
	readonly #timeoutMs: number;
	readonly #clock: Clock;
	readonly #signal: AbortSignal | undefined;
	/** When each request is due, by `elapsedMs`, the next one first. */
	readonly #dueMsByEnd = new Map<EndRequest, number>();
	#cancelAlarm: (() => void) | undefined;

	readonly #cancel = () => {
		for (const end of this.#dueMsByEnd.keys()) {
			end('CANCELLED');
		}
	};

	constructor(timeoutMs: number, clock: Clock, signal?: AbortSignal) {
		this.#timeoutMs = timeoutMs;
		this.#clock = clock;
		this.#signal = signal;
		signal?.addEventListener('abort', this.#cancel, { once: true });
	}

	/** Calls `end` after the timeout or a cancel, unless the returned function was called first. */
	set(end: EndRequest): () => void {
		this.#dueMsByEnd.set(end, this.#clock.elapsedMs() + this.#timeoutMs);
		if (this.#cancelAlarm === undefined) {
			this.#wakeAfter(this.#timeoutMs);
		}
		return () => void this.#dueMsByEnd.delete(end);
	}

	/** Removes all deadlines: from now on neither a deadline nor a cancel ends a request. */
	close(): void {
		this.#signal?.removeEventListener('abort', this.#cancel);
		this.#cancelAlarm?.();
	}

	#wakeAfter(ms: number): void {
		this.#cancelAlarm = this.#clock.alarm(ms, () => this.#wake());
	}

	#wake(): void {
		for (const [end, dueMs] of this.#dueMsByEnd) {
			const remainingMs = dueMs - this.#clock.elapsedMs();
			if (remainingMs > 0) {
				this.#wakeAfter(remainingMs);
				return;
			}
			this.#dueMsByEnd.delete(end);
			end('RESPONSE_TIMEOUT');
		}
		this.#cancelAlarm = undefined;
	}
}

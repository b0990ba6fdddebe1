import { setImmediate as settle } from 'node:timers/promises';
import type { Clock } from '../../nodes/TencentCloudIot/service/transport/clock';

interface Timer {
	readonly atMs: number;
	readonly ring: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
	readonly #timers = new Set<Timer>();
	#elapsedMs = 0;

	/** The wall-clock time when no time has passed yet: a Unix time in milliseconds. */
	startMs: number;

	constructor(startMs = 1_700_000_000_000) {
		this.startMs = startMs;
	}

	nowMs(): number {
		return this.startMs + this.#elapsedMs;
	}

	elapsedMs(): number {
		return this.#elapsedMs;
	}

	async sleep(ms: number, signal?: AbortSignal): Promise<void> {
		if (signal?.aborted) {
			return;
		}
		await new Promise<void>((resolve) => {
			const turnOff = this.alarm(ms, resolve);
			const wake = () => {
				turnOff();
				resolve();
			};
			signal?.addEventListener('abort', wake, { once: true });
		});
	}

	alarm(ms: number, ring: () => void): () => void {
		const timer = { atMs: this.#elapsedMs + ms, ring };
		this.#timers.add(timer);
		return () => void this.#timers.delete(timer);
	}

	/** The number of pending waits. */
	get waiting(): number {
		return this.#timers.size;
	}

	/** Lets time pass. Due timers ring in order, and their consequences run before the next one. */
	async advance(ms: number): Promise<void> {
		const endMs = this.#elapsedMs + ms;
		await settle();
		for (let next = this.#due(endMs); next !== undefined; next = this.#due(endMs)) {
			this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs);
			this.#timers.delete(next);
			next.ring();
			await settle();
		}
		this.#elapsedMs = endMs;
	}

	/** Lets time pass as if another task blocked the event loop: due timers ring only at the end. */
	async stall(ms: number): Promise<void> {
		this.#elapsedMs += ms;
		await this.advance(0);
	}

	#due(endMs: number): Timer | undefined {
		const due = [...this.#timers].filter(({ atMs }) => atMs <= endMs);
		return due.sort((a, b) => a.atMs - b.atMs)[0];
	}
}

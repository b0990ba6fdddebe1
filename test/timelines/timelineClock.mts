import { setImmediate as settle } from 'node:timers/promises';

/** The time that a dead process sees, later than any time that it may compute with. */
const LONG_AFTER_MS = 1e15;

interface Alarm {
	atMs: number;
	owner: { isDead: boolean };
	ring: () => void;
}

/** The time of one timeline, shared by all of its processes. It passes while one of them waits, and when a test advances it. */
export class TimelineClock {
	/** Unix time at the start, milliseconds. */
	startMs = Date.UTC(2026, 0, 5, 8);
	#elapsedMs = 0;
	readonly #alarms = new Set<Alarm>();

	/** Unix time, milliseconds. */
	get nowMs(): number {
		return this.startMs + this.#elapsedMs;
	}

	/** The time since the start, milliseconds. */
	get elapsedMs(): number {
		return this.#elapsedMs;
	}

	/** The time as a simulated service reads it. */
	readonly ofService = { nowMs: () => this.nowMs, elapsedMs: () => this.elapsedMs };

	/** The time as a process sees it, to replace the globals of these names. */
	viewOf(owner: { isDead: boolean }) {
		const nowMs = () => this.nowMs;
		const timeout = (ms: number): AbortSignal => {
			const controller = new AbortController();
			this.#alarms.add({ atMs: this.#elapsedMs + ms, owner, ring: () => controller.abort() });
			return controller.signal;
		};
		class ViewedDate extends Date {
			constructor(...parts: [] | [number | string]) {
				super(parts[0] ?? nowMs());
			}

			static override now(): number {
				return nowMs();
			}
		}
		return {
			// For a dead process everything is too old, so it does nothing.
			performance: { now: () => (owner.isDead ? LONG_AFTER_MS : this.#elapsedMs) },
			Date: ViewedDate,
			AbortSignal: { timeout, any: (signals: AbortSignal[]) => AbortSignal.any(signals) },
			sleep: async (ms: number) => await this.sleep(ms),
		};
	}

	/**
	 * A wait lets time pass, in whole milliseconds like a timer. A wait of a millionth of one, which can remain after
	 * fractions are added up, would not advance a clock with a large value, and the process would wait forever.
	 */
	async sleep(ms: number): Promise<void> {
		await this.advance(Math.ceil(ms));
	}

	/** Lets time pass; each alarm that is due rings at its time, and its consequences are awaited. */
	async advance(ms: number): Promise<void> {
		const endMs = this.#elapsedMs + ms;
		for (let next = this.#due(endMs); next !== undefined; next = this.#due(endMs)) {
			this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs);
			this.#alarms.delete(next);
			if (!next.owner.isDead) {
				next.ring();
			}
			await settle();
		}
		this.#elapsedMs = Math.max(this.#elapsedMs, endMs);
		await settle();
	}

	#due(endMs: number): Alarm | undefined {
		let first: Alarm | undefined;
		for (const alarm of this.#alarms) {
			if (alarm.atMs <= endMs && (first === undefined || alarm.atMs < first.atMs)) {
				first = alarm;
			}
		}
		return first;
	}
}

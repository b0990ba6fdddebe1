import type { WorkerPlan } from './storm.mts';
import type { VirtualTime } from './virtualTime.mts';

/** When a process wakes, everything that was waiting for it arrives within this time, in random order. Milliseconds. */
const WAKING_MS = 3;

/**
 * A process of n8n with its own clocks. Everything that reaches it goes through here: a stopped process gets it when it wakes,
 * a dead one never.
 */
export class Worker {
	/** Unique among the processes of all storms. */
	readonly id: number;
	readonly name: string;
	readonly #time: VirtualTime;
	readonly #plan: WorkerPlan;
	readonly #draw: () => number;
	readonly #beginsMs: number;
	#isDead = false;
	#stoppedUntilMs = -Infinity;
	readonly #stops: Array<{ fromMs: number; untilMs: number; isPause: boolean }> = [];

	/**
	 * @param plan its clock, and when the storm begins by a correct clock
	 * @param draw a share from 0 to 1
	 */
	constructor(
		id: number,
		name: string,
		time: VirtualTime,
		{ plan, beginsMs }: { plan: WorkerPlan; beginsMs: number },
		draw: () => number,
	) {
		this.id = id;
		this.name = name;
		this.#time = time;
		this.#plan = plan;
		this.#beginsMs = beginsMs;
		this.#draw = draw;
	}

	get isDead(): boolean {
		return this.#isDead;
	}

	get isStopped(): boolean {
		return this.#stoppedUntilMs > this.#time.nowMs;
	}

	/** The current time, even if the process has just been stopped. */
	get turnMs(): number {
		return this.#time.nowMs;
	}

	/** The time of its next step; a process that was just stopped takes it when it wakes. */
	get nowMs(): number {
		return Math.max(this.#time.nowMs, this.#stoppedUntilMs);
	}

	/** When the event that it is handling arrived. */
	get arrivedMs(): number {
		return this.#time.nowMs;
	}

	get wallMs(): number {
		const { nowMs } = this;
		const steps = this.#plan.steps.filter(({ atMs }) => atMs <= nowMs);
		return this.#beginsMs + nowMs + steps.reduce((sum, { byMs }) => sum + byMs, this.#plan.offsetMs);
	}

	/** The monotonic clock. */
	get elapsedMs(): number {
		return this.#elapsedAt(this.nowMs);
	}

	/** Stops the process for a while. @param isPause whether its monotonic clock stops too */
	stop(forMs: number, isPause: boolean): void {
		const fromMs = this.nowMs;
		this.#stoppedUntilMs = fromMs + forMs;
		this.#stops.push({ fromMs, untilMs: fromMs + forMs, isPause });
	}

	/** Whether it was stopped at any time since then. */
	wasStoppedSince(sinceMs: number): boolean {
		return this.#stops.some(({ untilMs }) => untilMs > sinceMs);
	}

	/** For how much of that time it was stopped, milliseconds. */
	stoodStillMs(fromMs: number, untilMs: number): number {
		const parts = this.#stops.map((stop) =>
			Math.max(0, Math.min(untilMs, stop.untilMs) - Math.max(fromMs, stop.fromMs)),
		);
		return parts.reduce((sum, ms) => sum + ms, 0);
	}

	kill(): void {
		this.#isDead = true;
	}

	/** Takes a step that leaves the process: at once, or when it wakes. */
	take(step: () => void): void {
		if (this.#isDead) {
			return;
		}
		if (this.isStopped) {
			this.#time.at(this.#stoppedUntilMs, () => this.take(step));
		} else {
			step();
		}
	}

	/** Something reaches the process from outside. */
	deliver(atMs: number, arrive: () => void): void {
		this.#time.at(atMs, () => this.#arrive(arrive));
	}

	/** Sets a timer of the process. @returns a function that turns it off */
	ring(afterMs: number, ring: () => void): () => void {
		const dueMs = this.elapsedMs + afterMs;
		let isOff = false;
		let cancel = () => {};
		const wait = () => {
			const { nowMs } = this;
			cancel = this.#time.at(nowMs + Math.max(0, dueMs - this.#elapsedAt(nowMs)), () => {
				// A pause has delayed the timer.
				if (this.#elapsedAt(this.#time.nowMs) < dueMs - 1e-6) {
					wait();
					return;
				}
				this.#arrive(() => {
					if (!isOff) {
						ring();
					}
				});
			});
		};
		wait();
		return () => {
			isOff = true;
			cancel();
		};
	}

	#arrive(arrive: () => void): void {
		if (this.#isDead) {
			return;
		}
		if (this.isStopped) {
			this.#time.at(this.#stoppedUntilMs + this.#draw() * WAKING_MS, () => this.#arrive(arrive));
		} else {
			arrive();
		}
	}

	#elapsedAt(nowMs: number): number {
		let elapsedMs = nowMs;
		for (const { fromMs, untilMs, isPause } of this.#stops) {
			if (isPause && fromMs < nowMs) {
				elapsedMs -= Math.min(untilMs, nowMs) - fromMs;
			}
		}
		return elapsedMs;
	}
}

import { RecentStarts, type Started } from './recentStarts';
import type { TurnTaker } from './turns';

const SECOND_MS = 1_000;

/** A request that waits for its start. */
interface Waiting {
	sinceMs: number;
	/** Gets its start, or nothing when the run was cancelled. */
	start: (started: Started | undefined) => void;
}

/** A run that sends to an account: its own limit, and its requests that wait. */
export class RunOfAccount implements TurnTaker {
	requests = 0;
	lastTurn: number;
	/** The most requests that start in any second; Infinity for no limit. */
	readonly perSecond: number;
	readonly #starts = new RecentStarts();
	#nextStartMs = 0;
	/** In the order in which they came. */
	readonly #waiting = new Set<Waiting>();

	constructor(perSecond: number, lastTurn: number) {
		this.perSecond = perSecond;
		this.lastTurn = lastTurn;
	}

	get isWaiting(): boolean {
		return this.#waiting.size > 0;
	}

	wait(waiting: Waiting): void {
		this.#waiting.add(waiting);
	}

	/** When its next request is to start, spaced evenly; Infinity when none waits. */
	get scheduledMs(): number {
		const [first] = this.#waiting;
		return first === undefined ? Infinity : Math.max(this.#nextStartMs, first.sinceMs);
	}

	/** When its own limit lets a request start. */
	freeMs(fastestMs: number): number {
		return this.#starts.freeMs(this.perSecond, fastestMs);
	}

	/**
	 * Starts the request that has waited longest.
	 * @param scheduledMs when it was to start: one that came late delays none after it
	 */
	start(started: Started, scheduledMs: number): void {
		const [first] = this.#waiting;
		this.#nextStartMs = scheduledMs + SECOND_MS / this.perSecond;
		this.#starts.add(started);
		this.#waiting.delete(first!);
		first!.start(started);
	}

	/** What waits will not start. */
	cancel(): void {
		for (const { start } of this.#waiting) start(undefined);
		this.#waiting.clear();
	}
}

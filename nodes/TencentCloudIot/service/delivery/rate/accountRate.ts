import type { Clock } from '../../transport/clock';
import { AdaptiveRate } from './adaptiveRate';
import { RecentStarts, type Started } from './recentStarts';
import { RunOfAccount } from './runOfAccount';
import { Turns } from './turns';
import { WakeUp } from './wakeUp';

const SECOND_MS = 1_000;

/** The default limit of Tencent's cloud API: runs with lower limits of their own may come to it together. */
const DEFAULT_PER_SECOND = 20;

/**
 * Decides when the next request to an account may start, of all runs in this process that send to it: evenly spaced by a
 * rate that adapts to throttling, after a pause of all requests, and never more than configured in any second, also when a
 * busy event loop delayed some starts. Each run keeps its own limit; together they keep the highest of them, or the default
 * where all are lower.
 */
export class AccountRate {
	readonly #clock: Clock;
	readonly #rate = new AdaptiveRate(Infinity);
	readonly #starts = new RecentStarts();
	readonly #turns = new Turns();
	readonly #runs = new Set<RunOfAccount>();
	readonly #wakeUp: WakeUp;
	/** The shortest time from start to end of a request. */
	#fastestMs = Number.MAX_VALUE;
	readonly #firstStartMs: number;
	/** When the last request was to start. */
	#lastStartMs = -Infinity;
	#pausedUntilMs = 0;
	#throttledMs = -Infinity;

	constructor(clock: Clock) {
		this.#clock = clock;
		this.#firstStartMs = clock.elapsedMs();
		this.#wakeUp = new WakeUp(clock, () => this.#startDue());
	}

	get isUsed(): boolean {
		return this.#runs.size > 0;
	}

	/** @param perSecond the most requests of the run that start in any second; Infinity for no limit */
	join(perSecond: number): RunOfAccount {
		const run = new RunOfAccount(perSecond, this.#turns.last);
		this.#runs.add(run);
		this.#limit();
		return run;
	}

	/** The run is over. */
	leave(run: RunOfAccount): void {
		this.#runs.delete(run);
		this.#limit();
		this.cancel(run);
	}

	/** What waits of a run will not start. */
	cancel(run: RunOfAccount): void {
		run.cancel();
		this.#startDue();
	}

	/** Resolves as soon as a request of the run has its start; to nothing when the run is cancelled first. */
	async start(run: RunOfAccount): Promise<Started | undefined> {
		return await new Promise((start) => {
			run.wait({ sinceMs: this.#clock.elapsedMs(), start });
			this.#startDue();
		});
	}

	ended(started: Started): void {
		started.endedMs = this.#clock.elapsedMs();
		this.#fastestMs = Math.min(this.#fastestMs, started.endedMs - started.atMs);
		// While it was in flight it was assumed to arrive late.
		this.#startDue();
	}

	/** No request starts before this time is over. Milliseconds. */
	pause(pauseMs: number): void {
		this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#clock.elapsedMs() + pauseMs);
	}

	/** Slows down after throttling. Requests that were in flight at that moment count once. */
	throttled(startedMs: number): void {
		if (startedMs <= this.#throttledMs) return;
		this.#throttledMs = this.#clock.elapsedMs();
		this.#rate.throttled(this.#throttledMs, Math.max(this.#firstStartMs, this.#pausedUntilMs));
	}

	succeeded(): void {
		this.#rate.succeeded(this.#clock.elapsedMs());
	}

	#limit(): void {
		const limits = [...this.#runs].map(({ perSecond }) => perSecond);
		const sum = limits.reduce((all, one) => all + one, 0);
		this.#rate.mostPerSecond = Math.min(sum, Math.max(DEFAULT_PER_SECOND, ...limits));
	}

	/** Starts what may start now; the next one wakes it up. */
	#startDue(): void {
		const nowMs = this.#clock.elapsedMs();
		const waiting = [...this.#runs].filter(({ isWaiting }) => isWaiting);
		for (;;) {
			const due = waiting.filter((run) => this.#mayStartMs(run, nowMs) <= nowMs);
			const run = this.#turns.take(due);
			if (run === undefined) break;
			const started = { atMs: nowMs, endedMs: Infinity };
			this.#lastStartMs = this.#scheduledMs(run, nowMs);
			this.#starts.add(started);
			run.start(started, this.#lastStartMs);
		}
		this.#wakeUp.at(Math.min(...waiting.map((run) => this.#mayStartMs(run, nowMs))));
	}

	#scheduledMs({ scheduledMs }: RunOfAccount, nowMs: number): number {
		const evenMs = this.#lastStartMs + SECOND_MS / this.#rate.perSecond(nowMs);
		return Math.max(evenMs, this.#pausedUntilMs, scheduledMs);
	}

	#mayStartMs(run: RunOfAccount, nowMs: number): number {
		return Math.max(
			this.#scheduledMs(run, nowMs),
			this.#starts.freeMs(this.#rate.mostPerSecond, this.#fastestMs),
			run.freeMs(this.#fastestMs),
		);
	}
}

import { digestOfText } from '../../signing/signature';
import type { Clock } from '../../transport/clock';
import { AdaptiveRate } from './adaptiveRate';

/** The rates of accounts to which runs of this process send, by the digest of endpoint and App Key. */
const RATES = new WeakMap<Clock, Map<string, AccountRate>>();

interface RateLimiterOptions {
	endpoint: string;
	appKey: string;
	/** The most requests of the run that start in any second; 0 for no limit. */
	requestsPerSecond: number;
	clock: Clock;
	signal?: AbortSignal | undefined;
}

/** Decides when the next request of a run may start, by the rate that it shares with all runs of the same account. */
export class RateLimiter {
	readonly #signal: AbortSignal | undefined;
	readonly #rate: AccountRate;
	readonly #run: RunOfAccount;
	readonly #forget: () => void;
	/** To ask a signal that depends on others is slow. */
	#isCancelled: boolean;
	readonly #cancel = (): void => {
		this.#isCancelled = true;
		this.#rate.cancel(this.#run);
	};

	constructor({ endpoint, appKey, requestsPerSecond, clock, signal }: RateLimiterOptions) {
		const rates = RATES.get(clock) ?? new Map<string, AccountRate>();
		const account = digestOfText(JSON.stringify([endpoint, appKey]));
		this.#rate = rates.get(account) ?? new AccountRate(clock);
		this.#run = this.#rate.join(requestsPerSecond > 0 ? requestsPerSecond : Infinity);
		this.#forget = () => void rates.delete(account);
		rates.set(account, this.#rate);
		RATES.set(clock, rates);
		this.#signal = signal;
		this.#isCancelled = signal?.aborted ?? false;
		signal?.addEventListener('abort', this.#cancel, { once: true });
	}

	/**
	 * Runs a task as soon as it may start. Undefined when the signal is aborted first.
	 * @param task gets the moment of its start, for `throttled`
	 */
	async run<T>(task: (startedMs: number) => Promise<T>): Promise<T | undefined> {
		if (this.#isCancelled) return undefined;
		const started = await this.#rate.start(this.#run);
		if (started === undefined) return undefined;
		try {
			return this.#isCancelled ? undefined : await task(started.atMs);
		} finally {
			this.#rate.ended(started);
		}
	}

	/** No request to the account starts before this time is over. Milliseconds. */
	pause(pauseMs: number): void {
		this.#rate.pause(pauseMs);
	}

	/** Slows all runs of the account down. Requests that were in flight at that moment count once. */
	throttled(startedMs: number): void {
		this.#rate.throttled(startedMs);
	}

	succeeded(): void {
		this.#rate.succeeded();
	}

	/** To be called when the run is over. What was found out about the account is forgotten with the last run of it. */
	leave(): void {
		this.#signal?.removeEventListener('abort', this.#cancel);
		this.#rate.leave(this.#run);
		if (!this.#rate.isUsed) this.#forget();
	}
}

const SECOND_MS = 1_000;

/** The default limit of Tencent's cloud API: runs with lower limits of their own may come to it together. */
const DEFAULT_PER_SECOND = 20;

/**
 * Decides when the next request to an account may start, of all runs in this process that send to it: evenly spaced by a
 * rate that adapts to throttling, after a pause of all requests, and never more than configured in any second, also when a
 * busy event loop delayed some starts. Each run keeps its own limit; together they keep the highest of them, or the default
 * where all are lower.
 */
class AccountRate {
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
			const sinceMs = this.#clock.elapsedMs();
			run.wait({ sinceMs, start });
			this.#startDue(sinceMs);
		});
	}

	ended(started: Started): void {
		started.endedMs = this.#clock.elapsedMs();
		this.#fastestMs = Math.min(this.#fastestMs, started.endedMs - started.atMs);
		// While it was in flight it was assumed to arrive late.
		this.#startDue(started.endedMs);
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
	#startDue(nowMs = this.#clock.elapsedMs()): void {
		let nextMs: number;
		for (;;) {
			nextMs = Infinity;
			const due: RunOfAccount[] = [];
			for (const run of this.#runs) {
				if (!run.isWaiting) continue;
				const mayStartMs = this.#mayStartMs(run, nowMs);
				if (mayStartMs <= nowMs) due.push(run);
				else nextMs = Math.min(nextMs, mayStartMs);
			}
			const run = this.#turns.take(due);
			if (run === undefined) break;
			const started = { atMs: nowMs, endedMs: Infinity };
			this.#lastStartMs = this.#scheduledMs(run, nowMs);
			this.#starts.add(started);
			run.start(started, this.#lastStartMs);
		}
		this.#wakeUp.at(nextMs);
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

/** A request that waits for its start. */
interface Waiting {
	sinceMs: number;
	/** Gets its start, or nothing when the run was cancelled. */
	start: (started: Started | undefined) => void;
}

/** A run that sends to an account: its own limit, and its requests that wait. */
class RunOfAccount {
	/** How many requests it has started. */
	requests = 0;
	/** The number of its last turn; at first of the last one before it came. */
	lastTurn: number;
	/** The most requests that start in any second; Infinity for no limit. */
	readonly perSecond: number;
	readonly #starts = new RecentStarts();
	#nextStartMs = 0;
	/** In the order in which they came. */
	readonly #waiting: Waiting[] = [];

	constructor(perSecond: number, lastTurn: number) {
		this.perSecond = perSecond;
		this.lastTurn = lastTurn;
	}

	get isWaiting(): boolean {
		return this.#waiting.length > 0;
	}

	wait(waiting: Waiting): void {
		this.#waiting.push(waiting);
	}

	/** When its next request is to start, spaced evenly; Infinity when none waits. */
	get scheduledMs(): number {
		const first = this.#waiting[0];
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
		this.#nextStartMs = scheduledMs + SECOND_MS / this.perSecond;
		this.#starts.add(started);
		this.#waiting.shift()!.start(started);
	}

	/** What waits will not start. */
	cancel(): void {
		for (const { start } of this.#waiting.splice(0)) start(undefined);
	}
}

/** No request is assumed to arrive at the service later than this after its start. Milliseconds. */
const LATEST_ARRIVAL_MS = 250;

/** Also the fastest request may have travelled slower than another one will. Milliseconds. */
const JITTER_MS = 10;

/** A request that was started. Milliseconds of `elapsedMs`. */
interface Started {
	atMs: number;
	/** Infinity while it is in flight. */
	endedMs: number;
}

/** The requests of the last second, which say when a further one may start. */
class RecentStarts {
	/** Oldest first; those before `#firstRecent` no longer count. */
	#starts: Started[] = [];
	#firstRecent = 0;

	add(started: Started): void {
		this.#starts.push(started);
		const sinceMs = started.atMs - LATEST_ARRIVAL_MS - SECOND_MS;
		while (this.#starts[this.#firstRecent]!.atMs < sinceMs) this.#firstRecent++;
		if (this.#firstRecent > this.#starts.length / 2) {
			this.#starts = this.#starts.slice(this.#firstRecent);
			this.#firstRecent = 0;
		}
	}

	/**
	 * When a request may start so that in no second more arrive than `perSecond`: once the second is over that began with the
	 * arrival of the oldest one that counts.
	 * @param fastestMs the shortest time from start to end of a request: the delay that all arrivals share
	 */
	freeMs(perSecond: number, fastestMs: number): number {
		if (this.#starts.length < perSecond) return -Infinity;
		const { atMs, endedMs } = this.#starts[this.#starts.length - Math.ceil(perSecond)]!;
		const sharedMs = Math.max(0, fastestMs - JITTER_MS);
		return Math.min(atMs + LATEST_ARRIVAL_MS, endedMs - sharedMs) + SECOND_MS;
	}
}

/**
 * The first requests of a run go before those of a run that has made more, so that an order does not wait behind a large
 * Sync: at the default rate, one second of them.
 */
const FIRST_REQUESTS = 20;

/** After this many starts in a row a run that has made more has its turn, so that none starves. */
const MOST_IN_A_ROW = 3;

/** Whose request starts next, of all runs that send to one account. */
class Turns {
	/** The number of the last turn. */
	last = 0;
	/** How many first requests in a row went before those of a run that waits. */
	#inARow = 0;

	/** Gives the next turn to one of the runs that may start a request; to nobody, where there is none. */
	take(runs: readonly RunOfAccount[]): RunOfAccount | undefined {
		let first: RunOfAccount | undefined;
		let later: RunOfAccount | undefined;
		for (const run of runs) {
			if (run.requests < FIRST_REQUESTS) first = longestWithoutTurn(first, run);
			else later = longestWithoutTurn(later, run);
		}
		const isFirst = later === undefined || (first !== undefined && this.#inARow < MOST_IN_A_ROW);
		const run = isFirst ? first : later;
		if (run === undefined) return undefined;
		this.#inARow = isFirst && later !== undefined ? this.#inARow + 1 : 0;
		run.requests++;
		run.lastTurn = ++this.last;
		return run;
	}
}

function longestWithoutTurn(known: RunOfAccount | undefined, other: RunOfAccount): RunOfAccount {
	return known === undefined || other.lastTurn < known.lastTurn ? other : known;
}

/** One sleep at a time, until the earliest moment at which there is something to do. */
class WakeUp {
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

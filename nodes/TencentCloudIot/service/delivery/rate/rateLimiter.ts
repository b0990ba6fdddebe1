import { digestOfText } from '../../signing/signature';
import type { Connection } from '../../connection';
import type { Clock } from '../../transport/clock';
import type { TransportOptions } from '../../transport/transport';
import { AdaptiveRate } from './adaptiveRate';

/**
 * The rate of each account to which runs of this process send, by a digest of endpoint and App Key. Runs with different clocks, as in
 * tests, share no rate.
 */
const ACCOUNT_RATES = new WeakMap<Clock, Map<string, AccountRate>>();

interface RateLimiterOptions
	extends Pick<Connection, 'endpoint' | 'appKey'>,
		Pick<TransportOptions, 'clock' | 'signal'> {
	/** The most requests of the run that start in any second; 0 for no limit. */
	requestsPerSecond: number;
}

/** Decides when the next request of a run may start, by the rate that it shares with all runs of the same account. */
export class RateLimiter {
	/** The rate that the run shares with the other runs of its account. */
	readonly account: AccountRate;
	readonly #accountRun: AccountRun;
	readonly #forgetAccount: () => void;
	readonly #signal: AbortSignal | undefined;
	/** Cached, because reading `aborted` of a composed signal is slow. */
	#isCancelled: boolean;
	readonly #cancel = (): void => {
		this.#isCancelled = true;
		this.account.cancel(this.#accountRun);
	};

	constructor({ endpoint, appKey, requestsPerSecond, clock, signal }: RateLimiterOptions) {
		const rates = ACCOUNT_RATES.get(clock) ?? new Map<string, AccountRate>();
		const digest = digestOfText(JSON.stringify([endpoint, appKey]));
		this.account = rates.get(digest) ?? new AccountRate(clock);
		this.#accountRun = this.account.join(requestsPerSecond > 0 ? requestsPerSecond : Infinity);
		this.#forgetAccount = () => void rates.delete(digest);
		ACCOUNT_RATES.set(clock, rates.set(digest, this.account));
		this.#signal = signal;
		this.#isCancelled = signal?.aborted ?? false;
		signal?.addEventListener('abort', this.#cancel, { once: true });
	}

	/**
	 * Runs a task, which makes one request, as soon as the request may start.
	 * @param task gets the moment of its start, for `throttled`
	 * @returns undefined when the signal is aborted first
	 */
	async run<T>(task: (startedMs: number) => Promise<T>): Promise<T | undefined> {
		const startedMs = this.#isCancelled ? undefined : await this.account.start(this.#accountRun);
		return startedMs === undefined || this.#isCancelled ? undefined : await task(startedMs);
	}

	/** Call it when the run is over. After the last run of an account, the rate that was detected for it is forgotten. */
	leave(): void {
		this.#signal?.removeEventListener('abort', this.#cancel);
		if (this.account.leave(this.#accountRun)) {
			this.#forgetAccount();
		}
	}
}

const SECOND_MS = 1_000;

/**
 * What counts as a second once the service has throttled. It is 30 ms longer, so that a service that counts strictly sees no
 * second with more arrivals than configured, although some requests travel up to 30 ms longer than others. It is not used before,
 * because it costs 3 % of the rate.
 */
const SECOND_AFTER_THROTTLING_MS = 1_030;

/**
 * If a start is late by less than this, the next ones make up for it. A busy event loop delays many starts by some milliseconds, and a few
 * by 100 to 200 ms: without this, a run at 20 requests a second made only 19 next to other work.
 */
const MOST_LATE_MS = 250;

/** To make up for late starts, the next ones follow each other at most this many times as fast, so there is no burst. */
const CATCH_UP = 2;

/** How closely requests may follow each other. */
interface Pace {
	/** The most requests that start in a second; Infinity for no limit. */
	perSecond: number;
	/** What counts as a second: `SECOND_MS`, or longer once the service has throttled. */
	secondMs: number;
}

/** Spaces the starts of requests evenly by a pace. No second has more of them than the pace allows, even when some are late. */
class EvenStarts {
	/** When the last request was due to start. */
	#scheduledMs = -Infinity;
	/** When the requests of the last second actually started, oldest first. */
	readonly #startedMs: number[] = [];

	/** When the next request may start. */
	dueMs(pace: Pace): number {
		const lastStartMs = this.#startedMs.at(-1) ?? -Infinity;
		const firstOfFullSecondMs = this.#startedMs.at(-Math.ceil(pace.perSecond)) ?? -Infinity;
		return Math.max(
			this.#scheduledMs + spacingMs(pace),
			lastStartMs + spacingMs(pace) / CATCH_UP,
			firstOfFullSecondMs + pace.secondMs,
		);
	}

	/** Records that a request starts now. */
	add(nowMs: number, pace: Pace): void {
		const evenMs = this.#scheduledMs + spacingMs(pace);
		this.#scheduledMs = nowMs - evenMs < MOST_LATE_MS ? evenMs : nowMs;
		this.#startedMs.push(nowMs);
		while ((this.#startedMs[0] ?? nowMs) <= nowMs - pace.secondMs) {
			this.#startedMs.shift();
		}
	}
}

function spacingMs({ perSecond, secondMs }: Pace): number {
	return secondMs / perSecond;
}

/** A run that sends to an account. */
interface AccountRun {
	/** The most requests that start in any second; Infinity for no limit. */
	readonly perSecond: number;
	readonly starts: EvenStarts;
	/** How many requests it has started. */
	requestCount: number;
	/** Requests that wait, in order. Each is called with the moment of its start, or with undefined when the run is cancelled. */
	readonly waiting: Array<(startedMs: number | undefined) => void>;
}

/** The default limit of Tencent's cloud API. Several runs with lower limits may together reach it. */
const DEFAULT_PER_SECOND = 20;

/**
 * The first requests of a run go before those of a run that has made more, so that an order does not have to wait for a large
 * Sync. At the default rate they take one second.
 */
const FIRST_REQUESTS = 20;

/** Every fourth start goes to a run that is past its first requests, so that it does not starve while other runs start. */
const LATER_RUN_EVERY = 4;

/**
 * Decides when the next request to an account may start, for all runs in this process that send to it. Starts are evenly spaced by a rate
 * that adapts to throttling, and none falls into a pause. Each run keeps to its own limit. Together they keep to the highest of their
 * limits, or to the default limit if all are lower.
 */
class AccountRate {
	readonly #clock: Clock;
	readonly #rate = new AdaptiveRate();
	readonly #starts = new EvenStarts();
	/** The run that started a request longest ago comes first, so that runs take turns. */
	readonly #runs = new Set<AccountRun>();
	/** When the first run joined. */
	readonly #inUseSinceMs: number;
	#pausedUntilMs = 0;
	#throttledMs = -Infinity;
	#secondMs = SECOND_MS;
	/** How many consecutive starts went to first requests while a run that has made more was waiting. */
	#consecutiveFirsts = 0;
	/** The only sleep in progress: until the earliest moment at which a request may start. */
	#wakeUp: { atMs: number; ends: AbortController } | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
		this.#inUseSinceMs = clock.elapsedMs();
	}

	/**
	 * Adds a run that will send to the account.
	 * @param perSecond the most requests of the run that start in any second; Infinity for no limit
	 */
	join(perSecond: number): AccountRun {
		const run: AccountRun = { perSecond, starts: new EvenStarts(), requestCount: 0, waiting: [] };
		this.#runs.add(run);
		this.#updateLimit();
		return run;
	}

	/** Call it when the run is over. Returns whether it was the last one of the account. */
	leave(run: AccountRun): boolean {
		this.#runs.delete(run);
		this.#updateLimit();
		this.cancel(run);
		return this.#runs.size === 0;
	}

	/** Ends the wait of a run's requests: they will not start. */
	cancel(run: AccountRun): void {
		for (const start of run.waiting.splice(0)) {
			start(undefined);
		}
		this.#startDue();
	}

	/**
	 * Waits until a request of the run may start.
	 * @returns the moment of its start, by `elapsedMs`; undefined when the run is cancelled first
	 */
	async start(run: AccountRun): Promise<number | undefined> {
		return await new Promise((start) => {
			run.waiting.push(start);
			this.#startDue();
		});
	}

	/** Keeps all requests from starting for this time. */
	pause(pauseMs: number): void {
		this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#clock.elapsedMs() + pauseMs);
	}

	/**
	 * Slows all runs down because the service throttled a request.
	 * @param startedMs when that request started: if others were throttled after that, they have slowed the runs down already
	 */
	noteThrottling(startedMs: number): void {
		if (startedMs <= this.#throttledMs) {
			return;
		}
		this.#throttledMs = this.#clock.elapsedMs();
		this.#secondMs = SECOND_AFTER_THROTTLING_MS;
		this.#rate.noteThrottling(this.#throttledMs, Math.max(this.#inUseSinceMs, this.#pausedUntilMs));
	}

	noteSuccess(): void {
		this.#rate.noteSuccess(this.#clock.elapsedMs());
	}

	#updateLimit(): void {
		const limits = [...this.#runs].map(({ perSecond }) => perSecond);
		const sum = limits.reduce((total, perSecond) => total + perSecond, 0);
		this.#rate.mostPerSecond = Math.min(sum, Math.max(DEFAULT_PER_SECOND, ...limits));
	}

	/** Starts each request that may start now, and sleeps until the next one may. */
	#startDue(): void {
		const nowMs = this.#clock.elapsedMs();
		for (;;) {
			const pace = { perSecond: this.#rate.perSecond(nowMs), secondMs: this.#secondMs };
			const accountDueMs = Math.max(this.#starts.dueMs(pace), this.#pausedUntilMs);
			const waitingRuns = [...this.#runs]
				.filter((run) => run.waiting.length > 0)
				.map((run) => ({ run, dueMs: Math.max(accountDueMs, run.starts.dueMs(this.#paceOf(run))) }));
			const next = this.#chooseNext(waitingRuns.filter(({ dueMs }) => dueMs <= nowMs));
			if (next === undefined) {
				this.#wakeAt(Math.min(...waitingRuns.map(({ dueMs }) => dueMs)));
				return;
			}
			const { run } = next;
			this.#starts.add(nowMs, pace);
			run.starts.add(nowMs, this.#paceOf(run));
			run.requestCount++;
			// Moves the run to the end of the order.
			this.#runs.delete(run);
			this.#runs.add(run);
			run.waiting.shift()?.(nowMs);
		}
	}

	#paceOf({ perSecond }: AccountRun): Pace {
		return { perSecond, secondMs: this.#secondMs };
	}

	/** Chooses the run whose request starts next, among those that may start one now. */
	#chooseNext<Due extends { run: AccountRun }>(due: readonly Due[]): Due | undefined {
		if (due.length === 0) {
			return undefined;
		}
		const firstRun = due.find(({ run }) => run.requestCount < FIRST_REQUESTS);
		const laterRun = due.find(({ run }) => run.requestCount >= FIRST_REQUESTS);
		const isFirstNext = firstRun !== undefined && this.#consecutiveFirsts < LATER_RUN_EVERY - 1;
		this.#consecutiveFirsts = isFirstNext && laterRun !== undefined ? this.#consecutiveFirsts + 1 : 0;
		return isFirstNext ? firstRun : (laterRun ?? firstRun);
	}

	/**
	 * Sleeps until a moment, instead of the sleep in progress.
	 * @param atMs by `elapsedMs`; Infinity for never
	 */
	#wakeAt(atMs: number): void {
		if (this.#wakeUp?.atMs === atMs) {
			return;
		}
		this.#wakeUp?.ends.abort();
		this.#wakeUp = undefined;
		if (atMs === Infinity) {
			return;
		}
		const wakeUp = { atMs, ends: new AbortController() };
		this.#wakeUp = wakeUp;
		void this.#clock.sleep(atMs - this.#clock.elapsedMs(), wakeUp.ends.signal).then(() => {
			// A newer sleep has replaced this one.
			if (this.#wakeUp !== wakeUp) {
				return;
			}
			this.#wakeUp = undefined;
			this.#startDue();
		});
	}
}

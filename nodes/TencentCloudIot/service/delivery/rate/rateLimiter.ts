import { digestOfText } from '../../signing/signature';
import type { Connection } from '../../connection';
import type { Clock } from '../../transport/clock';
import type { TransportOptions } from '../../transport/transport';
import { AdaptiveRate } from './adaptiveRate';

/** The accounts to which runs of this process send, by the digest of endpoint and App Key. */
const ACCOUNTS = new WeakMap<Clock, Map<string, Account>>();

interface RateLimiterOptions
	extends Pick<Connection, 'endpoint' | 'appKey'>,
		Pick<TransportOptions, 'clock' | 'signal'> {
	/** The most requests of the run that start in any second; 0 for no limit. */
	requestsPerSecond: number;
}

/** Decides when the next request of a run may start, by the rate that it shares with all runs of the same account. */
export class RateLimiter {
	/** To slow down what all runs of the account send. */
	readonly account: Account;
	readonly #run: Run;
	readonly #forget: () => void;
	readonly #signal: AbortSignal | undefined;
	/** Cached, because reading `aborted` of a composed signal is slow. */
	#isCancelled: boolean;
	readonly #cancel = (): void => {
		this.#isCancelled = true;
		this.account.cancel(this.#run);
	};

	constructor({ endpoint, appKey, requestsPerSecond, clock, signal }: RateLimiterOptions) {
		const accounts = ACCOUNTS.get(clock) ?? new Map<string, Account>();
		const digest = digestOfText(JSON.stringify([endpoint, appKey]));
		this.account = accounts.get(digest) ?? new Account(clock);
		this.#run = this.account.join(requestsPerSecond > 0 ? requestsPerSecond : Infinity);
		this.#forget = () => void accounts.delete(digest);
		ACCOUNTS.set(clock, accounts.set(digest, this.account));
		this.#signal = signal;
		this.#isCancelled = signal?.aborted ?? false;
		signal?.addEventListener('abort', this.#cancel, { once: true });
	}

	/**
	 * Runs a task as soon as it may start. Undefined when the signal is aborted first.
	 * @param task gets the moment of its start, for `throttled`
	 */
	async run<T>(task: (startedMs: number) => Promise<T>): Promise<T | undefined> {
		const startedMs = this.#isCancelled ? undefined : await this.account.start(this.#run);
		return startedMs === undefined || this.#isCancelled ? undefined : await task(startedMs);
	}

	/** Call it when the run is over. The detected rate of an account is forgotten with its last run. */
	leave(): void {
		this.#signal?.removeEventListener('abort', this.#cancel);
		if (this.account.leave(this.#run)) {
			this.#forget();
		}
	}
}

const SECOND_MS = 1_000;

/**
 * What counts as a second once the service has throttled. It is 30 ms longer, so that a service that counts strictly sees no
 * second with more arrivals than configured, although some requests travel up to 30 ms longer than others. Not from the
 * beginning: it costs 3 % of the rate.
 */
const SECOND_AFTER_THROTTLING_MS = 1_030;

/**
 * What starts are late by less is made up for. A busy event loop delays many by some milliseconds and some by 100 to 200 ms:
 * without this, a run at 20 a second made 19 beside other work. Milliseconds.
 */
const LATE_MS = 250;

/** It is made up for by starts that follow each other this many times as fast, and not by a burst. */
const CATCH_UP = 2;

/** How close starts may follow each other. */
interface Pace {
	/** Infinity for no limit. */
	perSecond: number;
	secondMs: number;
}

/** Starts that are evenly spaced by a pace. No second has more of them than the pace allows, also when some are late. */
class EvenStarts {
	/** When the last one was to be. */
	#scheduledMs = -Infinity;
	/** When those of the last second really were, oldest first. */
	readonly #startedMs: number[] = [];

	/** When the next one may be. */
	dueMs(pace: Pace): number {
		const lastMs = this.#startedMs.at(-1) ?? -Infinity;
		const firstOfFullSecondMs = this.#startedMs.at(-Math.ceil(pace.perSecond)) ?? -Infinity;
		return Math.max(
			this.#scheduledMs + spacingMs(pace),
			lastMs + spacingMs(pace) / CATCH_UP,
			firstOfFullSecondMs + pace.secondMs,
		);
	}

	add(nowMs: number, pace: Pace): void {
		const evenMs = this.#scheduledMs + spacingMs(pace);
		this.#scheduledMs = nowMs - evenMs < LATE_MS ? evenMs : nowMs;
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
interface Run {
	/** The most requests that start in any second; Infinity for no limit. */
	readonly perSecond: number;
	readonly starts: EvenStarts;
	/** How many requests it has started. */
	requests: number;
	/** Requests that wait, in the order in which they came. Each gets the moment of its start, or nothing when the run is cancelled. */
	readonly waiting: Array<(startedMs: number | undefined) => void>;
}

/** The default limit of Tencent's cloud API. Runs with lower limits of their own may reach it together. */
const DEFAULT_PER_SECOND = 20;

/**
 * The first requests of a run go before those of a run that has made more, so that an order does not wait behind a large
 * Sync: at the default rate, one second of them.
 */
const FIRST_REQUESTS = 20;

/** Every fourth start belongs to a run that has made more requests, so that none starves. */
const TURNS = 4;

/**
 * Decides when the next request to an account may start, of all runs in this process that send to it: evenly spaced by a
 * rate that adapts to throttling, after a pause of all requests. Each run keeps its own limit; together they keep the highest
 * of them, or the default where all are lower.
 */
class Account {
	readonly #clock: Clock;
	readonly #rate = new AdaptiveRate();
	readonly #starts = new EvenStarts();
	/** The run whose last start is longest ago comes first. */
	readonly #runs = new Set<Run>();
	readonly #firstStartMs: number;
	#pausedUntilMs = 0;
	#throttledMs = -Infinity;
	#secondMs = SECOND_MS;
	/** How many starts in a row were given to first requests while a run that has made more was waiting. */
	#firstInARow = 0;
	/** One sleep at a time, until the earliest moment at which there is something to do. */
	#wakeUp: { atMs: number; ends: AbortController } | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
		this.#firstStartMs = clock.elapsedMs();
	}

	/** @param perSecond the most requests of the run that start in any second; Infinity for no limit */
	join(perSecond: number): Run {
		const run: Run = { perSecond, starts: new EvenStarts(), requests: 0, waiting: [] };
		this.#runs.add(run);
		this.#limit();
		return run;
	}

	/** The run is over. Returns whether it was the last one. */
	leave(run: Run): boolean {
		this.#runs.delete(run);
		this.#limit();
		this.cancel(run);
		return this.#runs.size === 0;
	}

	/** The waiting requests of a run will not start. */
	cancel(run: Run): void {
		for (const start of run.waiting.splice(0)) {
			start(undefined);
		}
		this.#startDue();
	}

	/** Resolves as soon as a request of the run has its start, by `elapsedMs`; to nothing when the run is cancelled first. */
	async start(run: Run): Promise<number | undefined> {
		return await new Promise((start) => {
			run.waiting.push(start);
			this.#startDue();
		});
	}

	/** No request starts before this time is over. Milliseconds. */
	pause(pauseMs: number): void {
		this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#clock.elapsedMs() + pauseMs);
	}

	/** Slows all runs down after throttling. Requests that were in flight at that moment count once. */
	throttled(startedMs: number): void {
		if (startedMs <= this.#throttledMs) {
			return;
		}
		this.#throttledMs = this.#clock.elapsedMs();
		this.#secondMs = SECOND_AFTER_THROTTLING_MS;
		this.#rate.throttled(this.#throttledMs, Math.max(this.#firstStartMs, this.#pausedUntilMs));
	}

	succeeded(): void {
		this.#rate.succeeded(this.#clock.elapsedMs());
	}

	#limit(): void {
		const limits = [...this.#runs].map(({ perSecond }) => perSecond);
		const sum = limits.reduce((total, perSecond) => total + perSecond, 0);
		this.#rate.mostPerSecond = Math.min(sum, Math.max(DEFAULT_PER_SECOND, ...limits));
	}

	/** Starts what may start now; the next one wakes it up. */
	#startDue(): void {
		const nowMs = this.#clock.elapsedMs();
		for (;;) {
			const pace = { perSecond: this.#rate.perSecond(nowMs), secondMs: this.#secondMs };
			const accountDueMs = Math.max(this.#starts.dueMs(pace), this.#pausedUntilMs);
			const waiting = [...this.#runs]
				.filter((run) => run.waiting.length > 0)
				.map((run) => ({ run, dueMs: Math.max(accountDueMs, run.starts.dueMs(this.#paceOf(run))) }));
			const next = this.#inTurn(waiting.filter(({ dueMs }) => dueMs <= nowMs));
			if (next === undefined) {
				this.#wakeAt(Math.min(...waiting.map(({ dueMs }) => dueMs)));
				return;
			}
			const { run } = next;
			this.#starts.add(nowMs, pace);
			run.starts.add(nowMs, this.#paceOf(run));
			run.requests++;
			this.#runs.delete(run);
			this.#runs.add(run);
			run.waiting.shift()?.(nowMs);
		}
	}

	#paceOf({ perSecond }: Run): Pace {
		return { perSecond, secondMs: this.#secondMs };
	}

	/** Chooses the run whose request starts next. */
	#inTurn<Due extends { run: Run }>(due: readonly Due[]): Due | undefined {
		if (due.length === 0) {
			return undefined;
		}
		const first = due.find(({ run }) => run.requests < FIRST_REQUESTS);
		const later = due.find(({ run }) => run.requests >= FIRST_REQUESTS);
		const isFirst = first !== undefined && this.#firstInARow < TURNS - 1;
		this.#firstInARow = isFirst && later !== undefined ? this.#firstInARow + 1 : 0;
		return isFirst ? first : (later ?? first);
	}

	/** @param atMs by `elapsedMs`; Infinity for never */
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
			// Another one has taken its place.
			if (this.#wakeUp !== wakeUp) {
				return;
			}
			this.#wakeUp = undefined;
			this.#startDue();
		});
	}
}

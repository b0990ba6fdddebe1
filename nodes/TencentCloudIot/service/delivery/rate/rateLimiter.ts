import { digestOfText } from '../../digest';
import type { Clock } from '../../transport/clock';
import { AccountRate } from './accountRate';
import type { RunOfAccount } from './runOfAccount';

/** The rates of accounts to which runs of this process send, by the digest of endpoint and App Key. */
const RATES = new WeakMap<Clock, Map<string, AccountRate>>();

export interface RateLimiterOptions {
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
	readonly #cancel = (): void => this.#rate.cancel(this.#run);

	constructor({ endpoint, appKey, requestsPerSecond, clock, signal }: RateLimiterOptions) {
		const rates = RATES.get(clock) ?? new Map<string, AccountRate>();
		const account = digestOfText(JSON.stringify([endpoint, appKey]));
		this.#rate = rates.get(account) ?? new AccountRate(clock);
		this.#run = this.#rate.join(requestsPerSecond > 0 ? requestsPerSecond : Infinity);
		this.#forget = () => void rates.delete(account);
		rates.set(account, this.#rate);
		RATES.set(clock, rates);
		this.#signal = signal;
		signal?.addEventListener('abort', this.#cancel, { once: true });
	}

	/**
	 * Runs a task as soon as it may start. Undefined when the signal is aborted first.
	 * @param task gets the moment of its start, for `throttled`
	 */
	async run<T>(task: (startedMs: number) => Promise<T>): Promise<T | undefined> {
		if (this.#signal?.aborted) return undefined;
		const started = await this.#rate.start(this.#run);
		if (started === undefined) return undefined;
		try {
			return this.#signal?.aborted ? undefined : await task(started.atMs);
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

import type { ResponseData } from '../response/parseResponse';
import type { Answered, NotTried, Postponed } from '../fate';
import { worseOf, type Failure } from '../outcome';
import { createFreshness } from '../signing/request';
import { digestOf, encodeParameters, type SignatureScheme, type Parameters } from '../signing/signature';
import type { Clock } from '../transport/clock';
import type { Host, Transport } from '../transport/transport';
import { Halt } from './halt';
import { WarmUp } from './warmUp';
import { RateLimiter } from './rate/rateLimiter';
import { Requests } from './requests';
import { RetryPolicy } from './retry';
import { CallSigning } from './callSigning';

export interface SenderSettings {
	endpoint: string;
	appKey: string;
	appSecret: string;
	/** The candidates for nested values, at least one; the first that the service accepts is kept. */
	signatureSchemes: readonly SignatureScheme[];
	/** The most requests that start in any second; 0 for no limit. */
	requestsPerSecond: number;
	maxAttempts: number;
	/** Whether a request that may have been applied may be sent again. */
	isIdempotent: boolean;
	/** Whether the first final failure ends the run. */
	stopAtFailure: boolean;
	/** A failure of an earlier attempt that ended the run before this one began. */
	halt?: Failure | undefined;
	/** The proof of success in a response. */
	isDone: (data: ResponseData) => boolean | string;
	/** The members of a response that are kept. */
	reads: readonly string[];
	/** Called before each request: why no further request may start; what is left then is postponed. */
	whyBlocked?: (() => Promise<Failure | undefined>) | undefined;
	/** Aborted when `whyBlocked` has a reason also for calls that wait. */
	ends?: AbortSignal | undefined;
	signal?: AbortSignal | undefined;
	clock: Clock;
	host: Host;
	/** Uniform in [0, 1): the jitter of the waits. */
	random: () => number;
}

/** What became of one call, as far as sending shows. */
export type Delivered = (Answered | NotTried | Postponed) & {
	/** The fingerprint of its parameters, 22 characters of base64url. */
	digest: string;
};

/** Sends calls, each with as many attempts as its failures allow, until something ends the run. */
export class Sender {
	readonly warmUp: WarmUp;
	readonly #settings: SenderSettings;
	readonly #halt: Halt;
	readonly #rateLimiter: RateLimiter;
	readonly #requests: Requests;
	readonly #retry: RetryPolicy;

	constructor(transport: Transport, settings: SenderSettings) {
		this.warmUp = new WarmUp(settings.signatureSchemes);
		this.#halt = new Halt(settings.halt, settings.signal);
		this.#settings = { ...settings, signal: this.#halt.signal };
		this.#rateLimiter = new RateLimiter(this.#settings);
		this.#requests = new Requests({
			...settings,
			transport,
			freshness: createFreshness(() => settings.clock.nowMs() + this.warmUp.clockOffsetMs),
			rateLimiter: this.#rateLimiter,
			halt: this.#halt,
		});
		this.#retry = new RetryPolicy(settings);
		settings.ends?.addEventListener('abort', () => void this.#requests.checkBlocked(), { once: true });
	}

	/**
	 * Sends one call to its end. Never throws: whatever happens is the call's outcome.
	 * @param countsForWarmUp whether a call without a response says something of the service
	 */
	async send(call: Parameters, countsForWarmUp = true): Promise<Delivered> {
		const { isDone, reads, clock } = this.#settings;
		const parameters = encodeParameters(call);
		const signing = new CallSigning(this.warmUp, parameters);
		const digest = digestOf(parameters);
		const requestIds: string[] = [];
		const failures: Failure[] = [];
		let worst: Failure['outcome'] = 'NOT_SENT';
		for (;;) {
			const request = { parameters, scheme: signing.scheme, isDone, reads };
			const outcome = await this.#requests.make(request, requestIds);
			if (outcome?.outcome === 'OK') {
				signing.succeeded();
				this.#retry.succeeded(failures);
				const mayBeTwice = worst === 'UNKNOWN' && { mayBeTwice: true };
				return { kind: 'answered', outcome, requestIds, digest, ...mayBeTwice };
			}
			if (outcome !== undefined) {
				worst = worseOf(worst, outcome.outcome);
				const failure = await signing.afterAuthFailure(outcome, clock.nowMs(), () =>
					this.#requests.checkKey(),
				);
				if (failure === undefined) continue;
				failures.push(failure);
				if (await this.#waitForRetry(failure, failures.length)) continue;
				this.#haltAfter(failure, countsForWarmUp);
			}
			const { rest } = this.#halt;
			const isTried = requestIds.length > 0;
			if (!isTried) return { ...rest, digest };
			// It waited for its next attempt, and nothing can have been applied.
			const isLeft = outcome === undefined && rest.kind === 'postponed' && worst !== 'UNKNOWN';
			if (isLeft) return { ...rest, requestIds, digest };
			const last = failures.at(-1) ?? rest.why;
			return { kind: 'answered', outcome: { ...last, outcome: worst }, requestIds, digest };
		}
	}

	/** To be called when the run is over. */
	close(): void {
		this.#rateLimiter.leave();
	}

	async #waitForRetry(failure: Failure, attempts: number): Promise<boolean> {
		const waitMs = this.#retry.waitBeforeNext(failure, attempts);
		if (waitMs === undefined) return false;
		// A throttled request waits with all the others.
		if (failure.retry === 'throttled') this.#rateLimiter.pause(waitMs);
		else await this.#settings.clock.sleep(waitMs, this.#settings.signal);
		return true;
	}

	#haltAfter(failure: Failure, countsForWarmUp: boolean): void {
		this.warmUp.failed(failure, countsForWarmUp);
		const isOver = failure.scope === 'run' || this.#settings.stopAtFailure;
		const reason = isOver ? failure : this.warmUp.giveUpReason;
		if (reason !== undefined) this.#halt.fail(reason);
	}
}

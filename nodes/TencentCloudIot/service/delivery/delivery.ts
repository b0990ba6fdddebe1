import type { Connection } from '../connection';
import {
	type Parameters,
	digestOf,
	encodeParameters,
	createFreshness,
	type Freshness,
} from '../signing/signature';
import { openTransport } from './openTransport';
import type { Conduct, Requests } from './conduct';
import { notSent, type Failure, type RequestFailure, type RequestOutcome } from '../outcome';
import type { Delivered, Fate } from '../fate';
import type { Transport, TransportOptions } from '../transport/transport';
import { HARMLESS_READ, isHarmlessReadDone } from '../actions';
import { CANCELLED } from '../transportError';
import { WarmUp, CallSigning } from './warmUp';
import { RateLimiter } from './rate/rateLimiter';
import { attempt, type Attempt, type Channel, type Request } from './attempt';

/** The settings of one run's delivery. */
interface DeliverySettings
	extends Connection,
		Pick<Request, 'isDone' | 'reads'>,
		Pick<TransportOptions, 'signal' | 'clock' | 'host' | 'timeoutMs' | 'mayLeave'>,
		RetryOptions {
	/** The most requests in flight at once. */
	concurrency: number;
	/** The most requests that start in any second; 0 for no limit. */
	requestsPerSecond: number;
	/** How a call, by its index, is carried out that takes several requests; undefined for one request. */
	conductOf?: ((index: number) => Conduct | undefined) | undefined;
	/** Whether the time is over for requests of such a call. */
	isOver?: () => boolean;
	/** Called after each request of such a call. */
	onRequest?: () => void;
	/** Whether a call without a response says something of the service; left out, each does. */
	countsForWarmUp?: (index: number) => boolean;
	/** Whether the first final failure ends the run. */
	stopAtFailure: boolean;
	/** A failure of an earlier execution attempt that ended the run: nothing is sent in this one. */
	halt?: Failure | undefined;
	/**
	 * Called before each request: why no further request may start. Calls that are not finished are then postponed.
	 * @param index of the call that the request is for; undefined for a request that changes nothing at the service
	 */
	whyBlocked?: ((index: number | undefined) => Promise<Failure | undefined>) | undefined;
	/** Aborted when `whyBlocked` has a reason that also holds for calls that wait for a retry. */
	ends?: AbortSignal | undefined;
}

/** What a run detected about the service. */
export type Detected = Pick<WarmUp, 'acceptedScheme' | 'detectionRequests' | 'clockOffsetMs'>;

/**
 * Receives each outcome at once, so that it can be stored even if the process ends before the run. An error that it throws
 * ends the run: no further call starts, calls in flight finish, then the error is rethrown.
 */
export type OnDelivered = (index: number, delivered: Delivered) => void;

/**
 * Sends each call's parameters as one signed request, or as one for each page of a list, in the order in which they are given.
 * The first call is sent alone until the service has responded: a wrong secret costs two requests, not ten thousand.
 * @param calls each with the index by which the settings and `onDelivered` know it
 * @throws NotSendable before anything is sent, when the proxy or the host's policy does not allow it
 */
export async function deliver(
	calls: ReadonlyArray<readonly [index: number, parameters: Parameters]>,
	settings: DeliverySettings,
	onDelivered: OnDelivered,
): Promise<Detected> {
	const transport = await openTransport({ ...settings, connections: settings.concurrency });
	const sender = new Sender(transport, settings);
	try {
		const send = async (parameters: Parameters, index: number): Promise<Delivered> => {
			const conduct = settings.conductOf?.(index);
			if (conduct === undefined) {
				return await sender.send(parameters, index);
			}
			const delivered = await conduct(requestsOf(sender, settings));
			return { ...delivered, digest: digestOf(encodeParameters(parameters)) };
		};
		const pending = calls.values();
		const sendWhile = async (goOn: () => boolean): Promise<void> => {
			while (goOn()) {
				const next = pending.next();
				if (next.done) {
					return;
				}
				const [index, parameters] = next.value;
				onDelivered(index, await send(parameters, index));
			}
		};
		await sendWhile(() => sender.warmUp.isOpen);
		let isOver = false;
		const sendLane = async () => {
			try {
				await sendWhile(() => !isOver);
			} finally {
				isOver = true;
			}
		};
		const lanes = Array.from({ length: Math.min(settings.concurrency, calls.length) }, sendLane);
		// No request is in flight when the connections are closed, also where one lane threw.
		await Promise.allSettled(lanes);
		await Promise.all(lanes);
		const { acceptedScheme, clockOffsetMs, detectionRequests } = sender.warmUp;
		return { acceptedScheme, clockOffsetMs, detectionRequests };
	} finally {
		sender.rateLimiter.leave();
		await transport.close();
	}
}

/** What a call has of the run that takes several requests. */
function requestsOf(sender: Sender, settings: DeliverySettings): Requests {
	const { isOver = () => false, onRequest } = settings;
	return {
		send: async (parameters) => {
			const delivered = await sender.send(parameters);
			onRequest?.();
			return delivered;
		},
		attempt: async (request, makeFresh) => await sender.attemptOnce(request, makeFresh),
		pause: (ms) => sender.rateLimiter.account.pause(ms),
		noteClockOffset: (ms) => {
			sender.warmUp.clockOffsetMs = ms;
		},
		isOver,
		concurrency: settings.concurrency,
		connection: settings,
		clock: settings.clock,
		signal: settings.signal,
	};
}

/** Sends calls, each with as many attempts as its failures allow, until something ends the run. */
class Sender {
	readonly warmUp: WarmUp;
	readonly rateLimiter: RateLimiter;
	readonly #settings: DeliverySettings;
	readonly #halt: Halt;
	readonly #channel: Channel;
	readonly #freshness: () => Freshness;
	readonly #retry: RetryPolicy;
	/** One check serves all calls that wait for it. */
	#keyCheck: Promise<RequestOutcome | undefined> | undefined;

	constructor(transport: Transport, settings: DeliverySettings) {
		this.#halt = new Halt(settings.halt, settings.signal);
		this.#settings = { ...settings, signal: this.#halt.signal };
		this.warmUp = new WarmUp(settings.signatureSchemes, settings.isIdempotent);
		this.rateLimiter = new RateLimiter(this.#settings);
		this.#channel = { ...settings, transport };
		this.#freshness = createFreshness(() => settings.clock.nowMs() + this.warmUp.clockOffsetMs);
		this.#retry = new RetryPolicy(settings);
		settings.ends?.addEventListener('abort', () => void this.#checkBlocked(), { once: true });
	}

	/**
	 * Sends one call to its end. Never throws: whatever happens is the call's outcome.
	 * @param index of the call; undefined for a request that is a part of one, and changes nothing
	 */
	async send(call: Parameters, index?: number): Promise<Delivered> {
		const { isDone, reads, clock } = this.#settings;
		const parameters = encodeParameters(call);
		const signing = new CallSigning(this.warmUp, parameters);
		const digest = digestOf(parameters);
		const requestIds: string[] = [];
		const failures: RequestFailure[] = [];
		let worst: Failure['outcome'] = 'NOT_SENT';
		for (;;) {
			const request = { parameters, scheme: signing.scheme, isDone, reads };
			const outcome = await this.#request(request, requestIds, index);
			if (outcome?.outcome === 'OK') {
				signing.succeeded();
				this.#retry.succeeded(failures);
				const answered = { kind: 'answered', outcome, requestIds, digest } as const;
				return worst === 'UNKNOWN' ? { ...answered, mayBeTwice: true } : answered;
			}
			if (outcome !== undefined) {
				worst = worseOf(worst, outcome.outcome);
				const failure = await signing.afterAuthFailure(outcome, clock.nowMs(), () =>
					this.#checkKey(requestIds),
				);
				if (failure === undefined) {
					continue;
				}
				failures.push(failure);
				if (await this.#waitForRetry(failure, failures.length)) {
					continue;
				}
				this.warmUp.failed(failure, index === undefined || this.#settings.countsForWarmUp?.(index));
				const isOver = failure.scope === 'run' || this.#settings.stopAtFailure;
				const reason = isOver ? failure : this.warmUp.giveUpReason;
				if (reason !== undefined) {
					this.#halt.set(notTriedAfter(reason));
				}
			}
			const { unsent } = this.#halt;
			if (requestIds.length === 0) {
				return { ...unsent, digest };
			}
			// It waited for its next attempt, and nothing can have been applied.
			const isPostponed = outcome === undefined && unsent.kind === 'postponed' && worst !== 'UNKNOWN';
			if (isPostponed) {
				return { ...unsent, requestIds, digest };
			}
			const last = failures.at(-1) ?? unsent.why;
			return { kind: 'answered', outcome: { ...last, outcome: worst }, requestIds, digest };
		}
	}

	/**
	 * Makes one request, signed right before it is sent, when the rate limiter lets it start. Undefined when none may start any more.
	 * @param requestIds gets its RequestId
	 * @param index of its call; undefined for one that changes nothing
	 */
	async #request(
		request: Request,
		requestIds: string[],
		index?: number,
	): Promise<RequestOutcome | undefined> {
		// Not after a wait for the rate limiter: what an ended run did not send is reported at once.
		if (this.#halt.isSet) {
			return undefined;
		}
		return await this.rateLimiter.run(async (startedMs) => {
			let made: Attempt | undefined;
			while (made === undefined) {
				if (await this.#checkBlocked(index)) {
					return undefined;
				}
				const fresh = this.#freshness();
				// A request that was held back asks again whether it may start.
				made = await attempt(this.#channel, request, fresh, requestIds.length + 1);
				if (made !== undefined) {
					requestIds.push(fresh.RequestId);
				}
			}
			this.#noteRate(made.outcome, startedMs);
			return made.outcome;
		});
	}

	/**
	 * Makes one request just as it is given, when the rate limiter lets it start. It changes nothing.
	 * @returns undefined when none may start any more
	 */
	async attemptOnce(request: Request, makeFresh: () => Freshness): Promise<Attempt | undefined> {
		return await this.rateLimiter.run(async (startedMs) => {
			const made = await attempt(this.#channel, request, makeFresh());
			if (made !== undefined) {
				this.#noteRate(made.outcome, startedMs);
			}
			return made;
		});
	}

	/** Adapts the rate of the account to an outcome. */
	#noteRate(outcome: RequestOutcome, startedMs: number): void {
		if (outcome.outcome === 'OK') {
			this.rateLimiter.account.succeeded();
		} else if (outcome.retry === 'throttled') {
			this.rateLimiter.account.throttled(startedMs);
		}
	}

	/** Whether no further request may start. Calls that are not finished are then postponed. */
	async #checkBlocked(index?: number): Promise<boolean> {
		const blocked = await this.#settings.whyBlocked?.(index);
		if (blocked !== undefined) {
			this.#halt.set({ kind: 'postponed', why: blocked });
		}
		return this.#halt.isSet;
	}

	/**
	 * Distinguishes a wrong secret from a single rejected signature by a request that every scheme signs alike.
	 * @param requestIds of the call that asks first: the RequestId of the check is added to them
	 */
	async #checkKey(requestIds: string[]): Promise<RequestOutcome | undefined> {
		const parameters = encodeParameters(HARMLESS_READ);
		const request: Request = { parameters, scheme: 'json', isDone: isHarmlessReadDone, reads: [] };
		const check = async () => {
			const outcome = await this.#request(request, requestIds);
			if (outcome !== undefined) {
				this.warmUp.detectionRequests++;
			}
			return outcome;
		};
		const keyCheck = this.#keyCheck ?? check();
		this.#keyCheck = keyCheck;
		try {
			return await keyCheck;
		} finally {
			this.#keyCheck = undefined;
		}
	}

	async #waitForRetry(failure: RequestFailure, attempts: number): Promise<boolean> {
		const waitMs = this.#retry.waitBeforeNext(failure, attempts);
		if (waitMs === undefined) {
			return false;
		}
		// A throttled request waits with all the others.
		if (failure.retry === 'throttled') {
			this.rateLimiter.account.pause(waitMs);
		} else {
			await this.#settings.clock.sleep(waitMs, this.#settings.signal);
		}
		return true;
	}
}

/** A later attempt that was rejected or not sent does not undo an earlier one that may have been applied. */
function worseOf(earlier: Failure['outcome'], later: Failure['outcome']): Failure['outcome'] {
	const fromBest = ['NOT_SENT', 'REFUSED', 'UNKNOWN'];
	return fromBest.indexOf(earlier) > fromBest.indexOf(later) ? earlier : later;
}

type Unsent = Extract<Fate, { kind: 'notTried' | 'postponed' }>;

/** Why no further request of a run starts, once there is a reason. The first reason stays. */
class Halt {
	readonly #controller = new AbortController();
	#unsent: Unsent | undefined;
	/** Aborted by the halt or by a cancel, so that no wait outlives it. */
	readonly signal: AbortSignal;

	/** @param failure of an earlier attempt that ended the run before this one began */
	constructor(failure: Failure | undefined, cancel: AbortSignal | undefined) {
		const ownSignal = this.#controller.signal;
		this.signal = cancel === undefined ? ownSignal : AbortSignal.any([ownSignal, cancel]);
		if (failure !== undefined) {
			this.#unsent = notTriedAfter(failure);
		}
	}

	get isSet(): boolean {
		return this.#unsent !== undefined;
	}

	/** The fate of a call that does not start any more. */
	get unsent(): Unsent {
		return this.#unsent ?? { kind: 'notTried', why: CANCELLED };
	}

	/** @param unsent the fate of the calls that have not started */
	set(unsent: Unsent): void {
		this.#unsent ??= unsent;
		this.#controller.abort();
	}
}

function notTriedAfter(failure: Failure): Unsent {
	if (failure.code === CANCELLED.code) {
		return { kind: 'notTried', why: CANCELLED };
	}
	const { reason, advice } = failure;
	return { kind: 'notTried', why: { ...notSent('NOT_TRIED', { reason, advice }), endedBy: failure } };
}

/** Exponential backoff with full jitter: each wait is a random part of a ceiling that doubles. Milliseconds. */
const BASE_MS = 200;
const CEILING_MS = 20_000;

/**
 * The jitter after throttling comes on top of this time: a rate limit counts the requests of a second, so a retry within
 * the same second is rejected as well. Milliseconds.
 */
const THROTTLED_MS = 1_000;

/**
 * The retry budget of a run, so that an outage does not triple the load: a retry takes its cost, a success after retries
 * refunds their cost, and any other success adds one token.
 */
const BUDGET_TOKENS = 500;
const TRANSIENT_COST = 10;
const THROTTLED_COST = 5;

interface RetryOptions {
	maxAttempts: number;
	/** Whether a request that may have been applied may be sent again. */
	isIdempotent: boolean;
	/** Uniform in [0, 1): the jitter of the waits. */
	random?: () => number;
}

/** Decides for one run whether and when a failed request is retried. */
export class RetryPolicy {
	readonly #options: Required<RetryOptions>;
	#tokens = BUDGET_TOKENS;

	constructor(options: RetryOptions) {
		this.#options = { random: Math.random, ...options };
	}

	/**
	 * The wait before the next attempt in milliseconds, or undefined when there is none.
	 * @param attempts the number of attempts so far, this failed one included
	 */
	waitBeforeNext(failure: RequestFailure, attempts: number): number | undefined {
		if (failure.retry === 'never' || attempts >= this.#options.maxAttempts) {
			return undefined;
		}
		if (failure.outcome === 'UNKNOWN' && !this.#options.isIdempotent) {
			return undefined;
		}
		const cost = costOf(failure);
		if (this.#tokens < cost) {
			return undefined;
		}
		this.#tokens -= cost;
		const leastMs = failure.retry === 'throttled' ? THROTTLED_MS : 0;
		const jitterMs = this.#options.random() * Math.min(CEILING_MS, BASE_MS * 2 ** (attempts - 1));
		return Math.max(failure.retryAfterMs ?? 0, leastMs + jitterMs);
	}

	/** @param failures the failed attempts before the success */
	succeeded(failures: readonly RequestFailure[]): void {
		const refund = failures.reduce((sum, failure) => sum + costOf(failure), 0);
		this.#tokens = Math.min(BUDGET_TOKENS, this.#tokens + Math.max(1, refund));
	}
}

function costOf(failure: RequestFailure): number {
	return failure.retry === 'throttled' ? THROTTLED_COST : TRANSIENT_COST;
}

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
import { failureOf, type Delivered, type Fate } from '../fate';
import type { Transport, TransportOptions } from '../transport/transport';
import { HARMLESS_READ, isHarmlessReadDone } from '../actions';
import { CANCELLED } from '../transportError';
import { WarmUp } from './warmUp';
import { RateLimiter } from './rate/rateLimiter';
import { type RetryOptions, RetryPolicy } from './retryPolicy';
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
	/** By the index of a call: how its requests are made, if it takes several; undefined for a call that is one request. */
	conductOf?: ((index: number) => Conduct | undefined) | undefined;
	/** Whether the run's time is over, so that calls of several requests make no further one. */
	isTimeOver?: () => boolean;
	/** Called after each request of a call that takes several. */
	onRequest?: () => void;
	/** Whether a missing response to this call means that the service does not respond at all. Default: it does for each call. */
	countsForWarmUp?: (index: number) => boolean;
	/** Whether the first final failure ends the run. */
	stopAtFailure: boolean;
	/** A failure of an earlier execution attempt that ended the run: nothing is sent in this one. */
	halt?: Failure | undefined;
	/**
	 * Called before each request. Gives the reason why no further request of the run may start; unfinished calls are then postponed.
	 * @param index of the call that the request is for; undefined for a request that changes nothing at the service
	 */
	whyBlocked?: ((index: number | undefined) => Promise<Failure | undefined>) | undefined;
	/** Aborted when the run's time is over. `whyBlocked` then gives a reason, and calls that wait for a retry end at once. */
	timeOver?: AbortSignal | undefined;
}

/** What a run detected about the service. */
export type Detected = Pick<WarmUp, 'acceptedScheme' | 'detectionRequests' | 'clockOffsetMs'>;

/**
 * Called with the result of each call at once, so that it can be stored even if the process dies before the run ends. An error that it
 * throws ends the run: no further call starts, calls in flight finish, then the error is rethrown.
 */
type OnDelivered = (index: number, delivered: Delivered) => void;

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
			sender.noteConducted(delivered);
			return { ...delivered, parametersDigest: digestOf(encodeParameters(parameters)) };
		};
		const pending = calls.values();
		const sendWhile = async (mayContinue: () => boolean): Promise<void> => {
			while (mayContinue()) {
				const next = pending.next();
				if (next.done) {
					return;
				}
				const [index, parameters] = next.value;
				onDelivered(index, await send(parameters, index));
			}
		};
		await sendWhile(() => sender.warmUp.isOpen);
		let hasLaneEnded = false;
		const sendLane = async () => {
			try {
				await sendWhile(() => !hasLaneEnded);
			} finally {
				hasLaneEnded = true;
			}
		};
		const lanes = Array.from({ length: Math.min(settings.concurrency, calls.length) }, sendLane);
		// Waits for all lanes even if one threw: the connections below may be closed only when no request is in flight.
		await Promise.allSettled(lanes);
		await Promise.all(lanes);
		const { acceptedScheme, clockOffsetMs, detectionRequests } = sender.warmUp;
		return { acceptedScheme, clockOffsetMs, detectionRequests };
	} finally {
		sender.rateLimiter.leave();
		await transport.close();
	}
}

/** What the run offers to a call that takes several requests. */
function requestsOf(sender: Sender, settings: DeliverySettings): Requests {
	const { isTimeOver = () => false, onRequest } = settings;
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
		isTimeOver,
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
	/** The check of the key that is in progress. Other calls wait for it instead of sending their own. */
	#keyCheck: Promise<RequestOutcome | undefined> | undefined;

	constructor(transport: Transport, settings: DeliverySettings) {
		this.#halt = new Halt(settings.halt, settings.signal);
		this.#settings = { ...settings, signal: this.#halt.signal };
		this.warmUp = new WarmUp(settings.signatureSchemes, settings.isIdempotent);
		this.rateLimiter = new RateLimiter(this.#settings);
		this.#channel = { ...settings, transport };
		this.#freshness = createFreshness(() => settings.clock.nowMs() + this.warmUp.clockOffsetMs);
		this.#retry = new RetryPolicy(settings);
		settings.timeOver?.addEventListener('abort', () => void this.#checkBlocked(), { once: true });
	}

	/**
	 * Sends one call until its outcome is known. Never throws: whatever happens is the call's outcome. Each attempt ends in one of these ways:
	 *
	 *     accepted             the call is done
	 *     other signature      the service refused the signature, and another one may be right: the call is sent again at once
	 *     to be retried        the call waits, and is sent again
	 *     failed for good      the call has failed, which may end the run
	 *     not made             the run has ended: the call was not tried, is postponed, or has the worst of its outcomes so far
	 *
	 * @param index of the call; undefined for one request of a call that takes several, which changes nothing at the service
	 */
	async send(call: Parameters, index?: number): Promise<Delivered> {
		const { isDone, reads, clock } = this.#settings;
		const parameters = encodeParameters(call);
		const signing = this.warmUp.signingOf(parameters);
		const parametersDigest = digestOf(parameters);
		const requestIds: string[] = [];
		const failures: RequestFailure[] = [];
		let worst: Failure['outcome'] = 'NOT_SENT';
		for (;;) {
			const request = { parameters, scheme: signing.scheme, isDone, reads };
			const outcome = await this.#request(request, requestIds, index);
			if (outcome?.outcome === 'OK') {
				signing.noteSuccess();
				this.#retry.noteSuccess(failures);
				const answered = { kind: 'answered', outcome, requestIds, parametersDigest } as const;
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
				this.#noteFailure(failure, index);
			}
			const { unsent } = this.#halt;
			if (requestIds.length === 0) {
				return { ...unsent, parametersDigest };
			}
			// The call waited for its next attempt, and no earlier one can have been applied, so the next run may send it.
			const isPostponed = outcome === undefined && unsent.kind === 'postponed' && worst !== 'UNKNOWN';
			if (isPostponed) {
				return { ...unsent, requestIds, parametersDigest };
			}
			const lastFailure = failures.at(-1) ?? unsent.why;
			return { kind: 'answered', outcome: { ...lastFailure, outcome: worst }, requestIds, parametersDigest };
		}
	}

	/** Notes the result of a call that took several requests. It may have failed although none of them did, e.g. because its list is incomplete. */
	noteConducted(delivered: Delivered): void {
		const failure = failureOf(delivered);
		if (failure !== undefined && this.#settings.stopAtFailure) {
			this.#halt.set(notTriedAfter(failure));
		}
	}

	/** Notes that a call failed for good, and ends the run if no further call should be sent. */
	#noteFailure(failure: RequestFailure, index?: number): void {
		const { countsForWarmUp, stopAtFailure } = this.#settings;
		this.warmUp.noteFailure(failure, index === undefined || countsForWarmUp?.(index));
		const endsRun = failure.scope === 'run' || stopAtFailure;
		const reason = endsRun ? failure : this.warmUp.giveUpReason;
		if (reason !== undefined) {
			this.#halt.set(notTriedAfter(reason));
		}
	}

	/**
	 * Makes one request, signed right before it is sent, when the rate limiter lets it start.
	 * @param requestIds the RequestId is added to them
	 * @param index of the call; undefined for a request that changes nothing at the service
	 * @returns undefined when no further request may start
	 */
	async #request(
		request: Request,
		requestIds: string[],
		index?: number,
	): Promise<RequestOutcome | undefined> {
		// Does not wait for the rate limiter: an ended run reports at once what it did not send.
		if (this.#halt.isSet) {
			return undefined;
		}
		return await this.rateLimiter.run(async (startedMs) => {
			let thisAttempt: Attempt | undefined;
			while (thisAttempt === undefined) {
				if (await this.#checkBlocked(index)) {
					return undefined;
				}
				const fresh = this.#freshness();
				// If the transport held the request back, nothing was sent. The loop then asks again whether the request may start.
				thisAttempt = await attempt(this.#channel, request, fresh, requestIds.length + 1);
				if (thisAttempt !== undefined) {
					requestIds.push(fresh.RequestId);
				}
			}
			this.#noteRate(thisAttempt.outcome, startedMs);
			return thisAttempt.outcome;
		});
	}

	/**
	 * Makes one request exactly as it is given, when the rate limiter lets it start. It must change nothing at the service.
	 * @returns undefined when no further request may start
	 */
	async attemptOnce(request: Request, makeFresh: () => Freshness): Promise<Attempt | undefined> {
		return await this.rateLimiter.run(async (startedMs) => {
			const thisAttempt = await attempt(this.#channel, request, makeFresh());
			if (thisAttempt !== undefined) {
				this.#noteRate(thisAttempt.outcome, startedMs);
			}
			return thisAttempt;
		});
	}

	/** Adapts the rate of the account to the outcome of a request. */
	#noteRate(outcome: RequestOutcome, startedMs: number): void {
		if (outcome.outcome === 'OK') {
			this.rateLimiter.account.noteSuccess();
		} else if (outcome.retry === 'throttled') {
			this.rateLimiter.account.noteThrottling(startedMs);
		}
	}

	/** Asks `whyBlocked`, and returns whether the run has ended, so that no further request may start. */
	async #checkBlocked(index?: number): Promise<boolean> {
		const why = await this.#settings.whyBlocked?.(index);
		if (why !== undefined) {
			this.#halt.set(why.code === CANCELLED.code ? notTriedAfter(why) : { kind: 'postponed', why });
		}
		return this.#halt.isSet;
	}

	/**
	 * Distinguishes a wrong secret from a single rejected signature by a request that every scheme signs the same way.
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
		this.#keyCheck ??= check();
		try {
			return await this.#keyCheck;
		} finally {
			this.#keyCheck = undefined;
		}
	}

	/** Decides whether a call is retried, and waits before the next attempt. Returns false, at once, if there is none. */
	async #waitForRetry(failure: RequestFailure, attempts: number): Promise<boolean> {
		const isRetried = this.#retry.takeRetry(failure, attempts);
		if (failure.retry === 'throttled') {
			// All requests of the account pause, even if this one is not retried.
			this.rateLimiter.account.pause(this.#retry.waitAfter(failure, attempts));
		} else if (isRetried) {
			await this.#settings.clock.sleep(this.#retry.waitAfter(failure, attempts), this.#settings.signal);
		}
		return isRetried;
	}
}

/** The worse of two outcomes: a later attempt that was refused or not sent does not undo an earlier one that may have been applied. */
function worseOf(earlier: Failure['outcome'], later: Failure['outcome']): Failure['outcome'] {
	const outcomesFromBest = ['NOT_SENT', 'REFUSED', 'UNKNOWN'];
	return outcomesFromBest.indexOf(earlier) > outcomesFromBest.indexOf(later) ? earlier : later;
}

type Unsent = Extract<Fate, { kind: 'notTried' | 'postponed' }>;

/** Ends a run: once it is set, no further request starts. The first reason wins. */
class Halt {
	readonly #controller = new AbortController();
	#unsent: Unsent | undefined;
	/** Aborted by the halt or by a cancel, so that no wait outlives it. */
	readonly signal: AbortSignal;

	/** @param failure of an earlier execution attempt: it ended the run before this attempt started */
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

	/** The fate of a call that has not started: not tried or postponed, with the reason. */
	get unsent(): Unsent {
		return this.#unsent ?? { kind: 'notTried', why: CANCELLED };
	}

	/**
	 * Ends the run, unless it has ended already.
	 * @param unsent the fate of the calls that have not started
	 */
	set(unsent: Unsent): void {
		this.#unsent ??= unsent;
		this.#controller.abort();
	}
}

/** The fate of calls that are not tried because this failure ended the run. */
function notTriedAfter(failure: Failure): Unsent {
	if (failure.code === CANCELLED.code) {
		return { kind: 'notTried', why: CANCELLED };
	}
	const { reason, advice } = failure;
	return { kind: 'notTried', why: { ...notSent('NOT_TRIED', { reason, advice }), endedBy: failure } };
}

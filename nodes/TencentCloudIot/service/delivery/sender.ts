import type { AnswerData } from '../answer';
import { classifyAnswer } from '../classify';
import type { Clock } from '../transport/clock';
import type { Transport } from '../transport/transport';
import { Lead } from './lead';
import { notSent, type Failure, type Outcome } from '../outcome';
import { Pace } from './pace';
import { createFreshness, signedBody, type Freshness } from '../request';
import { RetryPolicy } from './retry';
import {
	digestOf,
	encodeParameters,
	type EncodedParameter,
	type NestedRule,
	type Parameters,
} from '../signature';
import { classifyFault } from '../fault';

const CANCELLED = notSent('CANCELLED', 'The execution was cancelled.', 'Run the workflow again');

export interface SenderSettings {
	appKey: string;
	appSecret: string;
	/** The rules to try for nested values, at least one; the first that the service accepts is kept. */
	nestedRules: readonly NestedRule[];
	/** The most requests in flight at once. */
	concurrency: number;
	/** The most requests started per second; 0 for no limit. */
	requestsPerSecond: number;
	maxAttempts: number;
	/** Whether a request that may have been applied may be sent again. */
	repeatable: boolean;
	/** Whether the first final failure ends the run. */
	stopAtFailure: boolean;
	/** A failure of an earlier try that ended the run before this one began. */
	halt?: Failure | undefined;
	/** The proof of success in an answer. */
	isDone: (data: AnswerData) => boolean;
	signal?: AbortSignal | undefined;
	clock: Clock;
	/** Uniform in [0, 1): the jitter of the waits. */
	random: () => number;
}

/** What became of one call. */
export interface Delivered {
	outcome: Outcome;
	/** Every request that was made for it, oldest first. */
	requestIds: string[];
	/** The fingerprint of its parameters. */
	digest: string;
	/** How many pages were asked for, each with attempts of its own. Undefined is one. */
	pages?: number;
}

/** Sends calls, each with as many attempts as its failures allow, until something ends the run. */
export class Sender {
	readonly lead: Lead;
	readonly #transport: Transport;
	readonly #settings: SenderSettings;
	readonly #pace: Pace;
	readonly #retry: RetryPolicy;
	readonly #freshness: () => Freshness;
	/** Why no further request may start. */
	#halt: Failure | undefined;
	/** Aborted with it, so that nobody waits for a request that will not be made. */
	readonly #halted = new AbortController();

	constructor(transport: Transport, settings: SenderSettings) {
		this.lead = new Lead(settings.nestedRules);
		this.#transport = transport;
		this.#halt = settings.halt;
		const signal = AbortSignal.any([this.#halted.signal, ...(settings.signal ? [settings.signal] : [])]);
		this.#settings = { ...settings, signal };
		this.#pace = new Pace(this.#settings);
		this.#retry = new RetryPolicy(settings);
		this.#freshness = createFreshness(() => settings.clock.nowMs() + this.lead.clockOffsetMs);
	}

	/** Sends one call to its end. Never throws: whatever happens is the call's outcome. */
	async send(parameters: Parameters): Promise<Delivered> {
		const encoded = encodeParameters(parameters);
		const digest = digestOf(encoded);
		const requestIds: string[] = [];
		const failures: Failure[] = [];
		let worst: Failure['outcome'] = 'NOT_SENT';
		for (;;) {
			const outcome = await this.#attempt(encoded, requestIds);
			if (outcome?.outcome === 'OK') {
				this.lead.succeeded();
				this.#retry.succeeded(failures);
				return { outcome, requestIds, digest };
			}
			if (outcome !== undefined) {
				worst = worseOf(worst, outcome.outcome);
				if (this.lead.canSignOtherwise(outcome, this.#settings.clock.nowMs())) continue;
				failures.push(outcome);
				if (await this.#waitForRetry(outcome, failures.length)) continue;
				this.#haltAfter(outcome);
			}
			const last = failures.at(-1) ?? notTried(this.#halt);
			return { outcome: { ...last, outcome: worst }, requestIds, digest };
		}
	}

	/** One request in its slot, signed right before it is sent. Undefined when no request may start any more. */
	async #attempt(
		parameters: readonly EncodedParameter[],
		requestIds: string[],
	): Promise<Outcome | undefined> {
		const { appKey, appSecret, isDone } = this.#settings;
		// Without a wait for its turn: the rest of a run that has ended is told at once.
		if (this.#halt !== undefined) return undefined;
		return await this.#pace.run(async (startedMs) => {
			const freshness = this.#freshness();
			requestIds.push(freshness.RequestId);
			const signer = { appKey, appSecret, nestedRule: this.lead.nestedRule };
			const exchange = await this.#transport.post(signedBody(parameters, freshness, signer));
			const outcome =
				'answer' in exchange
					? classifyAnswer(exchange.answer, { requestId: freshness.RequestId, isDone })
					: classifyFault(exchange.fault);
			if (outcome.outcome === 'OK') this.#pace.succeeded();
			else if (outcome.retry === 'throttled') this.#pace.throttled(startedMs);
			return outcome;
		});
	}

	async #waitForRetry(failure: Failure, attempts: number): Promise<boolean> {
		const waitMs = this.#retry.waitBeforeNext(failure, attempts);
		if (waitMs === undefined) return false;
		// A throttled request waits with all the others.
		if (failure.retry === 'throttled') this.#pace.pause(waitMs);
		else await this.#settings.clock.sleep(waitMs, this.#settings.signal);
		return true;
	}

	#haltAfter(failure: Failure): void {
		this.lead.failed(failure);
		const isOver = failure.scope === 'run' || this.#settings.stopAtFailure;
		this.#halt ??= isOver ? failure : this.lead.gaveUp;
		if (this.#halt !== undefined) this.#halted.abort();
	}
}

/** An earlier attempt that may have been applied is not undone by a later one that was refused or never left. */
function worseOf(one: Failure['outcome'], other: Failure['outcome']): Failure['outcome'] {
	const fromBest = ['NOT_SENT', 'REFUSED', 'UNKNOWN'];
	return fromBest.indexOf(one) > fromBest.indexOf(other) ? one : other;
}

function notTried(halt: Failure | undefined): Failure {
	if (halt === undefined || halt.code === CANCELLED.code) return CANCELLED;
	return notSent('NOT_TRIED', `Not tried, because of an earlier request. ${halt.reason}`, halt.advice);
}

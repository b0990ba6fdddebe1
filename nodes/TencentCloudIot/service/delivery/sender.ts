import type { AnswerData } from '../response/answer';
import type { Answered, NotTried, Postponed } from '../fate';
import { worseOf, type Failure } from '../outcome';
import { createFreshness } from '../signing/request';
import { digestOf, encodeParameters, type NestedRule, type Parameters } from '../signing/signature';
import type { Clock } from '../transport/clock';
import type { Transport } from '../transport/transport';
import { Halt } from './halt';
import { Lead } from './lead';
import { Pace } from './pace';
import { Requests } from './requests';
import { RetryPolicy } from './retry';
import { Signing } from './signing';

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
	isIdempotent: boolean;
	/** Whether the first final failure ends the run. */
	stopAtFailure: boolean;
	/** A failure of an earlier attempt that ended the run before this one began. */
	halt?: Failure | undefined;
	/** The proof of success in an answer. */
	isDone: (data: AnswerData) => boolean;
	/** The members of an answer that are kept. */
	reads: readonly string[];
	/** Called before each request: why no further request may start; what is left then is postponed. */
	whyBlocked?: (() => Promise<Failure | undefined>) | undefined;
	signal?: AbortSignal | undefined;
	clock: Clock;
	/** Uniform in [0, 1): the jitter of the waits. */
	random: () => number;
}

/** What became of one call, as far as sending tells. */
export type Delivered = (Answered | NotTried | Postponed) & {
	/** The fingerprint of its parameters, 22 characters. */
	digest: string;
};

/** Sends calls, each with as many attempts as its failures allow, until something ends the run. */
export class Sender {
	readonly lead: Lead;
	readonly #settings: SenderSettings;
	readonly #halt: Halt;
	readonly #pace: Pace;
	readonly #requests: Requests;
	readonly #retry: RetryPolicy;

	constructor(transport: Transport, settings: SenderSettings) {
		this.lead = new Lead(settings.nestedRules);
		this.#halt = new Halt(settings.halt, settings.signal);
		this.#settings = { ...settings, signal: this.#halt.signal };
		this.#pace = new Pace(this.#settings);
		this.#requests = new Requests({
			...settings,
			transport,
			freshness: createFreshness(() => settings.clock.nowMs() + this.lead.clockOffsetMs),
			pace: this.#pace,
			halt: this.#halt,
		});
		this.#retry = new RetryPolicy(settings);
	}

	/** Sends one call to its end. Never throws: whatever happens is the call's outcome. */
	async send(call: Parameters): Promise<Delivered> {
		const { isDone, reads, clock } = this.#settings;
		const parameters = encodeParameters(call);
		const signing = new Signing(this.lead, parameters);
		const digest = digestOf(parameters);
		const requestIds: string[] = [];
		const failures: Failure[] = [];
		let worst: Failure['outcome'] = 'NOT_SENT';
		for (;;) {
			const request = { parameters, nestedRule: signing.rule, isDone, reads };
			const outcome = await this.#requests.make(request, requestIds);
			if (outcome?.outcome === 'OK') {
				signing.succeeded();
				this.#retry.succeeded(failures);
				const mayBeTwice = worst === 'UNKNOWN' && { mayBeTwice: true };
				return { kind: 'answered', outcome, requestIds, digest, ...mayBeTwice };
			}
			if (outcome !== undefined) {
				worst = worseOf(worst, outcome.outcome);
				const failure = await signing.afterRefusal(outcome, clock.nowMs(), () => this.#requests.askForKey());
				if (failure === undefined) continue;
				failures.push(failure);
				if (await this.#waitForRetry(failure, failures.length)) continue;
				this.#haltAfter(failure);
			}
			if (requestIds.length === 0) return { ...this.#halt.rest, digest };
			const last = failures.at(-1) ?? this.#halt.rest.why;
			return { kind: 'answered', outcome: { ...last, outcome: worst }, requestIds, digest };
		}
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
		const reason = isOver ? failure : this.lead.gaveUp;
		if (reason !== undefined) this.#halt.fail(reason);
	}
}

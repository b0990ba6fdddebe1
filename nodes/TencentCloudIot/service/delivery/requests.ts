import { HARMLESS_READ, isHarmlessReadDone } from '../harmlessRead';
import type { Failure, Outcome } from '../outcome';
import type { Freshness } from '../signing/request';
import { encodeParameters } from '../signing/signature';
import { attempt, type Channel, type Request } from './attempt';
import type { Halt } from './halt';
import type { RateLimiter } from './rate/rateLimiter';

interface RequestsOptions extends Channel {
	freshness: () => Freshness;
	rateLimiter: RateLimiter;
	halt: Halt;
	/** See SenderSettings. */
	whyBlocked?: (() => Promise<Failure | undefined>) | undefined;
}

/** Makes the requests of a run when the rate limiter lets them start. */
export class Requests {
	readonly #options: RequestsOptions;
	/** One check serves all calls that wait for it. */
	#keyCheck: Promise<Outcome | undefined> | undefined;

	constructor(options: RequestsOptions) {
		this.#options = options;
	}

	/**
	 * Makes one request, signed right before it is sent. Undefined when none may start any more.
	 * @param requestIds gets its RequestId
	 */
	async make(request: Request, requestIds: string[]): Promise<Outcome | undefined> {
		const { freshness, rateLimiter, halt } = this.#options;
		// Without a wait for the rate limiter: the rest of an ended run is reported at once.
		if (halt.isSet) return undefined;
		return await rateLimiter.run(async (startedMs) => {
			if (await this.checkBlocked()) return undefined;
			const fresh = freshness();
			requestIds.push(fresh.RequestId);
			const { outcome } = await attempt(this.#options, request, fresh, requestIds.length);
			if (outcome.outcome === 'OK') rateLimiter.succeeded();
			else if (outcome.retry === 'throttled') rateLimiter.throttled(startedMs);
			return outcome;
		});
	}

	/** Whether no further request may start: what is left then is postponed. */
	async checkBlocked(): Promise<boolean> {
		const { halt, whyBlocked } = this.#options;
		const blocked = await whyBlocked?.();
		if (blocked !== undefined) halt.postpone(blocked);
		return halt.isSet;
	}

	/** Tells a wrong secret from one refused signature: its own request is signed alike by every scheme. */
	async checkKey(): Promise<Outcome | undefined> {
		const parameters = encodeParameters(HARMLESS_READ);
		const request: Request = { parameters, scheme: 'json', isDone: isHarmlessReadDone, reads: [] };
		this.#keyCheck ??= this.make(request, []).finally(() => (this.#keyCheck = undefined));
		return await this.#keyCheck;
	}
}

import { HARMLESS_READ, isHarmlessReadDone } from '../harmlessRead';
import type { Failure, Outcome } from '../outcome';
import type { Freshness } from '../signing/request';
import { encodeParameters } from '../signing/signature';
import type { Transport } from '../transport/transport';
import { attempt, type Key, type Request } from './attempt';
import type { Halt } from './halt';
import type { Pace } from './pace';

interface RequestsOptions extends Key {
	transport: Transport;
	freshness: () => Freshness;
	pace: Pace;
	halt: Halt;
	/** See SenderSettings. */
	whyBlocked?: (() => Promise<Failure | undefined>) | undefined;
}

/** Makes the requests of a run, each in its slot and when its turn has come. */
export class Requests {
	readonly #options: RequestsOptions;
	/** One question serves all that wait for its answer. */
	#askedForKey: Promise<Outcome | undefined> | undefined;

	constructor(options: RequestsOptions) {
		this.#options = options;
	}

	/**
	 * Makes one request, signed right before it is sent. Undefined when none may start any more.
	 * @param requestIds gets its RequestId
	 */
	async make(request: Request, requestIds: string[]): Promise<Outcome | undefined> {
		const { transport, freshness, pace, halt, whyBlocked } = this.#options;
		// Without a wait for its turn: the rest of a run that has ended is told at once.
		if (halt.isSet) return undefined;
		return await pace.run(async (startedMs) => {
			const blocked = await whyBlocked?.();
			if (blocked !== undefined) halt.postpone(blocked);
			if (halt.isSet) return undefined;
			const fresh = freshness();
			requestIds.push(fresh.RequestId);
			const outcome = await attempt(transport, request, fresh, this.#options);
			if (outcome.outcome === 'OK') pace.succeeded();
			else if (outcome.retry === 'throttled') pace.throttled(startedMs);
			return outcome;
		});
	}

	/** Makes a request that every rule signs alike: it tells a wrong secret from one request's refused signature. */
	async askForKey(): Promise<Outcome | undefined> {
		const parameters = encodeParameters(HARMLESS_READ);
		const request: Request = { parameters, nestedRule: 'json', isDone: isHarmlessReadDone, reads: [] };
		this.#askedForKey ??= this.make(request, []).finally(() => (this.#askedForKey = undefined));
		return await this.#askedForKey;
	}
}

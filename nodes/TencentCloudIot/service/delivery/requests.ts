import type { AnswerData } from '../answer';
import { classifyAnswer } from '../classify';
import { classifyFault } from '../fault';
import { HARMLESS_READ, isHarmlessReadDone } from '../harmlessRead';
import type { Failure, Outcome } from '../outcome';
import { signedBody, type Freshness } from '../request';
import { encodeParameters, type EncodedParameter, type NestedRule } from '../signature';
import type { Transport } from '../transport/transport';
import type { Halt } from './halt';
import type { Pace } from './pace';

/** What one request says, how it is signed and what proves that it was done. */
export interface Request {
	parameters: readonly EncodedParameter[];
	nestedRule: NestedRule;
	isDone: (data: AnswerData) => boolean;
}

interface RequestsOptions {
	transport: Transport;
	appKey: string;
	appSecret: string;
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
	async make(
		{ parameters, nestedRule, isDone }: Request,
		requestIds: string[],
	): Promise<Outcome | undefined> {
		const { transport, appKey, appSecret, freshness, pace, halt, whyBlocked } = this.#options;
		// Without a wait for its turn: the rest of a run that has ended is told at once.
		if (halt.isSet) return undefined;
		return await pace.run(async (startedMs) => {
			const blocked = await whyBlocked?.();
			if (blocked !== undefined) halt.postpone(blocked);
			if (halt.isSet) return undefined;
			const fresh = freshness();
			const requestId = fresh.RequestId;
			requestIds.push(requestId);
			const exchange = await transport.post(signedBody(parameters, fresh, { appKey, appSecret, nestedRule }));
			const outcome =
				'answer' in exchange
					? classifyAnswer(exchange.answer, { requestId, isDone })
					: classifyFault(exchange.fault);
			if (outcome.outcome === 'OK') pace.succeeded();
			else if (outcome.retry === 'throttled') pace.throttled(startedMs);
			return outcome;
		});
	}

	/** Makes a request that every rule signs alike: it tells a wrong secret from one request's refused signature. */
	async askForKey(): Promise<Outcome | undefined> {
		const parameters = encodeParameters(HARMLESS_READ);
		const request: Request = { parameters, nestedRule: 'json', isDone: isHarmlessReadDone };
		this.#askedForKey ??= this.make(request, []).finally(() => (this.#askedForKey = undefined));
		return await this.#askedForKey;
	}
}

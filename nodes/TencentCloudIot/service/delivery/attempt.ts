import type { ResponseData } from '../response/parseResponse';
import { classifyResponse } from '../response/classify';
import { classifyTransportError } from '../transportError';
import type { Outcome } from '../outcome';
import { signRequest, type Freshness } from '../signing/request';
import type { EncodedParameter, SignatureScheme } from '../signing/signature';
import type { Clock } from '../transport/clock';
import type { Exchange, Host, Transport } from '../transport/transport';

/** One request: its parameters, its signature scheme and the proof of its success. */
export interface Request {
	parameters: readonly EncodedParameter[];
	scheme: SignatureScheme;
	isDone: (data: ResponseData) => boolean | string;
	/** The members of a response that are kept, e.g. `['Status']`. */
	reads: readonly string[];
}

/** Identifies and signs for the application. */
export interface Key {
	appKey: string;
	appSecret: string;
}

/** What every request of a run is sent with. */
export interface Channel extends Key {
	transport: Transport;
	clock: Clock;
	host: Pick<Host, 'debug'>;
}

/** A request that was made, with what came back. */
export interface Attempt {
	exchange: Exchange;
	/** What the exchange proves. */
	outcome: Outcome;
	/** The value of its member Signature. */
	signature: string;
}

/**
 * Signs a request right before it is sent, posts it, classifies the response and logs the request. Never throws.
 * @param number of the attempt for its call, from 1
 */
export async function attempt(
	{ transport, clock, host, ...key }: Channel,
	{ parameters, scheme, isDone, reads }: Request,
	fresh: Freshness,
	number = 1,
): Promise<Attempt> {
	const startMs = clock.elapsedMs();
	const requestId = fresh.RequestId;
	const { body, signature } = signRequest(parameters, fresh, { ...key, scheme });
	const exchange = await transport.post(body);
	const outcome =
		'error' in exchange
			? classifyTransportError(exchange.error)
			: classifyResponse(exchange.response, { requestId, signature, isDone, reads });
	host.debug('Tencent Cloud IoT request', {
		action: parameters.find(({ name }) => name === 'Action')?.value,
		requestId,
		attempt: number,
		outcome: outcome.outcome,
		durationMs: Math.round(clock.elapsedMs() - startMs),
	});
	return { exchange, outcome, signature };
}

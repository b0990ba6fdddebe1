import type { ResponseData } from '../response/parseResponse';
import { classifyResponse } from '../response/classify';
import { classifyTransportError } from '../transportError';
import type { Outcome } from '../outcome';
import { signRequest, type Freshness } from '../signing/request';
import type { EncodedParameter, SignatureScheme } from '../signing/signature';
import type { Transport } from '../transport/transport';

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

/** Signs a request right before it is sent, posts it and classifies the response. Never throws. */
export async function attempt(
	transport: Transport,
	{ parameters, scheme, isDone, reads }: Request,
	fresh: Freshness,
	{ appKey, appSecret }: Key,
): Promise<Outcome> {
	const { body, signature } = signRequest(parameters, fresh, { appKey, appSecret, scheme });
	const exchange = await transport.post(body);
	if ('error' in exchange) return classifyTransportError(exchange.error);
	return classifyResponse(exchange.response, { requestId: fresh.RequestId, signature, isDone, reads });
}

import type { AnswerData } from '../response/answer';
import { classifyAnswer } from '../response/classify';
import { classifyFault } from '../fault';
import type { Outcome } from '../outcome';
import { signRequest, type Freshness } from '../signing/request';
import type { EncodedParameter, NestedRule } from '../signing/signature';
import type { Transport } from '../transport/transport';

/** What one request says, how it is signed and what proves that it was done. */
export interface Request {
	parameters: readonly EncodedParameter[];
	nestedRule: NestedRule;
	isDone: (data: AnswerData) => boolean;
	/** The members of an answer that are kept. */
	reads: readonly string[];
}

/** Whose request it is. */
export interface Key {
	appKey: string;
	appSecret: string;
}

/** Signs a request right before it is sent, posts it and classifies what came back. Never throws. */
export async function attempt(
	transport: Transport,
	{ parameters, nestedRule, isDone, reads }: Request,
	fresh: Freshness,
	{ appKey, appSecret }: Key,
): Promise<Outcome> {
	const { body, signature } = signRequest(parameters, fresh, { appKey, appSecret, nestedRule });
	const exchange = await transport.post(body);
	if ('fault' in exchange) return classifyFault(exchange.fault);
	return classifyAnswer(exchange.answer, { requestId: fresh.RequestId, signature, isDone, reads });
}

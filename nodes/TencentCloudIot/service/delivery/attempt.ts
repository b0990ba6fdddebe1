import { ADVICE } from '../../messages/reasons';
import type { Text } from '../../messages/text';
import { failureOrRethrow, type Outcome, requestFailureOf, type RequestOutcome } from '../outcome';
import { classifyResponse, type Expected } from '../response/classify';
import { CANCELLED, classifyTransportError } from '../transportError';
import {
	signRequest,
	createFreshness,
	type Freshness,
	encodeParameters,
	type EncodedParameter,
	type SignatureScheme,
	type Parameters,
} from '../signing/signature';
import type { Clock } from '../transport/clock';
import type { Exchange, Host, Transport, TransportOptions } from '../transport/transport';
import { readConnection, type Connection } from '../connection';
import { openHostTransport } from './openTransport';

/** One request: its parameters, its signature scheme and the proof of its success. */
export interface Request extends Pick<Expected, 'isDone' | 'reads'> {
	parameters: readonly EncodedParameter[];
	scheme: SignatureScheme;
}

/** What all requests of a run share: the keys that sign them, and the ports that send and log them. */
export interface Channel extends Pick<Connection, 'appKey' | 'appSecret'> {
	transport: Transport;
	clock: Clock;
	host: Pick<Host, 'debug'>;
}

/** A request that was made, with what came back. */
export interface Attempt {
	exchange: Exchange;
	/** What the exchange proves. */
	outcome: RequestOutcome;
	/** The value of the request's member Signature. */
	signature: string;
}

/**
 * Signs a request right before it is sent, posts it, classifies the response and logs the request. Never throws.
 * @param attemptNumber of the attempt for its call, from 1
 * @returns undefined if the transport held the request back (`TransportOptions.mayLeave`)
 */
export async function attempt(
	{ transport, clock, host, appKey, appSecret }: Channel,
	{ parameters, scheme, isDone, reads }: Request,
	fresh: Freshness,
	attemptNumber = 1,
): Promise<Attempt | undefined> {
	const startMs = clock.elapsedMs();
	const requestId = fresh.RequestId;
	const { body, signature } = signRequest(parameters, fresh, { appKey, appSecret, scheme });
	const exchange = await transport.post(body);
	if (exchange === undefined) {
		return undefined;
	}
	const outcome =
		'error' in exchange
			? classifyTransportError(exchange.error)
			: classifyResponse(exchange.response, { requestId, signature, isDone, reads });
	host.debug('Tencent Cloud IoT request', {
		action: parameters.find(({ name }) => name === 'Action')?.value,
		requestId,
		attempt: attemptNumber,
		outcome: outcome.outcome,
		durationMs: Math.round(clock.elapsedMs() - startMs),
	});
	return { exchange, outcome, signature };
}

/** Short, because a user of the editor waits for the response. */
const TIMEOUT_MS = 15_000;

/**
 * Sends one signed request outside of a run, while a user sets the node up. It uses the host's own request function, which
 * applies the host's egress policy.
 * @param credential the stored data of the credential, which may be incomplete
 * @param parameters the Action and its own parameters
 * @param scheme for nested parameters; without them every scheme gives the same signature
 */
export async function sendOnce(
	credential: Readonly<Record<string, unknown>>,
	parameters: Parameters,
	proof: Pick<Request, 'isDone' | 'reads'>,
	{ host, clock }: Pick<TransportOptions, 'host' | 'clock'>,
	scheme: SignatureScheme = 'json',
): Promise<Outcome> {
	const send = async () => {
		const { endpoint, appKey, appSecret } = readConnection(credential);
		const transport = await openHostTransport({ endpoint, timeoutMs: TIMEOUT_MS, clock, host });
		const request: Request = { parameters: encodeParameters(parameters), scheme, ...proof };
		try {
			const fresh = createFreshness(() => clock.nowMs())();
			const thisAttempt = await attempt({ appKey, appSecret, transport, clock, host }, request, fresh);
			return thisAttempt?.outcome ?? CANCELLED;
		} finally {
			await transport.close();
		}
	};
	return withEditorAdvice(await send().catch(failureOrRethrow));
}

/** Replaces advice to change a rate or a timeout: only runs have these settings. */
function withEditorAdvice(outcome: Outcome): Outcome {
	if (outcome.outcome === 'OK') {
		return outcome;
	}
	let advice: Text | undefined;
	if (requestFailureOf(outcome)?.retry === 'throttled') {
		advice = ADVICE.tryLater();
	} else if (outcome.code === 'RESPONSE_TIMEOUT') {
		advice = ADVICE.tryAgain();
	}
	return advice === undefined ? outcome : { ...outcome, advice };
}

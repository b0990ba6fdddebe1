import { LOOPBACK_HOST, type Connection } from '../service/connection';
import type { Delivered } from '../service/fate';
import { isHarmlessReadDone } from '../service/actions';
import type { Outcome } from '../service/outcome';
import { attempt, type Channel } from '../service/delivery/attempt';
import type { Detected, OnDelivered } from '../service/delivery/delivery';
import { RateLimiter } from '../service/delivery/rate/rateLimiter';
import { createFreshness, encodeParameters, type Freshness } from '../service/signing/signature';
import { readServiceError } from '../service/response/classify';
import { parseResponse } from '../service/response/parseResponse';
import { openTransport } from '../service/delivery/openTransport';
import type { TransportOptions } from '../service/transport/transport';
import { CANCELLED } from '../service/transportError';
import { acceptedScheme, conversation, isAccepted, type Observation } from './conversation';
import { reportOf } from './report';

/** The most requests of a probe. */
const MOST_REQUESTS = 12;

/** The pause after throttling. Milliseconds. */
const THROTTLED_PAUSE_MS = 5_000;

/** What a probe needs. */
interface ProbeSettings extends Pick<TransportOptions, 'timeoutMs' | 'host' | 'clock' | 'signal'> {
	connection: Connection;
	/** A product whose devices are to be counted; empty for none. */
	productId: string;
}

/**
 * Detects how the service behaves: one call of several requests, none of which can write. The `report` of its success and the
 * `details` of its failure are a `ProbeReport`.
 * @throws NotSendable before anything is sent, when the proxy or the host's policy does not allow it
 */
export async function probe(settings: ProbeSettings, onDelivered: OnDelivered): Promise<Detected> {
	const observations = await observeAll(settings);
	onDelivered(0, fateOf(observations, settings));
	return {
		acceptedScheme: acceptedScheme(observations),
		detectionRequests: 0,
		clockOffsetMs: (observations.at(-1)?.request.correctionSeconds ?? 0) * 1000,
	};
}

/** Sends until there is nothing more to ask, the limit on requests is reached, or the service stops responding. */
async function observeAll(settings: ProbeSettings): Promise<Observation[]> {
	const { connection, productId, timeoutMs, clock, host, signal } = settings;
	const { endpoint, appKey, appSecret } = connection;
	const transport = await openTransport({ endpoint, connections: 1, timeoutMs, clock, signal, host });
	// A service on this machine is a test double: it needs no limit.
	const requestsPerSecond = LOOPBACK_HOST.test(endpoint.hostname) ? 0 : 1;
	const limiter = new RateLimiter({ ...connection, requestsPerSecond, clock, signal });
	const channel = { appKey, appSecret, transport, clock, host };
	const requests = conversation(productId, connection);
	const observations: Observation[] = [];
	let next = requests.next();
	let wasUnanswered = false;
	try {
		while (observations.length < MOST_REQUESTS && next.done !== true) {
			const request = next.value;
			const fresh = freshnessOf(request, observations, clock);
			const observation = await limiter.run(async () => await observe(request, fresh(), channel));
			if (observation === undefined) {
				break;
			}
			observations.push(observation);
			const isUnanswered = isWorthRepeating(observation);
			if (isUnanswered && wasUnanswered) {
				break;
			}
			if (!isUnanswered) {
				next = requests.next(observation);
			} else if (observation.reading.isThrottled) {
				limiter.account.pause(THROTTLED_PAUSE_MS);
			}
			wasUnanswered = isUnanswered;
		}
	} finally {
		limiter.leave();
		await transport.close();
	}
	return observations;
}

function fateOf(observations: readonly Observation[], { connection, signal }: ProbeSettings): Delivered {
	const last = observations.findLast(({ request }) => request.purpose === 'key');
	if (last === undefined) {
		return { kind: 'notTried', why: CANCELLED };
	}
	const requestIds = observations.map(({ fresh }) => fresh.RequestId);
	const refusal = isAccepted(last) || last.outcome.outcome === 'OK' ? undefined : last.outcome;
	const failure = signal?.aborted === true ? CANCELLED : refusal && { ...refusal, onlyReads: true };
	const report = reportOf(observations, failure, connection);
	const outcome: Outcome =
		failure === undefined
			? { outcome: 'OK', data: { report }, requestId: last.fresh.RequestId }
			: { ...failure, details: report };
	return { kind: 'answered', outcome, requestIds, pages: requestIds.length };
}

/** Far outside of the time in which any service takes a request. Milliseconds. */
const OLD_MS = 3_600_000;

/** Makes Timestamp, Nonce and RequestId right before a request is sent, for a replay check those that it is about. */
function freshnessOf(
	{ purpose, correctionSeconds }: Observation['request'],
	observations: readonly Observation[],
	clock: Channel['clock'],
): () => Freshness {
	const correctionMs = correctionSeconds * 1000 - (purpose === 'oldTimestamp' ? OLD_MS : 0);
	const next = createFreshness(() => clock.nowMs() + correctionMs);
	const recorded = observations.findLast(({ request }) => request.purpose === 'key')?.fresh;
	if (purpose !== 'repeatedNonce' || recorded === undefined) {
		return next;
	}
	const { Timestamp, Nonce } = recorded;
	return () => ({ ...next(), Timestamp, Nonce });
}

async function observe(
	probeRequest: Observation['request'],
	fresh: Freshness,
	channel: Channel,
): Promise<Observation> {
	const { parameters, scheme } = probeRequest;
	const request = { parameters: encodeParameters(parameters), scheme, isDone: isHarmlessReadDone, reads: [] };
	const observed = { ...(await attempt(channel, request, fresh)), request: probeRequest, fresh };
	// Parsing a large response took a while: let other work run.
	await channel.clock.sleep(0);
	return { ...observed, reading: readResponse(observed) };
}

/** Parses a response, which may take a while. */
function readResponse(observed: Omit<Observation, 'reading'>): Observation['reading'] {
	const { exchange, outcome, fresh, signature } = observed;
	const response = 'error' in exchange ? undefined : exchange.response;
	const parsed = response && parseResponse(response.body, signature);
	const none: Observation['reading'] = {
		kind: 'none',
		data: {},
		code: '',
		message: '',
		authFailure: undefined,
		isThrottled: outcome.outcome !== 'OK' && outcome.retry === 'throttled',
		isEchoed: parsed !== undefined && 'requestId' in parsed && parsed.requestId === fresh.RequestId,
	};
	if (parsed?.kind === 'data') {
		const isDone = response!.status < 300 && parsed.contradiction === undefined;
		return { ...none, kind: isDone ? 'done' : 'none', data: parsed.data };
	}
	if (parsed?.kind !== 'error') {
		return none;
	}
	const { code, message, consequences } = readServiceError(parsed.code, parsed.message);
	return { ...none, kind: 'refused', code, message, authFailure: consequences.authFailure };
}

/** No response, or too many requests at the moment. */
function isWorthRepeating({ exchange, outcome }: Observation): boolean {
	if (outcome.outcome === 'OK') {
		return false;
	}
	return outcome.retry === 'throttled' || ('error' in exchange && outcome.retry === 'transient');
}

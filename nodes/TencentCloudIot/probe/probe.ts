import type { Delivered } from '../service/fate';
import { isHarmlessReadDone } from '../service/actions';
import type { DetailedFailure } from '../service/outcome';
import type { Requests } from '../service/delivery/conduct';
import { createFreshness, encodeParameters, type Freshness } from '../service/signing/signature';
import { readServiceError } from '../service/response/classify';
import { parseResponse } from '../service/response/parseResponse';
import { CANCELLED } from '../service/transportError';
import { conversation, isAccepted, type Observation } from './conversation';
import { reportOf } from './report';

/** The most requests of a probe. */
const MOST_REQUESTS = 12;

/** The pause after a throttled request. */
const THROTTLED_PAUSE_MS = 5_000;

/**
 * Detects how the service behaves: one call of several requests, none of which can write. The `report` of its success and the
 * `details` of its failure are a `ProbeReport`.
 * @param productId a product whose devices should be counted; empty for none
 */
export async function probe(requests: Requests, productId: string): Promise<Delivered> {
	const observations = await observeAll(requests, productId);
	requests.noteClockOffset((observations.at(-1)?.request.correctionSeconds ?? 0) * 1000);
	return fateOf(observations, requests);
}

/** Sends requests until nothing is left to detect, the limit on requests is reached, or the service stops responding. */
async function observeAll(requests: Requests, productId: string): Promise<Observation[]> {
	const probeRequests = conversation(productId, requests.connection);
	const observations: Observation[] = [];
	let next = probeRequests.next();
	let wasUnanswered = false;
	while (observations.length < MOST_REQUESTS && next.done !== true) {
		const observation = await observe(next.value, observations, requests);
		if (observation === undefined) {
			break;
		}
		observations.push(observation);
		const isUnanswered = isUnansweredOrThrottled(observation);
		if (isUnanswered && wasUnanswered) {
			break;
		}
		if (!isUnanswered) {
			next = probeRequests.next(observation);
		} else if (observation.reading.isThrottled) {
			requests.pause(THROTTLED_PAUSE_MS);
		}
		wasUnanswered = isUnanswered;
	}
	return observations;
}

function fateOf(observations: readonly Observation[], { connection, signal }: Requests): Delivered {
	const keyCheck = observations.findLast(({ request }) => request.purpose === 'key');
	if (keyCheck === undefined) {
		return { kind: 'notTried', why: CANCELLED };
	}
	const requestIds = observations.map(({ fresh }) => fresh.RequestId);
	const refusal = isAccepted(keyCheck) || keyCheck.outcome.outcome === 'OK' ? undefined : keyCheck.outcome;
	const failure = signal?.aborted === true ? CANCELLED : refusal && { ...refusal, onlyReads: true };
	const report = reportOf(observations, failure, connection);
	const answered = { kind: 'answered', requestIds, pages: requestIds.length } as const;
	if (failure === undefined) {
		return { ...answered, outcome: { outcome: 'OK', data: { report }, requestId: keyCheck.fresh.RequestId } };
	}
	const detailedFailure: DetailedFailure = { ...failure, details: report };
	return { ...answered, outcome: detailedFailure };
}

/** The age of a request that no service should accept any more. */
const OLD_AGE_MS = 3_600_000;

/** Makes Timestamp, Nonce and RequestId right before a request is sent. A replay check gets the old or repeated ones that it tries. */
function freshnessOf(
	{ purpose, correctionSeconds }: Observation['request'],
	observations: readonly Observation[],
	clock: Requests['clock'],
): () => Freshness {
	const correctionMs = correctionSeconds * 1000 - (purpose === 'oldTimestamp' ? OLD_AGE_MS : 0);
	const makeFresh = createFreshness(() => clock.nowMs() + correctionMs);
	const freshOfKeyCheck = observations.findLast(({ request }) => request.purpose === 'key')?.fresh;
	if (purpose !== 'repeatedNonce' || freshOfKeyCheck === undefined) {
		return makeFresh;
	}
	const { Timestamp, Nonce } = freshOfKeyCheck;
	return () => ({ ...makeFresh(), Timestamp, Nonce });
}

async function observe(
	probeRequest: Observation['request'],
	earlierObservations: readonly Observation[],
	requests: Requests,
): Promise<Observation | undefined> {
	const { parameters, scheme } = probeRequest;
	const request = { parameters: encodeParameters(parameters), scheme, isDone: isHarmlessReadDone, reads: [] };
	const makeFresh = freshnessOf(probeRequest, earlierObservations, requests.clock);
	let fresh: Freshness | undefined;
	const attempt = await requests.attempt(request, () => {
		fresh = makeFresh();
		return fresh;
	});
	if (attempt === undefined || fresh === undefined) {
		return undefined;
	}
	const unreadObservation = { ...attempt, request: probeRequest, fresh };
	// The attempt parsed the response, which may be large, and the probe parses it again. Other work can run in between.
	await requests.clock.sleep(0);
	return { ...unreadObservation, reading: readResponse(unreadObservation) };
}

/** Reads a response without the checks of a run. Parsing a large one may take a while. */
function readResponse(unreadObservation: Omit<Observation, 'reading'>): Observation['reading'] {
	const { exchange, outcome, fresh, signature } = unreadObservation;
	const response = 'error' in exchange ? undefined : exchange.response;
	const parsed = response && parseResponse(response.body, signature);
	const noReading: Observation['reading'] = {
		kind: 'none',
		data: {},
		code: '',
		message: '',
		authFailure: undefined,
		isThrottled: outcome.outcome !== 'OK' && outcome.retry === 'throttled',
		isRequestIdEchoed: parsed !== undefined && 'requestId' in parsed && parsed.requestId === fresh.RequestId,
	};
	if (parsed?.kind === 'data') {
		const isDone = response!.status < 300 && parsed.contradiction === undefined;
		return { ...noReading, kind: isDone ? 'done' : 'none', data: parsed.data };
	}
	if (parsed?.kind !== 'error') {
		return noReading;
	}
	const { code, message, consequences } = readServiceError(parsed.code, parsed.message);
	return { ...noReading, kind: 'refused', code, message, authFailure: consequences.authFailure };
}

/** Whether the request got no response or was throttled. */
function isUnansweredOrThrottled({ exchange, outcome }: Observation): boolean {
	if (outcome.outcome === 'OK') {
		return false;
	}
	return outcome.retry === 'throttled' || ('error' in exchange && outcome.retry === 'transient');
}

import type { Fault } from '../faults.mts';
import { NO_SUCH_ACTION } from '../habits.mts';
import type { Habits } from '../habits.mts';
import type { RateLimit, SimulatorOptions } from '../options.mts';
import { isObject } from '../parameters.mts';
import type { ServiceError } from '../refusal.mts';
import type { BindMode } from '../serviceState.mts';
import { signatureSchemes } from '../verifySignature.mts';
import type { Samples } from './forms.mts';
import { isSuccess, withRequestId, writeFailuresLike, writeLike } from './forms.mts';
import type { Exchange, Transcript } from './transcript.mts';

/** The probe's name for an Action that does not exist. */
const UNKNOWN_ACTION = 'ServiceCheckNoSuchAction';

/** A smaller clock offset counts as none. Seconds. */
const CLOCK_TOLERANCE = 5;

/** The first exchange of each kind that a service refused. */
export interface Refusals {
	readonly signature: Exchange | undefined;
	readonly action: Exchange | undefined;
	readonly missing: Exchange | undefined;
	readonly oldTimestamp: Exchange | undefined;
	readonly repeatedNonce: Exchange | undefined;
	/** A request above the rate limit. */
	readonly throttled: Exchange | undefined;
}

/** Sorts the refusals of a transcript by kind. */
export function refusalsIn({ exchanges }: Transcript): Refusals {
	const refused = exchanges.filter((exchange) => exchange.response !== undefined && !isSuccess(exchange));
	const clear = refused.filter((exchange) => !isThrottled(exchange));
	return {
		signature: clear.find(({ request }) => request['DeviceInfos'] !== undefined),
		action: clear.find(({ request }) => request['Action'] === UNKNOWN_ACTION),
		missing: clear.find(({ request }) => isIncomplete(request)),
		oldTimestamp: clear.find(({ purpose }) => purpose === 'oldTimestamp'),
		repeatedNonce: clear.find(({ purpose }) => purpose === 'repeatedNonce'),
		throttled: refused.find(isThrottled),
	};
}

/** How many requests passed before the first throttled one; undefined if none was throttled. */
export function requestsBeforeThrottling({ exchanges }: Transcript): number | undefined {
	const index = exchanges.findIndex(isThrottled);
	return index === -1 ? undefined : index;
}

/** Whether the probe sent it to see its Timestamp or Nonce refused. */
function isReplay({ purpose }: Exchange): boolean {
	return purpose === 'oldTimestamp' || purpose === 'repeatedNonce';
}

/** Whether the service accepted a replay that it should have refused. */
function acceptsReplay(exchanges: readonly Exchange[], replay: string): boolean {
	return exchanges.some((exchange) => exchange.purpose === replay && isSuccess(exchange));
}

function isThrottled({ response }: Exchange): boolean {
	if (response === undefined) {
		return false;
	}
	const { Code = '', Message = '' } = errorIn(response.body) ?? {};
	return response.status === 429 || /LimitExceeded|TooMany|频率|too many/i.test(`${Code} ${Message}`);
}

/** The options of a simulator that responds like the service of the transcript, with its own data. */
export function optionsLike(transcript: Transcript): SimulatorOptions {
	const { exchanges } = transcript;
	const success = exchanges.find(isSuccess);
	if (success === undefined) {
		return { faults: faultLike(exchanges.at(-1)!) };
	}
	const refusals = exchanges.filter(
		(exchange) =>
			exchange.response !== undefined &&
			!isSuccess(exchange) &&
			!isThrottled(exchange) &&
			!isReplay(exchange),
	);
	const withList = exchanges.filter(
		(exchange) => exchange.request['DeviceInfos'] !== undefined && !isThrottled(exchange),
	);
	const scheme = withList.find(isSuccess)?.scheme;
	const offset = success.response?.clockOffsetSeconds;
	const { signature, action, missing, oldTimestamp, repeatedNonce } = refusalsIn(transcript);
	const samples: Samples = { signature, action, missing, timestamp: oldTimestamp, nonce: repeatedNonce };
	const any = samples.missing ?? samples.action ?? refusals[0];
	const habits: Habits = {
		refuseActions: refusedActions(refusals, samples.action),
		ignoresMissing: exchanges.some((exchange) => isIncomplete(exchange.request) && isSuccess(exchange)),
		takesOldTimestamps: acceptsReplay(exchanges, 'oldTimestamp'),
		takesRepeatedNonces: acceptsReplay(exchanges, 'repeatedNonce'),
		hidesDate: offset === undefined,
		refusesLists: withList.length === signatureSchemes.length && scheme === undefined,
		writeSuccess: writeLike(success),
	};
	const isOff = offset !== undefined && Math.abs(offset) > CLOCK_TOLERANCE;
	return {
		nestedRule: signatureSchemes.find((name) => name === scheme),
		clockSkewSeconds: isOff ? offset : undefined,
		habits: any === undefined ? habits : { ...habits, writeFailure: writeFailuresLike(samples, any) },
		bindMode: bindModeLike(transcript),
		ownership: transcript.pushes?.deviceOfAnother,
		rateLimit: rateLimitLike(transcript),
	};
}

function bindModeLike({ pushes }: Transcript): BindMode | undefined {
	const modes = { replaces: 'replace', adds: 'add' } as const;
	return pushes?.furtherPush && modes[pushes.furtherPush];
}

/** The probe sends its requests sequentially; to a nearby service, all of them within a second. */
function rateLimitLike(transcript: Transcript): RateLimit | undefined {
	const perSecond = requestsBeforeThrottling(transcript);
	if (perSecond === undefined || perSecond === 0) {
		return undefined;
	}
	const isHttp = refusalsIn(transcript).throttled?.response?.status === 429;
	return { perSecond, answer: isHttp ? 'http429' : 'code' };
}

function isIncomplete(request: Exchange['request']): boolean {
	return request['Action'] === 'ServiceGetDeviceList' && request['ProductId'] === undefined;
}

/** Actions that were refused like the unknown one, or as not permitted. */
function refusedActions(
	refusals: readonly Exchange[],
	unknown: Exchange | undefined,
): Habits['refuseActions'] {
	const body = ({ response }: Exchange) => JSON.stringify(response?.body);
	const refused: Record<string, ServiceError> = {};
	for (const refusal of refusals) {
		const action = String(refusal.request['Action']);
		if (action === UNKNOWN_ACTION || refusal.request['DeviceInfos'] !== undefined) {
			continue;
		}
		const error = errorIn(refusal.response?.body);
		if (unknown !== undefined && body(refusal) === body(unknown)) {
			refused[action] = NO_SUCH_ACTION;
		} else if (error?.Code === NO_SUCH_ACTION.Code) {
			refused[action] = NO_SUCH_ACTION;
		} else if (error && /^(Unauthorized|IpIn|IpNotIn|ActionOffline)/.test(error.Code)) {
			refused[action] = error;
		}
	}
	return refused;
}

/** The error in a response's body. */
export function errorIn(body: unknown): ServiceError | undefined {
	if (!isObject(body)) {
		return undefined;
	}
	const { Code, Message } = body;
	if (typeof Code === 'string') {
		return { Code, Message: String(Message) };
	}
	const inner = Object.values(body)
		.map(errorIn)
		.find((error) => error !== undefined);
	const { code, msg } = body;
	const isNamed = typeof code === 'string' || typeof code === 'number';
	return inner ?? (isNamed ? { Code: String(code), Message: String(msg) } : undefined);
}

/** For a service that carried out nothing: its last response, to every request. */
function faultLike({ response }: Exchange): SimulatorOptions['faults'] {
	if (response === undefined) {
		return (): Fault => ({ kind: 'reset' });
	}
	const { status, contentType, body } = response;
	return ({ RequestId = '' }): Fault => ({
		kind: 'status',
		status,
		headers: {
			'content-type': contentType === 'json' ? 'application/json' : `text/${contentType || 'plain'}`,
		},
		body: body === undefined ? '<html></html>' : withRequestId(body, RequestId),
	});
}

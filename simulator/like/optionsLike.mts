import type { Fault } from '../faults.mts';
import { NO_SUCH_ACTION } from '../habits.mts';
import type { Habits } from '../habits.mts';
import type { SimulatorOptions } from '../options.mts';
import { isObject } from '../parameters.mts';
import type { ServiceError } from '../refusal.mts';
import { signatureSchemes } from '../verifySignature.mts';
import type { Samples } from './forms.mts';
import { isSuccess, withRequestId, writeFailuresLike, writeLike } from './forms.mts';
import type { Exchange, Transcript } from './transcript.mts';

/** The probe's name for an Action that does not exist. */
const UNKNOWN_ACTION = 'ServiceCheckNoSuchAction';

/** A clock that is off by less is right. Seconds. */
const CLOCK_TOLERANCE = 5;

/** The options of a simulator that answers as the service of the transcript did; it has its own data. */
export function optionsLike({ exchanges }: Transcript): SimulatorOptions {
	const success = exchanges.find(isSuccess);
	if (success === undefined) {
		return { faults: faultLike(exchanges.at(-1)!) };
	}
	const refusals = exchanges.filter((one) => one.response !== undefined && !isSuccess(one));
	const withList = exchanges.filter(({ request }) => request['DeviceInfos'] !== undefined);
	const scheme = withList.find(isSuccess)?.scheme;
	const offset = success.response?.clockOffsetSeconds;
	const samples: Samples = {
		signature: refusals.find((one) => withList.includes(one)),
		action: refusals.find(({ request }) => request['Action'] === UNKNOWN_ACTION),
		missing: refusals.find(({ request }) => isIncomplete(request)),
	};
	const any = samples.missing ?? samples.action ?? refusals[0];
	const habits: Habits = {
		refuseActions: refusedActions(refusals, samples.action),
		ignoresMissing: exchanges.some((one) => isIncomplete(one.request) && isSuccess(one)),
		hidesDate: offset === undefined,
		refusesLists: withList.length === signatureSchemes.length && scheme === undefined,
		writeSuccess: writeLike(success),
		...(any && { writeFailure: writeFailuresLike(samples, any) }),
	};
	const isOff = offset !== undefined && Math.abs(offset) > CLOCK_TOLERANCE;
	return {
		nestedRule: signatureSchemes.find((known) => known === scheme),
		...(isOff && { clockSkewSeconds: offset }),
		habits,
	};
}

function isIncomplete(request: Exchange['request']): boolean {
	return request['Action'] === 'ServiceGetDeviceList' && request['ProductId'] === undefined;
}

/** Actions that were refused as the unknown one was, or as not permitted. */
function refusedActions(
	refusals: readonly Exchange[],
	unknown: Exchange | undefined,
): Habits['refuseActions'] {
	const body = ({ response }: Exchange) => JSON.stringify(response?.body);
	const refused: Record<string, ServiceError> = {};
	for (const one of refusals) {
		const action = String(one.request['Action']);
		if (action === UNKNOWN_ACTION || one.request['DeviceInfos'] !== undefined) {
			continue;
		}
		const error = errorIn(one.response?.body);
		if (unknown !== undefined && body(one) === body(unknown)) {
			refused[action] = NO_SUCH_ACTION;
		} else if (error?.Code === NO_SUCH_ACTION.Code) {
			refused[action] = NO_SUCH_ACTION;
		} else if (error && /^(Unauthorized|IpIn|IpNotIn|ActionOffline)/.test(error.Code)) {
			refused[action] = error;
		}
	}
	return refused;
}

function errorIn(body: unknown): ServiceError | undefined {
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
	return inner ?? (typeof code === 'string' ? { Code: code, Message: String(msg) } : undefined);
}

/** A service that did nothing of what was asked: what it answered last, to everybody. */
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

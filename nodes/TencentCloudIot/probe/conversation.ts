import {
	EFFECTS,
	HARMLESS_READ,
	HARMLESS_READ_WITH_LIST,
	isHarmlessReadDone,
	whyNotAllowed,
} from '../service/actions';
import type { Connection } from '../service/connection';
import { MOST_CORRECTION_MS } from '../service/delivery/warmUp';
import { recordsIn } from '../service/paging';
import {
	SIGNATURE_SCHEMES,
	type Parameters,
	type SignatureScheme,
	type Freshness,
} from '../service/signing/signature';
import type { RequestFailure, ResponseData } from '../service/outcome';
import { readServerTime } from '../service/response/httpResponse';
import type { Attempt } from '../service/delivery/attempt';

/** A check that repeats an accepted read, either with an hour-old Timestamp or with the same Timestamp and Nonce. */
type ReplayCheck = 'oldTimestamp' | 'repeatedNonce';

/** One request of the probe. */
interface ProbeRequest {
	/** What the request should detect. */
	purpose: 'key' | 'scheme' | 'action' | 'product' | ReplayCheck;
	/** The Action and its own parameters. */
	parameters: Parameters;
	scheme: SignatureScheme;
	/** Seconds that are added to this machine's clock to match the service's. */
	correctionSeconds: number;
}

/** A request with its response. */
export interface Observation extends Attempt {
	request: ProbeRequest;
	fresh: Freshness;
	/** The response as the probe reads it. `outcome` is how a run would classify it. */
	reading: Reading;
}

/** A response, read without the checks that a run makes. */
interface Reading {
	/** `none`: there was no response, or it could not be read. */
	kind: 'done' | 'refused' | 'none';
	data: ResponseData;
	/** The code and message of the error; empty without one. */
	code: string;
	message: string;
	authFailure: RequestFailure['authFailure'];
	isThrottled: boolean;
	/** Whether the response repeats the RequestId of the request. */
	isRequestIdEchoed: boolean;
}

/** How far the service's clock is ahead of this machine's, seconds; undefined if the response does not show it. */
export function clockOffsetSeconds({ exchange }: Observation): number | undefined {
	if ('error' in exchange) {
		return undefined;
	}
	const serverTimeMs = readServerTime(exchange.response);
	// The header cuts off fractions of a second. Half a second is the best guess for what it cut.
	return serverTimeMs && Math.round((serverTimeMs + 500 - exchange.response.receivedAtMs) / 1000);
}

/** Another read without required parameters, in case the application lacks the Action of the first one. */
const OTHER_READ: Parameters = { Action: 'ServiceGetOrderList', Limit: 1 };

/** If the clocks differ by more, the requests that follow are signed with the corrected time. */
const TOLERATED_OFFSET_SECONDS = 30;

/** A read without its required parameter. Only if the service rejects it, a write without parameters is tried. */
const READ_WITHOUT_PARAMETER: Parameters = { Action: 'ServiceGetDeviceList' };

/**
 * The only write that is tried. Without a customer and devices there is nothing to bind, and the service documents that it
 * rejects this (product 1465, page 59071). Orders and customers are never tried, because a service may fill in missing values,
 * and neither is anything that a device could carry out.
 */
const WRITE_WITHOUT_PARAMETERS: Parameters = { Action: 'ServiceBindDevice' };

type Conversation<Result> = Generator<ProbeRequest, Result, Observation>;

/**
 * Yields the requests of a probe, the most important first; each depends on the responses so far. The caller may stop at
 * any time. None of the requests can write.
 * @param productId a product whose devices should be counted; empty for none
 * @param connection the credential: its schemes are tried first, and Actions that it does not allow are not requested
 */
export function* conversation(
	productId: string,
	{ signatureSchemes: schemes, allowedActions }: Pick<Connection, 'signatureSchemes' | 'allowedActions'>,
): Conversation<void> {
	let correctionSeconds = 0;
	const send = function* (
		purpose: ProbeRequest['purpose'],
		parameters: Parameters,
		scheme: SignatureScheme = 'json',
	): Conversation<Observation> {
		return yield { purpose, parameters, scheme, correctionSeconds };
	};
	let keyCheck = yield* send('key', HARMLESS_READ);
	const { authFailure: firstAuthFailure } = keyCheck.reading;
	const offsetSeconds = clockOffsetSeconds(keyCheck) ?? 0;
	const isCorrectable =
		Math.abs(offsetSeconds) > TOLERATED_OFFSET_SECONDS &&
		Math.abs(offsetSeconds) * 1000 <= MOST_CORRECTION_MS;
	if ((firstAuthFailure === 'signature' || firstAuthFailure === 'timestamp') && isCorrectable) {
		correctionSeconds = offsetSeconds;
		keyCheck = yield* send('key', HARMLESS_READ);
	}
	// The service refused the read, but not its key, signature or clock. The application may lack that Action, so another read is tried.
	const { kind, authFailure, isThrottled } = keyCheck.reading;
	if (kind === 'refused' && authFailure === undefined && !isThrottled) {
		keyCheck = yield* send('key', OTHER_READ);
	}
	if (!isAccepted(keyCheck)) {
		return;
	}
	const acceptedRead = keyCheck.request.parameters;
	for (const scheme of new Set([...schemes, ...SIGNATURE_SCHEMES])) {
		const schemeCheck = yield* send('scheme', { ...HARMLESS_READ_WITH_LIST, ...acceptedRead }, scheme);
		if (schemeCheck.reading.authFailure !== 'signature') {
			break;
		}
	}
	yield* send('action', { Action: NONEXISTENT_ACTION });
	const incompleteRead = yield* send('action', READ_WITHOUT_PARAMETER);
	const isWriteAllowed = whyNotAllowed(allowedActions, WRITE_WITHOUT_PARAMETERS, false) === undefined;
	if (isWriteAllowed && isMissingParameterRejected(incompleteRead)) {
		yield* send('action', WRITE_WITHOUT_PARAMETERS);
	}
	if (productId !== '') {
		yield* send('product', { ...READ_WITHOUT_PARAMETER, ProductId: productId, Offset: 0, Limit: 1 });
	}
	yield* send('oldTimestamp', acceptedRead);
	yield* send('repeatedNonce', acceptedRead);
	if (acceptedRead !== OTHER_READ) {
		yield* send('action', OTHER_READ);
	}
	// The other reads come last, because the limit on requests cuts off the end.
	const requested: unknown[] = [HARMLESS_READ.Action, OTHER_READ.Action, READ_WITHOUT_PARAMETER.Action];
	for (const Action of READS) {
		if (!requested.includes(Action)) {
			yield* send('action', { Action });
		}
	}
}

/** Whether the service carried out a read: key, signature, clock and Action are right. */
export function isAccepted(observation: Observation): boolean {
	const { kind, data } = observation.reading;
	return kind === 'done' && (isHarmlessReadDone(data) || recordsIn(data, 'Orders') !== undefined);
}

/** Whether the service rejects a missing parameter. If it does for a read, it is safe to send a write without its parameters. */
function isMissingParameterRejected(observation: Observation): boolean {
	const { kind, code, message, authFailure } = observation.reading;
	if (kind !== 'refused' || authFailure !== undefined) {
		return false;
	}
	return /Required|Missing|\bempty\b|必选|必填|缺失|缺少|不能为空/i.test(`${code} ${message}`);
}

/** A name that no Action has, to see how the service rejects an unknown one. */
export const NONEXISTENT_ACTION = 'ServiceCheckNoSuchAction';

/** The Actions that only read. */
const READS = Object.entries(EFFECTS).flatMap(([action, effect]) => (effect === 'read' ? [action] : []));

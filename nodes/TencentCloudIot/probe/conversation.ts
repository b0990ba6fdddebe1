import { HARMLESS_READ, isHarmlessReadDone, NESTED_LIST } from '../service/harmlessRead';
import { recordsIn } from '../service/paging';
import { SIGNATURE_SCHEMES, type Parameters, type SignatureScheme } from '../service/signing/signature';
import { NO_ACTION, READS } from './actions';
import { clockOffsetMs, readingOf, type Observation, type Question } from './observation';

/** A read that needs no parameter either, should the first one not exist for the application. */
const OTHER_READ: Parameters = { Action: 'ServiceGetOrderList', Limit: 1 };

/** A clock that is further off is corrected for the requests that follow. Milliseconds. */
const CLOCK_TOLERANCE_MS = 30_000;

/** Ages that tell whether the window for timestamps is that of Tencent Cloud's other APIs, five minutes. Seconds. */
const OLDER = 360;
const YOUNGER = 240;
const MUCH_OLDER = 3_600;

/** Without its required parameter; before any write is asked for so, a read shows that the service refuses that. */
const READ_WITHOUT_PARAMETER: Parameters = { Action: 'ServiceGetDeviceList' };

/**
 * The one Action that writes and is asked for: without customer and without devices there is nothing to bind and nobody to
 * bind it to, and the service documents that it refuses that (product 1465, page 59071). Orders and customers are never
 * asked for, since a service may fill in what is missing; nor is what a device may carry out.
 */
const WRITE_WITHOUT_PARAMETERS: Parameters = { Action: 'ServiceBindDevice' };

type Conversation<Result> = Generator<Question, Result, Observation>;

/**
 * The questions of a probe, the most important first, each with the answers before it in mind; whoever asks them may end
 * at any time. None can write.
 * @param productId a product whose devices are to be counted; empty for none
 */
export function* conversation(productId: string): Conversation<void> {
	let correctionSeconds = 0;
	const ask = function* (
		purpose: Question['purpose'],
		parameters: Parameters,
		more: Partial<Question> = {},
	): Conversation<Observation> {
		return yield { purpose, parameters, scheme: 'json', correctionSeconds, ...more };
	};
	let key = yield* ask('key', HARMLESS_READ);
	const { authFailure } = readingOf(key);
	const offMs = clockOffsetMs(key) ?? 0;
	if ((authFailure === 'signature' || authFailure === 'timestamp') && Math.abs(offMs) > CLOCK_TOLERANCE_MS) {
		correctionSeconds = Math.round(offMs / 1000);
		key = yield* ask('key', HARMLESS_READ);
	}
	if (isAnotherReadWorthwhile(key)) key = yield* ask('key', OTHER_READ);
	if (!isAccepted(key)) return;
	const read = key.question.parameters;
	for (const scheme of SIGNATURE_SCHEMES) {
		const nested = yield* ask('scheme', { ...read, ...NESTED_LIST }, { scheme });
		if (readingOf(nested).authFailure !== 'signature') break;
	}
	yield* ask('action', { Action: NO_ACTION });
	const incomplete = yield* ask('action', READ_WITHOUT_PARAMETER);
	if (isParameterMissing(incomplete)) yield* ask('action', WRITE_WITHOUT_PARAMETERS);
	if (productId !== '')
		yield* ask('product', { ...READ_WITHOUT_PARAMETER, ProductId: productId, Offset: 0, Limit: 1 });
	yield* ask('nonce', read, { repeats: key.fresh });
	const older = yield* ask('age', read, { ageSeconds: OLDER });
	yield* ask('age', read, { ageSeconds: isAccepted(older) ? MUCH_OLDER : YOUNGER });
	if (read !== OTHER_READ) yield* ask('action', OTHER_READ);
	// As long as there are requests left.
	const asked = [HARMLESS_READ, OTHER_READ, READ_WITHOUT_PARAMETER].map((one) => one.Action);
	for (const Action of READS) if (!asked.includes(Action)) yield* ask('action', { Action });
}

/** Whether the service did what only reads: key, signature, clock and Action are right. */
export function isAccepted(observation: Observation): boolean {
	const { kind, data } = readingOf(observation);
	return kind === 'done' && (isHarmlessReadDone(data) || recordsIn(data, 'Orders') !== undefined);
}

/** Refused for something else than key, signature and clock. */
function isAnotherReadWorthwhile(key: Observation): boolean {
	const { kind, authFailure, isThrottled } = readingOf(key);
	return kind === 'refused' && authFailure === undefined && !isThrottled;
}

/** Whether the service looks at required parameters: then it carries out nothing that lacks them. */
function isParameterMissing(observation: Observation): boolean {
	const { kind, code, message, authFailure } = readingOf(observation);
	if (kind !== 'refused' || authFailure !== undefined) return false;
	return /Required|Missing|\bempty\b|必选|必填|缺失|缺少|不能为空/i.test(`${code} ${message}`);
}

/** The scheme by which nested values were accepted. */
export function acceptedScheme(observations: readonly Observation[]): SignatureScheme | undefined {
	const accepted = observations.find((one) => one.question.purpose === 'scheme' && isAccepted(one));
	return accepted?.question.scheme;
}

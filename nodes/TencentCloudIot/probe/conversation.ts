import { EFFECTS, HARMLESS_READ, isHarmlessReadDone, NESTED_LIST, whyNotAllowed } from '../service/actions';
import type { Connection } from '../service/connection';
import { MOST_CORRECTION_MS } from '../service/delivery/warmUp';
import { recordsIn } from '../service/paging';
import { SIGNATURE_SCHEMES, type Parameters, type SignatureScheme } from '../service/signing/signature';
import { parseResponse } from '../service/response/parseResponse';
import type { ResponseData, Outcome } from '../service/outcome';
import { readServerTime } from '../service/response/httpResponse';
import { classOfServiceError, unwrap, type ErrorClass } from '../service/response/classify';
import type { Freshness } from '../service/signing/request';
import type { Exchange } from '../service/transport/transport';

/** What a request of the probe is to find out. */
export type Purpose = 'key' | 'scheme' | 'action' | 'nonce' | 'age' | 'product';

/** One request of the probe. */
export interface Question {
	purpose: Purpose;
	/** The Action and its own parameters. */
	parameters: Parameters;
	scheme: SignatureScheme;
	/** How old its timestamp is by the service's clock, seconds. */
	ageSeconds?: number;
	/** What is added to this machine's clock to have the service's, seconds. */
	correctionSeconds: number;
	/** The request whose timestamp and nonce it repeats. */
	repeats?: Freshness;
}

/** A question with what came back. */
export interface Observation {
	question: Question;
	fresh: Freshness;
	signature: string;
	exchange: Exchange;
	/** What the response says. */
	reading: Reading;
	/** What a run would take it for. */
	outcome: Outcome;
	/** This machine's clock when it was sent, Unix milliseconds. */
	sentAtMs: number;
}

/** What a response says, read without the checks that a run makes. */
export interface Reading {
	/** `none`: no response, or none that could be read. */
	kind: 'done' | 'refused' | 'none';
	data: ResponseData;
	/** The error's, as far as there is one. */
	code: string;
	message: string;
	authFailure: ErrorClass['authFailure'];
	isThrottled: boolean;
	requestId: 'echoed' | 'missing' | 'other';
}

/** Parses a response, which may take a while. */
export function readResponse({ exchange, fresh, signature }: Omit<Observation, 'reading'>): Reading {
	const none: Reading = {
		...{ kind: 'none', data: {}, code: '', message: '', authFailure: undefined },
		...{ isThrottled: false, requestId: 'missing' },
	};
	if ('error' in exchange) return none;
	const { status, body } = exchange.response;
	const parsed = parseResponse(body, signature);
	const isThrottled = status === 429;
	if (parsed.kind !== 'data' && parsed.kind !== 'error') return { ...none, isThrottled };
	const echo = parsed.requestId === undefined ? 'missing' : 'other';
	const requestId = parsed.requestId === fresh.RequestId ? 'echoed' : echo;
	if (parsed.kind === 'data') {
		const isDone = status < 300 && parsed.contradiction === undefined;
		return { ...none, kind: isDone ? 'done' : 'none', data: parsed.data, requestId, isThrottled };
	}
	const { code, message } = unwrap(parsed.code, parsed.message);
	const { authFailure, retry } = classOfServiceError(code, message);
	return {
		...{ ...none, kind: 'refused', code, message, authFailure, requestId },
		isThrottled: isThrottled || retry === 'throttled',
	};
}

/** How far the service's clock is ahead of this machine's, milliseconds; undefined where no response says so. */
export function clockOffsetMs({ exchange }: Observation): number | undefined {
	if ('error' in exchange) return undefined;
	const serverTimeMs = readServerTime(exchange.response);
	// The header has whole seconds.
	return serverTimeMs === undefined ? undefined : serverTimeMs + 500 - exchange.response.receivedAtMs;
}

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
 * @param connection the credential's: its schemes are asked for first, and what it does not allow is not
 */
export function* conversation(
	productId: string,
	{ signatureSchemes: schemes, allowedActions }: Pick<Connection, 'signatureSchemes' | 'allowedActions'>,
): Conversation<void> {
	let correctionSeconds = 0;
	const ask = function* (
		purpose: Question['purpose'],
		parameters: Parameters,
		more: Partial<Question> = {},
	): Conversation<Observation> {
		return yield { purpose, parameters, scheme: 'json', correctionSeconds, ...more };
	};
	let key = yield* ask('key', HARMLESS_READ);
	const { authFailure } = key.reading;
	const offMs = clockOffsetMs(key) ?? 0;
	const isCorrectable = Math.abs(offMs) > CLOCK_TOLERANCE_MS && Math.abs(offMs) <= MOST_CORRECTION_MS;
	if ((authFailure === 'signature' || authFailure === 'timestamp') && isCorrectable) {
		correctionSeconds = Math.round(offMs / 1000);
		key = yield* ask('key', HARMLESS_READ);
	}
	if (isAnotherReadWorthwhile(key)) key = yield* ask('key', OTHER_READ);
	if (!isAccepted(key)) return;
	const read = key.question.parameters;
	for (const scheme of new Set([...schemes, ...SIGNATURE_SCHEMES])) {
		const nested = yield* ask('scheme', { ...read, ...NESTED_LIST }, { scheme });
		if (nested.reading.authFailure !== 'signature') break;
	}
	yield* ask('action', { Action: NO_ACTION });
	const incomplete = yield* ask('action', READ_WITHOUT_PARAMETER);
	const isWriteAllowed = whyNotAllowed(allowedActions, WRITE_WITHOUT_PARAMETERS, false) === undefined;
	if (isWriteAllowed && isParameterMissing(incomplete)) yield* ask('action', WRITE_WITHOUT_PARAMETERS);
	if (productId !== '')
		yield* ask('product', { ...READ_WITHOUT_PARAMETER, ProductId: productId, Offset: 0, Limit: 1 });
	yield* ask('nonce', read, { repeats: key.fresh });
	const older = yield* ask('age', read, { ageSeconds: OLDER });
	yield* ask('age', read, { ageSeconds: isAccepted(older) ? MUCH_OLDER : YOUNGER });
	if (read !== OTHER_READ) yield* ask('action', OTHER_READ);
	// As long as there are requests left.
	const asked: unknown[] = [HARMLESS_READ, OTHER_READ, READ_WITHOUT_PARAMETER].map((one) => one.Action);
	for (const Action of READS) if (!asked.includes(Action)) yield* ask('action', { Action });
}

/** Whether the service did what only reads: key, signature, clock and Action are right. */
export function isAccepted(observation: Observation): boolean {
	const { kind, data } = observation.reading;
	return kind === 'done' && (isHarmlessReadDone(data) || recordsIn(data, 'Orders') !== undefined);
}

/** Refused for something else than key, signature and clock. */
function isAnotherReadWorthwhile(key: Observation): boolean {
	const { kind, authFailure, isThrottled } = key.reading;
	return kind === 'refused' && authFailure === undefined && !isThrottled;
}

/** Whether the service looks at required parameters: then it carries out nothing that lacks them. */
function isParameterMissing(observation: Observation): boolean {
	const { kind, code, message, authFailure } = observation.reading;
	if (kind !== 'refused' || authFailure !== undefined) return false;
	return /Required|Missing|\bempty\b|必选|必填|缺失|缺少|不能为空/i.test(`${code} ${message}`);
}

/** The scheme by which nested values were accepted. */
export function acceptedScheme(observations: readonly Observation[]): SignatureScheme | undefined {
	const accepted = observations.find((one) => one.question.purpose === 'scheme' && isAccepted(one));
	return accepted?.question.scheme;
}

/** A name that no Action has, to see how the service refuses one. */
const NO_ACTION = 'ServiceCheckNoSuchAction';

const ACTIONS = Object.keys(EFFECTS).sort();

/** Those that only read. */
const READS = Object.entries(EFFECTS).flatMap(([action, effect]) => (effect === 'read' ? [action] : []));

/** Which Actions there are for the application, each in one of these. */
export interface FoundActions {
	Found: string[];
	/** Refused as an Action that does not exist is refused. */
	Missing: string[];
	NotPermitted: string[];
	/** The response does not tell. */
	Unclear: string[];
	NotAsked: string[];
}

const NOT_PERMITTED = /^(UnauthorizedOperation|IpInBlacklist|IpNotInWhitelist|ActionOffline)(\.|$)/;

export function findActions(observations: readonly Observation[]): FoundActions {
	const found: FoundActions = { Found: [], Missing: [], NotPermitted: [], Unclear: [], NotAsked: [] };
	const unknown = observations.find(({ question }) => question.parameters.Action === NO_ACTION);
	const isTelling = unknown !== undefined && tellsActions(unknown, observations);
	for (const action of ACTIONS) {
		const asked = observations.filter(({ question }) => question.parameters.Action === action);
		const kinds = asked.map((one) => existenceOf(one, isTelling ? unknown : undefined));
		const best = (['Found', 'NotPermitted', 'Missing'] as const).find((kind) => kinds.includes(kind));
		found[best ?? (asked.length > 0 ? 'Unclear' : 'NotAsked')].push(action);
	}
	return found;
}

function existenceOf(asked: Observation, unknown: Observation | undefined): keyof FoundActions {
	const { kind, code, authFailure, isThrottled } = asked.reading;
	if (kind === 'done') return 'Found';
	// Key, signature and clock are checked before the Action is looked for.
	if (kind === 'none' || isThrottled || authFailure !== undefined) return 'Unclear';
	if (NOT_PERMITTED.test(code)) return 'NotPermitted';
	if (/^InvalidAction(\.|$)/.test(code)) return 'Missing';
	if (unknown === undefined) return 'Unclear';
	return refusalOf(asked) === refusalOf(unknown) ? 'Missing' : 'Found';
}

/** Whether the service refuses an Action that does not exist in a way of its own, and not as it refuses anything. */
function tellsActions(unknown: Observation, observations: readonly Observation[]): boolean {
	const { kind, code, message, authFailure } = unknown.reading;
	if (kind !== 'refused' || authFailure !== undefined) return false;
	if (/Action|接口/i.test(`${code} ${message.replaceAll(NO_ACTION, '')}`)) return true;
	const others = observations.filter(
		(one) => one.question.purpose === 'action' && one !== unknown && one.reading.kind === 'refused',
	);
	return others.some((one) => refusalOf(one) !== refusalOf(unknown));
}

/** How a request was refused, without what names it. */
function refusalOf(observation: Observation): string {
	const { code, message } = observation.reading;
	const { question, fresh } = observation;
	return [String(question.parameters.Action), fresh.RequestId]
		.reduce((text, name) => text.replaceAll(name, ''), `${code} ${message}`)
		.replace(/\d+/g, '');
}

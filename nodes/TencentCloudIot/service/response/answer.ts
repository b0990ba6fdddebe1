import { withoutSignature } from './echo';
import { countMembers, parseExactJson, scanJson, type JsonFacts } from './exactJson';
import { excessOf, type Excess } from './limits';
import { sanitizeServerText } from './serverText';

/** An answer's own members, after its envelope was opened. Values are untyped: read them field by field. */
export type AnswerData = Readonly<Record<string, unknown>>;

/** The members of a success, if the operation finds its proof in them and nothing stands `against` it. */
export interface DataAnswer {
	kind: 'data';
	data: AnswerData;
	requestId: string | undefined;
	/** What else the answer says, which a success would not. */
	against?: string;
}

/** What an HTTP body says. */
export type Answer =
	| DataAnswer
	| { kind: 'error'; code: string; message: string; requestId: string | undefined }
	/** It says two things at once, one of which may be a success. */
	| { kind: 'contradiction'; reason: string }
	| { kind: 'unreadable'; reason: string; excess?: Excess };

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** Names that tell of a failure: no result of this API has a member of such a name. */
const TELLS_OF_FAILURE = /^(err|code|fail)/i;

/** What the outer envelope says in `msg` when all is well. */
const GOOD_MESSAGE = /^(ok|success|succeeded|成功)?$/i;

const BOTH = 'the answer reported both success and a refusal';
const TWICE = 'the answer had a member twice';
const TWO_ENVELOPES = 'the answer had two envelopes';

/**
 * Reads one answer body, in any of the envelopes of this gateway: `{"Response":{…}}`, `{"code":0,"msg":"","data":{…}}`,
 * the first in the `data` of the second, and none at all.
 * @param signature of the request, which is left out of what is read
 */
export function readAnswer(body: Uint8Array, signature?: string): Answer {
	if (body.length === 0) return unreadable('the answer was empty');
	let facts: JsonFacts;
	let parsed: unknown;
	try {
		const decoded = UTF_8.decode(body);
		const text = signature === undefined ? decoded : withoutSignature(decoded, signature);
		facts = scanJson(text);
		const excess = excessOf(facts);
		if (excess !== undefined) return { kind: 'unreadable', reason: excess.reason, excess };
		parsed = parseExactJson(text, facts);
	} catch {
		return unreadable('the answer was not JSON');
	}
	if (!isObject(parsed)) return unreadable('the answer was not a JSON object');
	// JSON.parse keeps the last of two members of one name, another reader the first: such a text says two things at once.
	if (countMembers(parsed) !== facts.members) return contradiction(TWICE);
	if (!Object.hasOwn(parsed, 'code')) return readResponse(parsed);
	return Object.hasOwn(parsed, 'Response') ? contradiction(TWO_ENVELOPES) : readOuterEnvelope(parsed);
}

/** `{"code":0,"msg":"","data":{…}}` */
function readOuterEnvelope(envelope: AnswerData): Answer {
	const { code, data, msg } = envelope;
	const inner = isObject(data) ? readResponse(data) : unreadable('the answer had no data');
	if (inner.kind === 'contradiction') return inner;
	if (code === 0) {
		if (inner.kind === 'error') return contradiction(BOTH);
		const isGood = msg === undefined || msg === null || isGoodMessage(msg);
		return within(envelope, isGood ? inner : opposed(inner, BOTH));
	}
	const shownCode = sanitizeServerText(typeof code === 'number' ? String(code) : code);
	if (shownCode === '' || shownCode === '0') {
		const reason = 'the answer had no valid code';
		return inner.kind === 'data' ? opposed(inner, reason) : unreadable(reason);
	}
	if (inner.kind === 'error') return within(envelope, inner);
	if (inner.kind === 'data' && inner.data.Status === 'OK') return contradiction(BOTH);
	const requestId = inner.kind === 'data' ? inner.requestId : undefined;
	return within(envelope, { kind: 'error', code: shownCode, message: sanitizeServerText(msg), requestId });
}

function isGoodMessage(msg: unknown): boolean {
	return typeof msg === 'string' && GOOD_MESSAGE.test(sanitizeServerText(msg));
}

/** `{"Response":{…}}`, or the members without it. */
function readResponse(envelope: AnswerData): Answer {
	if (!Object.hasOwn(envelope, 'Response')) return readMembers(envelope);
	const { Response: members } = envelope;
	if (!isObject(members)) return unreadable('the answer held no object');
	if (Object.hasOwn(members, 'Response')) return contradiction(TWO_ENVELOPES);
	return within(envelope, readMembers(members));
}

function readMembers(members: AnswerData): Answer {
	const names = Object.keys(members);
	if (new Set(names.map((name) => name.toLowerCase())).size < names.length) return contradiction(TWICE);
	const requestId = requestIdOf(members);
	if (!Object.hasOwn(members, 'Error')) {
		const data: DataAnswer = { kind: 'data', data: members, requestId };
		return names.some((name) => TELLS_OF_FAILURE.test(name)) ? opposed(data, BOTH) : data;
	}
	const { Error: refusal } = members;
	if (Object.hasOwn(members, 'Status')) return contradiction(BOTH);
	if (!isObject(refusal)) return unreadable('the answer reported a refusal without a code');
	const code = sanitizeServerText(refusal.Code);
	if (code === '') return unreadable('the answer reported a refusal without a code');
	return { kind: 'error', code, message: sanitizeServerText(refusal.Message), requestId };
}

/** What stands beside the inner answer has to agree with it. */
function within(envelope: AnswerData, inner: Answer): Answer {
	if (inner.kind !== 'data' && inner.kind !== 'error') return inner;
	const requestId = requestIdOf(envelope);
	const isOfTwo = requestId !== undefined && inner.requestId !== undefined && requestId !== inner.requestId;
	const beside = Object.keys(envelope).filter((name) => name !== 'code');
	if (isOfTwo || beside.some((name) => /^status$/i.test(name))) {
		return contradiction('the answer contradicts itself');
	}
	const answer = { ...inner, requestId: inner.requestId ?? requestId };
	return beside.some((name) => TELLS_OF_FAILURE.test(name)) ? opposed(answer, BOTH) : answer;
}

/** A refusal stays one. */
function opposed(answer: Answer, against: string): Answer {
	return answer.kind === 'data' ? { ...answer, against } : answer;
}

function requestIdOf(members: AnswerData): string | undefined {
	return sanitizeServerText(members.RequestId) || undefined;
}

/** Whether a value has members, as an answer and a record of a list have them. */
export function isObject(value: unknown): value is AnswerData {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function contradiction(reason: string): Answer {
	return { kind: 'contradiction', reason };
}

function unreadable(reason: string): Answer {
	return { kind: 'unreadable', reason };
}

import { parseExactJson } from './exactJson';

/** An answer's own members, after its envelope was opened. Values are untyped: read them field by field. */
export type AnswerData = Readonly<Record<string, unknown>>;

/** What an HTTP body says. Only `data` can mean success, and only if the operation finds its proof in it. */
export type Answer =
	| { kind: 'data'; data: AnswerData; requestId: string | undefined }
	| { kind: 'error'; code: string; message: string; requestId: string | undefined }
	| { kind: 'unreadable'; reason: string };

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

const SERVER_TEXT_LIMIT = 300;
/** Control, direction, private and invisible characters. */
const UNSAFE_CHARACTERS = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;

/**
 * Reads one answer body, in any of the three envelopes of this gateway:
 * `{"Response":{…}}`, `{"code":0,"msg":"","data":{…}}` and no envelope at all.
 * An answer that contradicts itself is `unreadable`, never data.
 */
export function readAnswer(body: Uint8Array): Answer {
	if (body.length === 0) return unreadable('the answer was empty');
	let parsed: unknown;
	try {
		parsed = parseExactJson(UTF_8.decode(body));
	} catch {
		return unreadable('the answer was not JSON');
	}
	if (!isObject(parsed)) return unreadable('the answer was not a JSON object');
	const inResponse = Object.hasOwn(parsed, 'Response');
	const inCode = Object.hasOwn(parsed, 'code');
	if (inResponse && inCode) return unreadable('the answer had two envelopes');
	const answer = inResponse
		? readMembers(parsed.Response)
		: inCode
			? readOuterEnvelope(parsed)
			: readMembers(parsed);
	const isOutside =
		(inResponse || inCode) && (Object.hasOwn(parsed, 'Error') || Object.hasOwn(parsed, 'Status'));
	return answer.kind === 'data' && isOutside ? unreadable('the answer contradicts itself') : answer;
}

/** Text of the server as part of a message to show and to log: clean, and 300 characters at most. */
export function sanitizeServerText(text: unknown): string {
	return typeof text === 'string' ? cleanServerText(text, SERVER_TEXT_LIMIT).trim() : '';
}

/** Text of the server without control, direction and invisible characters, cut where it is longer than `limit` characters. */
export function cleanServerText(text: string, limit: number): string {
	const clean = text.slice(0, 4 * limit).replace(UNSAFE_CHARACTERS, ' ');
	if (clean.length <= limit) return clean;
	// Half of a character may be left at the cut.
	return `${clean.slice(0, limit - 1).replace(/\p{Cs}$/u, '')}…`;
}

function readOuterEnvelope(envelope: AnswerData): Answer {
	const { code, data, msg } = envelope;
	const inner = isObject(data) ? readMembers(data) : undefined;
	if (code === 0) {
		if (inner === undefined) return unreadable('the answer had no data');
		return inner.kind === 'error' ? unreadable('the answer reported both success and a refusal') : inner;
	}
	const shownCode = sanitizeServerText(typeof code === 'number' ? String(code) : code);
	if (shownCode === '' || shownCode === '0') return unreadable('the answer had no valid code');
	if (isObject(data) && data.Status === 'OK') {
		return unreadable('the answer reported both success and a refusal');
	}
	if (inner?.kind === 'error') return inner;
	const requestId = isObject(data) ? requestIdOf(data) : requestIdOf(envelope);
	return { kind: 'error', code: shownCode, message: sanitizeServerText(msg), requestId };
}

function readMembers(members: unknown): Answer {
	if (!isObject(members)) return unreadable('the answer held no object');
	if (Object.hasOwn(members, 'Response')) return unreadable('the answer had two envelopes');
	const requestId = requestIdOf(members);
	if (!Object.hasOwn(members, 'Error')) return { kind: 'data', data: members, requestId };
	const { Error: refusal } = members;
	if (Object.hasOwn(members, 'Status')) return unreadable('the answer reported both success and a refusal');
	if (!isObject(refusal)) return unreadable('the answer reported a refusal without a code');
	const code = sanitizeServerText(refusal.Code);
	if (code === '') return unreadable('the answer reported a refusal without a code');
	return { kind: 'error', code, message: sanitizeServerText(refusal.Message), requestId };
}

function requestIdOf(members: AnswerData): string | undefined {
	return sanitizeServerText(members.RequestId) || undefined;
}

/** Whether a value has members, as an answer and a record of a list have them. */
export function isObject(value: unknown): value is AnswerData {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(reason: string): Answer {
	return { kind: 'unreadable', reason };
}

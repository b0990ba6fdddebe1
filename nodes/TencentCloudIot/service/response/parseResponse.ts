import { DOUBTS } from '../../messages/responses';
import type { Text } from '../../messages/text';
import type { ResponseData } from '../outcome';
import { withoutSignature, sanitizeServerText } from './serverText';
import { readJson } from './exactJson';

/** A success, if the operation finds its proof in the members and nothing contradicts it. */
interface DataResponse {
	kind: 'data';
	data: ResponseData;
	requestId: string | undefined;
	/** Why the response cannot be a success, e.g. an error member next to the data. */
	contradiction?: Text;
}

/** The content of an HTTP body. */
export type ParsedResponse =
	| DataResponse
	| { kind: 'error'; code: string; message: string; requestId: string | undefined }
	/** Success and failure at once. */
	| { kind: 'contradiction'; reason: Text }
	| { kind: 'unreadable'; reason: Text; isTooLarge?: boolean };

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** Names of members that report a failure: no result of this API has one. */
const FAILURE_MEMBER = /^(err|code|fail)/i;

/** Names of members that say whether something succeeded. */
const SUCCESS_MEMBER = /^(status|(is)?succe(ss|eded))$/i;

/** JSON of the values with which a member whose name means failure reports that nothing failed. */
const JSON_OF_NO_FAILURE = new Set(['null', 'false', '0', '"0"', '""', '"OK"', '[]', '{}']);

/** The `msg` of the outer envelope for a success, and the texts by which a member reports one. */
const SUCCESS_MESSAGE = /^(ok|true|success|succeeded|成功)?$/i;

/**
 * Parses one response body, in any envelope of this gateway: `{"Response":{…}}`, `{"code":0,"msg":"","data":{…}}`, the first
 * in the `data` of the second, and none.
 * @param signature of the request, which is removed from the body first
 */
export function parseResponse(body: Uint8Array, signature?: string): ParsedResponse {
	if (body.length === 0) {
		return unreadable(DOUBTS.empty());
	}
	let json: ReturnType<typeof readJson>;
	try {
		const decoded = UTF_8.decode(body);
		const text = signature === undefined ? decoded : withoutSignature(decoded, signature);
		json = readJson(text);
	} catch {
		return unreadable(DOUBTS.notJson());
	}
	if (json === undefined) {
		return { ...unreadable(DOUBTS.tooLarge()), isTooLarge: true };
	}
	const envelope = json.value;
	if (!isObject(envelope)) {
		return unreadable(DOUBTS.notObject());
	}
	// JSON.parse keeps the last of duplicate members, other readers the first: the content is ambiguous.
	if (json.hasDuplicates()) {
		return contradiction(DOUBTS.twice());
	}
	if (!Object.hasOwn(envelope, 'code')) {
		return readInner(envelope);
	}
	return Object.hasOwn(envelope, 'Response')
		? contradiction(DOUBTS.twoEnvelopes())
		: readOuterEnvelope(envelope);
}

/** Reads a response of the form `{"code":0,"msg":"","data":{…}}`. Its code and its data must agree. */
function readOuterEnvelope(envelope: ResponseData): ParsedResponse {
	const { code, data, msg } = envelope;
	const inner = isObject(data) ? readInner(data) : unreadable(DOUBTS.noData());
	if (inner.kind === 'contradiction') {
		return inner;
	}
	if (code === 0) {
		if (inner.kind === 'error') {
			return contradiction(DOUBTS.both());
		}
		const isSuccessMessage =
			msg === undefined ||
			msg === null ||
			(typeof msg === 'string' && SUCCESS_MESSAGE.test(sanitizeServerText(msg)));
		return withinEnvelope(envelope, isSuccessMessage ? inner : contradicted(inner, DOUBTS.both()));
	}
	const shownCode = sanitizeServerText(typeof code === 'number' ? String(code) : code);
	if (shownCode === '' || shownCode === '0') {
		const reason = DOUBTS.noCode();
		return inner.kind === 'data' ? contradicted(inner, reason) : unreadable(reason);
	}
	if (inner.kind === 'error') {
		return withinEnvelope(envelope, inner);
	}
	if (inner.kind === 'data' && inner.data.Status === 'OK') {
		return contradiction(DOUBTS.both());
	}
	const requestId = inner.kind === 'data' ? inner.requestId : undefined;
	return withinEnvelope(envelope, {
		kind: 'error',
		code: shownCode,
		message: sanitizeServerText(msg),
		requestId,
	});
}

/** Reads a response of the form `{"Response":{…}}`, or its members without that envelope. */
function readInner(envelope: ResponseData): ParsedResponse {
	if (!Object.hasOwn(envelope, 'Response')) {
		return readMembers(envelope);
	}
	const { Response: members } = envelope;
	if (!isObject(members)) {
		return unreadable(DOUBTS.noInnerObject());
	}
	if (Object.hasOwn(members, 'Response')) {
		return contradiction(DOUBTS.twoEnvelopes());
	}
	return withinEnvelope(envelope, readMembers(members));
}

function readMembers(members: ResponseData): ParsedResponse {
	const names = Object.keys(members);
	if (new Set(names.map((name) => name.toLowerCase())).size < names.length) {
		return contradiction(DOUBTS.twice());
	}
	const requestId = requestIdOf(members);
	if (!Object.hasOwn(members, 'Error')) {
		const data: DataResponse = { kind: 'data', data: members, requestId };
		return names.some((name) => FAILURE_MEMBER.test(name)) ? contradicted(data, DOUBTS.both()) : data;
	}
	const { Error: refusal } = members;
	if (Object.hasOwn(members, 'Status')) {
		return contradiction(DOUBTS.both());
	}
	if (!isObject(refusal)) {
		return unreadable(DOUBTS.refusalWithoutCode());
	}
	const code = sanitizeServerText(refusal.Code);
	if (code === '') {
		return unreadable(DOUBTS.refusalWithoutCode());
	}
	return { kind: 'error', code, message: sanitizeServerText(refusal.Message), requestId };
}

/** The inner response of an envelope, checked against the envelope's other members: the two must agree. */
function withinEnvelope(envelope: ResponseData, inner: ParsedResponse): ParsedResponse {
	if (inner.kind !== 'data' && inner.kind !== 'error') {
		return inner;
	}
	const requestId = requestIdOf(envelope);
	const hasTwoIds = requestId !== undefined && inner.requestId !== undefined && requestId !== inner.requestId;
	const envelopeNames = Object.keys(envelope).filter((name) => name !== 'code');
	if (hasTwoIds || envelopeNames.some((name) => /^status$/i.test(name))) {
		return contradiction(DOUBTS.contradictory());
	}
	const response = { ...inner, requestId: inner.requestId ?? requestId };
	const isContradicted = envelopeNames.some(
		(name) => FAILURE_MEMBER.test(name) || deniesSuccess(name, envelope[name]),
	);
	return isContradicted ? contradicted(response, DOUBTS.both()) : response;
}

/** Marks a success as contradicted; any other response stays unchanged. */
function contradicted(response: ParsedResponse, reason: Text): ParsedResponse {
	return response.kind === 'data' ? { ...response, contradiction: reason } : response;
}

function requestIdOf(members: ResponseData): string | undefined {
	return sanitizeServerText(members.RequestId) || undefined;
}

/** Whether a value of a response reports a failure at any depth, e.g. `[{ DeviceId: 'P/d', Code: 'ResourceNotFound' }]`. */
export function reportsFailure(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) {
		return false;
	}
	const isFailure = (name: string, member: unknown) => {
		const isNamedFailure = FAILURE_MEMBER.test(name) && !JSON_OF_NO_FAILURE.has(JSON.stringify(member));
		return isNamedFailure || deniesSuccess(name, member);
	};
	return Object.entries(value).some(([name, member]) => isFailure(name, member) || reportsFailure(member));
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is ResponseData {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function contradiction(reason: Text): ParsedResponse {
	return { kind: 'contradiction', reason };
}

function unreadable(reason: Text): Extract<ParsedResponse, { kind: 'unreadable' }> {
	return { kind: 'unreadable', reason };
}

/** Whether a member says that something did not succeed, e.g. `"success": false`. */
function deniesSuccess(name: string, member: unknown): boolean {
	if (!SUCCESS_MEMBER.test(name)) {
		return false;
	}
	return member === false || (typeof member === 'string' && !SUCCESS_MESSAGE.test(member));
}

import { parseResponse, type ParsedResponse, type ResponseData, type DataResponse } from './parseResponse';
import { inEnglish } from './chineseText';
import { withoutAnySignature } from './echo';
import type { Failure, Outcome } from '../outcome';
import { classifyRedirect, classifyStatus } from './httpStatus';
import { readRetryAfter, readServerTime, type HttpResponse } from './httpResponse';
import {
	CHECK_ENDPOINT,
	classOfServiceError,
	SERVER_ERROR,
	THROTTLED,
	unwrap,
	type ErrorClass,
} from './serviceError';

/** A longer Retry-After is reported instead of waited for. Milliseconds. */
const LONGEST_WAIT_MS = 60_000;

/** What a response is checked against. */
export interface Expected {
	/** The RequestId that was sent; the response repeats it (product 1465, page 59071). */
	requestId: string;
	/** The Signature that was sent: a response may echo it, and it is never shown. */
	signature: string;
	/** The operation's proof of success, e.g. that Status is `OK`. */
	isDone: (data: ResponseData) => boolean | string;
	/** The members of a success that are kept; the others may be megabytes. */
	reads: readonly string[];
}

/** Classifies an HTTP response: what it proves about its request. */
export function classifyResponse(http: HttpResponse, expected: Expected): Outcome {
	const { status } = http;
	const response = parseResponse(http.body, expected.signature);
	const isSuccessStatus = status >= 200 && status < 300;
	const done = response.kind === 'data' && expected.isDone(response.data);
	const isReportedDone = response.kind === 'data' && done === true;
	const distrusted =
		distrustReason(response, expected) ??
		(isReportedDone ? distrustSuccessReason(response, status) : undefined);
	if (distrusted !== undefined) return withFacts(http, unclear(distrusted, response));
	if (isReportedDone) {
		const data = membersOf(response.data, expected.reads);
		return { outcome: 'OK', data, requestId: response.requestId, bytes: http.body.length };
	}
	if (status >= 300 && status < 400) return withFacts(http, classifyRedirect(status));
	// A code equal to the status is a web server's error page in JSON.
	if (response.kind === 'error' && response.code !== String(status)) {
		return withFacts(http, classifyServiceError(response, status));
	}
	return withFacts(http, isSuccessStatus ? classifyUnclear(response, http, done) : classifyStatus(status));
}

function membersOf(data: ResponseData, names: readonly string[]): ResponseData {
	const found = names.filter((name) => Object.hasOwn(data, name));
	return Object.fromEntries(found.map((name) => [name, data[name]]));
}

/** Why a response cannot be trusted at all. */
function distrustReason(response: ParsedResponse, { requestId }: Expected): string | undefined {
	if (response.kind === 'contradiction') return response.reason;
	if (response.kind === 'unreadable') return undefined;
	// An error without RequestId is possible: nothing is applied before the service reads it.
	const isOfAnother = response.requestId !== undefined && response.requestId !== requestId;
	return isOfAnother ? 'it was the response to another request' : undefined;
}

/** Why a success cannot be trusted. */
function distrustSuccessReason(
	{ contradiction, requestId }: DataResponse,
	status: number,
): string | undefined {
	if (contradiction !== undefined) return contradiction;
	if (requestId === undefined) return 'the response did not name its request';
	return status >= 200 && status < 300
		? undefined
		: `the response reported success with HTTP status ${status}`;
}

function classifyServiceError(error: Extract<ParsedResponse, { kind: 'error' }>, status: number): Failure {
	const { code, message } = unwrap(error.code, withoutAnySignature(error.message));
	const errorClass = status === 429 ? THROTTLED : ofStatus(status, classOfServiceError(code, message));
	return {
		...errorClass,
		code,
		reason: `Tencent responded with ${[code, ...(message === '' ? [] : [message])].join(': ')}${translationOf(message)}.`,
		isFromService: true,
		...(error.requestId !== undefined && { requestId: error.requestId }),
	};
}

function translationOf(message: string): string {
	const english = inEnglish(message);
	return english === undefined ? '' : ` (${english})`;
}

/** An error with a 5xx status may come from a proxy, after the service applied the request. */
function ofStatus(status: number, errorClass: ErrorClass): ErrorClass {
	const isServerError =
		status >= 500 && errorClass.retry !== 'throttled' && errorClass.authFailure === undefined;
	return isServerError ? SERVER_ERROR : errorClass;
}

/** A 2xx response that does not prove success. */
function classifyUnclear(response: ParsedResponse, http: HttpResponse, done: boolean | string): Failure {
	if (response.kind !== 'unreadable') {
		return unclear(typeof done === 'string' ? done : 'the response did not confirm it', response);
	}
	if (http.contentType.includes('text/html') || http.body[0] === '<'.charCodeAt(0)) {
		return {
			outcome: 'UNKNOWN',
			code: 'WEB_PAGE',
			reason: 'The response was a web page.',
			advice: CHECK_ENDPOINT,
			retry: 'never',
			scope: 'call',
		};
	}
	if (response.excess === undefined) return unclear(response.reason, response);
	return { outcome: 'UNKNOWN', ...response.excess, advice: CHECK_ENDPOINT, retry: 'never', scope: 'call' };
}

function unclear(what: string, { kind }: ParsedResponse): Failure {
	return {
		...SERVER_ERROR,
		code: 'UNCLEAR_RESPONSE',
		reason: `Tencent responded, but ${what}.`,
		isFromService: kind === 'data',
	};
}

function withFacts(http: HttpResponse, failure: Failure): Failure {
	const facts: Failure = { ...failure, status: http.status };
	const serverTimeMs = failure.authFailure === undefined ? undefined : readServerTime(http);
	if (serverTimeMs !== undefined) facts.serverTimeMs = serverTimeMs;
	const retryAfterMs = failure.retry === 'never' ? undefined : readRetryAfter(http);
	if (retryAfterMs === undefined) return facts;
	if (retryAfterMs <= LONGEST_WAIT_MS) return { ...facts, retryAfterMs };
	const comeBack = new Date(http.receivedAtMs + retryAfterMs).toISOString();
	return { ...facts, retry: 'never', scope: 'run', advice: `Run the workflow again after ${comeBack}` };
}

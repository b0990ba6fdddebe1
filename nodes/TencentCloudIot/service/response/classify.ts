import { readAnswer, type Answer, type AnswerData, type DataAnswer } from './answer';
import type { OwnCode } from '../codes';
import { inEnglish } from './chineseText';
import type { Failure, Outcome } from '../outcome';
import { readRetryAfter, readServerTime, type HttpAnswer } from './httpAnswer';
import { CHECK_ENDPOINT, meaningOfRefusal, SERVER_FAULT, THROTTLED, unveil, type Meaning } from './refusal';

/** A server that asks for a longer wait is believed and reported instead of waited for. Milliseconds. */
const LONGEST_WAIT_MS = 60_000;

/** HTTP names none beyond it; what proxies made up there, e.g. 499, also tells of clients that did not wait. */
const LAST_REFUSING_STATUS = 451;

/** What an answer has to prove. */
export interface Asked {
	/** The RequestId that was sent: an answer repeats that of its request (product 1465, page 59071). */
	requestId: string;
	/** The Signature that was sent: an answer may repeat it as well, and it is shown to nobody. */
	signature: string;
	/** The operation's proof of success, e.g. that Status is `OK`. */
	isDone: (data: AnswerData) => boolean;
	/** The members of a success that are kept: what else it holds may be megabytes. */
	reads: readonly string[];
}

/** Says what an HTTP answer proves. */
export function classifyAnswer(http: HttpAnswer, asked: Asked): Outcome {
	const { status } = http;
	const answer = readAnswer(http.body, asked.signature);
	const isSuccessStatus = status >= 200 && status < 300;
	const isSaidToBeDone = answer.kind === 'data' && asked.isDone(answer.data);
	const doubt = doubtOf(answer, asked) ?? (isSaidToBeDone ? doubtOfSuccess(answer, status) : undefined);
	if (doubt !== undefined) return withFacts(http, unclear(doubt, answer));
	if (isSaidToBeDone) {
		const data = membersOf(answer.data, asked.reads);
		return { outcome: 'OK', data, requestId: answer.requestId, bytes: http.body.length };
	}
	if (status >= 300 && status < 400) return withFacts(http, classifyRedirect(status));
	// The status as a code is the page of a web server, in JSON.
	if (answer.kind === 'error' && answer.code !== String(status)) {
		return withFacts(http, classifyRefusal(answer, status));
	}
	return withFacts(http, isSuccessStatus ? classifyUnclear(answer, http) : classifyStatus(status));
}

function membersOf(data: AnswerData, names: readonly string[]): AnswerData {
	const found = names.filter((name) => Object.hasOwn(data, name));
	return Object.fromEntries(found.map((name) => [name, data[name]]));
}

/** Why nothing of what an answer says can be believed. */
function doubtOf(answer: Answer, { requestId }: Asked): string | undefined {
	if (answer.kind === 'contradiction') return answer.reason;
	if (answer.kind === 'unreadable') return undefined;
	// A refusal may come before the RequestId is read; nothing is carried out before that.
	const isOfAnother = answer.requestId !== undefined && answer.requestId !== requestId;
	return isOfAnother ? 'it was the answer to another request' : undefined;
}

/** Why a success cannot be believed. */
function doubtOfSuccess({ against, requestId }: DataAnswer, status: number): string | undefined {
	if (against !== undefined) return against;
	if (requestId === undefined) return 'the answer did not name the request that it was for';
	return status >= 200 && status < 300 ? undefined : `the answer reported success with HTTP status ${status}`;
}

function classifyRefusal(answer: Extract<Answer, { kind: 'error' }>, status: number): Failure {
	const { code, message } = unveil(answer.code, answer.message);
	const meaning = status === 429 ? THROTTLED : ofStatus(status, meaningOfRefusal(code, message));
	return {
		...meaning,
		code,
		reason: `Tencent answered ${[code, ...(message === '' ? [] : [message])].join(': ')}${explanationOf(message)}.`,
		answered: true,
		...(answer.requestId !== undefined && { requestId: answer.requestId }),
	};
}

function explanationOf(message: string): string {
	const english = inEnglish(message);
	return english === undefined ? '' : ` (${english})`;
}

/** A refusal with a 5xx status may come from something on the way, after the service applied the request. */
function ofStatus(status: number, meaning: Meaning): Meaning {
	const isServiceFault = status >= 500 && meaning.retry !== 'throttled' && meaning.refused === undefined;
	return isServiceFault ? SERVER_FAULT : meaning;
}

/** A 2xx answer that does not say that the request was done. */
function classifyUnclear(answer: Answer, http: HttpAnswer): Failure {
	if (answer.kind !== 'unreadable') return unclear('the answer did not say that it was done', answer);
	if (http.contentType.includes('text/html') || http.body[0] === '<'.charCodeAt(0)) {
		return {
			outcome: 'UNKNOWN',
			code: 'WEB_PAGE',
			reason: 'A web page came instead of an answer.',
			advice: CHECK_ENDPOINT,
			retry: 'never',
			scope: 'call',
		};
	}
	if (answer.excess === undefined) return unclear(answer.reason, answer);
	return { outcome: 'UNKNOWN', ...answer.excess, advice: CHECK_ENDPOINT, retry: 'never', scope: 'call' };
}

function unclear(what: string, { kind }: Answer): Failure {
	return {
		...SERVER_FAULT,
		code: 'UNCLEAR_ANSWER',
		reason: `Tencent answered, but ${what}.`,
		answered: kind === 'data',
	};
}

/** By 301, 302, 307 and 308 the request belongs elsewhere; the others do not say that it was not carried out. */
function classifyRedirect(status: number): Failure {
	const reason = 'The endpoint redirects elsewhere; requests are never forwarded.';
	const failure = httpFailure('REDIRECT', reason, 'run');
	return [301, 302, 307, 308].includes(status) ? failure : { ...failure, outcome: 'UNKNOWN' };
}

function classifyStatus(status: number): Failure {
	const code = `HTTP_${status}` as const;
	const reason = `The endpoint answered with HTTP status ${status}.`;
	if (status === 429) return { ...THROTTLED, code, reason };
	const isRefusal = status >= 400 && status <= LAST_REFUSING_STATUS && status !== 408;
	if (!isRefusal) return { ...SERVER_FAULT, code, reason };
	return httpFailure(code, reason, status === 401 ? 'run' : 'call');
}

function httpFailure(code: OwnCode | `HTTP_${number}`, reason: string, scope: Failure['scope']): Failure {
	return { outcome: 'REFUSED', code, reason, advice: CHECK_ENDPOINT, retry: 'never', scope };
}

function withFacts(http: HttpAnswer, failure: Failure): Failure {
	const facts: Failure = { ...failure, status: http.status };
	const serverTimeMs = failure.refused === undefined ? undefined : readServerTime(http);
	if (serverTimeMs !== undefined) facts.serverTimeMs = serverTimeMs;
	const retryAfterMs = failure.retry === 'never' ? undefined : readRetryAfter(http);
	if (retryAfterMs === undefined) return facts;
	if (retryAfterMs <= LONGEST_WAIT_MS) return { ...facts, retryAfterMs };
	const comeBack = new Date(http.receivedAtMs + retryAfterMs).toISOString();
	return { ...facts, retry: 'never', scope: 'run', advice: `Run the workflow again after ${comeBack}` };
}

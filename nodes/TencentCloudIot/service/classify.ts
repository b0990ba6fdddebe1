import { readAnswer, type Answer, type AnswerData } from './answer';
import type { Failure, Outcome } from './outcome';
import { readRetryAfter, readServerTime, type HttpAnswer } from './httpAnswer';
import { CHECK_ENDPOINT, meaningOfRefusal, SERVER_FAULT, THROTTLED, type Meaning } from './refusal';

/** A server that asks for a longer wait is believed and reported instead of waited for. Milliseconds. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Says what an HTTP answer proves.
 * @param isDone the operation's proof of success, e.g. that Status is `OK`
 */
export function classifyAnswer(http: HttpAnswer, isDone: (data: AnswerData) => boolean): Outcome {
	if (http.status >= 300 && http.status < 400) {
		return withFacts(
			http,
			httpFailure('REDIRECT', 'The endpoint redirects elsewhere; requests are never forwarded.', 'run'),
		);
	}
	const answer = readAnswer(http.body);
	if (answer.kind === 'error') return withFacts(http, classifyRefusal(answer, http.status));
	const isSuccessStatus = http.status >= 200 && http.status < 300;
	if (isSuccessStatus && answer.kind === 'data' && isDone(answer.data)) {
		return { outcome: 'OK', data: answer.data, requestId: answer.requestId };
	}
	return withFacts(http, isSuccessStatus ? classifyUnclear(answer, http) : classifyStatus(http.status));
}

function classifyRefusal(answer: Extract<Answer, { kind: 'error' }>, status: number): Failure {
	const { code, message, requestId } = answer;
	const meaning = status === 429 ? THROTTLED : ofStatus(status, meaningOfRefusal(code, message));
	return {
		...meaning,
		code,
		reason: message === '' ? `Tencent answered ${code}.` : `Tencent answered ${code}: ${message}.`,
		answered: true,
		...(requestId !== undefined && { requestId }),
	};
}

/** A refusal with a 5xx status may come from something on the way, after the service applied the request. */
function ofStatus(status: number, meaning: Meaning): Meaning {
	const isServiceFault = status >= 500 && meaning.retry !== 'throttled' && meaning.refused === undefined;
	return isServiceFault ? SERVER_FAULT : meaning;
}

/** A 2xx answer that does not say that the request was done. */
function classifyUnclear(answer: Exclude<Answer, { kind: 'error' }>, http: HttpAnswer): Failure {
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
	const what = answer.kind === 'data' ? 'the answer did not say that it was done' : answer.reason;
	return {
		...SERVER_FAULT,
		code: 'UNCLEAR_ANSWER',
		reason: `Tencent answered, but ${what}.`,
		answered: answer.kind === 'data',
	};
}

function classifyStatus(status: number): Failure {
	const code = `HTTP_${status}`;
	const reason = `The endpoint answered with HTTP status ${status}.`;
	if (status === 429) return { ...THROTTLED, code, reason };
	if (status === 408 || status >= 500 || status < 200) return { ...SERVER_FAULT, code, reason };
	return httpFailure(code, reason, status === 401 ? 'run' : 'call');
}

function httpFailure(code: string, reason: string, scope: Failure['scope']): Failure {
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

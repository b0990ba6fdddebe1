import { type OwnCode, wordsOf } from '../../messages/failures';
import { ADVICE, REASONS } from '../../messages/reasons';
import { DOUBTS, RESPONSES } from '../../messages/responses';
import { ofService, ours, plain, type Text, withoutFullStop } from '../../messages/text';
import type { RequestFailure, RequestOutcome, ResponseData } from '../outcome';
import { parseResponse, type ParsedResponse, reportsFailure } from './parseResponse';
import { withoutAnySignature } from './serverText';
import { readRetryAfter, readServerTime, type HttpResponse } from './httpResponse';

/** The node waits for at most this long; a longer Retry-After is reported instead. */
const LONGEST_WAIT_MS = 60_000;

/** What the node knows about a request and checks its response against. */
export interface Expected {
	/** The RequestId that was sent; the response repeats it (product 1465, page 59071). */
	requestId: string;
	/** The Signature that was sent. A response may echo it; it is never shown. */
	signature: string;
	/** The operation's proof of success, e.g. that Status is `OK`. */
	isDone: (data: ResponseData) => boolean | Text;
	/** The members of a success to keep. The others may be megabytes. */
	reads: readonly string[];
}

/** Classifies an HTTP response: what it proves about its request. */
export function classifyResponse(http: HttpResponse, expected: Expected): RequestOutcome {
	const { status } = http;
	const response = parseResponse(http.body, expected.signature);
	const isSuccessStatus = status >= 200 && status < 300;
	const distrust = distrustReason(response, expected);
	if (distrust !== undefined) {
		return withHttp(http, unclearFailure(distrust, response));
	}
	const doneOrDoubt = response.kind === 'data' && expected.isDone(response.data);
	if (response.kind === 'data' && doneOrDoubt === true) {
		const distrustOfSuccess = distrustSuccessReason(response, expected.reads, { status, isSuccessStatus });
		return distrustOfSuccess === undefined
			? successOf(response, expected.reads)
			: withHttp(http, unclearFailure(distrustOfSuccess, response));
	}
	if (status >= 300 && status < 400) {
		return withHttp(http, classifyRedirect(status));
	}
	// A code equal to the status is a web server's error page in JSON.
	if (response.kind === 'error' && response.code !== String(status)) {
		return withHttp(http, classifyServiceError(response, status));
	}
	if (isSuccessStatus) {
		return withHttp(http, classifyUnclear(response, http, doneOrDoubt));
	}
	return withHttp(http, classifyStatus(status));
}

/** The success that a response proves, with only the members that the operation reads. */
function successOf(
	{ data, requestId }: Extract<ParsedResponse, { kind: 'data' }>,
	reads: readonly string[],
): RequestOutcome {
	const presentNames = reads.filter((name) => Object.hasOwn(data, name));
	const readMembers = Object.fromEntries(presentNames.map((name) => [name, data[name]]));
	return { outcome: 'OK', data: readMembers, requestId };
}

/** Why a response cannot be trusted, success or not: it contradicts itself, or it is the response to another request. */
function distrustReason(response: ParsedResponse, { requestId }: Expected): Text | undefined {
	if (response.kind === 'contradiction') {
		return response.reason;
	}
	// An error may lack the RequestId, and is trusted: the service applies nothing before it has read the RequestId.
	const respondedTo = 'requestId' in response ? (response.requestId ?? requestId) : requestId;
	return respondedTo === requestId ? undefined : DOUBTS.ofAnother();
}

/** Why a success cannot be trusted. The operation judges the members that it reads. */
function distrustSuccessReason(
	{ contradiction, requestId, data }: Extract<ParsedResponse, { kind: 'data' }>,
	reads: readonly string[],
	{ status, isSuccessStatus }: { status: number; isSuccessStatus: boolean },
): Text | undefined {
	if (contradiction !== undefined) {
		return contradiction;
	}
	if (requestId === undefined) {
		return DOUBTS.unnamed();
	}
	const otherMembers = Object.entries(data).filter(([name]) => !reads.includes(name));
	if (reportsFailure(Object.fromEntries(otherMembers))) {
		return DOUBTS.inPart();
	}
	return isSuccessStatus ? undefined : DOUBTS.badStatus({ status: ours(String(status)) });
}

function classifyServiceError(
	error: Extract<ParsedResponse, { kind: 'error' }>,
	status: number,
): RequestFailure {
	const { code, message, consequences } = readServiceError(error.code, withoutAnySignature(error.message));
	const { retry, authFailure } = consequences;
	// An error with a 5xx status may come from a proxy, after the service applied the request.
	const mayBeOfProxy = status >= 500 && retry !== 'throttled' && authFailure === undefined;
	let errorClass = consequences;
	if (status === 429) {
		errorClass = THROTTLED;
	} else if (mayBeOfProxy) {
		errorClass = SERVER_ERROR;
	}
	const failure: RequestFailure = {
		...errorClass,
		code,
		reason: refusalReason(authFailure, { code, message, translation: translationOf(message) }),
		isFromService: true,
	};
	if (error.requestId !== undefined) {
		failure.requestId = error.requestId;
	}
	return failure;
}

/** Classifies a 2xx response that does not prove success. */
function classifyUnclear(
	response: ParsedResponse,
	http: HttpResponse,
	doneOrDoubt: boolean | Text,
): RequestFailure {
	if (response.kind !== 'unreadable') {
		return unclearFailure(typeof doneOrDoubt === 'boolean' ? DOUBTS.notConfirmed() : doneOrDoubt, response);
	}
	if (http.contentType.includes('text/html') || http.body[0] === '<'.charCodeAt(0)) {
		return { ...webServerFailure('WEB_PAGE', 'call'), outcome: 'UNKNOWN' };
	}
	if (response.isTooLarge !== true) {
		return unclearFailure(response.reason, response);
	}
	const reason = REASONS.tooManyValues();
	return { ...webServerFailure('RESPONSE_TOO_LARGE', 'call'), reason, outcome: 'UNKNOWN' };
}

/**
 * The failure of a response that proves neither success nor refusal.
 * @param doubt e.g. `the response did not confirm it`
 */
function unclearFailure(doubt: Text, { kind }: ParsedResponse): RequestFailure {
	const code = 'UNCLEAR_RESPONSE';
	return { ...SERVER_ERROR, code, ...wordsOf(code, { doubt }), isFromService: kind === 'data' };
}

/** Adds what the HTTP response says about the failure: its status, the server's time, and how long to wait before a retry. */
function withHttp(http: HttpResponse, failure: RequestFailure): RequestFailure {
	const fullFailure: RequestFailure = { ...failure, status: http.status };
	const serverTimeMs = failure.authFailure === undefined ? undefined : readServerTime(http);
	if (serverTimeMs !== undefined) {
		fullFailure.serverTimeMs = serverTimeMs;
	}
	const retryAfterMs = failure.retry === 'never' ? undefined : readRetryAfter(http);
	if (retryAfterMs === undefined) {
		return fullFailure;
	}
	if (retryAfterMs <= LONGEST_WAIT_MS) {
		return { ...fullFailure, retryAfterMs };
	}
	const retryAt = new Date(http.receivedAtMs + retryAfterMs).toISOString();
	return {
		...fullFailure,
		retry: 'never',
		scope: 'run',
		advice: RESPONSES.advice.after({ time: ours(retryAt) }),
	};
}

/** The last 4xx status that HTTP defines. Proxies use higher ones, e.g. 499 for a client that closed the connection. */
const LAST_REFUSING_STATUS = 451;

/** The endpoint (401), or a proxy on the way to it (407), asks for a login. */
const LOGIN_STATUSES: readonly number[] = [401, 407];

/** 301, 302, 307 and 308 mean that the request was not handled here. With any other redirect the request may have been applied. */
function classifyRedirect(status: number): RequestFailure {
	const failure = webServerFailure('REDIRECT', 'run');
	return [301, 302, 307, 308].includes(status) ? failure : { ...failure, outcome: 'UNKNOWN' };
}

/** Classifies a status other than 2xx and 3xx without a response of the service. */
function classifyStatus(status: number): RequestFailure {
	const code = `HTTP_${status}` as const;
	const words = { code, reason: RESPONSES.responded.status({ status: ours(String(status)) }) };
	if (status === 429) {
		return { ...THROTTLED, ...words };
	}
	const isRefusal = status >= 400 && status <= LAST_REFUSING_STATUS && status !== 408;
	if (!isRefusal) {
		return { ...SERVER_ERROR, ...words };
	}
	// Every other request would get the same response.
	const scope = LOGIN_STATUSES.includes(status) ? 'run' : 'call';
	const advice = status === 413 ? RESPONSES.advice.sendLess() : ADVICE.checkRoute();
	return { ...REFUSED, ...words, scope, advice };
}

function webServerFailure(code: WebServerCode, scope: RequestFailure['scope']): RequestFailure {
	return { ...REFUSED, code, ...wordsOf(code), scope };
}

/** What a web server responds in place of the service. */
type WebServerCode = Extract<OwnCode, 'REDIRECT' | 'RESPONSE_TOO_LARGE' | 'WEB_PAGE'>;

/** The consequences of a service error for the request and the run. */
type ErrorClass = Pick<RequestFailure, 'outcome' | 'retry' | 'scope' | 'advice'> &
	Pick<Partial<RequestFailure>, 'authFailure' | 'isAuthenticated' | 'isInvalidValue'>;

const REFUSED: ErrorClass = {
	outcome: 'REFUSED',
	retry: 'never',
	scope: 'call',
	advice: RESPONSES.advice.correct(),
};
const FORBIDDEN: ErrorClass = {
	...REFUSED,
	advice: RESPONSES.advice.permit(),
};
const AUTH_FAILURE: ErrorClass = {
	...REFUSED,
	scope: 'run',
	advice: RESPONSES.advice.checkKey(),
};
const OVER_QUOTA: ErrorClass = {
	...REFUSED,
	advice: RESPONSES.advice.raiseLimit(),
};
const THROTTLED: ErrorClass = {
	outcome: 'REFUSED',
	retry: 'throttled',
	scope: 'call',
	advice: RESPONSES.advice.slowDown(),
};
const SERVER_ERROR: ErrorClass = {
	outcome: 'UNKNOWN',
	retry: 'transient',
	scope: 'call',
	advice: ADVICE.askSupport(),
};

/**
 * Codes of checks before anything is applied: documented for this API (product 1465, page 59071), or common to Tencent
 * Cloud's APIs. With any other code, e.g. `FailedOperation.Timeout`, the request may have been applied.
 */
const REFUSED_BEFORE_APPLYING = new RegExp(
	[
		'^(?:AuthFailure|UnauthorizedOperation|IpInBlacklist|IpNotInWhitelist',
		'|InvalidParameter(?:Value)?|InvalidRequest|ErrorRequiredParamNotFound|MissingParameter|UnknownParameter',
		'|InvalidSignature|InvalidTimestamp|RequestExpired',
		'|ActionOffline|NoSuchProduct|NoSuchVersion|ResourceNotFound',
		'|UnsupportedOperation|UnsupportedProtocol|UnsupportedRegion',
		')(?:\\.|$)|^invalid (?:CustomerId|Email|Phone|ServiceAppKey)\\b',
	].join(''),
);

/** Codes of requests that this application, or this server, is not permitted to make. */
const NOT_PERMITTED = /^(UnauthorizedOperation|IpInBlacklist|IpNotInWhitelist)(\.|$)/;

/** Codes for too many requests per time. */
const RATE_LIMITED = /^(RequestLimitExceeded|TooManyRequests|Throttl)/i;
/** Codes for too many devices, products or bytes, for which slower requests do not help. Only the message may say that the rate is meant. */
const QUOTA_EXCEEDED = /^(LimitExceeded|RequestSizeLimitExceeded)(\.|$)/;
const RATE_MESSAGE = /频率|频繁|频次|\b(rate|frequency|frequent(ly)?|per second|qps|too many requests)\b/i;

/** The message of an `InternalError` that wraps another error: `code|message`. */
const WRAPPED_ERROR = /^([A-Z]\w*(?:\.\w+)*)\|(.*)$/s;

/** A code of the outer envelope. Such a code shows nothing by itself, but its message may. */
const GATEWAY_CODE = /^-?\d+$/;

/**
 * Finds the first parameter that a message names: a common one, as a word and not inside an id such as `P/signature-lamp`, or one of the
 * call's own. The first one counts, because "invalid CustomerId or invalid ServiceAppKey" may concern one customer only.
 */
const FIRST_NAMED_PARAMETER = new RegExp(
	[
		'(?<![\\w./-])(?:',
		'(?:(?<signature>Signature|签名)|(?<timestamp>Timestamp|时间戳|request expired|请求已过期)',
		'|(?<appKey>(?:Service)?AppKey)|(?<nonce>Nonce))(?![./-]?\\w)',
		'|(?<own>Customer|Device|Product|Order|Item|Phone|客户|用户|设备|产品|订单))',
	].join(''),
	'i',
);

/**
 * Unwraps a service error and gives its consequences for the request and the run. `InternalError` with the message
 * `InvalidParameterValue.UserLoginFailed|…` is an `InvalidParameterValue` (documented for a sibling of this API).
 */
export function readServiceError(
	code: string,
	message: string,
): { code: string; message: string; consequences: ErrorClass } {
	const wrapped = code === 'InternalError' ? WRAPPED_ERROR.exec(message) : null;
	if (wrapped !== null) {
		const [, innerCode = '', innerMessage = ''] = wrapped;
		return readServiceError(innerCode, innerMessage);
	}
	return { code, message, consequences: classOfServiceError(code, message) };
}

/** Classifies a service error by its code, and by its message if the code is ambiguous. */
function classOfServiceError(code: string, message: string): ErrorClass {
	if (RATE_LIMITED.test(code)) {
		return THROTTLED;
	}
	if (QUOTA_EXCEEDED.test(code)) {
		return RATE_MESSAGE.test(message) ? THROTTLED : OVER_QUOTA;
	}
	if (/^InvalidAction(\.|$)/.test(code)) {
		return { ...AUTH_FAILURE, advice: ADVICE.checkRoute() };
	}
	const isRefused = REFUSED_BEFORE_APPLYING.test(code);
	if (!isRefused && !GATEWAY_CODE.test(code)) {
		return /^FailedOperation(\.|$)/.test(code) ? { ...SERVER_ERROR, isAuthenticated: true } : SERVER_ERROR;
	}
	switch (subjectOf(code, message)) {
		case 'signature':
			return { ...AUTH_FAILURE, authFailure: 'signature' };
		case 'timestamp':
			return { ...AUTH_FAILURE, authFailure: 'timestamp', advice: RESPONSES.advice.checkClock() };
		case 'appKey':
			return { ...AUTH_FAILURE, authFailure: 'appKey' };
		case 'nonce': // Used by another client in the same second; the next attempt has a new one.
			return { ...REFUSED, retry: 'transient', advice: ADVICE.tryLater() };
		default:
			if (!isRefused) {
				return SERVER_ERROR;
			}
			return NOT_PERMITTED.test(code) ? FORBIDDEN : { ...REFUSED, isInvalidValue: true };
	}
}

/** The subject of a service error: by its code, or else the first parameter that it names. */
function subjectOf(code: string, message: string): string | undefined {
	if (/^AuthFailure|Signature/i.test(code)) {
		return 'signature';
	}
	if (/Timestamp|RequestExpired/i.test(code)) {
		return 'timestamp';
	}
	// Some codes are sentences: "invalid ServiceAppKey".
	const parameterGroups = Object.entries(FIRST_NAMED_PARAMETER.exec(`${code} ${message}`)?.groups ?? {});
	return parameterGroups.find(([, name]) => name !== undefined)?.[0];
}

/**
 * Chinese phrases of the service's messages with their translation: documented for this API and its siblings (product 1465,
 * page 59071; product 1081, page 40773), or common to Tencent Cloud's APIs. Longer phrases come first.
 */
const PHRASES: ReadonlyArray<readonly [RegExp, string]> = [
	[/必选参数缺失\s*(?:[:：]\s*)?([\w.]+)/u, 'the required parameter $1 is missing'],
	[/请求的次数超过了频率限制/u, 'the request rate limit was exceeded'],
	[/请求格式不是 ?JSON/u, 'the request is not JSON'],
	[/用户登录失败/u, 'the user could not be logged in'],
	[/(?<=\w)\s*(请求)?已过期/u, ' is too old or too new'],
	[/(请求)?已过期/u, 'it is too old or too new'],
	[/(用户|客户)不存在/u, 'there is no such customer'],
	[/设备不存在/u, 'there is no such device'],
	[/产品不存在/u, 'there is no such product'],
	[/订单不存在/u, 'there is no such order'],
	[/(?<=\w)\s*不能为空/u, ' must not be empty'],
	[/不能为空/u, 'it must not be empty'],
	[/内部错误/u, 'something went wrong at Tencent'],
	[/(?<!\s)\s*(无效|非法|错误)/u, ' is not valid'],
	[/(?<!\s)\s*重复/u, ' was used before'],
	[/签名/u, 'Signature'],
];

/** Chinese words and punctuation that no phrase has translated. */
const UNTRANSLATED = /[\p{Script=Han}，。、；：！（）“”]+/gu;

/** The English translation of a service message, e.g. `DeviceId 无效` → `DeviceId is not valid`; empty when no phrase is known. */
function translationOf(text: string): string {
	const english = PHRASES.reduce((translated, [phrase, words]) => translated.replace(phrase, words), text);
	return english === text ? '' : english.replace(UNTRANSLATED, '…').trim();
}

/**
 * The reason of a refusal, with the service's own words.
 * @param refusedPart of the authentication, e.g. `signature`; undefined for any other refusal. A message about the authentication names no
 * customer. Any other message may name one, so `ofService` marks it, and hints do not show it.
 * @param translation of the message, in English
 */
function refusalReason(
	refusedPart: keyof typeof RESPONSES.responded | undefined,
	{ code, message, translation }: Record<'code' | 'message' | 'translation', string>,
): Text {
	const quoted = withoutFullStop(message);
	const words = [translation === '' ? quoted : `${message} (${translation})`, quoted] as const;
	const shown = refusedPart === undefined ? ofService(words) : plain(words);
	const fact = message === '' ? undefined : shown;
	const isGeneral = refusedPart === undefined || refusedPart === 'status';
	const sayReason = RESPONSES.responded[isGeneral ? 'error' : refusedPart];
	return sayReason({ code: ours(code), message: fact });
}

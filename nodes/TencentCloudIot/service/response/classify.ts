import { ADVICE, type OwnCode, type Words, wordsOf } from '../../messages/failures';
import type { Message } from '../../messages/message';
import type { Failure, Outcome, ResponseData } from '../outcome';
import { parseResponse, type ParsedResponse } from './parseResponse';
import { withoutAnySignature } from './serverText';
import { readRetryAfter, readServerTime, type HttpResponse } from './httpResponse';

/** The node waits for at most this long; a longer Retry-After is reported instead. Milliseconds. */
const LONGEST_WAIT_MS = 60_000;

/** What a response is checked against. */
export interface Expected {
	/** The RequestId that was sent; the response repeats it (product 1465, page 59071). */
	requestId: string;
	/** The Signature that was sent. A response may echo it; it is never shown. */
	signature: string;
	/** The operation's proof of success, e.g. that Status is `OK`. */
	isDone: (data: ResponseData) => boolean | string;
	/** The members of a success to keep. The others may be megabytes. */
	reads: readonly string[];
}

/** Classifies an HTTP response: what it proves about its request. */
export function classifyResponse(http: HttpResponse, expected: Expected): Outcome {
	const { status } = http;
	const response = parseResponse(http.body, expected.signature);
	const isSuccessStatus = status >= 200 && status < 300;
	const members = response.kind === 'data' ? response : undefined;
	const done = members !== undefined && expected.isDone(members.data);
	const success = done === true ? members : undefined;
	const distrusted =
		distrustReason(response, expected) ??
		(success && distrustSuccessReason(success, status, isSuccessStatus));
	if (distrusted !== undefined) {
		return withFacts(http, unclear(distrusted, response));
	}
	if (success !== undefined) {
		const read = expected.reads.filter((name) => Object.hasOwn(success.data, name));
		const data = Object.fromEntries(read.map((name) => [name, success.data[name]]));
		return { outcome: 'OK', data, requestId: success.requestId };
	}
	if (status >= 300 && status < 400) {
		return withFacts(http, classifyRedirect(status));
	}
	// A code equal to the status is a web server's error page in JSON.
	if (response.kind === 'error' && response.code !== String(status)) {
		return withFacts(http, classifyServiceError(response, status));
	}
	return withFacts(http, isSuccessStatus ? classifyUnclear(response, http, done) : classifyStatus(status));
}

/** Why a response cannot be trusted at all. */
function distrustReason(response: ParsedResponse, { requestId }: Expected): string | undefined {
	if (response.kind === 'contradiction') {
		return response.reason;
	}
	// An error without RequestId is possible: nothing is applied before the service reads it.
	const respondedTo = 'requestId' in response ? (response.requestId ?? requestId) : requestId;
	return respondedTo === requestId ? undefined : 'it was the response to another request';
}

/** Why a success cannot be trusted. */
function distrustSuccessReason(
	{ contradiction, requestId }: Extract<ParsedResponse, { kind: 'data' }>,
	status: number,
	isSuccessStatus: boolean,
): string | undefined {
	if (contradiction !== undefined) {
		return contradiction;
	}
	if (requestId === undefined) {
		return 'the response did not name its request';
	}
	return isSuccessStatus ? undefined : `the response reported success with HTTP status ${status}`;
}

function classifyServiceError(error: Extract<ParsedResponse, { kind: 'error' }>, status: number): Failure {
	const { code, message, consequences } = readServiceError(error.code, withoutAnySignature(error.message));
	const { retry, authFailure } = consequences;
	// An error with a 5xx status may come from a proxy, after the service applied the request.
	const isOfServer = status >= 500 && retry !== 'throttled' && authFailure === undefined;
	let errorClass = consequences;
	if (status === 429) {
		errorClass = THROTTLED;
	} else if (isOfServer) {
		errorClass = SERVER_ERROR;
	}
	const text = message === '' ? '' : `: ${message}${translationOf(message)}`;
	const reason = `Tencent responded with ${code}`;
	const reasonZh = authFailure === undefined ? `腾讯云返回 ${code}` : AUTH_FAILURES[authFailure];
	// The message may name a customer; one about key, signature or time does not.
	const inHint = authFailure === undefined ? { reason: `${reason}.`, reasonZh } : { reasonZh };
	const failure: Failure = {
		...errorClass,
		code,
		reason: `${reason}${text}.`,
		reasonZh: message === '' ? reasonZh : `${reasonZh}：${message}`,
		inHint,
		isFromService: true,
	};
	if (error.requestId !== undefined) {
		failure.requestId = error.requestId;
	}
	return failure;
}

/** A 2xx response that does not prove success. */
function classifyUnclear(response: ParsedResponse, http: HttpResponse, done: boolean | string): Failure {
	if (response.kind !== 'unreadable') {
		return unclear(typeof done === 'string' ? done : 'the response did not confirm it', response);
	}
	if (http.contentType.includes('text/html') || http.body[0] === '<'.charCodeAt(0)) {
		return { ...webServerFailure('WEB_PAGE', 'call'), outcome: 'UNKNOWN' };
	}
	if (response.isTooLarge !== true) {
		return unclear(response.reason, response);
	}
	const reason = 'The response had more values or levels than this service ever sends.';
	return { ...webServerFailure('RESPONSE_TOO_LARGE', 'call'), reason, outcome: 'UNKNOWN' };
}

/** @param doubt e.g. `the response did not confirm it` */
function unclear(doubt: string, { kind }: ParsedResponse): Failure {
	const code = 'UNCLEAR_RESPONSE';
	const isFromService = kind === 'data';
	const inHint = isFromService ? { reason: `Tencent responded with ${code}.` } : {};
	return { ...SERVER_ERROR, code, ...wordsOf(code, { what: doubt }), isFromService, inHint };
}

function withFacts(http: HttpResponse, failure: Failure): Failure {
	const facts: Failure = { ...failure, status: http.status };
	const serverTimeMs = failure.authFailure === undefined ? undefined : readServerTime(http);
	if (serverTimeMs !== undefined) {
		facts.serverTimeMs = serverTimeMs;
	}
	const retryAfterMs = failure.retry === 'never' ? undefined : readRetryAfter(http);
	if (retryAfterMs === undefined) {
		return facts;
	}
	if (retryAfterMs <= LONGEST_WAIT_MS) {
		return { ...facts, retryAfterMs };
	}
	const comeBack = new Date(http.receivedAtMs + retryAfterMs).toISOString();
	return {
		...facts,
		retry: 'never',
		scope: 'run',
		advice: `Try again after ${comeBack}`,
		adviceZh: `请在 ${comeBack} 之后重试`,
	};
}

/** The last 4xx status that HTTP defines. Proxies use higher ones, e.g. 499 for a client that closed the connection. */
const LAST_REFUSING_STATUS = 451;

const SEND_LESS: Message = [
	'The request was too large: send fewer devices or shorter texts in it, or have the limit of the endpoint raised',
	'一次请求中少发设备或缩短文本，或请接口方提高上限',
];

/** 301, 302, 307 and 308 mean that the request was not handled here. With any other one it may have been applied. */
function classifyRedirect(status: number): Failure {
	const failure = webServerFailure('REDIRECT', 'run');
	return [301, 302, 307, 308].includes(status) ? failure : { ...failure, outcome: 'UNKNOWN' };
}

/** Classifies a status other than 2xx and 3xx without a response of the service. */
function classifyStatus(status: number): Failure {
	const code = `HTTP_${status}` as const;
	const reason = `The endpoint responded with HTTP status ${status}.`;
	const words = { code, reason, reasonZh: `接口地址返回 HTTP 状态 ${status}` };
	if (status === 429) {
		return { ...THROTTLED, ...words };
	}
	const isRefusal = status >= 400 && status <= LAST_REFUSING_STATUS && status !== 408;
	if (!isRefusal) {
		return { ...SERVER_ERROR, ...words };
	}
	const scope = status === 401 ? 'run' : 'call';
	return { ...REFUSED, ...words, scope, ...advised(status === 413 ? SEND_LESS : ADVICE.checkWay) };
}

function webServerFailure(code: OwnCode, scope: Failure['scope']): Failure {
	return { ...REFUSED, code, ...wordsOf(code), scope };
}

/** The consequences of a service error for the request and the run. */
type ErrorClass = Pick<Failure, 'outcome' | 'retry' | 'scope' | 'advice' | 'adviceZh'> &
	Pick<Partial<Failure>, 'authFailure' | 'isAuthenticated' | 'isInvalidValue'>;

function advised([advice, adviceZh]: Message): Pick<Words, 'advice' | 'adviceZh'> {
	return { advice, adviceZh };
}

const REFUSED: ErrorClass = {
	outcome: 'REFUSED',
	retry: 'never',
	scope: 'call',
	...advised(['Correct what Tencent names', '修正消息指出的内容']),
};
const FORBIDDEN: ErrorClass = {
	...REFUSED,
	...advised([
		"Link the application to the product, and let this server's IP address in where Tencent has a list of them",
		'把应用关联到该产品；腾讯云设有 IP 名单时，允许本机的 IP 地址',
	]),
};
const AUTH_FAILURE: ErrorClass = {
	...REFUSED,
	scope: 'run',
	...advised([
		"Check App Key and App Secret in the credential 'Tencent Cloud IoT API'",
		'检查凭证中的 App Key 和 App Secret',
	]),
};
const OVER_QUOTA: ErrorClass = {
	...REFUSED,
	...advised([
		'Ask Tencent to raise the limit, or send less, then try again',
		'请腾讯云提高限额，或减少发送量',
	]),
};
const THROTTLED: ErrorClass = {
	outcome: 'REFUSED',
	retry: 'throttled',
	scope: 'call',
	...advised(["Try again later, or lower 'Requests per Second'", '降低 Requests per Second，稍后重试']),
};
const SERVER_ERROR: ErrorClass = {
	outcome: 'UNKNOWN',
	retry: 'transient',
	scope: 'call',
	...advised(ADVICE.askSupport),
};

/**
 * Codes of checks before anything is applied: documented for this API (product 1465, page 59071), or common to Tencent
 * Cloud's APIs. With any other code, e.g. `FailedOperation.Timeout`, the request may have been applied.
 */
const REFUSED_BEFORE = new RegExp(
	[
		'^(?:AuthFailure|UnauthorizedOperation|IpInBlacklist|IpNotInWhitelist',
		'|InvalidParameter(?:Value)?|InvalidRequest|ErrorRequiredParamNotFound|MissingParameter|UnknownParameter',
		'|InvalidSignature|InvalidTimestamp|RequestExpired',
		'|ActionOffline|NoSuchProduct|NoSuchVersion|ResourceNotFound',
		'|UnsupportedOperation|UnsupportedProtocol|UnsupportedRegion',
		')(?:\\.|$)|^invalid (?:CustomerId|Email|Phone|ServiceAppKey)\\b',
	].join(''),
);

/** Not permitted for this application or this server. */
const NOT_PERMITTED = /^(UnauthorizedOperation|IpInBlacklist|IpNotInWhitelist)(\.|$)/;

/** Too many requests per time. */
const RATE_LIMITED = /^(RequestLimitExceeded|TooManyRequests|Throttl)/i;
/** Too many devices, products or bytes. Slower requests do not help. */
const QUOTA_EXCEEDED = /^(LimitExceeded|RequestSizeLimitExceeded)(\.|$)/;
const RATE_MESSAGE = /频率|频繁|频次|\b(rate|frequency|frequent(ly)?|per second|qps|too many requests)\b/i;

const WRAPPED = /^([A-Z]\w*(?:\.\w+)*)\|(.*)$/s;

/** A code of the outer envelope. It says nothing by itself; only its message may. */
const GATEWAY_CODE = /^-?\d+$/;

/**
 * The first parameter that a message names: a common one as a word of its own, not within an id such as
 * `P/signature-lamp`, or one of the call's own. "invalid CustomerId or invalid ServiceAppKey" may concern one customer.
 */
const FIRST_NAMED = new RegExp(
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
	const wrapped = code === 'InternalError' ? WRAPPED.exec(message) : null;
	if (wrapped !== null) {
		const [, innerCode = '', innerMessage = ''] = wrapped;
		return readServiceError(innerCode, innerMessage);
	}
	return { code, message, consequences: classOfServiceError(code, message) };
}

/** Their Chinese texts. */
const AUTH_FAILURES = {
	signature: '签名未通过验证',
	timestamp: '时间戳未通过验证',
	appKey: 'App Key 未通过验证',
};

/** Classifies a service error by its code, and by its message where a code is ambiguous. */
function classOfServiceError(code: string, message: string): ErrorClass {
	if (RATE_LIMITED.test(code)) {
		return THROTTLED;
	}
	if (QUOTA_EXCEEDED.test(code)) {
		return RATE_MESSAGE.test(message) ? THROTTLED : OVER_QUOTA;
	}
	if (/^InvalidAction(\.|$)/.test(code)) {
		return { ...AUTH_FAILURE, ...advised(ADVICE.checkWay) };
	}
	const isRefused = REFUSED_BEFORE.test(code);
	if (!isRefused && !GATEWAY_CODE.test(code)) {
		return /^FailedOperation(\.|$)/.test(code) ? { ...SERVER_ERROR, isAuthenticated: true } : SERVER_ERROR;
	}
	switch (subjectOf(code, message)) {
		case 'signature':
			return { ...AUTH_FAILURE, authFailure: 'signature' };
		case 'timestamp':
			return {
				...AUTH_FAILURE,
				authFailure: 'timestamp',
				...advised(["Check this server's clock", '校准本机时钟']),
			};
		case 'appKey':
			return { ...AUTH_FAILURE, authFailure: 'appKey' };
		case 'nonce': // Used by another client in the same second; the next attempt has a new one.
			return { ...REFUSED, retry: 'transient', ...advised(ADVICE.tryLater) };
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
	const named = Object.entries(FIRST_NAMED.exec(`${code} ${message}`)?.groups ?? {});
	return named.find(([, name]) => name !== undefined)?.[0];
}

/**
 * Chinese phrases of the service's messages with their translation: documented for this API and its siblings (product 1465,
 * page 59071; product 1081, page 40773), or common to Tencent Cloud's APIs. Longer phrases come first.
 */
const PHRASES: ReadonlyArray<readonly [RegExp, string]> = [
	[/必选参数缺失\s*(?:[:：]\s*)?([\w.]+)/u, 'the required parameter $1 is missing'],
	[/请求的次数超过了频率限制/u, 'there were too many requests in a time'],
	[/请求格式不是 ?JSON/u, 'the request is not JSON'],
	[/用户登录失败/u, 'the user could not be logged in'],
	[/(请求)?已过期/u, 'it is too old or too new'],
	[/(用户|客户)不存在/u, 'there is no such customer'],
	[/设备不存在/u, 'there is no such device'],
	[/产品不存在/u, 'there is no such product'],
	[/订单不存在/u, 'there is no such order'],
	[/不能为空/u, 'it must not be empty'],
	[/内部错误/u, 'something went wrong at Tencent'],
	[/(?<!\s)\s*(无效|非法|错误)/u, ' is not valid'],
	[/(?<!\s)\s*重复/u, ' was used before'],
	[/签名/u, 'Signature'],
];

/** Chinese words and punctuation without a translation. */
const REST = /[\p{Script=Han}，。、；：！（）“”]+/gu;

/** The English translation of a service message, e.g. `DeviceId 无效` → ` (DeviceId is not valid)`; empty when no phrase is known. */
function translationOf(text: string): string {
	const english = PHRASES.reduce((translated, [phrase, words]) => translated.replace(phrase, words), text);
	return english === text ? '' : ` (${english.replace(REST, '…').trim()})`;
}

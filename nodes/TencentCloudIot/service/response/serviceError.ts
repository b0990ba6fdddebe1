import type { Failure } from '../outcome';

/** The consequences of a service error for the request and the run. */
export type ErrorClass = Pick<Failure, 'outcome' | 'retry' | 'scope' | 'advice'> &
	Pick<Partial<Failure>, 'authFailure' | 'isAuthenticated' | 'isInvalidValue'>;

export const CHECK_KEY = "Check App Key and App Secret in the credential 'Tencent Cloud IoT API'";
export const CHECK_ENDPOINT =
	"Check the endpoint in the credential 'Tencent Cloud IoT API' and any proxy or firewall on the way to it";
const RUN_AGAIN = 'Run the workflow again later';
const ASK_SUPPORT = 'Run the workflow again; if it persists, give the RequestId to Tencent Cloud support';

const REFUSED: ErrorClass = {
	outcome: 'REFUSED',
	retry: 'never',
	scope: 'call',
	advice: 'Correct what Tencent names',
};
const INVALID_VALUE: ErrorClass = { ...REFUSED, isInvalidValue: true };
const FORBIDDEN: ErrorClass = {
	...REFUSED,
	advice:
		"Check the application on Tencent's console: it must be linked to the product, and its IP allowlist must include this server",
};
const AUTH_FAILURE: ErrorClass = { ...REFUSED, scope: 'run', advice: CHECK_KEY };
const OVER_QUOTA: ErrorClass = {
	...REFUSED,
	advice: 'Ask Tencent to raise the limit, or send less, then run the workflow again',
};
export const THROTTLED: ErrorClass = {
	outcome: 'REFUSED',
	retry: 'throttled',
	scope: 'call',
	advice: `${RUN_AGAIN}, or lower 'Requests per Second'`,
};
export const SERVER_ERROR: ErrorClass = {
	outcome: 'UNKNOWN',
	retry: 'transient',
	scope: 'call',
	advice: ASK_SUPPORT,
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

/** The outer envelope's own codes have no meaning; only its message may have one. */
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

/** Classifies a service error by its code, and by its message where a code is ambiguous. */
export function classOfServiceError(code: string, message: string): ErrorClass {
	if (RATE_LIMITED.test(code)) return THROTTLED;
	if (QUOTA_EXCEEDED.test(code)) return RATE_MESSAGE.test(message) ? THROTTLED : OVER_QUOTA;
	if (/^InvalidAction(\.|$)/.test(code)) return { ...AUTH_FAILURE, advice: CHECK_ENDPOINT };
	const isRefused = REFUSED_BEFORE.test(code);
	if (!isRefused && !GATEWAY_CODE.test(code)) {
		return { ...SERVER_ERROR, ...(/^FailedOperation(\.|$)/.test(code) && { isAuthenticated: true }) };
	}
	switch (subjectOf(code, message)) {
		case 'signature':
			return { ...AUTH_FAILURE, authFailure: 'signature' };
		case 'timestamp':
			return { ...AUTH_FAILURE, authFailure: 'timestamp', advice: "Check this server's clock" };
		case 'appKey':
			return { ...AUTH_FAILURE, authFailure: 'appKey' };
		case 'nonce': // Used by another client in the same second; the next attempt has a new one.
			return { ...REFUSED, retry: 'transient', advice: RUN_AGAIN };
		default:
			if (!isRefused) return SERVER_ERROR;
			return NOT_PERMITTED.test(code) ? FORBIDDEN : INVALID_VALUE;
	}
}

/**
 * Unwraps a code within a message: `InternalError` with the message `InvalidParameterValue.UserLoginFailed|…` is the latter
 * (documented for a sibling of this API).
 */
export function unwrap(code: string, message: string): { code: string; message: string } {
	const [, inner, rest] = (code === 'InternalError' && WRAPPED.exec(message)) || [];
	return inner === undefined || rest === undefined ? { code, message } : unwrap(inner, rest);
}

/** The subject of a service error: by its code, or else the first parameter that it names. */
function subjectOf(code: string, message: string): string | undefined {
	if (/^AuthFailure|Signature/i.test(code)) return 'signature';
	if (/Timestamp|RequestExpired/i.test(code)) return 'timestamp';
	// Some codes are sentences: "invalid ServiceAppKey".
	const named = Object.entries(FIRST_NAMED.exec(`${code} ${message}`)?.groups ?? {});
	return named.find(([, name]) => name !== undefined)?.[0];
}

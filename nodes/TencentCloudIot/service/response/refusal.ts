import type { Failure } from '../outcome';

/** What a failure means for the request and the run, whatever it says. */
export type Meaning = Pick<Failure, 'outcome' | 'retry' | 'scope' | 'advice'> &
	Pick<Partial<Failure>, 'refused' | 'letIn' | 'ofValue'>;

export const CHECK_KEY = "Check App Key and App Secret in the credential 'Tencent Cloud IoT API'";
export const CHECK_ENDPOINT =
	"Check the endpoint in the credential 'Tencent Cloud IoT API' and what stands between it and this server";
const RUN_AGAIN = 'Run the workflow again later';
const ASK_SUPPORT = 'Run the workflow again; if it stays, give the RequestId to Tencent Cloud support';

const REFUSED: Meaning = {
	outcome: 'REFUSED',
	retry: 'never',
	scope: 'call',
	advice: 'Correct what Tencent names',
};
const VALUE_REFUSED: Meaning = { ...REFUSED, ofValue: true };
const NOT_ALLOWED: Meaning = {
	...REFUSED,
	advice:
		"Check on Tencent's console what the application may do: it has to be linked to the product, and its list of IP addresses may leave this server out",
};
const KEY_REFUSED: Meaning = { ...REFUSED, scope: 'run', advice: CHECK_KEY };
const OVER_QUOTA: Meaning = {
	...REFUSED,
	advice: 'Have the limit raised at Tencent, or send less, then run the workflow again',
};
export const THROTTLED: Meaning = {
	outcome: 'REFUSED',
	retry: 'throttled',
	scope: 'call',
	advice: `${RUN_AGAIN}, or lower 'Requests per Second'`,
};
export const SERVER_FAULT: Meaning = {
	outcome: 'UNKNOWN',
	retry: 'transient',
	scope: 'call',
	advice: ASK_SUPPORT,
};

/**
 * Codes of checks that come before anything is carried out: documented for this API (product 1465, page 59071), or
 * common to Tencent Cloud's APIs. Whatever is not among them, e.g. `FailedOperation.Timeout`, may have been carried out.
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

/** What this application, or this server, may not do. */
const MAY_NOT = /^(UnauthorizedOperation|IpInBlacklist|IpNotInWhitelist)(\.|$)/;

/** More requests in a time than are allowed. */
const TOO_OFTEN = /^(RequestLimitExceeded|TooManyRequests|Throttl)/i;
/** More of something than is allowed: devices, products, bytes. Slower requests do not help. */
const TOO_MUCH = /^(LimitExceeded|RequestSizeLimitExceeded)(\.|$)/;
const TELLS_OF_RATE = /频率|频繁|频次|\b(rate|frequency|frequent(ly)?|per second|qps|too many requests)\b/i;

const VEILED = /^([A-Z]\w*(?:\.\w+)*)\|(.*)$/s;

/** The outer envelope's own codes say nothing of what happened, unless its message does. */
const GATEWAY_CODE = /^-?\d+$/;

/**
 * The first parameter that a message names: a common one that stands by itself, not within an id such as
 * `P/signature-lamp`, or one of the call's own. "invalid CustomerId or invalid ServiceAppKey" may be about one customer.
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

/** What the service's own refusal means, by its code and, where one code means many things, by its message. */
export function meaningOfRefusal(code: string, message: string): Meaning {
	if (TOO_OFTEN.test(code)) return THROTTLED;
	if (TOO_MUCH.test(code)) return TELLS_OF_RATE.test(message) ? THROTTLED : OVER_QUOTA;
	if (/^InvalidAction(\.|$)/.test(code)) return { ...KEY_REFUSED, advice: CHECK_ENDPOINT };
	const isRefused = REFUSED_BEFORE.test(code);
	if (!isRefused && !GATEWAY_CODE.test(code)) {
		return { ...SERVER_FAULT, ...(/^FailedOperation(\.|$)/.test(code) && { letIn: true }) };
	}
	switch (subjectOf(code, message)) {
		case 'signature':
			return { ...KEY_REFUSED, refused: 'signature' };
		case 'timestamp':
			return { ...KEY_REFUSED, refused: 'timestamp', advice: "Check this server's clock" };
		case 'appKey':
			return { ...KEY_REFUSED, refused: 'appKey' };
		case 'nonce': // Somebody else used it in the same second: the next attempt has another one.
			return { ...REFUSED, retry: 'transient', advice: RUN_AGAIN };
		default:
			if (!isRefused) return SERVER_FAULT;
			return MAY_NOT.test(code) ? NOT_ALLOWED : VALUE_REFUSED;
	}
}

/**
 * The code that a refusal is really about: `InternalError` with the message `InvalidParameterValue.UserLoginFailed|…` is
 * the latter (documented for a sibling of this API).
 */
export function unveil(code: string, message: string): { code: string; message: string } {
	const [, inner, rest] = (code === 'InternalError' && VEILED.exec(message)) || [];
	return inner === undefined || rest === undefined ? { code, message } : unveil(inner, rest);
}

/** What a refusal is about, by its code or else by the parameter that is named first. */
function subjectOf(code: string, message: string): string | undefined {
	if (/^AuthFailure|Signature/i.test(code)) return 'signature';
	if (/Timestamp|RequestExpired/i.test(code)) return 'timestamp';
	// Some codes are sentences themselves: "invalid ServiceAppKey".
	const named = Object.entries(FIRST_NAMED.exec(`${code} ${message}`)?.groups ?? {});
	return named.find(([, name]) => name !== undefined)?.[0];
}

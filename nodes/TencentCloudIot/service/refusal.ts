import type { Failure } from './outcome';

/** What a failure means for the request and the run, whatever it says. */
export type Meaning = Pick<Failure, 'outcome' | 'retry' | 'scope' | 'advice'> &
	Pick<Partial<Failure>, 'refused'>;

const CHECK_CREDENTIAL =
	"Check App Key, App Secret and Nested Value Signing in the credential 'Tencent Cloud IoT API'";
export const CHECK_ENDPOINT =
	"Check the endpoint in the credential 'Tencent Cloud IoT API' and what stands between it and this server";
const RUN_AGAIN = 'Run the workflow again later';
const ASK_SUPPORT = 'Run the workflow again; if it stays, give the RequestId to Tencent Cloud support';

const KEY_OR_SIGNATURE: Meaning = {
	outcome: 'REFUSED',
	retry: 'never',
	scope: 'run',
	advice: CHECK_CREDENTIAL,
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
	if (/LimitExceeded|TooManyRequests|Throttl/i.test(code)) return THROTTLED;
	if (/^InternalError/i.test(code)) return SERVER_FAULT;
	if (/^InvalidAction/.test(code)) return { ...KEY_OR_SIGNATURE, advice: CHECK_ENDPOINT };
	switch (subjectOf(code, message)) {
		case 'signature':
			return { ...KEY_OR_SIGNATURE, refused: 'signature' };
		case 'timestamp':
			return { ...KEY_OR_SIGNATURE, refused: 'timestamp', advice: "Check this server's clock" };
		case 'appKey':
			return { ...KEY_OR_SIGNATURE, refused: 'appKey' };
		case 'nonce': // Somebody else used it in the same second: the next attempt has another one.
			return { outcome: 'REFUSED', retry: 'transient', scope: 'call', advice: RUN_AGAIN };
		default:
			return {
				outcome: 'REFUSED',
				retry: 'never',
				scope: 'call',
				advice: 'Correct the rows and run the workflow again',
			};
	}
}

/** What a refusal is about, by its code or else by the parameter that its message names first. */
function subjectOf(code: string, message: string): string | undefined {
	if (/^AuthFailure|Signature/i.test(code)) return 'signature';
	if (/Timestamp|RequestExpired/i.test(code)) return 'timestamp';
	const named = Object.entries(FIRST_NAMED.exec(message)?.groups ?? {});
	return named.find(([, name]) => name !== undefined)?.[0];
}

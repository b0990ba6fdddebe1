import type { FaultRow } from './faultRow.mts';
import { HTML, PAGE, refusing, speaking, status } from './wires.mts';

const CHECK = "Check the endpoint in the credential 'Tencent Cloud IoT API'";
const SUPPORT = 'Try again; if it persists, give the RequestId to Tencent Cloud support';
const ONE = { connections: 1, requests: 1 };
const TWO = { connections: 1, requests: 2 };
const FAR_DATE = 'Fri, 31 Dec 2100 23:59:59 GMT';

/** A status that proves that the request was not taken, and that stays. */
function refused(code: number, body = '', headers: readonly string[] = []): FaultRow {
	return {
		fault: `HTTP ${code}${body === PAGE ? ' with a web page' : ''}`,
		wire: status(code, body, headers),
		word: `REFUSED HTTP_${code}`,
		says: `The endpoint responded with HTTP status ${code}. Tencent refused it; nothing was changed.`,
		advice: CHECK,
		...ONE,
	};
}

/** A status behind which the request may have been carried out. */
function unclear(code: number, body = '', headers: readonly string[] = []): FaultRow {
	return {
		fault: `HTTP ${code}${body === PAGE ? ' with a web page' : ''}`,
		wire: status(code, body, headers),
		word: `UNKNOWN HTTP_${code}`,
		says: `The endpoint responded with HTTP status ${code}. Tencent may or may not have applied it.`,
		advice: SUPPORT,
		...TWO,
	};
}

function redirect(code: number): FaultRow {
	return {
		fault: `HTTP ${code} to another address`,
		wire: status(code, '', ['location: https://example.com/']),
		word: 'REFUSED REDIRECT',
		says: 'The endpoint redirects elsewhere; requests are never forwarded. Tencent refused it; nothing was changed.',
		advice: CHECK,
		...ONE,
	};
}

function throttled(retryAfter: string | undefined): FaultRow {
	const headers = retryAfter === undefined ? [] : [`retry-after: ${retryAfter}`];
	return {
		fault: `HTTP 429 with ${retryAfter === undefined ? 'no Retry-After' : `Retry-After: ${retryAfter}`}`,
		wire: status(429, 'Too Many Requests', headers),
		word: 'REFUSED HTTP_429',
		says: 'The endpoint responded with HTTP status 429. Tencent refused it; nothing was changed.',
		advice: "Try again later, or lower 'Requests per Second'",
		...TWO,
	};
}

/** Asked to wait for more than a minute, the run ends and says when to come back. */
function farAway(retryAfter: string): FaultRow {
	return { ...throttled(retryAfter), advice: 'Try again after ', ...ONE };
}

export const statusRows: readonly FaultRow[] = [
	...[301, 302, 307, 308].map(redirect),
	{
		...redirect(303),
		word: 'UNKNOWN REDIRECT',
		says: 'The endpoint redirects elsewhere; requests are never forwarded. Tencent may or may not have applied it.',
	},
	{
		fault: 'a success with HTTP 400',
		wire: speaking(400, (RequestId) => ({ Response: { Status: 'OK', RequestId } })),
		word: 'UNKNOWN UNCLEAR_RESPONSE',
		says: 'Tencent responded, but the response reported success with HTTP status 400. Tencent may or may not have applied it.',
		advice: SUPPORT,
		...TWO,
	},
	{
		fault: "a web server's page in JSON with HTTP 404",
		wire: speaking(404, () => ({ code: 404, msg: 'Not Found' })),
		word: 'REFUSED HTTP_404',
		says: 'The endpoint responded with HTTP status 404. Tencent refused it; nothing was changed.',
		advice: CHECK,
		...ONE,
	},
	{
		fault: "HTTP 400 with the service's own refusal",
		wire: refusing(400),
		word: 'REFUSED InvalidParameterValue',
		says: 'Tencent responded with InvalidParameterValue: invalid CustomerId. Tencent refused it; nothing was changed.',
		advice: 'Correct ',
		...ONE,
	},
	refused(400),
	refused(401),
	refused(403, PAGE, HTML),
	refused(404, PAGE, HTML),
	unclear(408),
	unclear(499),
	{ ...refused(413), advice: 'The request was too large: send fewer devices or shorter texts in it' },
	throttled(undefined),
	throttled('0'),
	throttled('1'),
	throttled('soon'),
	throttled('-1'),
	throttled('1.5'),
	throttled('Thu, 01 Jan 1970 00:00:00 GMT'),
	farAway('61'),
	farAway('9999999'),
	farAway(FAR_DATE),
	unclear(500),
	unclear(502, PAGE, HTML),
	unclear(503),
	unclear(504),
];

import type { FaultRow } from './faultRow.mts';
import { HTML, PAGE, refusing, status } from './wires.mts';

const CHECK = 'Check the endpoint in the credential';
const SUPPORT = 'Try again; if it persists, give the RequestId to Tencent Cloud support';
const ONE = { connections: 1, requests: 1 };
const TWO = { connections: 1, requests: 2 };

/** A permanent status that proves that the request was not accepted. */
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

/** A status with which the request may have been carried out. */
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
		says: 'The endpoint redirects elsewhere, and the node never follows a redirect. Tencent refused it; nothing was changed.',
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

/** test/service/ has the table of what each status proves; these are the statuses that a transport might handle itself. */
export const statusRows: readonly FaultRow[] = [
	...[301, 302, 307, 308].map(redirect),
	{
		...redirect(303),
		word: 'UNKNOWN REDIRECT',
		says: 'The endpoint redirects elsewhere, and the node never follows a redirect. Tencent may or may not have applied it.',
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
	refused(403, PAGE, HTML),
	unclear(408),
	throttled(undefined),
	throttled('1'),
	// If the wait is longer than a minute, the run ends and says when to try again.
	{ ...throttled('61'), advice: 'Try again after ', ...ONE },
	unclear(502, PAGE, HTML),
];

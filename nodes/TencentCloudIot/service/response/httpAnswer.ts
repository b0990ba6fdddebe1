/** A complete HTTP answer: what is looked at of it. Missing headers are the empty string. */
export interface HttpAnswer {
	status: number;
	body: Uint8Array;
	contentType: string;
	date: string;
	age: string;
	retryAfter: string;
	receivedAtMs: number;
}

const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** A longer wait is not told apart: about 31 years, of which a date can still be made. Seconds. */
const LONGEST_WAIT_S = 999_999_999;

/**
 * The wait that Retry-After asks for, in milliseconds from the moment of the answer; undefined when it is missing or
 * is neither whole seconds nor an HTTP date (RFC 9110, 10.2.3).
 */
export function readRetryAfter({ retryAfter, receivedAtMs }: HttpAnswer): number | undefined {
	if (/^\d+$/.test(retryAfter)) return Math.min(Number(retryAfter), LONGEST_WAIT_S) * 1000;
	const atMs = readHttpDate(retryAfter);
	return atMs === undefined ? undefined : Math.max(0, atMs - receivedAtMs);
}

/** The server's clock, Unix milliseconds. An answer with an Age came from a cache and tells nothing. */
export function readServerTime({ date, age }: HttpAnswer): number | undefined {
	return age === '' ? readHttpDate(date) : undefined;
}

function readHttpDate(text: string): number | undefined {
	const atMs = HTTP_DATE.test(text) ? Date.parse(text) : NaN;
	return Number.isNaN(atMs) ? undefined : atMs;
}

/** A complete HTTP response, with the headers that the node reads. A missing header is the empty string. */
export interface HttpResponse {
	status: number;
	body: Uint8Array;
	contentType: string;
	date: string;
	age: string;
	retryAfter: string;
	receivedAtMs: number;
}

const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Longer waits count as this one: about 31 years, still a valid date. Seconds. */
const MAX_RETRY_AFTER_S = 999_999_999;

/**
 * The wait of Retry-After, in milliseconds from the response; undefined when the header is missing or is neither whole
 * seconds nor an HTTP date (RFC 9110, 10.2.3).
 */
export function readRetryAfter(response: HttpResponse): number | undefined {
	const { retryAfter, receivedAtMs } = response;
	if (/^\d+$/.test(retryAfter)) {
		return Math.min(Number(retryAfter), MAX_RETRY_AFTER_S) * 1000;
	}
	const atMs = readHttpDate(retryAfter);
	if (atMs === undefined) {
		return undefined;
	}
	// The date is a time of the server's clock, from which this server's clock may differ by hours.
	const respondedAtMs = readServerTime(response) ?? receivedAtMs;
	return Math.max(0, atMs - respondedAtMs);
}

/** The server's clock, Unix milliseconds; undefined for a cached response, which has an Age. */
export function readServerTime({ date, age }: HttpResponse): number | undefined {
	return age === '' ? readHttpDate(date) : undefined;
}

function readHttpDate(text: string): number | undefined {
	const atMs = HTTP_DATE.test(text) ? Date.parse(text) : NaN;
	return Number.isNaN(atMs) ? undefined : atMs;
}

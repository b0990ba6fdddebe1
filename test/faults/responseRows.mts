import { DONE, httpBytes } from '../support/rawServer.mts';
import type { FaultRow } from './faultRow.mts';
import { answering, cutAfter, dripping, status } from './wires.mts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const LOST =
	'The connection closed before a complete response arrived. Tencent may or may not have applied it.';
const LATE =
	'The request timed out before a complete response arrived. Tencent may or may not have applied it.';
const AGAIN = 'Try again';
const LONGER = "Try again; a longer 'Timeout (Seconds)' may help";
const ENDPOINT = 'Check the endpoint in the credential and any proxy or firewall on the way to it';
const TWO_NEW = { connections: 2, requests: 2 };
const ONE = { connections: 1, requests: 1 };

const lost = { word: 'UNKNOWN CONNECTION_RESET', says: LOST, advice: AGAIN, ...TWO_NEW };
// undici immediately replaces a connection that a deadline ended, needed or not.
const late = { word: 'UNKNOWN RESPONSE_TIMEOUT', says: LATE, advice: LONGER, connections: 3, requests: 2 };
const large = {
	word: 'UNKNOWN RESPONSE_TOO_LARGE',
	says: 'The response was larger than 2 MiB, more than this service ever sends. Tencent may or may not have applied it.',
	advice: ENDPOINT,
	...ONE,
};

/** Responses that start but do not end correctly. */
export const responseRows: readonly FaultRow[] = [
	{
		fault: 'a response cut before its length is reached',
		wire: cutAfter(`${HEAD}content-length: 99\r\n\r\n${DONE}`),
		...lost,
	},
	{
		fault: 'a response cut between two chunks',
		wire: cutAfter(`${HEAD}transfer-encoding: chunked\r\n\r\n${DONE.length.toString(16)}\r\n${DONE}\r\n`),
		...lost,
	},
	{
		fault: 'a response without a length that is cut',
		wire: cutAfter(`${HEAD}connection: close\r\n\r\n${DONE.slice(0, -2)}`),
		word: 'UNKNOWN UNCLEAR_RESPONSE',
		says: 'Tencent responded, but the response was not JSON. Tencent may or may not have applied it.',
		advice: 'Try again; if it persists, give the RequestId to Tencent Cloud support',
		...TWO_NEW,
	},
	{ fault: 'silence before the headers', wire: {}, ...late },
	{ fault: 'silence after the headers', wire: answering(`${HEAD}content-length: 9\r\n\r\n`), ...late },
	{ fault: 'one byte each 50 ms', wire: dripping(httpBytes(200, DONE), 50), ...late },
	{
		fault: 'headers without an end',
		wire: answering(`${HEAD}x-long: ${'x'.repeat(300_000)}\r\n\r\n`),
		...large,
	},
	{ fault: 'a body of more than 2 MiB', wire: status(200, ' '.repeat(2 * 1024 * 1024 + 1)), ...large },
	{
		fault: 'status 204 with nothing',
		wire: answering('HTTP/1.1 204 No Content\r\n\r\n'),
		word: 'UNKNOWN UNCLEAR_RESPONSE',
		says: 'Tencent responded, but the response was empty. Tencent may or may not have applied it.',
		advice: 'Try again; if it persists, give the RequestId to Tencent Cloud support',
		connections: 1,
		requests: 2,
	},
];

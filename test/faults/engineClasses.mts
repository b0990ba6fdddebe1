import { closedPort } from '../support/serverSocket.mts';
import type { Wire } from './faultServer.mts';
import { cutAfter, HTML, PAGE, refusing, speaking, status } from './wires.mts';

/** A fault as it looks from outside the node, with five customers and one request at a time. */
export interface ClassRow {
	what: string;
	wire: Wire;
	endpoint?: (port: number) => string | Promise<string>;
	/** Of the first customer. */
	says: string;
	code: string;
	outcome: string;
	maxAttempts?: number;
	/** Requests with two attempts when the run goes on past failures, and when it stops at the first. */
	requests: [going: number, stopping: number];
}

const UNKNOWN = 'Tencent may or may not have applied it.';
const NOTHING = 'Nothing was sent.';
const REFUSED = 'Tencent refused it; nothing was changed.';

/** One of each class: three calls without an answer end a run that goes on, one that concerns all ends it at once. */
export const classes: ClassRow[] = [
	{
		what: 'no connection',
		wire: {},
		endpoint: async () => `http://127.0.0.1:${await closedPort()}/api`,
		says: `The endpoint refused the connection. ${NOTHING}`,
		...{ code: 'CONNECTION_REFUSED', outcome: 'NOT_SENT', requests: [0, 0] },
	},
	{
		what: 'a reset',
		wire: { onRequest: (socket) => void socket.resetAndDestroy() },
		says: `The connection closed before a complete response arrived. ${UNKNOWN}`,
		...{ code: 'CONNECTION_RESET', outcome: 'UNKNOWN', requests: [6, 2] },
	},
	{
		what: 'a cut answer',
		wire: cutAfter('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"Response":{"Status":"OK"}}'),
		says: `The connection closed before a complete response arrived. ${UNKNOWN}`,
		...{ code: 'CONNECTION_RESET', outcome: 'UNKNOWN', requests: [6, 2] },
	},
	{
		what: 'silence',
		wire: {},
		says: `The request timed out before a complete response arrived. ${UNKNOWN}`,
		maxAttempts: 1, // Each takes a second.
		...{ code: 'RESPONSE_TIMEOUT', outcome: 'UNKNOWN', requests: [3, 1] },
	},
	{
		what: 'an untrusted certificate',
		wire: { tls: true },
		says: `The endpoint's certificate is not trusted. ${NOTHING}`,
		...{ code: 'TLS_NOT_TRUSTED', outcome: 'NOT_SENT', requests: [0, 0] },
	},
	{
		what: 'a redirect',
		wire: status(302, '', ['location: https://example.com/']),
		says: `The endpoint redirects elsewhere; requests are never forwarded. ${REFUSED}`,
		...{ code: 'REDIRECT', outcome: 'REFUSED', requests: [1, 1] },
	},
	{
		what: 'a refusal by the service',
		wire: refusing(200),
		says: `Tencent responded with InvalidParameterValue: invalid CustomerId. ${REFUSED}`,
		...{ code: 'InvalidParameterValue', outcome: 'REFUSED', requests: [5, 1] },
	},
	{
		what: 'the answer to another request',
		wire: speaking(200, () => ({ Response: { Status: 'OK', RequestId: 'another' } })),
		says: `Tencent responded, but it was the response to another request. ${UNKNOWN}`,
		...{ code: 'UNCLEAR_RESPONSE', outcome: 'UNKNOWN', requests: [6, 2] },
	},
	{
		what: 'HTTP 403',
		wire: status(403, PAGE, HTML),
		says: `The endpoint responded with HTTP status 403. ${REFUSED}`,
		...{ code: 'HTTP_403', outcome: 'REFUSED', requests: [3, 1] },
	},
	{
		what: 'HTTP 502',
		wire: status(502, PAGE, HTML),
		says: `The endpoint responded with HTTP status 502. ${UNKNOWN}`,
		...{ code: 'HTTP_502', outcome: 'UNKNOWN', requests: [6, 2] },
	},
	{
		what: 'HTTP 429 with a wait of an hour',
		wire: status(429, '', ['retry-after: 3600']),
		says: `The endpoint responded with HTTP status 429. ${REFUSED}`,
		...{ code: 'HTTP_429', outcome: 'REFUSED', requests: [1, 1] },
	},
	{
		what: 'a web page with status 200',
		wire: status(200, PAGE, HTML),
		says: `The response was a web page. ${UNKNOWN}`,
		...{ code: 'WEB_PAGE', outcome: 'UNKNOWN', requests: [3, 1] },
	},
];

import { closedPort } from '../support/serverSocket.mts';
import type { FaultRow } from './faultRow.mts';
import { deafPort } from './deafPort.mts';
import { replaceNameService } from './nameService.mts';
import { answering } from './wires.mts';

const ENDPOINT = "Check the endpoint in the credential and this server's network";
const AGAIN = 'Try again';
const LOST =
	'The connection closed before a complete response arrived. Tencent may or may not have applied it.';
const NOBODY = { connections: 0, requests: 0 };

/** Replaces the name service of this machine, which a test cannot make fail. */
const nameServiceThat = (code: string) => ({ around: () => replaceNameService({ code }) });

/** Faults before a request can be written, or at its first byte. */
export const connectionRows: readonly FaultRow[] = [
	{
		fault: 'an unknown host name',
		endpoint: () => 'https://service.invalid/api',
		...nameServiceThat('ENOTFOUND'),
		word: 'NOT_SENT DNS_NOT_FOUND',
		attempts: 1,
		says: 'The host name of the endpoint was not found. Nothing was sent.',
		advice: ENDPOINT,
		...NOBODY,
	},
	{
		fault: 'a name service that does not answer',
		endpoint: () => 'https://service.invalid/api',
		...nameServiceThat('EAI_AGAIN'),
		word: 'NOT_SENT DNS_UNAVAILABLE',
		attempts: 2,
		says: 'The DNS lookup timed out. Nothing was sent.',
		advice: "Check this server's DNS, then try again",
		...NOBODY,
	},
	{
		fault: 'a port on which nobody listens',
		endpoint: async () => `http://127.0.0.1:${await closedPort()}/api`,
		word: 'NOT_SENT CONNECTION_REFUSED',
		attempts: 2,
		says: 'The endpoint refused the connection. Nothing was sent.',
		advice: ENDPOINT,
		...NOBODY,
	},
	{
		fault: 'a host that does not respond to connection attempts',
		endpoint: async () => `http://127.0.0.1:${await deafPort()}/api`,
		word: 'NOT_SENT RESPONSE_TIMEOUT',
		attempts: 2,
		says: 'The request timed out before a complete response arrived. Nothing was sent.',
		advice: "Try again; a longer 'Timeout (Seconds)' may help",
		...NOBODY,
	},
	{
		fault: 'a reset of the connection right after it opens',
		wire: { onConnection: (socket) => void socket.resetAndDestroy() },
		word: 'NOT_SENT CONNECTION_RESET',
		attempts: 2,
		says: 'The connection closed before a complete response arrived. Nothing was sent.',
		advice: AGAIN,
		connections: 2,
		requests: 0,
	},
	{
		fault: 'a reset after the request was read',
		wire: { onRequest: (socket) => void socket.resetAndDestroy() },
		word: 'UNKNOWN CONNECTION_RESET',
		says: LOST,
		advice: AGAIN,
		connections: 2,
		requests: 2,
	},
	{
		fault: 'a connection that is closed without a response',
		wire: { onRequest: (socket) => void socket.end() },
		word: 'UNKNOWN CONNECTION_RESET',
		says: LOST,
		advice: AGAIN,
		connections: 2,
		requests: 2,
	},
	{
		fault: 'a response that is not HTTP',
		wire: answering('SSH-2.0-OpenSSH_9.6\r\n\r\n'),
		word: 'UNKNOWN NOT_HTTP',
		says: 'The response was not HTTP. Tencent may or may not have applied it.',
		advice: 'Check the endpoint in the credential and any proxy or firewall on the way to it',
		connections: 1,
		requests: 1,
	},
];

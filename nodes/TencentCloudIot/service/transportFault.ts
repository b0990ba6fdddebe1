import type { Failure } from './outcome';

/** The facts that decide what a transport fault means. */
export interface TransportFault {
	/** Node's or undici's error code, or empty. */
	errorCode: string;
	/** The library's message. Never shown: it may hold addresses; only matched for facts that have no code. */
	errorMessage: string;
	/** False when no byte of the request was written, which proves that nothing was applied. */
	written: boolean;
}

type Meaning = Pick<Failure, 'code' | 'reason' | 'advice' | 'retry' | 'scope'>;

const CHECK_ENDPOINT = "Check the endpoint in the credential and this server's network";
const CHECK_DNS = "Check this server's DNS, then run the workflow again";
const CHECK_PROXY = "Check this server's proxy and the endpoint in the credential";
const PROXY_LOGIN = 'Put user name and password into the proxy address of this server, e.g. HTTPS_PROXY';
const TRUST_CA = 'Check the endpoint in the credential; give a company CA to n8n with NODE_EXTRA_CA_CERTS';
const RUN_AGAIN = 'Run the workflow again';
const LONGER_TIMEOUT = "Run the workflow again; a longer 'Timeout' may help";

const CONNECTION_LOST = transient(
	'CONNECTION_RESET',
	'The connection ended before a whole answer came.',
	RUN_AGAIN,
);

/** The first row whose pattern fits "code message" says what the fault means. */
const MEANINGS: ReadonlyArray<[pattern: RegExp, meaning: Meaning]> = [
	[/^CANCELLED/, ofRun('CANCELLED', 'The execution was cancelled.', RUN_AGAIN)],
	[/^ENOTFOUND/, ofRun('DNS_NOT_FOUND', 'The host name of the endpoint was not found.', CHECK_ENDPOINT)],
	[/^EAI_/, transient('DNS_UNAVAILABLE', 'The name service did not answer.', CHECK_DNS)],
	[/^ECONNREFUSED/, transient('CONNECTION_REFUSED', 'The endpoint took no connection.', CHECK_ENDPOINT)],
	[
		/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|EHOST|ENET)/,
		transient('UNREACHABLE', 'The endpoint could not be reached in time.', CHECK_ENDPOINT),
	],
	[
		/^(\w*CERT|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH|UND_ERR_PRX_TLS)/,
		ofRun('TLS_NOT_TRUSTED', "The endpoint's certificate is not trusted.", TRUST_CA),
	],
	[
		/^(EPROTO|ERR_SSL|ERR_TLS)/,
		ofRun('NO_TLS', 'The endpoint does not speak TLS as expected.', CHECK_ENDPOINT),
	],
	[/ Proxy response \(407\)/, ofRun('PROXY_LOGIN', 'The proxy asked for a login.', PROXY_LOGIN)],
	[/ Proxy response \(/, transient('PROXY_REFUSED', 'The proxy did not reach the endpoint.', CHECK_PROXY)],
	[
		/^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|DEADLINE)/,
		transient('ANSWER_TIMEOUT', 'No whole answer came in time.', LONGER_TIMEOUT),
	],
	[
		/^(UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_EXCEEDED_MAX_SIZE|HPE_HEADER_OVERFLOW)/,
		ofCall('ANSWER_TOO_LARGE', 'The answer was far larger than any of this service.', CHECK_ENDPOINT),
	],
	[/^HPE_INVALID_EOF/, CONNECTION_LOST],
	[
		/^HPE_| Response does not match the HTTP/,
		ofCall('NOT_HTTP', 'The endpoint did not answer in HTTP.', CHECK_ENDPOINT),
	],
];

/** Classifies a request that got no whole answer: `NOT_SENT` when provably nothing left, `UNKNOWN` otherwise. */
export function classifyFault({ errorCode, errorMessage, written }: TransportFault): Failure {
	const text = `${errorCode} ${errorMessage}`;
	const meaning = MEANINGS.find(([pattern]) => pattern.test(text))?.[1] ?? CONNECTION_LOST;
	return { ...meaning, outcome: written ? 'UNKNOWN' : 'NOT_SENT' };
}

/** May pass by itself. */
function transient(code: string, reason: string, advice: string): Meaning {
	return { code, reason, advice, retry: 'transient', scope: 'call' };
}

/** Stays until somebody changes something, for this request. */
function ofCall(code: string, reason: string, advice: string): Meaning {
	return { code, reason, advice, retry: 'never', scope: 'call' };
}

/** Stays until somebody changes something, for every request. */
function ofRun(code: string, reason: string, advice: string): Meaning {
	return { code, reason, advice, retry: 'never', scope: 'run' };
}

import type { Failure } from './outcome';

/** A request without a complete response. */
export interface TransportError {
	kind: TransportErrorKind;
	/** False when no byte of the request was written, which proves that nothing was applied. */
	written: boolean;
}

const classOf = (retry: Failure['retry'], scope: Failure['scope']) => (reason: string, advice: string) => ({
	reason,
	advice,
	retry,
	scope,
});

/** May go away by itself. */
const transient = classOf('transient', 'call');
/** Permanent for this request. */
const ofCall = classOf('never', 'call');
/** Permanent for every request. */
const ofRun = classOf('never', 'run');

const CHECK_ENDPOINT = "Check the endpoint in the credential and this server's network";
const TRY_AGAIN = 'Try again';

const CLASSES = {
	RESPONSE_TIMEOUT: transient(
		'The request timed out before a complete response arrived.',
		"Try again; a longer 'Timeout (Seconds)' may help",
	),
	RESPONSE_TOO_LARGE: ofCall(
		'The response was larger than 2 MiB, more than this service ever sends.',
		CHECK_ENDPOINT,
	),
	CANCELLED: ofRun('The execution was cancelled.', TRY_AGAIN),
	CLIENT_CERTIFICATE: ofRun(
		'The endpoint requires a client certificate, which this node does not send.',
		CHECK_ENDPOINT,
	),
	CONNECTION_REFUSED: transient('The endpoint refused the connection.', CHECK_ENDPOINT),
	CONNECTION_RESET: transient('The connection closed before a complete response arrived.', TRY_AGAIN),
	DNS_NOT_FOUND: ofRun('The host name of the endpoint was not found.', CHECK_ENDPOINT),
	DNS_UNAVAILABLE: transient('The DNS lookup timed out.', "Check this server's DNS, then try again"),
	NOT_HTTP: ofCall('The response was not HTTP.', CHECK_ENDPOINT),
	NO_TLS: ofRun('The endpoint does not speak TLS as expected.', CHECK_ENDPOINT),
	PROXY_LOGIN: ofRun(
		'The proxy asked for a login.',
		'Put user name and password into the proxy address of this server, e.g. HTTPS_PROXY',
	),
	PROXY_REFUSED: transient(
		'The proxy did not reach the endpoint.',
		"Check this server's proxy and the endpoint in the credential",
	),
	TLS_NOT_TRUSTED: ofRun(
		"The endpoint's certificate is not trusted.",
		'Check the endpoint in the credential; give a company CA to n8n with NODE_EXTRA_CA_CERTS',
	),
	UNREACHABLE: transient('The endpoint could not be reached in time.', CHECK_ENDPOINT),
};

/** Why no complete response arrived; also the code of the outcome. */
export type TransportErrorKind = keyof typeof CLASSES;

/** Classifies a transport error: `NOT_SENT` when provably no byte was written, `UNKNOWN` otherwise. */
export function classifyTransportError({ kind, written }: TransportError): Failure {
	return { ...CLASSES[kind], code: kind, outcome: written ? 'UNKNOWN' : 'NOT_SENT' };
}

/** The execution was cancelled before a request was made. */
export const CANCELLED = classifyTransportError({ kind: 'CANCELLED', written: false });

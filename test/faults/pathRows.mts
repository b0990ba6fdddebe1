import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { readCertificate } from '../../simulator/certificate.mts';
import { DONE, httpBytes } from '../support/rawServer.mts';
import type { FaultRow } from './faultRow.mts';
import { replaceNameService } from './nameService.mts';
import { answering, status } from './wires.mts';

const ENDPOINT = 'Check the endpoint in the credential and any proxy or firewall on the way to it';
const ok = answering(httpBytes(200, DONE));
const NOT_TRUSTED = "The endpoint's certificate is not trusted. Nothing was sent.";
const TRUST_CA =
	'Check the endpoint in the credential. If your company has its own CA, give it to n8n with NODE_EXTRA_CA_CERTS';

/** Like NODE_EXTRA_CA_CERTS at the start of a process. */
function trustTheCertificate(): () => void {
	const before = getCACertificates('default');
	setDefaultCACertificates([...before, readCertificate().cert]);
	return () => setDefaultCACertificates(before);
}

/** The server itself is the proxy; the endpoint behind it is never reached. */
const behindProxy = {
	endpoint: () => 'https://127.0.0.1:1/api',
	environment: (port: number) => ({ HTTPS_PROXY: `http://127.0.0.1:${port}` }),
} satisfies Partial<FaultRow>;

/** Faults on the way to the endpoint: trust, proxies and the host's policy. */
export const pathRows: readonly FaultRow[] = [
	{
		fault: 'a certificate of an unknown authority',
		wire: { ...ok, tls: true },
		word: 'NOT_SENT TLS_NOT_TRUSTED',
		attempts: 1,
		says: NOT_TRUSTED,
		advice: TRUST_CA,
		connections: 1,
		requests: 0,
	},
	{
		fault: 'a trusted certificate for another name',
		wire: { ...ok, tls: true },
		endpoint: (port) => `https://service.example:${port}/api`,
		around: () => {
			const restore = [replaceNameService({ address: '127.0.0.1' }), trustTheCertificate()];
			return () => restore.forEach((undo) => undo());
		},
		word: 'NOT_SENT TLS_NOT_TRUSTED',
		attempts: 1,
		says: NOT_TRUSTED,
		advice: TRUST_CA,
		connections: 1,
		requests: 0,
	},
	{
		fault: 'a server that requires a client certificate',
		wire: { ...ok, tls: true, wantsCertificate: true },
		around: trustTheCertificate,
		word: 'UNKNOWN CONNECTION_RESET',
		says: 'The connection closed before a complete response arrived. Tencent may or may not have applied it.',
		advice: 'Try again',
		connections: 3,
		requests: 0,
	},
	{
		fault: 'a port that speaks plain HTTP instead of TLS',
		wire: { onConnection: (socket) => void socket.once('data', () => socket.end(httpBytes(400, ''))) },
		endpoint: (port) => `https://127.0.0.1:${port}/api`,
		word: 'NOT_SENT NO_TLS',
		attempts: 1,
		says: 'The endpoint does not speak TLS as expected. Nothing was sent.',
		advice: ENDPOINT,
		connections: 1,
		requests: 0,
	},
	{
		fault: 'a proxy that asks for a login (407)',
		wire: status(407),
		...behindProxy,
		word: 'NOT_SENT PROXY_LOGIN',
		says: 'The proxy asked for a login. Nothing was sent.',
		advice: 'Put user name and password into the proxy address of this server, e.g. HTTPS_PROXY',
		connections: 2,
		requests: 1,
	},
	{
		fault: 'a proxy that does not reach the endpoint (502)',
		wire: status(502),
		...behindProxy,
		word: 'NOT_SENT PROXY_REFUSED',
		says: 'The proxy did not reach the endpoint. Nothing was sent.',
		advice: "Check this server's proxy and the endpoint in the credential",
		connections: 3,
		requests: 2,
	},
	{
		fault: "this host's policy",
		wire: ok,
		egressPolicy: {},
		word: 'NOT_SENT EGRESS_BLOCKED',
		attempts: 0,
		says: "This server's policy does not allow requests to the endpoint. Nothing was sent.",
		advice: 'Ask the administrator of this n8n to allow the host',
		connections: 0,
		requests: 0,
	},
];

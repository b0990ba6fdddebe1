import { describe, expect, test } from '@jest/globals';
import type {
	TransportError,
	TransportErrorKind,
} from '../../../nodes/TencentCloudIot/service/transportError';
import { openHostTransport } from '../../../nodes/TencentCloudIot/service/transport/host/hostTransport';
import { poolErrorKind } from '../../../nodes/TencentCloudIot/service/transport/pool/poolTransport';
import { FakeClock } from '../../support/fakeClock.mts';

const CERTIFICATES = [
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'CERT_HAS_EXPIRED',
	'CERT_NOT_YET_VALID',
	'CERT_REVOKED',
	'CERT_UNTRUSTED',
	'CERT_REJECTED',
	'CERT_CHAIN_TOO_LONG',
	'CERT_SIGNATURE_FAILURE',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	'UNABLE_TO_GET_ISSUER_CERT',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'ERR_TLS_CERT_ALTNAME_INVALID',
	'ERR_TLS_CERT_ALTNAME_FORMAT',
	'HOSTNAME_MISMATCH',
	'INVALID_CA',
	'INVALID_PURPOSE',
	'PATH_LENGTH_EXCEEDED',
];

/** Node's own codes, which both transports meet. */
const ofSystem: Array<[kind: TransportErrorKind, codes: string[]]> = [
	['DNS_NOT_FOUND', ['ENOTFOUND']],
	['DNS_UNAVAILABLE', ['EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA']],
	['CONNECTION_REFUSED', ['ECONNREFUSED']],
	['UNREACHABLE', ['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN']],
	['TLS_NOT_TRUSTED', CERTIFICATES],
	[
		'CLIENT_CERTIFICATE',
		[
			'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
			'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE',
			'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED',
		],
	],
	[
		'NO_TLS',
		[
			'EPROTO',
			'ERR_SSL_WRONG_VERSION_NUMBER',
			'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
			'ERR_TLS_HANDSHAKE_TIMEOUT',
		],
	],
	['RESPONSE_TOO_LARGE', ['HPE_HEADER_OVERFLOW']],
	['NOT_HTTP', ['HPE_INVALID_CONSTANT', 'HPE_INVALID_CHUNK_SIZE', 'HPE_LF_EXPECTED']],
	['CONNECTION_RESET', ['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE', '']],
];

const ofPool: Array<[kind: TransportErrorKind, codes: string[]]> = [
	['UNREACHABLE', ['UND_ERR_CONNECT_TIMEOUT']],
	['TLS_NOT_TRUSTED', ['UND_ERR_PRX_TLS']],
	['RESPONSE_TIMEOUT', ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']],
	['RESPONSE_TOO_LARGE', ['UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_EXCEEDED_MAX_SIZE']],
	['CONNECTION_RESET', ['UND_ERR_SOCKET', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED']],
];

const each = (table: typeof ofSystem) =>
	table.flatMap(([kind, codes]) => codes.map((code) => [code, kind] as const));

const errorWith = (code: string, message = 'secret.example.com:443', more: object = {}) =>
	Object.assign(new Error(message), { code, ...more });

describe('An error of the pool', () => {
	test.each([...each(ofSystem), ...each(ofPool)])('with the code %j is %s', (code, kind) => {
		expect(poolErrorKind(errorWith(code))).toBe(kind);
	});

	test.each<[message: string, kind: TransportErrorKind]>([
		['Proxy response (407) !== 200 when HTTP Tunneling', 'PROXY_LOGIN'],
		['Proxy response (502) !== 200 when HTTP Tunneling', 'PROXY_REFUSED'],
		['Proxy response (403) !== 200 when HTTP Tunneling', 'PROXY_REFUSED'],
	])('of a proxy is recognized by its message: %s', (message, kind) => {
		expect(poolErrorKind(errorWith('UND_ERR_ABORTED', message))).toBe(kind);
	});

	test('is recognized by its code rather than its message', () => {
		expect(poolErrorKind(errorWith('ECONNREFUSED', 'ENOTFOUND Proxy response (407)'))).toBe(
			'CONNECTION_REFUSED',
		);
	});

	test.each(each(ofSystem))('is never recognized by %j in its message', (code) => {
		expect(poolErrorKind(errorWith('ECONNRESET', `read ${code}`))).toBe('CONNECTION_RESET');
	});

	test('without a code counts as a lost connection', () => {
		expect(poolErrorKind(new Error('x'))).toBe('CONNECTION_RESET');
	});
});

/** The error of a request if the host's request function rejects. */
async function hostError(cause: unknown): Promise<TransportError> {
	const httpRequest = async () => await Promise.reject(cause as Error);
	const transport = await openHostTransport({
		endpoint: new URL('https://iot.example.com/api'),
		timeoutMs: 1_000,
		clock: new FakeClock(),
		host: { httpRequest, debug: () => undefined },
	});
	const exchange = await transport.post('{}');
	await transport.close();
	return (exchange as { error: TransportError }).error;
}

test("A request that may no longer leave does not reach the host's request function", async () => {
	const requests: unknown[] = [];
	const transport = await openHostTransport({
		endpoint: new URL('https://iot.example.com/api'),
		timeoutMs: 1_000,
		clock: new FakeClock(),
		mayLeave: () => false,
		host: { httpRequest: async (options) => requests.push(options), debug: () => undefined },
	});
	expect(await transport.post('{}')).toBeUndefined();
	expect(requests).toEqual([]);
});

describe("An error of the host's request function", () => {
	test.each(each(ofSystem))('with the code %j is %s', async (code, kind) => {
		expect((await hostError(errorWith(code))).kind).toBe(kind);
	});

	test.each(['ECONNABORTED', 'ERR_CANCELED'])('with the code %s came too late', async (code) => {
		expect(await hostError(errorWith(code))).toEqual({ kind: 'RESPONSE_TIMEOUT', written: true });
	});

	test('is recognized by its cause, if it has no code', async () => {
		expect(await hostError(new Error('x', { cause: errorWith('ECONNREFUSED') }))).toEqual({
			kind: 'CONNECTION_REFUSED',
			written: false,
		});
	});

	test.each([undefined, null, 'text', 7, {}, new Error('x')])(
		'that is %p counts as a lost connection',
		async (error) => {
			expect(await hostError(error)).toEqual({ kind: 'CONNECTION_RESET', written: true });
		},
	);

	test('proves that nothing was written only if no byte can have been sent', async () => {
		const kinds = new Set<TransportErrorKind>();
		for (const [code, kind] of each(ofSystem)) {
			const { written } = await hostError(errorWith(code));
			if (!written) {
				kinds.add(kind);
			}
		}
		expect([...kinds].toSorted()).toEqual([
			'CONNECTION_REFUSED',
			'DNS_NOT_FOUND',
			'DNS_UNAVAILABLE',
			'TLS_NOT_TRUSTED',
		]);
		expect((await hostError(errorWith('ETIMEDOUT', 'x', { syscall: 'connect' }))).written).toBe(false);
		expect((await hostError(errorWith('ETIMEDOUT', 'x', { syscall: 'read' }))).written).toBe(true);
	});
});

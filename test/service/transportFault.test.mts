import { describe, expect, test } from '@jest/globals';
import { classifyFault } from '../../nodes/TencentCloudIot/service/transportFault';
import { expectReadable } from '../support/wording.mts';

type Scope = 'call' | 'run';
type Retry = 'never' | 'transient';

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
	'UND_ERR_PRX_TLS',
];

const table: Array<[codes: string[], code: string, retry: Retry, scope: Scope]> = [
	[['CANCELLED'], 'CANCELLED', 'never', 'run'],
	[['ENOTFOUND'], 'DNS_NOT_FOUND', 'never', 'run'],
	[['EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA'], 'DNS_UNAVAILABLE', 'transient', 'call'],
	[['ECONNREFUSED'], 'CONNECTION_REFUSED', 'transient', 'call'],
	[
		['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN'],
		'UNREACHABLE',
		'transient',
		'call',
	],
	[CERTIFICATES, 'TLS_NOT_TRUSTED', 'never', 'run'],
	[
		[
			'EPROTO',
			'ERR_SSL_WRONG_VERSION_NUMBER',
			'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
			'ERR_TLS_HANDSHAKE_TIMEOUT',
		],
		'NO_TLS',
		'never',
		'run',
	],
	[['DEADLINE', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'], 'ANSWER_TIMEOUT', 'transient', 'call'],
	[
		['UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_EXCEEDED_MAX_SIZE', 'HPE_HEADER_OVERFLOW'],
		'ANSWER_TOO_LARGE',
		'never',
		'call',
	],
	[['HPE_INVALID_CONSTANT', 'HPE_INVALID_CHUNK_SIZE', 'HPE_LF_EXPECTED'], 'NOT_HTTP', 'never', 'call'],
	[
		[
			'ECONNRESET',
			'EPIPE',
			'UND_ERR_SOCKET',
			'UND_ERR_CLOSED',
			'UND_ERR_DESTROYED',
			'HPE_INVALID_EOF_STATE',
			'',
		],
		'CONNECTION_RESET',
		'transient',
		'call',
	],
];

const cases = table.flatMap(([codes, ...meaning]) => codes.map((code) => [code, ...meaning] as const));

describe('A transport fault', () => {
	test.each(cases)('%j is %s, %s retried, and concerns the %s', (errorCode, code, retry, scope) => {
		for (const written of [false, true]) {
			const failure = classifyFault({ errorCode, errorMessage: 'secret.example.com:443', written });
			expect(failure).toMatchObject({ code, retry, scope, outcome: written ? 'UNKNOWN' : 'NOT_SENT' });
			expect(JSON.stringify(failure)).not.toContain('secret.example.com');
			expectReadable(failure);
		}
	});

	test.each<[message: string, code: string, retry: Retry, scope: Scope]>([
		['Proxy response (407) !== 200 when HTTP Tunneling', 'PROXY_LOGIN', 'never', 'run'],
		['Proxy response (502) !== 200 when HTTP Tunneling', 'PROXY_REFUSED', 'transient', 'call'],
		['Proxy response (403) !== 200 when HTTP Tunneling', 'PROXY_REFUSED', 'transient', 'call'],
	])('of a proxy is known by its message: %s', (errorMessage, code, retry, scope) => {
		const failure = classifyFault({ errorCode: 'UND_ERR_ABORTED', errorMessage, written: false });
		expect(failure).toMatchObject({ code, retry, scope, outcome: 'NOT_SENT' });
		expectReadable(failure);
	});

	test('is known by its code before its message', () => {
		const fault = {
			errorCode: 'ECONNREFUSED',
			errorMessage: 'ENOTFOUND Proxy response (407)',
			written: false,
		};
		expect(classifyFault(fault).code).toBe('CONNECTION_REFUSED');
	});

	test.each(cases)('is never known by %j in its message', (errorCode) => {
		const fault = { errorCode: 'ECONNRESET', errorMessage: `read ${errorCode}`, written: true };
		expect(classifyFault(fault).code).toBe('CONNECTION_RESET');
	});

	// Node names these by OpenSSL's X509 results, too; they are retried as if the connection had been lost.
	test.each(['HOSTNAME_MISMATCH', 'INVALID_CA', 'INVALID_PURPOSE', 'PATH_LENGTH_EXCEEDED'])(
		'%s is a certificate that is not trusted',
		(errorCode) => {
			const failure = classifyFault({ errorCode, errorMessage: 'certificate', written: false });
			expect(failure).toMatchObject({ code: 'TLS_NOT_TRUSTED', retry: 'never', scope: 'run' });
		},
	);
});

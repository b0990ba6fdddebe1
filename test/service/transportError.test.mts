import { describe, expect, test } from '@jest/globals';
import {
	classifyTransportError,
	type TransportErrorKind,
} from '../../nodes/TencentCloudIot/service/transportError';
import { expectReadable } from '../support/wording.mts';

const table: Array<[kind: TransportErrorKind, retry: 'never' | 'transient', scope: 'call' | 'run']> = [
	['RESPONSE_TIMEOUT', 'transient', 'call'],
	['RESPONSE_TOO_LARGE', 'never', 'call'],
	['CANCELLED', 'never', 'run'],
	['CONNECTION_REFUSED', 'transient', 'call'],
	['CONNECTION_RESET', 'transient', 'call'],
	['DNS_NOT_FOUND', 'never', 'run'],
	['DNS_UNAVAILABLE', 'transient', 'call'],
	['NOT_HTTP', 'never', 'call'],
	['NO_TLS', 'never', 'run'],
	['PROXY_LOGIN', 'never', 'run'],
	['PROXY_REFUSED', 'transient', 'call'],
	['CLIENT_CERTIFICATE', 'never', 'run'],
	['TLS_NOT_TRUSTED', 'never', 'run'],
	['UNREACHABLE', 'transient', 'call'],
];

describe('A request without a complete response', () => {
	test.each(table)('because of %s is %s retried, and concerns the %s', (kind, retry, scope) => {
		for (const written of [false, true]) {
			const failure = classifyTransportError({ kind, written });
			expect(failure).toMatchObject({
				code: kind,
				retry,
				scope,
				outcome: written ? 'UNKNOWN' : 'NOT_SENT',
			});
			expectReadable(failure);
		}
	});
});

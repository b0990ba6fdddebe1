import { describe, expect, test } from '@jest/globals';
import {
	createFreshness,
	signRequest,
	encodeParameters,
} from '../../nodes/TencentCloudIot/service/signing/signature';
import { deepFreeze } from '../support/deepFreeze.mts';

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const LARGEST_NONCE = 2 ** 31 - 1;

describe('Freshness', () => {
	test('has a random UUID, the time in whole seconds and a positive nonce', () => {
		const { RequestId, Timestamp, Nonce } = createFreshness(() => 1_700_000_000_999)();
		expect(RequestId).toMatch(UUID_V4);
		expect(Timestamp).toBe(1_700_000_000);
		expect(Number.isSafeInteger(Nonce)).toBe(true);
		expect(Nonce).toBeGreaterThanOrEqual(1);
		expect(Nonce).toBeLessThanOrEqual(LARGEST_NONCE);
	});

	test('counts the nonce up, and restarts at 1 after the largest', () => {
		const next = createFreshness(() => 0, LARGEST_NONCE - 2);
		expect([next(), next(), next()].map(({ Nonce }) => Nonce)).toEqual([LARGEST_NONCE - 1, LARGEST_NONCE, 1]);
		expect(createFreshness(() => 0)().Nonce).not.toBe(createFreshness(() => 0)().Nonce);
	});

	test('repeats no RequestId and no nonce in 20,000 requests within one second', () => {
		const next = createFreshness(() => 1_000);
		const requests = Array.from({ length: 20_000 }, () => next());
		expect(new Set(requests.map(({ RequestId }) => RequestId)).size).toBe(requests.length);
		expect(new Set(requests.map(({ Nonce }) => Nonce)).size).toBe(requests.length);
	});
});

describe('The signed body', () => {
	const fresh = { RequestId: 'r-1', Timestamp: 1, Nonce: 2 };
	const signer = { appKey: 'key', appSecret: 'secret', scheme: 'json' } as const;

	test('has each parameter once, sorted, and the Signature at its end', () => {
		// printf %s 'Action=A&AppKey=key&List=[1]&Nonce=2&RequestId=r-1&Timestamp=1&b.c="' |
		//   openssl dgst -sha1 -hmac secret -binary | base64
		const parameters = encodeParameters({ b_c: '"', Action: 'A', List: [1], gone: undefined });
		expect(signRequest(parameters, fresh, signer).body).toBe(
			'{"Action":"A","AppKey":"key","List":[1],"Nonce":2,"RequestId":"r-1","Timestamp":1,"b_c":"\\"",' +
				'"Signature":"+SucaX/9FWsCQLltfW2yqc2TTJM="}',
		);
	});

	test('can be created again from the same parameters, for another attempt', () => {
		const parameters = deepFreeze(encodeParameters({ Z: 1, Action: 'A' }));
		const first = signRequest(parameters, fresh, signer).body;
		expect(signRequest(parameters, { ...fresh, Nonce: 3 }, signer).body).not.toBe(first);
		expect(signRequest(parameters, fresh, signer).body).toBe(first);
	});

	test('never contains the secret', () => {
		const parameters = encodeParameters({ Action: 'A' });
		expect(signRequest(parameters, fresh, { ...signer, appSecret: 'CANARY' }).body).not.toContain('CANARY');
	});

	test('does not change its input', () => {
		const parameters = deepFreeze({ Action: 'A', DeviceInfos: [{ DeviceId: 'P/D' }] });
		expect(signRequest(encodeParameters(parameters), deepFreeze(fresh), deepFreeze(signer)).body).toContain(
			'"DeviceId":"P/D"',
		);
	});
});

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

	test('has the nonces that follow each other, from 1 on again after the largest', () => {
		const next = createFreshness(() => 0, LARGEST_NONCE - 2);
		expect([next(), next(), next()].map(({ Nonce }) => Nonce)).toEqual([LARGEST_NONCE - 1, LARGEST_NONCE, 1]);
		expect(createFreshness(() => 0)().Nonce).not.toBe(createFreshness(() => 0)().Nonce);
	});

	test('has 20,000 RequestIds and pairs of second and nonce of which none is like another', () => {
		const next = createFreshness(() => 1_000);
		const all = Array.from({ length: 20_000 }, () => next());
		expect(new Set(all.map(({ RequestId }) => RequestId)).size).toBe(all.length);
		expect(new Set(all.map(({ Nonce }) => Nonce)).size).toBe(all.length);
	});
});

describe('The signed body', () => {
	const fresh = { RequestId: 'r-1', Timestamp: 1, Nonce: 2 };
	const signer = { appKey: 'key', appSecret: 'secret', scheme: 'json' } as const;

	test('holds each parameter once, sorted, and the Signature at its end', () => {
		// printf %s 'Action=A&AppKey=key&List=[1]&Nonce=2&RequestId=r-1&Timestamp=1&b.c="' |
		//   openssl dgst -sha1 -hmac secret -binary | base64
		const own = encodeParameters({ b_c: '"', Action: 'A', List: [1], gone: undefined });
		expect(signRequest(own, fresh, signer).body).toBe(
			'{"Action":"A","AppKey":"key","List":[1],"Nonce":2,"RequestId":"r-1","Timestamp":1,"b_c":"\\"",' +
				'"Signature":"+SucaX/9FWsCQLltfW2yqc2TTJM="}',
		);
	});

	test('can be made again of the same parameters, for another attempt', () => {
		const own = deepFreeze(encodeParameters({ Z: 1, Action: 'A' }));
		const first = signRequest(own, fresh, signer).body;
		expect(signRequest(own, { ...fresh, Nonce: 3 }, signer).body).not.toBe(first);
		expect(signRequest(own, fresh, signer).body).toBe(first);
	});

	test('never holds the secret', () => {
		const own = encodeParameters({ Action: 'A' });
		expect(signRequest(own, fresh, { ...signer, appSecret: 'CANARY' }).body).not.toContain('CANARY');
	});

	test('leaves its input as it was', () => {
		const own = deepFreeze({ Action: 'A', DeviceInfos: [{ DeviceId: 'P/D' }] });
		expect(signRequest(encodeParameters(own), deepFreeze(fresh), deepFreeze(signer)).body).toContain(
			'"DeviceId":"P/D"',
		);
	});
});

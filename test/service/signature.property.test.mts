import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
	signRequest,
	type Freshness,
	digestOf,
	encodeParameters,
	SIGNATURE_SCHEMES,
	type Parameters,
} from '../../nodes/TencentCloudIot/service/signing/signature';
import { rawChildren } from '../../simulator/rawJson.mts';
import { verifySignature } from '../../simulator/verifySignature.mts';
import { freshness, parameters, secrets } from '../support/parameterArbitraries.mts';

const rules = fc.constantFrom(...SIGNATURE_SCHEMES);
const signers = fc.record({ appKey: fc.string(), appSecret: secrets, scheme: rules });

type Signer = typeof signers extends fc.Arbitrary<infer Value> ? Value : never;
const signedBody = (own: Parameters, fresh: Freshness, signer: Signer): string =>
	signRequest(encodeParameters(own), fresh, signer).body;

/** The same JSON with the keys of its objects in the order of their bytes, as Go writes a map. */
function inOrder(raw: string): string {
	if (!/^[[{]/.test(raw)) {
		return raw;
	}
	const members = rawChildren(raw).map(([name, value]) => [name, inOrder(value)] as const);
	if (raw.startsWith('[')) {
		return `[${members.map(([, value]) => value).join(',')}]`;
	}
	const sorted = members.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
	return `{${sorted.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

const ordered = (parameters: object): string => inOrder(JSON.stringify(parameters));

test('Every body is verified by code that shares nothing with the signer, for every scheme', () => {
	fc.assert(
		fc.property(parameters, freshness, signers, (own, fresh, signer) => {
			const bodyText = signedBody(own, fresh, signer);
			const { Signature: signature } = JSON.parse(bodyText) as { Signature: string };
			const { appSecret: secret, scheme: rule } = signer;
			expect(verifySignature({ bodyText, signature, secret, rule })).toBe(true);
			expect(verifySignature({ bodyText, signature, secret: `${secret}.`, rule })).toBe(false);
		}),
		{ numRuns: 300 },
	);
});

test('Every body parses back to the parameters, the common ones and a Signature', () => {
	fc.assert(
		fc.property(parameters, freshness, signers, (own, fresh, signer) => {
			const body = JSON.parse(signedBody(own, fresh, signer)) as Parameters;
			expect(body['Signature']).toMatch(/^[A-Za-z0-9+/]{27}=$/);
			const { Signature } = body;
			expect(ordered(body)).toBe(ordered({ ...own, ...fresh, AppKey: signer.appKey, Signature }));
		}),
	);
});

test('Keys within every value of a body are sorted, so that JSON which a server writes anew is the same text', () => {
	fc.assert(
		fc.property(parameters, freshness, signers, (own, fresh, signer) => {
			for (const [, raw] of rawChildren(signedBody(own, fresh, signer))) {
				expect(raw).toBe(inOrder(raw));
			}
		}),
	);
});

test('The fingerprint is the same for the same parameters only', () => {
	fc.assert(
		fc.property(parameters, parameters, (own, other) => {
			const said = ({ Signature: _, ...others }: Parameters) => ordered(others);
			const isSame = said(own) === said(other);
			const copy = JSON.parse(JSON.stringify(own)) as Parameters;
			expect(digestOf(encodeParameters(own))).toMatch(/^[\w-]{22}$/);
			expect(digestOf(encodeParameters(copy))).toBe(digestOf(encodeParameters(own)));
			expect(digestOf(encodeParameters(own)) === digestOf(encodeParameters(other))).toBe(isSame);
		}),
	);
});

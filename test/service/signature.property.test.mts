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
const signedBody = (call: Parameters, fresh: Freshness, signer: Signer): string =>
	signRequest(encodeParameters(call), fresh, signer).body;

/** The same JSON with the keys of each object sorted by bytes, as Go writes a map. */
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

/** The JSON of all parameters that determine the fingerprint. */
function withoutSignature({ Signature: _, ...signed }: Parameters): string {
	return ordered(signed);
}

test('Every body verifies, with every scheme, by code that shares nothing with the signer', () => {
	fc.assert(
		fc.property(parameters, freshness, signers, (call, fresh, signer) => {
			const bodyText = signedBody(call, fresh, signer);
			const { Signature: signature } = JSON.parse(bodyText) as { Signature: string };
			const { appSecret: secret, scheme: rule } = signer;
			expect(verifySignature({ bodyText, signature, secret, rule })).toBe(true);
			expect(verifySignature({ bodyText, signature, secret: `${secret}.`, rule })).toBe(false);
		}),
		{ numRuns: 300 },
	);
});

test('Every body parses to the parameters, the common ones and a Signature', () => {
	fc.assert(
		fc.property(parameters, freshness, signers, (call, fresh, signer) => {
			const body = JSON.parse(signedBody(call, fresh, signer)) as Parameters;
			expect(body['Signature']).toMatch(/^[A-Za-z0-9+/]{27}=$/);
			const { Signature } = body;
			expect(ordered(body)).toBe(ordered({ ...call, ...fresh, AppKey: signer.appKey, Signature }));
		}),
	);
});

test('Keys are sorted at every depth, so a server that parses and rewrites the body signs the same text', () => {
	fc.assert(
		fc.property(parameters, freshness, signers, (call, fresh, signer) => {
			for (const [, raw] of rawChildren(signedBody(call, fresh, signer))) {
				expect(raw).toBe(inOrder(raw));
			}
		}),
	);
});

test('The fingerprint is the same for the same parameters only', () => {
	fc.assert(
		fc.property(parameters, parameters, (call, other) => {
			const isSame = withoutSignature(call) === withoutSignature(other);
			const copy = JSON.parse(JSON.stringify(call)) as Parameters;
			expect(digestOf(encodeParameters(call))).toMatch(/^[\w-]{22}$/);
			expect(digestOf(encodeParameters(copy))).toBe(digestOf(encodeParameters(call)));
			expect(digestOf(encodeParameters(call)) === digestOf(encodeParameters(other))).toBe(isSame);
		}),
	);
});

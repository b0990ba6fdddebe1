import { randomInt } from 'node:crypto';
import { v4 as uuid } from 'uuid';

import {
	encodeParameters,
	hmacSha1,
	textToSign,
	type EncodedParameter,
	type SignatureScheme,
	sortByName,
} from './signature';

/** The nonce is a random positive integer; 2^31 - 1 is the largest signed 32-bit integer. */
const NONCE_LIMIT = 2 ** 31 - 1;

/**
 * Nonces are kept for this many seconds, in case the clock is set back. The service refuses older timestamps anyway: more
 * than five minutes off.
 */
const REMEMBERED_SECONDS = 600;

/** The key and the scheme by which nested values enter the signature. */
interface Signer {
	appKey: string;
	appSecret: string;
	scheme: SignatureScheme;
}

/** What makes a request unique: new for every attempt. */
export interface Freshness {
	RequestId: string;
	/** Unix time in seconds. */
	Timestamp: number;
	/** Random positive integer, never repeated within the same second of a run. */
	Nonce: number;
}

/** One request as it is posted. */
interface SignedRequest {
	/** JSON: the Action, its own parameters and the common ones. */
	body: string;
	/** The value of its member Signature, base64. */
	signature: string;
}

/**
 * Signs one request: the Action and its own parameters, encoded once for all attempts, plus the common ones (product 1465,
 * page 59055). What is signed and what is sent come from the same serialisation.
 */
export function signRequest(
	parameters: readonly EncodedParameter[],
	freshness: Freshness,
	signer: Signer,
): SignedRequest {
	const common = encodeParameters({ ...freshness, AppKey: signer.appKey });
	const encoded = sortByName([...parameters, ...common]);
	const signature = hmacSha1(textToSign(encoded, signer.scheme), signer.appSecret);
	const members = encoded.map(({ name, json }) => `${JSON.stringify(name)}:${json}`);
	return { body: `{${members.join(',')},"Signature":${JSON.stringify(signature)}}`, signature };
}

/** A random integer, `min` included, `max` not. */
type RandomInteger = (min: number, max: number) => number;

/**
 * Returns a source of request identities for one run.
 * @param nowMs wall clock in milliseconds, already corrected for a known clock skew
 */
export function createFreshness(nowMs: () => number, random: RandomInteger = randomInt): () => Freshness {
	const noncesOf = new Map<number, Set<number>>();
	return () => {
		const Timestamp = Math.floor(nowMs() / 1000);
		let used = noncesOf.get(Timestamp);
		if (used === undefined) {
			used = new Set();
			noncesOf.set(Timestamp, used);
			const [oldest = Timestamp] = noncesOf.keys();
			if (noncesOf.size > REMEMBERED_SECONDS) noncesOf.delete(oldest);
		}
		let Nonce = random(1, NONCE_LIMIT);
		while (used.has(Nonce)) Nonce = random(1, NONCE_LIMIT);
		used.add(Nonce);
		return { RequestId: uuid(), Timestamp, Nonce };
	};
}

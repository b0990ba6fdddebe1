import { createHmac, hash } from 'node:crypto';

import { goFmt, isNested, jsonOf, jsString, sortByName } from './nestedText';

/**
 * The signature schemes: how a nested value (an array or object such as DeviceInfos) enters the signed text. Tencent
 * documents none, so every plausible one is offered, in the order of automatic detection:
 * - `json`: the compact JSON exactly as it stands in the body
 * - `goFmt`: `[map[DeviceId:P/D]]`, as a server in Go prints decoded JSON
 * - `scalarsOnly`: nested parameters are left out
 * - `flattened`: `DeviceInfos.0.DeviceId=…`, as Tencent Cloud's older API signing does
 * - `jsString`: `[object Object]`, as Tencent's published JavaScript client code computes
 */
export const SIGNATURE_SCHEMES = ['json', 'goFmt', 'scalarsOnly', 'flattened', 'jsString'] as const;
export type SignatureScheme = (typeof SIGNATURE_SCHEMES)[number];

/** The parameters of one request body. Undefined ones are not sent. */
export type Parameters = Readonly<Record<string, unknown>>;

/**
 * One body parameter with its JSON text, so that the signature and the body come from one serialisation. The keys of nested
 * values are sorted, as a server that rewrites the JSON would sort them.
 */
export interface EncodedParameter {
	name: string;
	value: unknown;
	json: string;
}

/** One `name=text` of the signed text. */
interface Pair {
	name: string;
	text: string;
}

/**
 * The fingerprint of a request's own parameters, the same for every attempt.
 * @returns 22 characters of base64url
 */
export function digestOf(parameters: readonly EncodedParameter[]): string {
	const text = parameters.map(({ name, json }) => `${name}:${json}`).join(',');
	return hash('sha256', text, 'base64url').slice(0, 22);
}

/** Stage 1: every parameter except Signature, sorted by the byte order of its name. */
export function encodeParameters(parameters: Parameters): EncodedParameter[] {
	const encoded: EncodedParameter[] = [];
	for (const name of Object.keys(parameters)) {
		const value = parameters[name];
		if (value === undefined || name === 'Signature') continue;
		encoded.push({ name, value, json: jsonOf(value) });
	}
	return sortByName(encoded);
}

/** Whether the signature of these parameters depends on the scheme. */
export function dependsOnScheme(parameters: readonly EncodedParameter[]): boolean {
	return parameters.some(({ value }) => isNested(value));
}

/** Stage 2: `name=value` with raw values, joined with `&` (product 1465, page 59055). */
export function textToSign(parameters: readonly EncodedParameter[], scheme: SignatureScheme): string {
	const pairs = parameters.flatMap((parameter) => pairsOf(parameter, scheme));
	// Only flattening makes names that were not sorted in stage 1 ("DeviceInfos.10" stands before "DeviceInfos.2").
	if (scheme === 'flattened') sortByName(pairs);
	return pairs.map(({ name, text }) => `${name.replaceAll('_', '.')}=${text}`).join('&');
}

/** Stage 3: `base64(HMAC-SHA1(key = AppSecret, text in UTF-8))`. */
export function hmacSha1(text: string, appSecret: string): string {
	return createHmac('sha1', appSecret).update(text, 'utf8').digest('base64');
}

function pairsOf({ name, value, json }: EncodedParameter, scheme: SignatureScheme): Pair[] {
	if (!isNested(value)) return scalarPairs(name, value);
	switch (scheme) {
		case 'json':
			return [{ name, text: json }];
		case 'goFmt':
			return [{ name, text: goFmt(value) }];
		case 'scalarsOnly':
			return [];
		case 'flattened':
			return leafPairs(name, value);
		case 'jsString':
			return [{ name, text: jsString(value) }];
	}
}

/** Null and the empty string stay in the body but are not signed, as in Tencent's own client code. */
function scalarPairs(name: string, value: unknown): Pair[] {
	return value === null || value === undefined || value === '' ? [] : [{ name, text: String(value) }];
}

function leafPairs(name: string, nested: object): Pair[] {
	return Object.entries(nested).flatMap(([key, value]) =>
		isNested(value) ? leafPairs(`${name}.${key}`, value) : scalarPairs(`${name}.${key}`, value),
	);
}

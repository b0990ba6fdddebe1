import { createHmac, hash, randomInt } from 'node:crypto';
import { v4 as uuid } from 'uuid';

/**
 * The signature schemes: how a nested value (an array or object such as DeviceInfos) enters the signed text. Tencent
 * documents none, so every plausible one is offered, in the order of automatic detection:
 * - `json`: the compact JSON exactly as it is in the body
 * - `goFmt`: `[map[DeviceId:P/D]]`, as a server in Go prints decoded JSON
 * - `scalarsOnly`: nested parameters are left out
 * - `flattened`: `DeviceInfos.0.DeviceId=…`, as Tencent Cloud's older API signing does
 * - `jsString`: `[object Object]`, as Tencent's published JavaScript client code computes
 */
export const SIGNATURE_SCHEMES = ['json', 'goFmt', 'scalarsOnly', 'flattened', 'jsString'] as const;
export type SignatureScheme = (typeof SIGNATURE_SCHEMES)[number];

/** The name of each scheme in the panel. */
export const SIGNATURE_SCHEME_NAMES: Readonly<Record<SignatureScheme, string>> = {
	flattened: 'Flattened',
	goFmt: 'Go Format',
	jsString: 'JavaScript String',
	json: 'JSON Text',
	scalarsOnly: 'Scalars Only',
};

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
	return digestOfText(text, 22);
}

/** Stage 1 of signing: every parameter except Signature, sorted by the byte order of its name. */
export function encodeParameters(parameters: Parameters): EncodedParameter[] {
	const encoded: EncodedParameter[] = [];
	for (const name of Object.keys(parameters)) {
		const value = parameters[name];
		if (value === undefined || name === 'Signature') {
			continue;
		}
		encoded.push({ name, value, json: jsonOf(value) });
	}
	return sortByName(encoded);
}

/** Whether the signature of these parameters depends on the scheme. */
export function dependsOnScheme(parameters: readonly EncodedParameter[]): boolean {
	return parameters.some(({ value }) => isNested(value));
}

/** Stage 2 of signing: `name=value` with raw values, joined with `&` (product 1465, page 59055). */
export function textToSign(parameters: readonly EncodedParameter[], scheme: SignatureScheme): string {
	const pairs = parameters.flatMap((parameter) => pairsOf(parameter, scheme));
	// Only flattening makes names that were not sorted in stage 1 ("DeviceInfos.10" comes before "DeviceInfos.2").
	if (scheme === 'flattened') {
		sortByName(pairs);
	}
	return pairs.map(({ name, text }) => `${name.replaceAll('_', '.')}=${text}`).join('&');
}

/** Stage 3 of signing: `base64(HMAC-SHA1(key = AppSecret, text in UTF-8))`. */
function hmacSha1(text: string, appSecret: string): string {
	return createHmac('sha1', appSecret).update(text, 'utf8').digest('base64');
}

function pairsOf({ name, value, json }: EncodedParameter, scheme: SignatureScheme): Pair[] {
	if (!isNested(value)) {
		return scalarPairs(name, value);
	}
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

/** Whether a JSON value is an array or an object. */
function isNested(value: unknown): value is object {
	return typeof value === 'object' && value !== null;
}

/** Compact JSON with the keys of every object sorted by their bytes. Undefined members are left out, as JSON does. */
function jsonOf(value: unknown): string {
	// The members of a push are in order already, and JSON.stringify is eight times as fast as sorting them.
	if (!isNested(value) || isInOrder(value)) {
		return JSON.stringify(value ?? null);
	}
	if (Array.isArray(value)) {
		return `[${value.map(jsonOf).join(',')}]`;
	}
	return `{${sortedMembers(value)
		.map(({ name, member }) => `${JSON.stringify(name)}:${jsonOf(member)}`)
		.join(',')}}`;
}

/** Whether JSON.stringify would write all keys in their order; also false in cases that are costly to check. */
function isInOrder(nested: object): boolean {
	const names = Array.isArray(nested) ? [] : Object.keys(nested);
	return (
		names.every((name, index) => !SURROGATE.test(name) && name > (names[index - 1] ?? '')) &&
		Object.values(nested).every((member: unknown) => !isNested(member) || isInOrder(member))
	);
}

/** The value as `%v` of Go's fmt prints it after `json.Unmarshal`, e.g. `[map[DeviceId:P/D]]`: keys sorted, numbers as float64. */
function goFmt(value: unknown): string {
	if (value === null || value === undefined) {
		return '<nil>';
	}
	if (typeof value === 'number') {
		return goFloat(value);
	}
	if (!isNested(value)) {
		return String(value);
	}
	if (Array.isArray(value)) {
		return `[${value.map(goFmt).join(' ')}]`;
	}
	return `map[${sortedMembers(value)
		.map(({ name, member }) => `${name}:${goFmt(member)}`)
		.join(' ')}]`;
}

/** The value as a JavaScript template string prints it, even if it has a member called `toString`. */
function jsString(nested: object): string {
	if (!Array.isArray(nested)) {
		return '[object Object]';
	}
	return nested.map((value: unknown) => (isNested(value) ? jsString(value) : value)).join(',');
}

/** The members of an object in the order of their names' bytes, as Go sorts map keys. JavaScript would put names like integers first. */
function sortedMembers(nested: object): Array<{ name: string; member: unknown }> {
	const members = Object.entries(nested).map(([name, member]) => ({ name, member: member as unknown }));
	return sortByName(members.filter(({ member }) => member !== undefined));
}

/** `%v` of a float64 is `%g` with the fewest digits: below 1e-4 and from 1e6 on with an exponent of at least two digits. */
function goFloat(value: number): string {
	const [digits = '', exponent = ''] = value.toExponential().split('e');
	if (Number(exponent) >= -4 && Number(exponent) < 6) {
		return String(value);
	}
	return `${digits}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`;
}

/** Characters beyond U+FFFF, for which JavaScript's order differs from the order of bytes. */
const SURROGATE = /[\uD800-\uDFFF]/;

/** Sorts in place by the bytes of the names in UTF-8. */
function sortByName<Named extends { name: string }>(entries: Named[]): Named[] {
	const hasSurrogate = entries.some(({ name }) => SURROGATE.test(name));
	return entries.sort(
		hasSurrogate
			? (a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))
			: (a, b) => (a.name < b.name ? -1 : 1),
	);
}

/**
 * The SHA-256 of a text as base64url, e.g. `n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg`.
 * @param length of the result in characters of 6 bits each; 43 is the whole digest
 */
export function digestOfText(text: string, length = 43): string {
	return hash('sha256', text, 'base64url').slice(0, length);
}

/** The largest nonce: that of a signed 32-bit integer. */
const NONCE_LIMIT = 2 ** 31 - 1;

/** What makes a request unique: new for every attempt. */
export interface Freshness {
	RequestId: string;
	/** Unix time in seconds. */
	Timestamp: number;
	/** Positive integer, never repeated within a run. */
	Nonce: number;
}

/**
 * Signs one request: the Action and its own parameters, encoded once for all attempts, plus the common ones (product 1465,
 * page 59055). What is signed and what is sent come from the same serialisation.
 * @returns the JSON that is posted, and the value of its member Signature, base64
 */
export function signRequest(
	parameters: readonly EncodedParameter[],
	freshness: Freshness,
	{ appKey, appSecret, scheme }: Omit<Account, 'endpoint'> & { scheme: SignatureScheme },
): { body: string; signature: string } {
	const commonParameters = encodeParameters({ ...freshness, AppKey: appKey });
	const encoded = sortByName([...parameters, ...commonParameters]);
	const signature = hmacSha1(textToSign(encoded, scheme), appSecret);
	const members = encoded.map(({ name, json }) => `${JSON.stringify(name)}:${json}`);
	return { body: `{${members.join(',')},"Signature":${JSON.stringify(signature)}}`, signature };
}

/**
 * The key of the digests that n8n stores. Without the App Secret in it, a phone number could be found from its digest in seconds.
 * @returns HMAC-SHA256 as base64url, the same for all runs of an account
 */
export function accountKey({ endpoint, appKey, appSecret }: Account): string {
	return createHmac('sha256', appSecret).update(`${endpoint.href} ${appKey}`).digest('base64url');
}

/** An application at Tencent, and the endpoint that knows it. */
export interface Account {
	/** An https address without login, query and fragment; plain http for this machine only. */
	endpoint: URL;
	appKey: string;
	appSecret: string;
}

/**
 * Returns a source of request identities for one run. Nonces count up from a random one, so none is used twice.
 * @param nowMs wall clock in milliseconds, already corrected for a known clock skew
 */
export function createFreshness(
	nowMs: () => number,
	nonceBeforeFirst = randomInt(NONCE_LIMIT),
): () => Freshness {
	let nonce = nonceBeforeFirst;
	return () => {
		// After the largest nonce comes 1.
		nonce = 1 + (nonce % NONCE_LIMIT);
		return { RequestId: uuid(), Timestamp: Math.floor(nowMs() / 1000), Nonce: nonce };
	};
}

import { createHmac, hash } from 'node:crypto';

/**
 * How a nested value (an array or object such as DeviceInfos) enters the text that is signed. Tencent documents none,
 * so every plausible rule is offered, in the order in which automatic detection tries them:
 * - `json`: the compact JSON exactly as it stands in the body
 * - `flattened`: `DeviceInfos.0.DeviceId=…`, as Tencent Cloud's older API signing does
 * - `scalarsOnly`: nested parameters are left out
 * - `jsString`: `[object Object]`, as Tencent's published JavaScript client code computes
 */
export const NESTED_RULES = ['json', 'flattened', 'scalarsOnly', 'jsString'] as const;
export type NestedRule = (typeof NESTED_RULES)[number];

/** The parameters of one request body. Undefined ones are not sent. */
export type Parameters = Readonly<Record<string, unknown>>;

/** One body parameter with its JSON text, so that what is signed and what is sent come from one serialisation. */
export interface EncodedParameter {
	name: string;
	value: unknown;
	json: string;
}

/** One `name=text` of what is signed. */
interface Pair {
	name: string;
	text: string;
}

const SURROGATE = /[\uD800-\uDFFF]/;

/**
 * A fingerprint of what a request says, without what makes each attempt unique.
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
		encoded.push({ name, value, json: JSON.stringify(value) });
	}
	return sortByName(encoded);
}

/** Sorts in place by the bytes of the names. JavaScript's own order differs only where one goes beyond U+FFFF. */
export function sortByName<Named extends { name: string }>(entries: Named[]): Named[] {
	const isBeyond = entries.some(({ name }) => SURROGATE.test(name));
	return entries.sort(
		isBeyond
			? (a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))
			: (a, b) => (a.name < b.name ? -1 : 1),
	);
}

/** Stage 2: `name=value` with raw values, joined with `&` (product 1465, page 59055). */
export function textToSign(parameters: readonly EncodedParameter[], nestedRule: NestedRule): string {
	const pairs: Pair[] = [];
	for (const { name, value, json } of parameters) {
		if (!isNested(value)) addScalar(pairs, name, value);
		else if (nestedRule === 'json') pairs.push({ name, text: json });
		else if (nestedRule === 'jsString') pairs.push({ name, text: jsString(value) });
		else if (nestedRule === 'flattened') addLeaves(pairs, name, value);
	}
	// Only flattening makes names that were not sorted in stage 1 ("DeviceInfos.10" stands before "DeviceInfos.2").
	if (nestedRule === 'flattened') sortByName(pairs);
	return pairs.map(({ name, text }) => `${name.replaceAll('_', '.')}=${text}`).join('&');
}

/** Stage 3: `base64(HMAC-SHA1(key = AppSecret, text in UTF-8))`. */
export function hmacSha1(text: string, appSecret: string): string {
	return createHmac('sha1', appSecret).update(text, 'utf8').digest('base64');
}

function isNested(value: unknown): value is object {
	return typeof value === 'object' && value !== null;
}

/** Null and the empty string stay in the body but are not signed, as Tencent's own client code does. */
function addScalar(pairs: Pair[], name: string, value: unknown): void {
	if (value !== null && value !== undefined && value !== '') pairs.push({ name, text: String(value) });
}

function addLeaves(pairs: Pair[], name: string, nested: object): void {
	for (const [key, value] of Object.entries(nested)) {
		if (isNested(value)) addLeaves(pairs, `${name}.${key}`, value);
		else addScalar(pairs, `${name}.${key}`, value);
	}
}

/** What JavaScript makes of a nested value within text, also where it has a member called `toString`. */
function jsString(nested: object): string {
	if (!Array.isArray(nested)) return '[object Object]';
	return nested.map((value: unknown) => (isNested(value) ? jsString(value) : value)).join(',');
}

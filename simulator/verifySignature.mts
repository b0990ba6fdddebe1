import { createHmac, timingSafeEqual } from 'node:crypto';
import { rawChildren } from './rawJson.mts';

/**
 * How a nested value (array or object) enters the text to sign; the service documents none of them.
 *
 * - `json`: `name=` and the value's text exactly as in the body
 * - `goFmt`: `name=` and the decoded value as Go's `fmt` prints it with `%v`
 * - `scalarsOnly`: nested values are not signed
 * - `flattened`: one `name.0.field=value` per leaf, sorted among all the other parameters
 * - `jsString`: `name=` and the value as a JavaScript template string converts it
 */
export type SignatureScheme = (typeof signatureSchemes)[number];

export const signatureSchemes = ['json', 'goFmt', 'scalarsOnly', 'flattened', 'jsString'] as const;

/** The input of a signature check. */
export interface SignatureCheck {
	/** The body as it was received; it must be a valid JSON object. */
	readonly bodyText: string;
	/** The value of the body's `Signature`, in base64. */
	readonly signature: string;
	readonly secret: string;
	readonly rule: SignatureScheme;
}

/** Whether the signature is that of the body; compares in constant time. */
export function verifySignature({ bodyText, signature, secret, rule }: SignatureCheck): boolean {
	const expected = Buffer.from(signatureOf(textToSign(bodyText, rule), secret));
	const actual = Buffer.from(signature);
	return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** base64(HMAC-SHA1(secret, text in UTF-8)). */
export function signatureOf(text: string, secret: string): string {
	return createHmac('sha1', secret).update(text, 'utf8').digest('base64');
}

/**
 * The text the signature covers: every parameter of the body but `Signature`, sorted by the bytes of its name,
 * as `name=value` joined with `&`. Underscores in names become dots after sorting, because the documentation
 * sorts first. Parameters that are null or the empty string are left out.
 *
 * @throws RangeError when `goFmt`, `flattened` or `jsString` meets a value nested too deeply for the stack
 * @throws TypeError when `jsString` meets an object that JavaScript cannot convert to a string
 */
export function textToSign(bodyText: string, rule: SignatureScheme): string {
	// In a Map, the last member of the same name wins, as in JSON.parse.
	const members = new Map(rawChildren(bodyText));
	members.delete('Signature');
	return [...members]
		.flatMap(([name, raw]) => signedParameters(name, raw, rule))
		.sort((a, b) => (a.nameBytes < b.nameBytes ? -1 : 1))
		.map(({ name, value }) => `${name.replaceAll('_', '.')}=${value}`)
		.join('&');
}

interface SignedParameter {
	readonly name: string;
	readonly nameBytes: string;
	readonly value: string;
}

/** The text with one character per UTF-8 byte, so that comparing strings compares bytes. */
function bytesOf(text: string): string {
	return Buffer.from(text).toString('latin1');
}

function signedParameters(name: string, raw: string, rule: SignatureScheme): SignedParameter[] {
	const signed = (value: string) => ({ name, nameBytes: bytesOf(name), value });
	if (!raw.startsWith('{') && !raw.startsWith('[')) {
		const value = scalarText(raw);
		return value === '' ? [] : [signed(value)];
	}
	switch (rule) {
		case 'json':
			return [signed(raw)];
		case 'goFmt':
			return [signed(goText(raw))];
		case 'scalarsOnly':
			return [];
		case 'flattened':
			return rawChildren(raw).flatMap(([child, childRaw]) =>
				signedParameters(`${name}.${child}`, childRaw, rule),
			);
		case 'jsString':
			return [signed(String(JSON.parse(raw)))];
	}
}

function scalarText(raw: string): string {
	if (raw === 'null') {
		return '';
	}
	return raw.startsWith('"') ? (JSON.parse(raw) as string) : raw;
}

/** How Go's `%v` prints a value decoded by encoding/json: map[string]any, []any, float64 and so on. */
function goText(raw: string): string {
	if (raw === 'null') {
		return '<nil>';
	}
	if (raw === 'true' || raw === 'false') {
		return raw;
	}
	if (raw.startsWith('"')) {
		return JSON.parse(raw) as string;
	}
	if (!raw.startsWith('{') && !raw.startsWith('[')) {
		return goNumber(Number(raw));
	}
	if (raw.startsWith('[')) {
		return `[${rawChildren(raw)
			.map(([, element]) => goText(element))
			.join(' ')}]`;
	}
	const members = [...new Map(rawChildren(raw))].map(([name, member]) => ({ name, text: goText(member) }));
	members.sort((a, b) => (bytesOf(a.name) < bytesOf(b.name) ? -1 : 1));
	return `map[${members.map(({ name, text }) => `${name}:${text}`).join(' ')}]`;
}

/** Go's `%g` with the shortest exact digits: with an exponent below 1e-4 and from 1e6 on. */
function goNumber(value: number): string {
	const magnitude = Math.abs(value);
	if (magnitude === 0) {
		return Object.is(value, -0) ? '-0' : '0';
	}
	if (magnitude >= 1e-4 && magnitude < 1e6) {
		return String(value);
	}
	return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

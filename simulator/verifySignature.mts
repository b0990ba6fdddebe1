import { createHmac, timingSafeEqual } from 'node:crypto';
import { rawChildren } from './rawJson.mts';

/**
 * How a nested value (array or object) enters the text to sign; the service documents none of them.
 *
 * - `json`: `name=` and the value's text exactly as it stands in the body
 * - `goFmt`: `name=` and what Go's `fmt` makes of the decoded value by `%v`
 * - `scalarsOnly`: nested values are not signed
 * - `flattened`: one `name.0.field=value` per leaf, sorted among all the other parameters
 * - `jsString`: `name=` and what a JavaScript template string makes of the value
 */
export type SignatureScheme = (typeof signatureSchemes)[number];

export const signatureSchemes = ['json', 'goFmt', 'scalarsOnly', 'flattened', 'jsString'] as const;

/** What the signature of a request is checked against. */
export interface SignatureCheck {
	/** The body as it was received; it must be a valid JSON object. */
	readonly bodyText: string;
	/** The value of the body's `Signature`, in base64. */
	readonly signature: string;
	readonly secret: string;
	readonly rule: SignatureScheme;
}

/** Whether the signature belongs to the body; takes the same time wherever the two differ. */
export function verifySignature({ bodyText, signature, secret, rule }: SignatureCheck): boolean {
	const expected = Buffer.from(signatureOf(textToSign(bodyText, rule), secret));
	const given = Buffer.from(signature);
	return given.length === expected.length && timingSafeEqual(given, expected);
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
 * @throws RangeError when `goFmt`, `flattened` or `jsString` meets a value nested too deep for the stack
 * @throws TypeError when `jsString` meets an object JavaScript cannot make a string of
 */
export function textToSign(bodyText: string, rule: SignatureScheme): string {
	// In a Map the last of two members with one name wins, as it does in JSON.parse.
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

/** The text with one character per UTF-8 byte: comparing two of these compares bytes. */
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

/** What `%v` prints of what Go's encoding/json makes of a value: map[string]any, []any, float64 and the like. */
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

/** `%g` with as few digits as tell the number: with an exponent where it is below 1e-4 or not below 1e6. */
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

import { createHmac, timingSafeEqual } from 'node:crypto';
import { rawChildren } from './rawJson.mts';

/**
 * How a nested value (array or object) enters the text to sign; the service documents none of them.
 *
 * - `json`: `name=` and the value's text exactly as it stands in the body
 * - `flattened`: one `name.0.field=value` per leaf, sorted among all the other parameters
 * - `scalarsOnly`: nested values are not signed
 * - `jsString`: `name=` and what a JavaScript template string makes of the value
 */
export type NestedRule = (typeof nestedRules)[number];

export const nestedRules = ['json', 'flattened', 'scalarsOnly', 'jsString'] as const;

/** What the signature of a request is checked against. */
export interface SignatureCheck {
	/** The body as it was received; it must be a valid JSON object. */
	readonly bodyText: string;
	/** The value of the body's `Signature`, in base64. */
	readonly signature: string;
	readonly secret: string;
	readonly rule: NestedRule;
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
 * @throws RangeError when `flattened` or `jsString` meets a value nested too deep for the stack
 * @throws TypeError when `jsString` meets an object JavaScript cannot make a string of
 */
export function textToSign(bodyText: string, rule: NestedRule): string {
	// In a Map the last of two members with one name wins, as it does in JSON.parse.
	const members = new Map(rawChildren(bodyText));
	members.delete('Signature');
	return [...members]
		.flatMap(([name, raw]) => signedParameters(name, raw, rule))
		.sort((one, other) => (one.nameBytes < other.nameBytes ? -1 : 1))
		.map(({ name, value }) => `${name.replaceAll('_', '.')}=${value}`)
		.join('&');
}

interface SignedParameter {
	readonly name: string;
	/** The name with one character per UTF-8 byte: comparing two of these compares bytes. */
	readonly nameBytes: string;
	readonly value: string;
}

function signedParameters(name: string, raw: string, rule: NestedRule): SignedParameter[] {
	const signed = (value: string) => ({ name, nameBytes: Buffer.from(name).toString('latin1'), value });
	if (!raw.startsWith('{') && !raw.startsWith('[')) {
		const value = scalarText(raw);
		return value === '' ? [] : [signed(value)];
	}
	switch (rule) {
		case 'json':
			return [signed(raw)];
		case 'flattened':
			return rawChildren(raw).flatMap(([child, childRaw]) =>
				signedParameters(`${name}.${child}`, childRaw, rule),
			);
		case 'scalarsOnly':
			return [];
		case 'jsString':
			return [signed(String(JSON.parse(raw)))];
	}
}

function scalarText(raw: string): string {
	if (raw === 'null') return '';
	return raw.startsWith('"') ? (JSON.parse(raw) as string) : raw;
}

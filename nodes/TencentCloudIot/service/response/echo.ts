/** A letter, digit or sign of base64 as JSON and URLs escape it, also several times over. Bounded, to stay linear. */
const ESCAPED = /(?:\\{1,8}u00|%(?:25){0,3})([2-7][\da-f])|\\{1,8}\//gi;

/**
 * A text of the service with `…` in the place of the request's own signature, however it is escaped. Whoever gets hold of
 * a signature that was not used yet can send the request.
 */
export function withoutSignature(text: string, signature: string): string {
	const [longest = ''] = signature.split(/[+/=]/).sort((one, other) => other.length - one.length);
	// Nearly every text is done with here. Where letters themselves are escaped, no part of it stands there.
	if (!text.includes(longest) && !/u00|%/i.test(text)) return text;
	const plain = text.replace(ESCAPED, (escaped, code?: string) => {
		const sign = code === undefined ? '/' : String.fromCharCode(parseInt(code, 16));
		return /[\w+/=]/.test(sign) ? sign : escaped;
	});
	// A form that is sent by a page has blanks for its plus signs; some programs leave the padding out.
	const forms = [signature, signature.replace(/=$/, '')].flatMap((form) => [form, form.replaceAll('+', ' ')]);
	if (!forms.some((form) => plain.includes(form))) return text;
	return forms.reduce((left, form) => left.replaceAll(form, '…'), plain);
}

/** JSON in JSON, and a URL in a URL, escape what escapes: so often at most. */
const MOST_LEVELS = 3;

/**
 * A text of the service with `…` in the place of the request's own signature, however it is escaped. Whoever gets hold of
 * a signature that was not used yet can send the request.
 */
export function withoutSignature(text: string, signature: string): string {
	const [longest = ''] = signature.split(/[+/=]/).sort((one, other) => other.length - one.length);
	// Nearly every text is done with here. Where letters themselves are escaped, no part of it stands there.
	if (!text.includes(longest) && !text.includes('%') && !text.includes('u00')) return text;
	const plain = unescaped(text);
	// A form that is sent by a page has blanks for its plus signs; some programs leave the padding out.
	const forms = [signature, signature.replace(/=$/, '')].flatMap((form) => [form, form.replaceAll('+', ' ')]);
	if (!forms.some((form) => plain.includes(form))) return text;
	return forms.reduce((left, form) => left.replaceAll(form, '…'), plain);
}

/** The text with the letters, digits and signs of base64 as they are: `\/`, `\\u002b` and `%252B` stand for one each. */
function unescaped(text: string): string {
	// Character by character: with an expression the worst of texts would take a fifth of a second.
	const plain = new Uint16Array(text.length);
	let length = 0;
	for (let at = 0; at < text.length; at++) {
		const sign = text[at];
		const end = sign === '\\' ? endOfBackslashes(text, at) : sign === '%' ? endOfPercent(text, at) : at;
		const code = end === at ? NaN : text[end] === '/' ? SLASH : parseInt(text.slice(end, end + 2), 16);
		if (isOfBase64(code)) {
			plain[length++] = code;
			at = code === SLASH && text[end] === '/' ? end : end + 1;
		} else plain[length++] = text.charCodeAt(at);
	}
	return Buffer.from(plain.buffer, 0, 2 * length).toString('utf16le');
}

const SLASH = '/'.charCodeAt(0);

/** Where the slash or the two digits stand that backslashes escape; `start` where they escape something else. */
function endOfBackslashes(text: string, start: number): number {
	let at = start + 1;
	while (text[at] === '\\' && at - start < 2 ** MOST_LEVELS) at++;
	if (text[at] === '/') return at;
	return text.startsWith('u00', at) || text.startsWith('U00', at) ? at + 3 : start;
}

function endOfPercent(text: string, start: number): number {
	let at = start + 1;
	for (let level = 1; level < MOST_LEVELS && text.startsWith('25', at); level++) at += 2;
	return at;
}

function isOfBase64(code: number): boolean {
	return code >= 0 && /[\w+/=]/.test(String.fromCharCode(code));
}

/** Characters of a server's text that a message or a log line shows. */
const MESSAGE_LIMIT = 300;
/** Control, direction, private and invisible characters. */
const UNSAFE_CHARACTERS = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;

/** Server text for messages and logs: without unsafe characters, at most 300 characters. */
export function sanitizeServerText(text: unknown): string {
	if (typeof text !== 'string') {
		return '';
	}
	return cleanServerText(text.trim(), MESSAGE_LIMIT).trim();
}

/** Server text without control, direction and invisible characters, cut to `limit` characters. */
export function cleanServerText(text: string, limit: number): string {
	// Only the beginning is searched, because the text may have megabytes. It is longer than the limit, since cleaning shortens it.
	const beginning = text.length <= 4 * limit ? text : beginningOf(text, 4 * limit);
	const clean = beginning.replace(UNSAFE_CHARACTERS, ' ');
	if (clean.length <= limit) {
		return clean;
	}
	// Removes half a character that the cut may leave.
	return `${clean.slice(0, limit - 1).replace(/\p{Cs}$/u, '')}…`;
}

/** A copy: a slice would keep the whole text, perhaps megabytes, in memory. */
function beginningOf(text: string, length: number): string {
	return Buffer.from(text.slice(0, length), 'utf16le').toString('utf16le');
}

/** Escapes are resolved up to this depth, e.g. JSON within JSON or a URL within a URL. */
const MOST_LEVELS = 3;

/**
 * Server text with `…` in place of the request's own signature, however it is escaped. An unused signature would let others
 * send the request.
 */
export function withoutSignature(text: string, signature: string): string {
	// Nearly every text returns here: it has no part of the signature, and no escape that could hide one.
	const [letters = ''] = /\w{6,}/.exec(signature) ?? [];
	if (!text.includes(letters) && !text.includes('%') && !text.includes('u00')) {
		return text;
	}
	const unescapedText = unescaped(text);
	// Form encoding turns plus signs into blanks; some programs omit the padding.
	const signatureForms = [signature, signature.replace(/=$/, '')].flatMap((form) => [
		form,
		form.replaceAll('+', ' '),
	]);
	if (!signatureForms.some((form) => unescapedText.includes(form))) {
		return text;
	}
	return signatureForms.reduce((cleaned, form) => cleaned.replaceAll(form, '…'), unescapedText);
}

/** The form of every signature, base64 of 20 bytes, including its form in a URL. */
const ANY_SIGNATURE = /(?:[\w+/-]|%2[BF]){27}(?:=|%3D)/gi;

/** A message without signatures, such as the one that the service expected: it would be valid for the refused request. */
export function withoutAnySignature(message: string): string {
	return message.replace(ANY_SIGNATURE, '…');
}

/** The text with base64 characters unescaped: `\/`, `\\u002b` and `%252B` are one character each. */
function unescaped(text: string): string {
	// Character by character: the worst text would take a regular expression a fifth of a second.
	const codes = new Uint16Array(text.length);
	let length = 0;
	for (let at = 0; at < text.length; at++) {
		const escape = escapeAt(text, at);
		if (escape !== undefined && /[\w+/=]/.test(String.fromCharCode(escape.code))) {
			codes[length] = escape.code;
			at = escape.lastAt;
		} else {
			codes[length] = text.charCodeAt(at);
		}
		length++;
	}
	return Buffer.from(codes.buffer, 0, 2 * length).toString('utf16le');
}

const SLASH = '/'.charCodeAt(0);

/** The character whose escape starts at a position, and where the escape ends; undefined if there is none. */
function escapeAt(text: string, at: number): { code: number; lastAt: number } | undefined {
	let escapedAt = at;
	if (text[at] === '\\') {
		escapedAt = afterBackslashes(text, at);
	} else if (text[at] === '%') {
		escapedAt = afterPercent(text, at);
	}
	if (escapedAt === at) {
		return undefined;
	}
	return text[escapedAt] === '/'
		? { code: SLASH, lastAt: escapedAt }
		: { code: parseInt(text.slice(escapedAt, escapedAt + 2), 16), lastAt: escapedAt + 1 };
}

/** The position of what backslashes escape: a slash, or the two hex digits after `u00`. It is `start` if they escape anything else. */
function afterBackslashes(text: string, start: number): number {
	let at = start + 1;
	while (text[at] === '\\' && at - start < 2 ** MOST_LEVELS) {
		at++;
	}
	if (text[at] === '/') {
		return at;
	}
	return text.startsWith('u00', at) || text.startsWith('U00', at) ? at + 3 : start;
}

/** The position of the two hex digits after a percent sign, which may itself be escaped, as in `%252B`. */
function afterPercent(text: string, start: number): number {
	let at = start + 1;
	for (let level = 1; level < MOST_LEVELS && text.startsWith('25', at); level++) {
		at += 2;
	}
	return at;
}

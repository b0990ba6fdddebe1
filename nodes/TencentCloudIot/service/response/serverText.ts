const MESSAGE_LIMIT = 300;
/** Control, direction, private and invisible characters. */
const UNSAFE_CHARACTERS = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;

/** Server text for messages and logs: without unsafe characters, at most 300 characters. */
export function sanitizeServerText(text: unknown): string {
	if (typeof text !== 'string') return '';
	return cleanServerText(text.trim(), MESSAGE_LIMIT).trim();
}

/** Server text without control, direction and invisible characters, cut to `limit` characters. */
export function cleanServerText(text: string, limit: number): string {
	const begun = text.length <= 4 * limit ? text : beginningOf(text, 4 * limit);
	const clean = begun.replace(UNSAFE_CHARACTERS, ' ');
	if (clean.length <= limit) return clean;
	// The cut may leave half a character.
	return `${clean.slice(0, limit - 1).replace(/\p{Cs}$/u, '')}…`;
}

/** A copy: a slice would keep the whole text, perhaps megabytes, in memory. */
function beginningOf(text: string, length: number): string {
	return Buffer.from(text.slice(0, length), 'utf16le').toString('utf16le');
}

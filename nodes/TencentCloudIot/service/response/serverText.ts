const MESSAGE_LIMIT = 300;
/** Control, direction, private and invisible characters. */
const UNSAFE_CHARACTERS = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;

/** Text of the server as part of a message to show and to log: clean, and 300 characters at most. */
export function sanitizeServerText(text: unknown): string {
	if (typeof text !== 'string') return '';
	return cleanServerText(beginningOf(text.trim(), 4 * MESSAGE_LIMIT), MESSAGE_LIMIT).trim();
}

/** Text of the server without control, direction and invisible characters, cut where it is longer than `limit` characters. */
export function cleanServerText(text: string, limit: number): string {
	const begun = text.length <= 4 * limit ? text : beginningOf(text, 4 * limit);
	const clean = begun.replace(UNSAFE_CHARACTERS, ' ');
	if (clean.length <= limit) return clean;
	// Half of a character may be left at the cut.
	return `${clean.slice(0, limit - 1).replace(/\p{Cs}$/u, '')}…`;
}

/** A part of a text keeps the whole of it in memory, which may be megabytes: the beginning as a text of its own. */
function beginningOf(text: string, length: number): string {
	return Buffer.from(text.slice(0, length), 'utf16le').toString('utf16le');
}

const MESSAGE_LIMIT = 300;
/** Control, direction, private and invisible characters. */
const UNSAFE_CHARACTERS = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]+/gu;

/** Text of the server as part of a message to show and to log: clean, and 300 characters at most. */
export function sanitizeServerText(text: unknown): string {
	return typeof text === 'string' ? cleanServerText(text, MESSAGE_LIMIT).trim() : '';
}

/** Text of the server without control, direction and invisible characters, cut where it is longer than `limit` characters. */
export function cleanServerText(text: string, limit: number): string {
	const clean = text.slice(0, 4 * limit).replace(UNSAFE_CHARACTERS, ' ');
	if (clean.length <= limit) return clean;
	// Half of a character may be left at the cut.
	return `${clean.slice(0, limit - 1).replace(/\p{Cs}$/u, '')}…`;
}

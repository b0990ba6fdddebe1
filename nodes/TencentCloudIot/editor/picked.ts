import { cleanServerText } from '../service/response/serverText';
import { shownText } from '../shown';

/** The most characters of a name that are shown. */
const LONGEST_NAME = 100;

/**
 * What a user may pick as a value, or undefined. n8n stores it, and evaluates from then on what begins with an equals sign.
 * A cleaned text would be another value, and the list would show both alike.
 */
export function pickedValue(value: unknown): string | undefined {
	const text = typeof value === 'number' ? String(value) : value;
	if (typeof text !== 'string' || text === '' || text.startsWith('=')) return undefined;
	return cleanServerText(text, text.length).trim() === text ? text : undefined;
}

/** The name of what can be picked. n8n stores and evaluates it like the value. */
export function pickedName(name: unknown, value: string): string {
	const text = typeof name === 'string' ? cleanServerText(name, LONGEST_NAME) : '';
	return shownText(text.trim().replace(/^[=\s]+/, '') || value);
}

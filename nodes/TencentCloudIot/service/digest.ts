import { hash } from 'node:crypto';

/**
 * The SHA-256 of a text as base64url, e.g. `n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg`.
 * @param length of the result in characters of 6 bits each; 43 are all of it
 */
export function digestOfText(text: string, length = 43): string {
	return hash('sha256', text, 'base64url').slice(0, length);
}

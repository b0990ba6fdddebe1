/** What the user gave cannot be used. The message is the one sentence that says what and how to go on. */
export class InputError extends Error {
	override readonly name = 'InputError';
}

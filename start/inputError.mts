/** What the user gave cannot be used. The message is one sentence: the problem and what to do. */
export class InputError extends Error {
	override readonly name = 'InputError';
}

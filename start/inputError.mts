/** Unusable input from the user. The message is one sentence: the problem and what to do. */
export class InputError extends Error {
	override readonly name = 'InputError';
}

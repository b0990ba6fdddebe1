/** Freezes a value and everything in it, so that writing to it throws. */
export function deepFreeze<T>(value: T): T {
	if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
		Object.freeze(value);
		for (const member of Object.values(value)) {
			deepFreeze(member);
		}
	}
	return value;
}

/** A row of the table. */
export interface Figures {
	readonly setting: string;
	/** How often it was tried, and how often all was right in time. */
	readonly tried: number;
	readonly right: number;
	/** How long it took at most until all was right, milliseconds. */
	readonly longestMs: number;
}

/** @param rightMs how long it took each time until all was right; Infinity when it was not right in time */
export function figuresOf(setting: string, rightMs: readonly number[]): Figures {
	const right = rightMs.filter((ms) => ms < Infinity);
	return { setting, tried: rightMs.length, right: right.length, longestMs: Math.max(0, ...right) };
}

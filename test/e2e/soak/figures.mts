/** A row of the printed table. */
export interface Figures {
	readonly setting: string;
	/** How often it was tried, and how often everything was in sync in time. */
	readonly tried: number;
	readonly right: number;
	/** The longest time until everything was in sync, milliseconds. */
	readonly longestMs: number;
}

/** @param rightMs how long it took each time until everything was in sync; Infinity if it took too long */
export function figuresOf(setting: string, rightMs: readonly number[]): Figures {
	const right = rightMs.filter((ms) => ms < Infinity);
	return { setting, tried: rightMs.length, right: right.length, longestMs: Math.max(0, ...right) };
}

/** A number with its noun: "1 row", "2 rows". */
export function counted(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The verb for a number of things: "1 row is", "2 rows are". */
export function areOf(count: number): string {
	return count === 1 ? 'is' : 'are';
}

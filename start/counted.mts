/** A number with its noun: "1 row", "2 rows". */
export function counted(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The most ids or row numbers that a sentence names. */
const MOST_NAMED = 10;

/** The first of a list, and how many more there are: "A1, B2 and 7 more". */
export function firstOf(things: ReadonlyArray<string | number>): string {
	const named = things.slice(0, MOST_NAMED).join(', ');
	return things.length > MOST_NAMED ? `${named} and ${things.length - MOST_NAMED} more` : named;
}

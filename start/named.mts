/** The most ids or row numbers that a sentence names. */
const MOST_NAMED = 10;

/** The first things of a list, and how many more there are: "A1, B2 and 7 more". */
export function named(things: ReadonlyArray<string | number>): string {
	const more = things.length > MOST_NAMED ? ` and ${things.length - MOST_NAMED} more` : '';
	return things.slice(0, MOST_NAMED).join(', ') + more;
}

/** A sentence for each list that is not empty: "Failed: A1, B2." */
export function namedIn(
	...lists: ReadonlyArray<readonly [what: string, things: ReadonlyArray<string | number>]>
): string[] {
	return lists.flatMap(([what, things]) => (things.length === 0 ? [] : [`${what}: ${named(things)}.`]));
}

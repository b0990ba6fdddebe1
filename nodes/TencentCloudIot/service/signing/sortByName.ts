/** What names are made of beyond U+FFFF, whose order by bytes is not that of JavaScript. */
export const SURROGATE = /[\uD800-\uDFFF]/;

/** Sorts in place by the bytes of the names. JavaScript's own order differs only where one goes beyond U+FFFF. */
export function sortByName<Named extends { name: string }>(entries: Named[]): Named[] {
	const isBeyond = entries.some(({ name }) => SURROGATE.test(name));
	return entries.sort(
		isBeyond
			? (a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))
			: (a, b) => (a.name < b.name ? -1 : 1),
	);
}

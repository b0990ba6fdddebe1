/** Characters beyond U+FFFF, for which JavaScript's order differs from the order of bytes. */
export const SURROGATE = /[\uD800-\uDFFF]/;

/** Sorts in place by the bytes of the names in UTF-8. */
export function sortByName<Named extends { name: string }>(entries: Named[]): Named[] {
	const isBeyond = entries.some(({ name }) => SURROGATE.test(name));
	return entries.sort(
		isBeyond
			? (a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))
			: (a, b) => (a.name < b.name ? -1 : 1),
	);
}

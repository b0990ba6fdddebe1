type Flat = string | number | boolean | null | Flat[] | { [key: string]: Flat };

/**
 * Parses the format in which n8n stores and sends execution data (flatted): a JSON array in which strings inside lists and
 * objects are indexes into the array, so that shared and circular parts need no copies.
 */
export function parseFlatted(text: string): unknown {
	const entries = JSON.parse(text) as Flat[];
	const read = new Map<string, unknown>();
	const valueOf = (entry: Flat): unknown => (typeof entry === 'string' ? entryAt(entry) : entry);
	const entryAt = (index: string): unknown => {
		if (read.has(index)) {
			return read.get(index);
		}
		const entry = entries[Number(index)];
		if (typeof entry !== 'object' || entry === null) {
			return entry;
		}
		const copy: unknown[] | Record<string, unknown> = Array.isArray(entry) ? [] : {};
		// Registered before its members are read: one of them may refer back to it.
		read.set(index, copy);
		for (const [key, member] of Object.entries(entry)) {
			(copy as Record<string, unknown>)[key] = valueOf(member);
		}
		return copy;
	};
	return entryAt('0');
}

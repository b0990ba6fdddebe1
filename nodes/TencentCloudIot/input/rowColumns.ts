/** The most columns of a row that are looked at: as many as a sheet of Excel can have. */
export const MOST_COLUMNS = 16_384;

/** The first columns of rows that have more than `MOST_COLUMNS`. Weak, so that an entry is freed with its row. */
const firstColumns = new WeakMap<object, readonly string[]>();

/**
 * The columns of a row, or its first `MOST_COLUMNS`. JavaScript can only list all columns at once, and a million of them block the event
 * loop for some 0.4 s (half as long as n8n took to read them). So the list of such a row is kept.
 */
export function columnsOfRow(row: object): readonly string[] {
	const listed = firstColumns.get(row);
	if (listed !== undefined) {
		return listed;
	}
	const columns = Object.keys(row);
	if (columns.length <= MOST_COLUMNS) {
		return columns;
	}
	const first = columns.slice(0, MOST_COLUMNS);
	firstColumns.set(row, first);
	return first;
}

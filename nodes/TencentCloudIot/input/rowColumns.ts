/** The most columns that the node reads from a row: as many as an Excel sheet can have. */
export const MOST_COLUMNS = 16_384;

/** The first columns of rows that have more than `MOST_COLUMNS`. Weak, so that an entry is freed with its row. */
const firstColumnsByRow = new WeakMap<object, readonly string[]>();

/**
 * The columns of a row, or its first `MOST_COLUMNS`. JavaScript can only list all columns at once, and a million of them block the event
 * loop for some 0.4 s (half as long as n8n took to read them). So the list of such a row is kept.
 */
export function columnsOfRow(row: object): readonly string[] {
	const keptColumns = firstColumnsByRow.get(row);
	if (keptColumns !== undefined) {
		return keptColumns;
	}
	const columns = Object.keys(row);
	if (columns.length <= MOST_COLUMNS) {
		return columns;
	}
	const firstColumns = columns.slice(0, MOST_COLUMNS);
	firstColumnsByRow.set(row, firstColumns);
	return firstColumns;
}

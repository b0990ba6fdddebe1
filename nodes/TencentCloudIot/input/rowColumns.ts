/** The most columns of a row that are looked at: those of a sheet of Excel. */
export const MOST_COLUMNS = 16_384;

/** The first columns of the rows that have more than a sheet. They go with their rows. */
const firstColumns = new WeakMap<object, readonly string[]>();

/**
 * The columns of a row, or the first of them where it has more than a sheet. To list a million of one row takes some 0.4 s
 * without a turn of the event loop, half as long as n8n took to read them, and JavaScript lists them all or none: so a row
 * that has more is listed once, whoever asks.
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

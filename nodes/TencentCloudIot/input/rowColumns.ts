import type { Pausing } from './pausing';

/** The most columns of a row that are looked at: those of a sheet of Excel. */
export const MOST_COLUMNS = 16_384;

/** Columns between two pauses. */
const COLUMNS_BEFORE_PAUSE = MOST_COLUMNS;

/**
 * The columns of a row, or the first of them where it has more than a sheet. To list a million of one row takes 0.3 s
 * without a turn of the event loop, half as long as n8n took to read them: so whoever asks twice asks after a pause.
 */
export function columnsOfRow(row: object): string[] {
	const columns = Object.keys(row);
	return columns.length > MOST_COLUMNS ? columns.slice(0, MOST_COLUMNS) : columns;
}

/** The columns of all rows, each once, in the order in which they are met. */
export function* columnsOfRows(rows: readonly object[]): Pausing<string[]> {
	const columns = new Set<string>();
	let sincePause = 0;
	for (const row of rows) {
		const ofRow = columnsOfRow(row);
		for (const column of ofRow) {
			columns.add(column);
		}
		sincePause += ofRow.length;
		if (sincePause > COLUMNS_BEFORE_PAUSE) {
			yield;
			sincePause = 0;
		}
	}
	return [...columns];
}

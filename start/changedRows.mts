import type { CrmRow } from './crmRows.mts';
import type { Bindings } from './expectedBindings.mts';
import type { ColumnNames, Field } from './fields.mts';

/** How many customers are changed. */
const MOST_CHANGED = 3;

/** Rows as a CRM would give them some time later. */
export interface ChangedRows {
	readonly rows: readonly CrmRow[];
	/** What of them was changed. */
	readonly field: Field;
	/** The numbers of the rows that are not as they were, from 1. */
	readonly changed: readonly number[];
}

/** What may be changed: the first of these that has a column other than the CustomerId's, which shows whose device it is. */
const CHANGEABLE: readonly Field[] = ['ProductName', 'CustomerDeviceNo', 'DeviceId'];

/**
 * Changes the first device of a few customers, in every row that has it.
 *
 * @param bindings the customers whose rows can all be used
 */
export function changeRows(rows: readonly CrmRow[], columns: ColumnNames, bindings: Bindings): ChangedRows {
	const field = CHANGEABLE.find((name) => columns[name] !== columns.CustomerId) ?? 'ProductName';
	const devices = [...bindings].slice(0, MOST_CHANGED).map(([id, [first]]) => `${id} ${first?.DeviceId}`);
	const isChanged = (row: CrmRow) =>
		devices.includes(`${row[columns.CustomerId]?.trim()} ${row[columns.DeviceId]?.trim()}`);
	return {
		field,
		rows: rows.map((row) =>
			isChanged(row) ? { ...row, [columns[field]]: `${row[columns[field]]?.trim()} 2` } : row,
		),
		changed: rows.flatMap((row, index) => (isChanged(row) ? [index + 1] : [])),
	};
}

import { createRequire } from 'node:module';
import type { ColumnFit } from '../nodes/TencentCloudIot/input/columnFit';
import { FIELDS } from './fields.mts';
import type { ColumnNames, Field } from './fields.mts';

// The node's own sources, which are CommonJS to Node.
const require = createRequire(import.meta.url);
const { fitColumn } = require('../nodes/TencentCloudIot/input/columnFit.ts') as {
	fitColumn: (field: string, columns: readonly string[], names: unknown) => ColumnFit;
};
const { COLUMN_NAMES } = require('../nodes/TencentCloudIot/binding/columnNames.ts') as {
	COLUMN_NAMES: Readonly<Record<Field, unknown>>;
};

/** The column of a file that is a field's by its name, as the node maps columns automatically. */
export function fitByName(field: Field, columns: readonly string[]): ColumnFit {
	return fitColumn(field, [...new Set(columns)], COLUMN_NAMES[field]);
}

/** How many fields have a column, by the given names or by their own. */
export function countFitting(columns: readonly string[], given: Partial<ColumnNames>): number {
	const isThere = (field: Field) => {
		const column = given[field];
		return column === undefined ? fitByName(field, columns).kind === 'one' : columns.includes(column);
	};
	return FIELDS.filter(isThere).length;
}

import { createRequire } from 'node:module';
import type { INodeParameters } from 'n8n-workflow';
import type { ColumnClues, fitColumns as FitColumns } from '../nodes/TencentCloudIot/input/columnFit';
import type { MappedField } from '../nodes/TencentCloudIot/binding/row';
import type { Table } from './rows.mts';

// The node's sources, which Node treats as CommonJS.
const require = createRequire(import.meta.url);
const { fitColumns } = require('../nodes/TencentCloudIot/input/columnFit.ts') as {
	fitColumns: typeof FitColumns;
};
const { columnClues } = require('../nodes/TencentCloudIot/binding/columnClues.ts') as {
	columnClues: (phoneIds: unknown) => ColumnClues<MappedField>;
};

export type { MappedField };

/** The four fields of a device binding, by the service's names. */
export const FIELDS = Object.keys(columnClues('refuse')) as readonly MappedField[];

/** A column, or a text with expressions in `{{ }}`, for some fields. */
export type GivenColumns = Readonly<Partial<Record<MappedField, string>>>;

/** How the columns of a table are mapped. */
export interface ColumnMapping {
	/** The value of the node's 'Columns': *Map Automatically*, or *Map Each Column Manually* if a column was passed. */
	readonly parameter: INodeParameters;
	/** The column of each field that is read from a single column. */
	readonly columns: GivenColumns;
	/** All columns that a field is read from. */
	readonly used: readonly string[];
}

/** Maps columns as a user does in n8n; the node reports wrong mappings. */
export function mapColumns(
	{ header, rows }: Pick<Table, 'header' | 'rows'>,
	given: GivenColumns,
	phoneIds?: unknown,
): ColumnMapping {
	const fits = withoutPause(fitColumns(columnClues(phoneIds), header, rows));
	const values = FIELDS.flatMap((field) => {
		const value = given[field] ?? columnOf(fits.get(field)!);
		return value === undefined ? [] : [[field, value] as const];
	});
	const expressions = values.filter(([, value]) => isExpression(value)).map(([, value]) => value);
	const columns = values.filter(([, value]) => !isExpression(value));
	const isUsed = (name: string) =>
		columns.some(([, column]) => column === name) || expressions.some((text) => text.includes(name));
	const isByHand = Object.keys(given).length > 0;
	return {
		parameter: isByHand ? byHand(values) : { mappingMode: 'autoMapInputData', value: null },
		columns: Object.fromEntries(columns),
		used: header.filter(isUsed),
	};
}

/** The result of a pass that can pause; here it runs without pauses. */
function withoutPause<Result>(pass: Generator<void, Result>): Result {
	for (;;) {
		const step = pass.next();
		if (step.done === true) {
			return step.value;
		}
	}
}

/** What the panel stores when each column is dragged onto its field. */
function byHand(values: ReadonlyArray<readonly [field: MappedField, text: string]>): INodeParameters {
	const expressions = values.map(
		([field, text]) => [field, `=${isExpression(text) ? text : reference(text)}`] as const,
	);
	return { mappingMode: 'defineBelow', value: Object.fromEntries(expressions) };
}

function columnOf({ kind, columns }: { kind: string; columns: readonly string[] }): string | undefined {
	if (kind === 'parts') {
		return columns.map(reference).join('/');
	}
	return kind === 'one' ? columns[0] : undefined;
}

function isExpression(value: string): boolean {
	return value.includes('{{');
}

/** What the panel stores when a column is dragged onto a field. */
function reference(column: string): string {
	return `{{ $json[${JSON.stringify(column)}] }}`;
}

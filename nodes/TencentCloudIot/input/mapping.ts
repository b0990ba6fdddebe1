import { NotSendable, notSent } from '../service/outcome';
import { quoted } from '../service/words';
import { fitColumn, type ColumnNames } from './columnFit';
import { fieldSource, type FieldSource } from './fieldSource';

/** How the user mapped the columns: field by field, or by name. */
export interface Mapping {
	fields: readonly string[];
	/** For mapping by name. */
	names?: ColumnNames | undefined;
	isAutomatic: boolean;
	/** Raw values by field; expressions start with `=`. */
	values: Readonly<Record<string, unknown>>;
}

export type FieldSources = Readonly<Record<string, FieldSource>>;

/** The most column names that a message lists. */
const MOST_NAMED_COLUMNS = 30;

/** Longer names are cut: in a sheet without a header a whole row may take the place of one. Characters. */
const LONGEST_NAME = 64;

/**
 * Finds for each field where its value stands in a row.
 * @throws NotSendable when a field is not mapped, or is mapped to a column that no row has: one clear message instead
 * of one for each row
 */
export function mapFields(mapping: Mapping, rows: readonly object[]): FieldSources {
	const columns = mapping.isAutomatic ? columnsOf(rows) : [];
	const sources = mapping.fields.map((field) => {
		const source = mapping.isAutomatic
			? sourceByName(field, { columns, names: mapping.names?.[field], rows })
			: fieldSource(mapping.values[field]);
		checkSource(field, source, rows);
		return [field, source] as const;
	});
	return Object.fromEntries(sources);
}

interface NamedColumns {
	columns: readonly string[];
	names: ColumnNames[string] | undefined;
	rows: readonly object[];
}

/** The column that fits a field by its name. */
function sourceByName(field: string, { columns, names, rows }: NamedColumns): FieldSource {
	const fit = fitColumn(field, columns, names);
	switch (fit.kind) {
		case 'one':
			return { kind: 'path', path: [fit.column] };
		case 'several':
			throw noColumn(`More than one column fits ${field}.`, rows);
		case 'unclear': {
			const possible = quoted(fit.columns.map(short));
			throw noColumn(`No column fits ${field} for sure.`, rows, `${possible} may hold it. `);
		}
		default:
			throw noColumn(`No column fits ${field}.`, rows);
	}
}

function checkSource(field: string, source: FieldSource, rows: readonly object[]): void {
	if (source.kind === 'constant' && isBlank(source.value)) {
		throw noColumn(`${field} is not mapped to a column.`, rows);
	}
	const [column] = source.kind === 'path' ? source.path : [];
	if (column !== undefined && !rows.some((row) => Object.hasOwn(row, column))) {
		throw noColumn(
			`${field} is mapped to a column that no row has.`,
			rows,
			`There is no '${short(column)}'. `,
		);
	}
}

function columnsOf(rows: readonly object[]): string[] {
	const columns = new Set<string>();
	for (const row of rows) for (const column in row) columns.add(column);
	return [...columns];
}

function isBlank(value: unknown): boolean {
	return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function short(name: string): string {
	return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}

/** The user's own words stand in the advice only: n8n replaces a message that holds what looks like a system code. */
function noColumn(reason: string, rows: readonly object[], detail = ''): NotSendable {
	const columns = columnsOf(rows);
	const named = columns.slice(0, MOST_NAMED_COLUMNS).map(short).join(', ') || 'no columns at all';
	const more = columns.length > MOST_NAMED_COLUMNS ? ` and ${columns.length - MOST_NAMED_COLUMNS} more` : '';
	return new NotSendable(
		notSent('COLUMN_NOT_FOUND', reason, `${detail}Map it under 'Columns'. The rows have: ${named}${more}`),
	);
}

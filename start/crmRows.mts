import { basename } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { countFitting, fitByName } from './columnFit.mts';
import type { ColumnNames, Field } from './fields.mts';
import { DEFAULT_COLUMNS, FIELDS } from './fields.mts';
import { InputError } from './inputError.mts';
import { printable } from './printable.mts';
import type { SeparatedText } from './separator.mts';
import { findSeparator, nameSeparator } from './separator.mts';
import { readTextFile } from './textFile.mts';
import { isWorkbook, readWorkbook } from './workbook.mts';
import type { Sheet } from './workbook.mts';

/** One row by column name, its values as they stand in the file. A row cut short lacks its last columns. */
export type CrmRow = Readonly<Partial<Record<string, string>>>;

/** The rows of a CRM export, and how its file was read. */
export interface CrmExport {
	readonly rows: CrmRow[];
	/** Which column holds which field. */
	readonly columns: ColumnNames;
	/** For people: "GB18030, separated by ;". */
	readonly readAs: string;
}

/** A cell with more line breaks is taken for a quotation mark that was never closed. */
const MOST_LINE_BREAKS = 5;

/** The most column names that a sentence names. */
const MOST_NAMED_COLUMNS = 20;

/** Which columns a file has, and how that was found out. */
interface Header {
	/** Of the file. */
	readonly name: string;
	readonly columns: readonly string[];
	readonly readAs: string;
}

/** Columns that were named on the command line; the others are found by the names that the node knows. */
type Given = Partial<ColumnNames>;

/**
 * Reads a CRM export: the first sheet of an .xlsx file, or CSV.
 *
 * @throws InputError when the file cannot be read, is neither, or lacks one of the columns
 */
export async function readCrmExport(file: string, given: Given): Promise<CrmExport> {
	if (!isWorkbook(file)) return readCrmRows(file, given);
	return toExport(basename(file), await readWorkbook(file), given);
}

/**
 * Reads a CRM export: CSV with its column names in the first line, or in the second below Excel's `sep=`, in an encoding
 * that `readTextFile` knows.
 *
 * @throws InputError when the file cannot be read, is no such CSV, or lacks one of the columns
 */
export function readCrmRows(file: string, given: Given = {}): CrmExport {
	const name = basename(file);
	const { text, encoding } = readTextFile(file);
	if (text.trim() === '') throw new InputError(`${name} is empty.`);
	const separated = findSeparator(text, (columns) => countFitting(columns, given), name);
	const readAs = `${encoding}, separated by ${nameSeparator(separated.separator)}`;
	return toExport(name, { ...parseCsv(separated, name), readAs }, given);
}

function toExport(name: string, { header, rows, readAs }: Sheet, given: Given): CrmExport {
	const file = { name, columns: header, readAs };
	const columns = Object.fromEntries(
		FIELDS.map((field) => {
			const column = given[field] ?? findColumn(file, field);
			checkColumn(file, field, column);
			return [field, column];
		}),
	) as unknown as ColumnNames;
	if (rows.length === 0) throw new InputError(`${name} has no rows below its column names.`);
	return { rows, columns, readAs };
}

/** The column of a field by its name, by which the node maps it automatically as well. */
function findColumn({ name, columns }: Header, field: Field): string {
	const fit = fitByName(field, columns);
	const choose = `choose it with --column ${field}=<column>`;
	switch (fit.kind) {
		case 'one':
			return fit.column;
		case 'several':
			throw new InputError(`${name} has more than one column for ${field}, ${list(fit.columns)}: ${choose}.`);
		case 'unclear':
			throw new InputError(
				`${name} has no column that is ${field} for sure; ${list(fit.columns)} may hold it: ${choose}.`,
			);
		default:
			return DEFAULT_COLUMNS[field];
	}
}

function list(columns: readonly string[]): string {
	const named = columns.slice(0, MOST_NAMED_COLUMNS).map(printable).join(', ');
	return columns.length > MOST_NAMED_COLUMNS
		? `${named}, and ${columns.length - MOST_NAMED_COLUMNS} more`
		: named;
}

function parseCsv(separated: SeparatedText, name: string): Omit<Sheet, 'readAs'> {
	let header: string[] = [];
	try {
		const records = parse<CrmRow>(separated.csv, {
			...CSV,
			delimiter: separated.separator,
			columns: (names: string[]) => (header = names.map((column) => column.trim())),
			// A row that is too long has shifted columns and stays refused; one too short has empty ones at its end.
			relax_column_count_less: true,
		}) as unknown as Array<Parsed<CrmRow>>;
		const line = records.map(lineOfLongCell).find((found) => found !== undefined);
		if (line !== undefined)
			throw new InputError(`${name} is no CSV file: ${tooLong(line + separated.linesAbove)}.`);
		return { header, rows: records.map(({ record }) => record) };
	} catch (cause) {
		if (!(cause instanceof CsvError)) throw cause;
		throw new InputError(`${name} is no CSV file: ${explain(cause, separated)}.`, { cause });
	}
}

/** A row and the line in which it ends, counted from 1. */
interface Parsed<Row> {
	readonly record: Row;
	readonly info: { readonly lines: number };
}

const CSV = {
	// Remarks of CRM users hold single quotation marks that not every export doubles.
	relax_quotes: true,
	skip_empty_lines: true,
	info: true,
} as const;

/** The line in which a cell opens that has too many line breaks. */
function lineOfLongCell({ record, info }: Parsed<CrmRow>): number | undefined {
	let line = info.lines;
	for (const cell of Object.values(record).reverse()) {
		const breaks = breaksIn(cell);
		line -= breaks;
		if (breaks > MOST_LINE_BREAKS) return line;
	}
	return undefined;
}

/** The line in which the quotation mark opens that is never closed: everything behind it is in the last cell. */
function lineOfOpenMark({ csv, separator: delimiter }: SeparatedText): number {
	const rows = parse(`${csv}"`, { ...CSV, delimiter, relax_column_count: true }) as unknown as Array<
		Parsed<string[]>
	>;
	const { record, info } = rows.at(-1)!;
	return info.lines - breaksIn(record.at(-1));
}

function breaksIn(cell = ''): number {
	return cell.match(/\r\n|\r|\n/g)?.length ?? 0;
}

function tooLong(line: number): string {
	return `the cell that opens in line ${line} has more than ${MOST_LINE_BREAKS} line breaks, as after a quotation mark that is not closed; close it, or double it within a value`;
}

function explain(
	{ code, lines = 1, record }: CsvError & { lines?: number; record?: unknown },
	separated: SeparatedText,
): string {
	const { separator, linesAbove } = separated;
	const line = `line ${lines + linesAbove}`;
	if (code === 'CSV_QUOTE_NOT_CLOSED')
		return `the quotation mark that opens in line ${lineOfOpenMark(separated) + linesAbove} is never closed`;
	if (code === 'CSV_RECORD_INCONSISTENT_COLUMNS' && Array.isArray(record)) {
		return `${line} has ${record.length} values, more than there are columns; put a value that holds the separator (${nameSeparator(separator)}) in quotation marks`;
	}
	return `${line} cannot be read (${code})`;
}

function checkColumn({ name, columns, readAs }: Header, field: string, column: string): void {
	const found = columns.filter((candidate) => candidate === column).length;
	if (found === 1) return;
	if (found > 1) throw new InputError(`${name} has the column ${column} ${found} times; ${field} needs one.`);
	throw new InputError(
		`${name} has no column ${column} for ${field}: name yours with --column ${field}=<column>; ` +
			`read as ${readAs}, it has ${list(columns) || 'none'}.`,
	);
}

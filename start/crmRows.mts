import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import type { ColumnNames } from './fields.mts';
import { FIELDS } from './fields.mts';
import { InputError } from './inputError.mts';

/** One row by column name, its values as they stand in the file. A row cut short lacks its last columns. */
export type CrmRow = Readonly<Partial<Record<string, string>>>;

const READ_FAILURES: Readonly<Partial<Record<string, string>>> = {
	ENOENT: 'there is no such file',
	EISDIR: 'it is a folder',
	EACCES: 'you are not allowed to',
};

/** So many column names fit into one sentence. */
const MOST_NAMED_COLUMNS = 20;

/**
 * Reads a CRM export: CSV in UTF-8, with or without BOM, column names in the first line.
 *
 * @throws InputError when the file cannot be read, is no such CSV, or lacks one of the columns
 */
export function readCrmRows(file: string, columns: ColumnNames): CrmRow[] {
	const { header, rows } = parseCsv(readText(file), basename(file));
	for (const field of FIELDS) checkColumn(basename(file), header, field, columns[field]);
	if (rows.length === 0) throw new InputError(`${basename(file)} has no rows below its column names.`);
	return rows;
}

function readText(file: string): string {
	try {
		// A wrong encoding is refused: read anyway, its Chinese names would be pushed as garbage.
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
	} catch (cause) {
		const { code } = cause as NodeJS.ErrnoException;
		if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
			throw new InputError(`${basename(file)} is not UTF-8 text: export it as "CSV UTF-8".`, { cause });
		}
		throw new InputError(`Cannot read ${file}: ${READ_FAILURES[code ?? ''] ?? code}.`, { cause });
	}
}

function parseCsv(text: string, name: string): { header: string[]; rows: CrmRow[] } {
	let header: string[] = [];
	try {
		const rows = parse<CrmRow>(text, {
			bom: true,
			columns: (names: string[]) => (header = names.map((column) => column.trim())),
			// A row that is too long has shifted columns and stays refused; one too short has empty ones at its end.
			relax_column_count_less: true,
			// Remarks of CRM users hold single quotation marks that not every export doubles.
			relax_quotes: true,
			skip_empty_lines: true,
		});
		return { header, rows };
	} catch (cause) {
		if (cause instanceof CsvError)
			throw new InputError(`${name} is no CSV file: ${explain(cause)}.`, { cause });
		throw cause;
	}
}

function explain({ code, lines, record }: CsvError & { lines?: number; record?: unknown }): string {
	const line = `line ${lines ?? 1}`;
	if (code === 'CSV_QUOTE_NOT_CLOSED') return `the quotation mark that opens in ${line} is never closed`;
	if (code === 'CSV_RECORD_INCONSISTENT_COLUMNS' && Array.isArray(record)) {
		return `${line} has ${record.length} values, more than there are columns; put a value with commas in quotation marks`;
	}
	return `${line} cannot be read (${code})`;
}

function checkColumn(name: string, header: readonly string[], field: string, column: string): void {
	const found = header.filter((candidate) => candidate === column).length;
	if (found === 1) return;
	if (found > 1) throw new InputError(`${name} has the column ${column} ${found} times; ${field} needs one.`);
	const named = header.slice(0, MOST_NAMED_COLUMNS).join(', ');
	const more = header.length > MOST_NAMED_COLUMNS ? `, and ${header.length - MOST_NAMED_COLUMNS} more` : '';
	throw new InputError(
		`${name} has no column ${column} for ${field}: name yours with --column ${field}=<column>; it has ${named || 'none'}${more}.`,
	);
}

import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { readSheet } from 'read-excel-file/node';
import { InputError } from './inputError.mts';
import { printable } from './printable.mts';

/** One row by column name, with the values of the file. A short row lacks its last columns. */
export type Row = Readonly<Record<string, string>>;

/** A table from a file: its column names, and the rows below them. */
export interface Table {
	/** In the order of the file. Columns without a name are left out. */
	readonly header: readonly string[];
	readonly rows: readonly Row[];
}

/** The delimiters of CSV files, most common first. */
const DELIMITERS = [',', ';', '\t'];

const READ_FAILURES: Readonly<Partial<Record<string, string>>> = {
	ENOENT: 'there is no such file',
	EISDIR: 'it is a folder',
	EACCES: 'you are not allowed to',
};

const SAVE_AGAIN = 'save it again as .xlsx or as CSV UTF-8';

/**
 * Reads the first sheet of an .xlsx file, or a CSV file with its column names in the first line, separated by commas,
 * semicolons or tabs, in UTF-8, UTF-16LE with a BOM, or else GB18030.
 *
 * @throws InputError when the file cannot be read, is neither of the two, or has no rows
 */
export async function readRows(file: string): Promise<Table> {
	const name = basename(file);
	const bytes = readBytes(file);
	const table = /\.xlsx$/i.test(name) ? await readWorkbook(bytes, name) : readCsv(decode(bytes, name), name);
	const repeated = table.header.find((column, index) => table.header.indexOf(column) < index);
	if (repeated !== undefined) {
		throw new InputError(`${name} has the column ${printable(repeated)} more than once: rename one of them.`);
	}
	if (table.rows.length === 0) {
		throw new InputError(`${name} has no rows below its column names.`);
	}
	return table;
}

function readBytes(file: string): Buffer {
	try {
		return readFileSync(file);
	} catch (cause) {
		const { code = '' } = cause as NodeJS.ErrnoException;
		throw new InputError(`Cannot read ${file}: ${READ_FAILURES[code] ?? code}.`, { cause });
	}
}

/** Excel in Chinese Windows saves "CSV" as GB18030 and "Unicode Text" as UTF-16LE. */
function decode(bytes: Buffer, name: string): string {
	try {
		const text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
		if (!text.includes('\0')) {
			return text;
		}
	} catch (cause) {
		throw new InputError(`${name} is neither UTF-8 nor GB18030 text: ${SAVE_AGAIN}.`, { cause });
	}
	throw new InputError(`${name} is no text file: ${SAVE_AGAIN}.`);
}

function encodingOf(bytes: Buffer): string {
	if (bytes[0] === 0xff && bytes[1] === 0xfe) {
		return 'utf-16le';
	}
	return isUtf8(bytes) ? 'utf-8' : 'gb18030';
}

function readCsv(text: string, name: string): Table {
	if (/^sep=/i.test(text.trimStart())) {
		throw new InputError(
			`${name} begins with Excel's line "sep=": remove that line, and keep the column names.`,
		);
	}
	let header: string[] = [];
	let lastLine = 0;
	const setHeader = (names: readonly string[]) => {
		const columns = names.map((column) => column.trim());
		header = columns.filter((column) => column !== '');
		lastLine = 1;
		return columns.map((column) => column || null);
	};
	try {
		const rows = parse<Row>(text, {
			delimiter: delimiterOf(text),
			columns: setHeader,
			on_record: (row, { lines }) => {
				lastLine = lines;
				return row;
			},
			// Remarks of CRM users contain single quotation marks that not every export doubles.
			relax_quotes: true,
			skip_empty_lines: true,
			// A long row has shifted columns; a short one has empty columns at its end.
			relax_column_count_less: true,
		});
		return { header, rows };
	} catch (cause) {
		if (!(cause instanceof CsvError)) {
			throw cause;
		}
		throw new InputError(`${name} is no CSV file: ${describeCsvError(cause, lastLine)}.`, { cause });
	}
}

/** @param lastLine the last line that was read: the parser's own line number is that of the end of the file */
function describeCsvError({ code, message }: CsvError, lastLine: number): string {
	const row = `the first row below line ${lastLine} has`;
	if (code === 'CSV_QUOTE_NOT_CLOSED') {
		return `${row} a quotation mark that is never closed`;
	}
	if (/INCONSISTENT|DONT_MATCH|MISMATCH/.test(code)) {
		return `${row} more values than there are columns: put those with a separator within quotation marks`;
	}
	return message;
}

/** The parser's own detection supports ASCII only, and with a list of delimiters it would split at all of them. */
function delimiterOf(text: string): string {
	const [names = ''] = text.replace(/^[\r\n]+/, '').split(/[\r\n]/, 1);
	const count = (delimiter: string) => names.split(delimiter).length;
	return DELIMITERS.reduce((best, other) => (count(other) > count(best) ? other : best));
}

async function readWorkbook(bytes: Buffer, name: string): Promise<Table> {
	const [names = [], ...cells] = await readSheet(bytes, { parseNumber: plainNumber }).catch(
		(cause: unknown) => {
			throw new InputError(`${name} is no Excel workbook: ${SAVE_AGAIN}.`, { cause });
		},
	);
	const columns = names.map((column) => textOf(column).trim());
	const rowOf = (row: readonly unknown[]) =>
		columns.flatMap((column, index) => (column === '' ? [] : [[column, textOf(row[index])] as const]));
	return {
		header: columns.filter((column) => column !== ''),
		rows: cells.map((row) => Object.fromEntries(rowOf(row))),
	};
}

/** A number without an exponent, if that is exact: a cell may contain 13812345678 as 1.3812345678E10. */
function plainNumber(text: string): string {
	return /e/i.test(text) && Number.isSafeInteger(Number(text)) ? String(Number(text)) : text;
}

/** Day 0 of a workbook's dates. */
const FIRST_DAY_MS = Date.UTC(1899, 11, 30);
const DAY_MS = 24 * 60 * 60 * 1000;

/** A cell as n8n's Extract from File reads it: a date is its number of days, a formula's error is empty. */
function textOf(cell: unknown): string {
	if (cell === null || cell === undefined) {
		return '';
	}
	if (cell instanceof Date) {
		return String((cell.getTime() - FIRST_DAY_MS) / DAY_MS);
	}
	const text = String(cell);
	return /^#(?:N\/A|[A-Z\d/]+[!?])$/.test(text) ? '' : text;
}

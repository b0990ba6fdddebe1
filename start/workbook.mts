import { basename } from 'node:path';
import { readSheet } from 'read-excel-file/node';
import type { CrmExport, CrmRow } from './crmRows.mts';
import { InputError } from './inputError.mts';
import { readBytes } from './textFile.mts';

/** Column names, the rows below them, and how both were read. */
export interface Sheet extends Omit<CrmExport, 'columns'> {
	readonly header: readonly string[];
}

/** Whether a file is an Excel workbook, by its name. */
export function isWorkbook(file: string): boolean {
	return /\.xlsx$/i.test(file);
}

/**
 * Reads the first sheet of an .xlsx file. Numbers are given digit by digit, as the cell holds them; empty cells and rows
 * are kept, so that merged cells are seen for what they are.
 *
 * @throws InputError when the file is no workbook
 */
export async function readWorkbook(file: string): Promise<Sheet> {
	const bytes = readBytes(file);
	const [names = [], ...cells] = await readSheet(bytes, { parseNumber: plainNumber }).catch(
		(cause: unknown) => {
			throw new InputError(
				`${basename(file)} is no Excel workbook: save it again as .xlsx or as CSV UTF-8.`,
				{
					cause,
				},
			);
		},
	);
	const header = names.map((name) => textOf(name).trim());
	const rows = cells.map((row): CrmRow => {
		const values = header.map((name, index) => [name, textOf(row[index])] as const);
		return Object.fromEntries(values);
	});
	return { header, rows, readAs: 'an Excel workbook, its first sheet' };
}

/** A number as text, without an exponent where it is exact: an Excel cell may hold 13812345678 as 1.3812345678E10. */
function plainNumber(text: string): string {
	return /e/i.test(text) && Number.isSafeInteger(Number(text)) ? String(Number(text)) : text;
}

function textOf(value: unknown): string {
	if (value === null || value === undefined) return '';
	return value instanceof Date ? value.toISOString().slice(0, 10) : String(value);
}

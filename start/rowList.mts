import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { counted, firstOf } from './counted.mts';
import type { Row } from './rows.mts';
import type { FailedItem, Items } from './runRows.mts';

/** The result of one row. */
export interface RowResult {
	/** From 1, below the column names. */
	readonly row: number;
	readonly CustomerId: string;
	/** `OK`, `WOULD_SEND` in a Dry Run, an outcome of the node, or `LEFT_OUT` for a row that is in no item. */
	readonly Status: 'OK' | 'WOULD_SEND' | 'LEFT_OUT' | FailedItem['outcome'];
	readonly RequestId: string;
	/** Why the row was not pushed, and what to do; empty if it was pushed. */
	readonly Reason: string;
}

const COLUMNS = ['Row', 'CustomerId', 'Status', 'RequestId', 'Reason'];

/** Excel reads a text file as UTF-8 if it begins with this. */
const BYTE_ORDER_MARK = '\ufeff';

/** One entry for each row of the table, in its order. */
export function listRows(rows: readonly Row[], { pushed, failed }: Items): RowResult[] {
	const results = new Map<number, RowResult>();
	for (const { CustomerId, RequestId = '', Attempts, rows: numbers } of pushed) {
		const Status = Attempts === undefined ? 'WOULD_SEND' : 'OK';
		for (const row of numbers) {
			results.set(row, { row, CustomerId, Status, RequestId, Reason: '' });
		}
	}
	for (const item of failed) {
		const { CustomerId = '', RequestId = '', outcome: Status } = item;
		for (const row of item.rows) {
			results.set(row, { row, CustomerId, Status, RequestId, Reason: reasonOf(row, item) });
		}
	}
	return rows.map(
		(_row, index) =>
			results.get(index + 1) ?? {
				row: index + 1,
				CustomerId: '',
				Status: 'LEFT_OUT',
				RequestId: '',
				Reason: '',
			},
	);
}

/** Why a row of a failed item was not pushed: because of its own values, or of another row of its customer. */
function reasonOf(row: number, { reasons = [], message, advice }: FailedItem): string {
	const ofRow = reasons.filter((reason) => reason.row === row);
	if (ofRow.length > 0) {
		return ofRow.map(({ field, text }) => `${field} ${text}`).join('; ');
	}
	const otherRows = [...new Set(reasons.map((reason) => reason.row))];
	if (otherRows.length === 0) {
		return `${message} ${advice}.`;
	}
	return `withheld for ${counted(otherRows.length, 'row').replace(/^\d+ /, '')} ${firstOf(otherRows)}`;
}

/**
 * Writes the list as CSV into the build folder, e.g. `build/start/crm-devices.result.csv`.
 *
 * @param file the file of the rows
 * @returns the path for the user, or why it could not be written
 */
export function writeRowList(file: string, results: readonly RowResult[]): string {
	const folder = join(import.meta.dirname, '../build/start');
	const path = join(folder, `${basename(file, extname(file))}.result.csv`);
	const lines = results.map(({ row, CustomerId, Status, RequestId, Reason }) => [
		String(row),
		CustomerId,
		Status,
		RequestId,
		Reason,
	]);
	const text = [COLUMNS, ...lines].map((cells) => cells.map(quoted).join(',')).join('\r\n');
	try {
		mkdirSync(folder, { recursive: true });
		writeFileSync(path, `${BYTE_ORDER_MARK}${text}\r\n`);
	} catch (error) {
		return `could not be written: ${(error as Error).message}`;
	}
	return relative('.', path);
}

/** A spreadsheet would calculate values that begin with one of these characters; ids and phone numbers are not matched. */
const FORMULA = /^(?:[=@\t\r]|[+-](?![\d ]+$))/;

function quoted(cell: string): string {
	const text = FORMULA.test(cell) ? `'${cell}` : cell;
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

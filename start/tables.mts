import Table from 'cli-table3';
import type { CrmRow } from './crmRows.mts';
import type { ColumnNames } from './fields.mts';
import { FIELDS } from './fields.mts';
import type { CustomerResult, PushResult, RefusedRow } from './pushResult.mts';
import { printable } from './printable.mts';
import type { SyncRun } from './syncRuns.mts';

/** Columns of a terminal that the tables fit in. */
const TABLE_WIDTH = 120;
/** The service takes ids of up to 32 characters; each cell has a blank on both sides. */
const CUSTOMER_WIDTH = { min: 14, max: 34 };

/** Columns that hold numbers. */
const NUMBERS = new Set(
	'Row,Devices,Attempts,Customers,Pushed,Unchanged,Withheld,Not OK,Requests,Seconds'.split(','),
);

const REPEATED = 'same as above';

/** One line per customer: what became of it. */
export function customerTable({ customers, refusedRows }: PushResult): string {
	const customerWidth = fittingWidth(customers.map(({ customerId }) => customerId));
	const table = createTable(
		['Customer', 'Devices', 'Status', 'RequestId', 'Attempts'],
		[customerWidth, 9, 0, 38, 10],
	);
	const badRowsOf = (id: string) =>
		new Set(refusedRows.flatMap(({ customerId, row }) => (customerId === id ? row : [])));
	let lastStatus = '';
	for (const customer of customers) {
		const { customerId, devices = '-', requestId = '-', attempts } = customer;
		const status = describeStatus(customer, [...badRowsOf(customerId)]);
		// When the whole run fails, each customer has the same long story.
		const isRepeated = status === lastStatus && status.length > customer.status.length + REPEATED.length;
		lastStatus = status;
		table.push([
			printable(customerId),
			devices,
			isRepeated ? `${customer.status}: ${REPEATED}` : status,
			requestId,
			attempts,
		]);
	}
	return table.toString();
}

/** One line per reason why a row cannot be used. */
export function refusedRowTable(
	refusedRows: readonly RefusedRow[],
	{ rows, columns }: { rows: readonly CrmRow[]; columns: ColumnNames },
): string {
	const customerWidth = fittingWidth(refusedRows.map(({ customerId }) => customerId ?? ''));
	const table = createTable(
		['Row', 'Customer', 'Field', 'Value', 'What to do'],
		[7, customerWidth, 18, 28, 0],
	);
	for (const { row, customerId = '-', field, reason } of refusedRows) {
		const known = FIELDS.find((name) => name === field);
		const value = known && rows[row - 1]?.[columns[known]];
		table.push([row, printable(customerId), field, printable(value), reason]);
	}
	return table.toString();
}

/** One line per run of Sync; its numbers of customers add up to all of them. */
export function syncTable(runs: readonly SyncRun[]): string {
	const table = createTable(
		[
			'Run',
			'Customers',
			'Pushed',
			'Unchanged',
			'Withheld',
			'Not OK',
			'Requests',
			'Seconds',
			'Memory',
			'Health',
		],
		[0, 11, 8, 11, 11, 8, 10, 9, 9, 10],
	);
	for (const [index, { given, result, requests, seconds }] of runs.entries()) {
		const { Customers, Memory, Health } = result.report;
		const { Total, Pushed, Due, Unchanged, Withheld } = Customers;
		const pushed = Pushed + Due;
		const notOk = Total - pushed - Unchanged - Withheld;
		table.push([
			`${index + 1}: ${given}`,
			...[Total, pushed, Unchanged, Withheld, notOk, requests],
			seconds.toFixed(1),
			Memory,
			Health,
		]);
	}
	return table.toString();
}

function describeStatus({ status, message }: CustomerResult, badRows: readonly number[]): string {
	if (status === 'OK') return status;
	if (status === 'READY') return 'ready, not sent';
	if (badRows.length === 0) return `${status}: ${message ?? ''}`;
	return `${status}: withheld for row${badRows.length > 1 ? 's' : ''} ${badRows.join(', ')}`;
}

/** @param widths of the columns; the one that is 0 takes what is left */
function createTable(head: string[], widths: number[]): Table.Table {
	const borders = widths.length + 1;
	const rest = TABLE_WIDTH - borders - widths.reduce((sum, width) => sum + width, 0);
	return new Table({
		head,
		colWidths: widths.map((width) => width || rest),
		colAligns: head.map((name) => (NUMBERS.has(name) ? 'right' : 'left')),
		wordWrap: true,
		style: { head: [], border: [], compact: true },
	});
}

function fittingWidth(texts: readonly string[]): number {
	const longest = texts.reduce((most, text) => Math.max(most, printable(text).length), 0);
	return Math.min(CUSTOMER_WIDTH.max, Math.max(CUSTOMER_WIDTH.min, longest + 2));
}

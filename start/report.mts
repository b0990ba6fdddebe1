import Table from 'cli-table3';
import { counted } from './counted.mts';
import type { GivenColumns } from './columns.mts';
import { FIELDS } from './columns.mts';
import { named, namedIn } from './named.mts';
import { printable } from './printable.mts';
import type { FailedItem, Items } from './runRows.mts';
import type { Row } from './rows.mts';
import type { SyncRuns } from './syncRuns.mts';
import type { RunFacts, Verdict } from './verdict.mts';
import { bindingsOf, countDevices } from './verdict.mts';

/** A run over rows, and what is to be told of it. */
export interface PushReport extends RunFacts {
	readonly columns: GivenColumns;
	readonly dryRun: boolean;
	readonly seconds: number;
	/** Those that the simulator got. */
	readonly requests: number;
	readonly verdict: Verdict;
}

/** Columns of a terminal that the tables fit in. */
const TABLE_WIDTH = 120;
/** The service takes ids of up to 32 characters; each cell has a blank on both sides. */
const CUSTOMER_WIDTH = { min: 14, max: 34 };
/** With more customers than this, those that were pushed are counted only. */
const MOST_LISTED_CUSTOMERS = 200;

/** Columns that hold numbers. */
const NUMBERS = new Set(['Row', 'Devices', 'Attempts']);

/** The report of a push: what the node says, whether it is true, the customers, and the rows that cannot be used. */
export function describePush(report: PushReport): string {
	const { items, verdict } = report;
	const tables = [customerTable(items), invalidRowTable(report)];
	const parts = [summaryLines(report).join('\n'), ...tables, verdict.isDone ? 'Done.' : 'Not done.'];
	return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The report of three runs of Sync. */
export function describeSync({ runs, verdict, changedField, changedCustomers, isDone }: SyncRuns): string {
	const lines = runs.flatMap(({ given, items, requests, seconds, problems }, index) => [
		`Run ${index + 1}, ${given}: ${counted(requests, 'request')} in ${seconds.toFixed(1)} s. ${items.hint}.`,
		...problems,
	]);
	lines.push(...problemsOf(verdict));
	const changed = named(changedCustomers.map(printable));
	if (changed === '') {
		lines.push('Nothing could be changed before run 3: no customer was pushed.');
	} else {
		lines.push(`Before run 3 these got another ${changedField}: ${changed}.`);
	}
	if (isDone && changed !== '') {
		lines.push('Run 2 sent nothing, run 3 exactly what changed, and the simulator held what the items say.');
	}
	return `${lines.join('\n')}\n\n${isDone ? 'Done.' : 'Not done.'}\n`;
}

function summaryLines({ rows, items, answer, dryRun, requests, seconds, verdict }: PushReport): string[] {
	const told = bindingsOf(items);
	const what = `${counted(countDevices(told), 'device')} of ${counted(told.size, 'customer')}`;
	const lines = [
		`${items.hint}.`,
		...(dryRun ? [] : [`${counted(requests, 'request')} in ${seconds.toFixed(1)} s.`]),
		...problemsOf(verdict),
	];
	if (verdict.differing.length === 0) {
		lines.push(
			dryRun
				? `The requests would carry ${what}.`
				: `The simulator holds exactly what the items say: ${what}.`,
		);
	}
	if (answer !== undefined && verdict.wrong.length === 0) {
		lines.push('That is what this example must give.');
	}
	if (verdict.lostRows.length === 0) {
		lines.push(`Accounted for in the items: ${counted(rows.length, 'row')}.`);
	}
	const hidden = items.pushed.length - listed(items).length;
	if (hidden > 0) {
		lines.push(`${counted(hidden, 'customer')} not listed below: --json lists all.`);
	}
	return lines;
}

function problemsOf({ differing, wrong, lostRows, notSent }: Verdict): string[] {
	return namedIn(
		['The simulator does not hold what the items say of', differing],
		['The items are not what this example must give for', wrong],
		['The items say nothing of these rows', lostRows],
		['Failed', notSent],
	);
}

function listed({ pushed }: Items): Items['pushed'] {
	return pushed.length > MOST_LISTED_CUSTOMERS ? [] : pushed;
}

/** One line for each customer: what became of it. */
function customerTable(items: Items): string {
	const failed = items.failed.filter(({ CustomerId }) => CustomerId !== undefined);
	const all = [...listed(items), ...failed];
	if (all.length === 0) {
		return '';
	}
	const table = createTable(
		['Customer', 'Devices', 'Status', 'RequestId', 'Attempts'],
		[widthOf(all), 9, 0, 38, 10],
	);
	for (const { CustomerId, DeviceInfos, RequestId = '-', Attempts } of listed(items)) {
		const status = Attempts === undefined ? 'ready, not sent' : 'OK';
		table.push([printable(CustomerId), DeviceInfos.length, status, RequestId, Attempts ?? 0]);
	}
	for (const one of failed) {
		const { CustomerId, DeviceInfos: { length = '-' } = {}, RequestId = '-', attempts } = one;
		table.push([printable(CustomerId), length, failedStatus(one), RequestId, attempts]);
	}
	return table.toString();
}

function failedStatus({ outcome, message, advice, reasons }: FailedItem): string {
	if (!reasons?.length) {
		return `${outcome}: ${message} ${advice}.`;
	}
	const rows = [...new Set(reasons.map(({ row }) => row))];
	return `${outcome}: withheld for row${rows.length === 1 ? '' : 's'} ${rows.join(', ')}`;
}

/** One line for each reason why a row cannot be used. */
function invalidRowTable({ items, rows, columns }: PushReport): string {
	const reasons = items.failed
		.flatMap(({ CustomerId, reasons: its = [] }) => its.map((reason) => ({ ...reason, CustomerId })))
		.sort((a, b) => a.row - b.row);
	if (reasons.length === 0) {
		return '';
	}
	const table = createTable(
		['Row', 'Customer', 'Field', 'Value', 'What to do'],
		[7, widthOf(reasons), 18, 28, 0],
	);
	for (const { row, CustomerId = '-', field, text } of reasons) {
		table.push([row, printable(CustomerId), field, valueOf(rows[row - 1], field, columns), text]);
	}
	const legend = FIELDS.map((field) => `${field} = ${printable(columns[field] ?? '-')}`).join(', ');
	return `Rows that cannot be used, counted from 1 below the column names.\n${legend}\n${table.toString()}`;
}

/** A cell, as far as the field has a column of its own. */
function valueOf(row: Row | undefined, name: string, columns: GivenColumns): string {
	const field = FIELDS.find((one) => one === name);
	const column = field && columns[field];
	return column === undefined ? '-' : printable(row?.[column]);
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

function widthOf(customers: ReadonlyArray<{ CustomerId?: string | undefined }>): number {
	const longest = Math.max(...customers.map(({ CustomerId = '' }) => printable(CustomerId).length));
	return Math.min(CUSTOMER_WIDTH.max, Math.max(CUSTOMER_WIDTH.min, longest + 2));
}

/**
 * What the runs of one node write into the log, and what `last` of the lock row remembers for that:
 *
 *     stretch    runs that wrote no receipt and came to the same: they stand in one row, which is written when it is over
 *     repeats    failures that stand in the log already: a customer that fails on and on stands there once
 *     missing    receipts that could not be written; the next run that can write says so
 */
import { digestOfText } from '../../service/signing/signature';
import type { ClosingFacts } from './logTables';
import {
	type LogRow,
	type Mark,
	type Receipt,
	type RunRow,
	writeMark,
	writeReceipt,
	writeRunRow,
} from './receipt';

export interface LogMemory {
	/** Whether a run of the node has written to the log: its first run is marked there. */
	isBegun: boolean;
	stretch?: RunRow | undefined;
	/** A key of 11 characters for each failure: 6 of its customer, 5 of what failed. */
	repeats: readonly string[];
	missing: number;
}

const NONE: LogMemory = { isBegun: false, repeats: [], missing: 0 };

/** 5,000 of them are 70 kB in the lock row; the failures beyond are written again by each run. */
const MOST_REPEATS = 5_000;

const CUSTOMER_LENGTH = 6;
const FAILURE_LENGTH = 5;

/** What `last` has; nothing where somebody has edited it. */
export function readLogMemory(value: unknown): LogMemory {
	const { isBegun, stretch, repeats, missing } = (value ?? {}) as Partial<Record<keyof LogMemory, unknown>>;
	const isRow = typeof stretch === 'object' && stretch !== null && 'runs' in stretch;
	return {
		isBegun: isBegun === true,
		stretch: isRow ? (stretch as RunRow) : undefined,
		repeats: Array.isArray(repeats) ? repeats.filter((key) => typeof key === 'string') : NONE.repeats,
		missing: Number.isInteger(missing) ? Number(missing) : 0,
	};
}

/** The receipts of a run that are not in the log yet, and the failures that will be. */
export function withoutRepeats(
	receipts: readonly Receipt[],
	{ repeats }: LogMemory,
): { fresh: Receipt[]; repeats: string[] } {
	const byCustomer = new Map(repeats.map((key) => [key.slice(0, CUSTOMER_LENGTH), key]));
	const fresh: Receipt[] = [];
	for (const receipt of receipts) {
		const customer = digestOfText(`${receipt.node} ${receipt.customerId}`, CUSTOMER_LENGTH);
		if (receipt.outcome === 'OK' || receipt.outcome === 'GONE') {
			byCustomer.delete(customer);
			fresh.push(receipt);
			continue;
		}
		const { outcome, code, devices } = receipt;
		const key = customer + digestOfText(JSON.stringify([outcome, code, devices]), FAILURE_LENGTH);
		if (byCustomer.get(customer) !== key) {
			fresh.push(receipt);
		}
		byCustomer.set(customer, key);
	}
	return { fresh, repeats: [...byCustomer.values()].slice(-MOST_REPEATS) };
}

/** Whether a run came to the same as those before it, and needs no row of its own. */
export function continues(stretch: RunRow | undefined, run: RunRow): stretch is RunRow {
	return stretch?.health === run.health && stretch.code === run.code;
}

/** A stretch with one more run. */
export function extend(stretch: RunRow, { atMs, summary, summaryZh }: RunRow): RunRow {
	return { ...stretch, atMs, runs: stretch.runs + 1, summary, summaryZh };
}

/** Everything that a run writes: receipts, then what closes them. */
export interface LogEntry {
	account: string;
	receipts: readonly Receipt[];
	/** Of the run. */
	run: RunRow;
	memory: LogMemory;
	/** Whether no run of the node has come to its end before. */
	isFirst: boolean;
}

export function receiptRows({ account, receipts }: LogEntry): LogRow[] {
	return receipts.map((receipt) => writeReceipt(account, receipt));
}

/** The rows that stand behind the receipts of a run. */
export function closingRows(
	{ account, run, memory, isFirst, receipts }: LogEntry,
	{ missing, hasDropped }: ClosingFacts,
): LogRow[] {
	const { node, atMs } = run;
	const marks: Mark[] = [];
	if (!memory.isBegun) {
		marks.push({ node, atMs, kind: isFirst ? 'first' : 'begin' });
	}
	if (hasDropped) {
		marks.push({ node, atMs: monthOf(atMs), kind: 'dropped' });
	}
	if (memory.missing + missing > 0) {
		marks.push({ node, atMs, kind: 'gap', missing: memory.missing + missing });
	}
	const rows = marks.map((mark) => writeMark(account, mark));
	if (memory.stretch !== undefined) {
		rows.push(writeRunRow(account, memory.stretch));
	}
	return [...rows, writeRunRow(account, { ...run, receipts: receipts.length - missing, missing })];
}

/** From this month on nothing was dropped. */
function monthOf(atMs: number): number {
	const date = new Date(atMs);
	return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

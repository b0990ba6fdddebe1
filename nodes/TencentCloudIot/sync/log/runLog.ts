/**
 * What the runs of one node write into the log, and what `last` of the lock row remembers for that:
 *
 *     stretch    runs that wrote no receipt and came to the same: they stand in one row, which is written when it is over
 *     repeats    failures that stand in the log already: a customer that fails on and on stands there once, and behind it, once that is
 *                over, until when (repeats.ts)
 *     missing    receipts that were not written; the next run that writes some says so
 *     inDoubt    customers that an interrupted run may have sent, and that no run has sent since: they have no receipt of it yet
 */
import { integerOf, isInteger, isText, readMembers } from '../edited';
import type { ClosingFacts } from './logTables';
import {
	type LogRow,
	type Mark,
	type Receipt,
	type RunRow,
	markFormat,
	receiptFormat,
	repeatEndFormat,
	runFormat,
} from './receipt';
import { type RepeatedFailures, readRepeats } from './repeats';

export interface LogMemory {
	/** Whether a run of the node has written to the log: its first run is marked there. */
	isBegun: boolean;
	stretch?: RunRow | undefined;
	repeats: RepeatedFailures['kept'];
	missing: number;
	/** When the last of the missing ones was to be written, Unix milliseconds: receipts of later runs are newer. */
	missingMs?: number | undefined;
	inDoubt: number;
	/** The id of the table that was written to last. If that table is gone, the log begins anew. */
	tableId?: string | undefined;
}

/** What `last` has; nothing where somebody has edited it. */
export function readLogMemory(value: unknown): LogMemory {
	const { isBegun, stretch, repeats, missing, missingMs, inDoubt, tableId } = readMembers<LogMemory>(value);
	return {
		isBegun: isBegun === true,
		stretch: readMembers<RunRow>(stretch).runs === undefined ? undefined : (stretch as RunRow),
		repeats: readRepeats(repeats),
		missing: integerOf(missing),
		missingMs: isInteger(missingMs) ? missingMs : undefined,
		inDoubt: integerOf(inDoubt),
		tableId: isText(tableId) ? tableId : undefined,
	};
}

/**
 * A stretch with one more run: with the first one where there is none yet.
 * @returns undefined for a run that came to something else, and needs a row of its own
 */
export function extendStretch(stretch: RunRow | undefined, run: RunRow): RunRow | undefined {
	if (stretch === undefined) {
		return run;
	}
	if (stretch.health !== run.health || stretch.code !== run.code) {
		return undefined;
	}
	const { atMs, summary, summaryZh } = run;
	return { ...stretch, atMs, runs: stretch.runs + 1, summary, summaryZh };
}

/** What a run writes behind its receipts. */
interface LogEnd {
	account: string;
	/** Of the run. */
	run: RunRow;
	memory: LogMemory;
	/** Whether no run of the node has come to its end before. */
	isFirst: boolean;
	/** How many receipts the run has, whether or not they could be written. */
	receipts: number;
}

/** The rows of a receipt. One that ends a failure which has repeated itself is preceded by the row for that end. */
export function receiptRows(account: string, receipt: Receipt, repeats: RepeatedFailures): LogRow[] {
	const { customerId, node } = receipt;
	const rows = [receiptFormat.write(account, receipt)];
	const lastMs = repeats.endedBy(receipt);
	if (lastMs !== undefined) {
		rows.unshift(repeatEndFormat.write(account, { customerId, node, lastMs }));
	}
	return rows;
}

/** The rows that stand behind the receipts of a run. */
export function closingRows(
	{ account, run, memory, isFirst, receipts }: LogEnd,
	{ missing, hasDropped, isLost }: ClosingFacts,
): LogRow[] {
	const { node, atMs } = run;
	const marks: Mark[] = [];
	if (!memory.isBegun || isLost) {
		marks.push({ node, atMs, kind: isFirst ? 'first' : 'begin' });
	}
	if (hasDropped) {
		marks.push({ node, atMs: monthOf(atMs), kind: 'dropped' });
	}
	if (memory.missing > 0) {
		marks.push({ node, atMs: memory.missingMs ?? atMs, kind: 'gap', missing: memory.missing });
	}
	if (missing > 0) {
		marks.push({ node, atMs, kind: 'gap', missing });
	}
	const rows = marks.map((mark) => markFormat.write(account, mark));
	if (memory.stretch !== undefined) {
		rows.push(runFormat.write(account, memory.stretch));
	}
	return [...rows, runFormat.write(account, { ...run, receipts: receipts - missing, missing })];
}

/** The first moment of the month. */
function monthOf(atMs: number): number {
	const date = new Date(atMs);
	return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

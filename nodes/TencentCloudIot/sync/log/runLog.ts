/**
 * Makes the rows that a run writes into the log. The cell `last` of the lock row remembers what a later run needs to make its rows:
 *
 *     stretch    successive runs that wrote no receipt and ended the same way: they share one row, written before the next row of a run
 *     repeats    failures that have a receipt already: a customer that keeps failing gets no further one (repeats.ts)
 *     missing    receipts that could not be written: the next run that can write says so in the log
 *     inDoubt    customers that an interrupted run may have sent, and that no run has sent since: the log has no receipt of that request
 */
import { integerOf, isMoment, isText, readMembers } from '../edited';
import type { ClosingFacts } from './logWriter';
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
import { OngoingFailures } from './repeats';

/** What the cell `last` remembers for the log, in its member `log`: see the head of this file. */
export interface LogMemory {
	/** Whether a run of the node has written to the log, which then has a mark that says since when it has receipts of the node. */
	isBegun: boolean;
	/** The shared row of successive runs; undefined if the last run has a row of its own. */
	stretch?: RunRow | undefined;
	/** The failures that are not over yet, in groups by the last run that met them: the log has their receipts already. */
	repeats: OngoingFailures['failureGroups'];
	/** How many receipts could not be written, and are not marked in the log as a gap yet. */
	missing: number;
	/** The time of the newest receipt that is missing, Unix milliseconds: it should have been written then. */
	missingMs?: number | undefined;
	/** How many customers an interrupted run left in doubt: Tencent may or may not have the devices that the run sent. */
	inDoubt: number;
	/** The id of the log table that was written to last. If that table is gone, the log counts as begun anew. */
	tableId?: string | undefined;
}

/** Reads the member `log` of the cell `last`. A value that somebody has edited so that it cannot be read is ignored. */
export function readLogMemory(value: unknown): LogMemory {
	const { isBegun, stretch, repeats, missing, missingMs, inDoubt, tableId } = readMembers<LogMemory>(value);
	return {
		isBegun: isBegun === true,
		stretch: runFormat.ofMembers(readMembers<RunRow>(stretch)),
		repeats: OngoingFailures.readFailureGroups(repeats),
		missing: integerOf(missing),
		missingMs: isMoment(missingMs) ? missingMs : undefined,
		inDoubt: integerOf(inDoubt),
		tableId: isText(tableId) ? tableId : undefined,
	};
}

/** What the closing rows of a run are made of. */
interface ClosingInput {
	/** The row that says how the run ended. */
	run: RunRow;
	/** What earlier runs left in the cell `last`. */
	logMemory: LogMemory;
	/** Whether no earlier run of the node with this account has finished. */
	isFirstRun: boolean;
	/** How many receipts of the run the log should have, whether they could be written or not. */
	receiptCount: number;
}

/** Makes the rows that one run writes into the log. */
export class RunLogRows {
	readonly #accountHash: string;
	readonly #ongoingFailures: OngoingFailures;

	/** @param accountHash the hash of App Key and endpoint, as in the column `account` */
	constructor(accountHash: string, ongoingFailures: OngoingFailures) {
		this.#accountHash = accountHash;
		this.#ongoingFailures = ongoingFailures;
	}

	/**
	 * Adds a run that wrote no receipt to the shared row of the runs before it.
	 * @returns the longer stretch; undefined if the run ended in another way, and needs a row of its own
	 */
	static extendStretch(stretch: RunRow | undefined, run: RunRow): RunRow | undefined {
		if (stretch === undefined) {
			return run;
		}
		if (stretch.health !== run.health || stretch.code !== run.code) {
			return undefined;
		}
		const { atMs, summary, summaryZh } = run;
		return { ...stretch, atMs, runs: stretch.runs + 1, summary, summaryZh };
	}

	/** Makes the rows of a receipt. If the receipt ends a repeated failure, a row that says until when the failure lasted comes first. */
	rowsOfReceipt(receipt: Receipt): LogRow[] {
		const { customerId, nodeKey } = receipt;
		const rows = [receiptFormat.write(this.#accountHash, receipt)];
		const lastMetMs = this.#ongoingFailures.lastMetMsIfEndedBy(receipt);
		if (lastMetMs !== undefined) {
			rows.unshift(repeatEndFormat.write(this.#accountHash, { customerId, nodeKey, lastMetMs }));
		}
		return rows;
	}

	/** Makes the closing rows, which follow the receipts: marks, the stretch before the run, and the row of the run. */
	makeClosingRows(
		{ run, logMemory, isFirstRun, receiptCount }: ClosingInput,
		{ missing, keptFromMs, isTableLost }: ClosingFacts,
	): LogRow[] {
		const { nodeKey, atMs } = run;
		const marks: Mark[] = [];
		if (!logMemory.isBegun || isTableLost) {
			marks.push({ nodeKey, atMs, kind: isFirstRun ? 'first' : 'begin' });
		}
		if (keptFromMs !== undefined) {
			marks.push({ nodeKey, atMs: keptFromMs, kind: 'dropped' });
		}
		if (logMemory.missing > 0) {
			marks.push({ nodeKey, atMs: logMemory.missingMs ?? atMs, kind: 'gap', missing: logMemory.missing });
		}
		if (missing > 0) {
			marks.push({ nodeKey, atMs, kind: 'gap', missing });
		}
		const rows = marks.map((mark) => markFormat.write(this.#accountHash, mark));
		if (logMemory.stretch !== undefined) {
			rows.push(runFormat.write(this.#accountHash, logMemory.stretch));
		}
		rows.push(runFormat.write(this.#accountHash, { ...run, receipts: receiptCount - missing, missing }));
		return rows;
	}
}

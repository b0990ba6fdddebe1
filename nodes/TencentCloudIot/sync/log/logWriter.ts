/**
 * Writes the receipts of a run to the table of the month. All Data Tables of an n8n share one limit of space (logTables.ts). So the log has a
 * lower limit of its own, which is checked before each write: the tables of the earliest months are deleted until the log keeps to it.
 */
import {
	createTable,
	type DataTables,
	isUnusable,
	namedExactly,
	TableUnusable,
} from '../../tables/dataTables';
import { LIST_LOG_TABLES, type LogTable, logTablesIn, tableNameAt } from './logTables';
import { LOG_COLUMNS, type LogRow, type Receipt } from './receipt';

/**
 * How many receipts one call of n8n inserts. In calls of 5,000, 100,000 receipts took 8.4 s of processor time on SQLite and 6.0 s on PostgreSQL,
 * and blocked the event loop for 0.07 s at most (n8n 2.41.1). In calls of 1,000 they took 16 to 23 s.
 */
const RECEIPTS_A_CALL = 5_000;

/** A run attempts an INSERT at most this often if somebody keeps renaming or deleting the table. Without a limit it could go on forever. */
const MOST_INSERT_ATTEMPTS = 3;

/** How many bytes a row takes besides its texts. With 500 bytes of text, 93 bytes were measured on SQLite and 75 on PostgreSQL. */
const ROW_OVERHEAD_BYTES = 93;

/** From how many of its newest rows the size of a table is estimated: n8n does not tell a node how large a table is. */
const MEASURED_ROWS = 50;

const MB = 1_000_000;

/** The options by which the user limits the log. */
interface LogLimits {
	/** 'Keep Receipts (Months)', the current month included; 0 for no receipts. */
	keepMonths: number;
	/** 'Largest Log (MB)': the limit for all months together. */
	largestMb: number;
}

/**
 * Why receipts could not be written.
 * - `tooLarge`: the log would exceed 'Largest Log (MB)', and there is no older month to drop
 * - `full`: the space of all Data Tables is used up, and there is no older month to drop
 * - `otherColumns`: somebody has renamed or deleted a column of this month's table
 * - `notUsable`: this n8n has no usable Data Tables, or its database does not respond
 */
type WhyReceiptsMissing = 'tooLarge' | 'full' | 'otherColumns' | 'notUsable';

/** Causes that last until somebody does something: a message says what. */
const LASTING_REASONS = ['full', 'otherColumns'] as const;

/** What became of a batch of receipts that was to be written. */
export interface LogBatchResult {
	/** How many receipts were written. */
	writtenCount: number;
	/** How many receipts could not be written. */
	missing: number;
	/** Why receipts could not be written; undefined if all were written. */
	why: WhyReceiptsMissing | undefined;
	/** Whether the rows that close a run (`ClosingFacts`) were written. One of these rows says how many receipts of the run are missing. */
	areClosingRowsWritten: boolean;
	/** The id of this month's table; undefined if there is none. */
	tableId: string | undefined;
	/** Whether the table that the last run has written to is gone: it was dropped, or somebody has deleted it. */
	isTableLost: boolean;
}

/** What a run puts into its closing rows. These follow its receipts in the log, and say how the run ended and what the log lacks. */
export interface ClosingFacts {
	/** How many receipts of the run could not be written. */
	missing: number;
	/** If this run has dropped tables of earlier months: the end of the last of these months, Unix milliseconds. Else undefined. */
	keptFromMs: number | undefined;
	/** Whether the table that the last run has written to is gone. */
	isTableLost: boolean;
}

/** What to write: receipts, and at the end of a run its closing rows. */
interface LogBatch {
	receipts: readonly Receipt[];
	/** Makes the rows of one receipt. It is called piece by piece: the rows of 100,000 customers would take 40 MB at once. */
	rowsOfReceipt: (receipt: Receipt) => readonly LogRow[];
	/** Makes the closing rows; undefined if the run is not over. */
	makeClosingRows?: ((facts: ClosingFacts) => readonly LogRow[]) | undefined;
}

/** Writes to the log for one run, within its limits. */
export class LogWriter {
	readonly #tables: DataTables;
	readonly #limits: LogLimits;
	/** The name of this month's table; '' before anything is written. */
	#monthTableName = '';
	/** The id of this month's table; undefined while it does not exist. */
	#monthTableId: string | undefined;
	/** Whether this run knows the tables of the log and their sizes. After a failure the run looks them up again. */
	#areTablesLookedUp = false;
	/** The tables of earlier months with their estimated sizes, the oldest first. */
	#earlierMonths: Array<{ table: LogTable; bytes: number }> = [];
	/** The estimated size of this month's table. */
	#thisMonthBytes = 0;
	/** `ClosingFacts.keptFromMs` */
	#keptFromMs: number | undefined;
	readonly #lastTableId: string | undefined;
	/** Whether the table that the last run has written to is gone. */
	#isTableLost = false;

	/** @param lastTableId the id of the table that the last run has written to; undefined if no run has written to the log yet */
	constructor(tables: DataTables, limits: LogLimits, lastTableId?: string) {
		this.#tables = tables;
		this.#limits = limits;
		this.#lastTableId = lastTableId;
	}

	/**
	 * Writes a batch in pieces, and makes room before each piece. Never rejects: receipts that cannot be written are counted.
	 * @param nowMs decides which month's table gets the rows, and which months are too old to keep
	 */
	async write(
		{ receipts, rowsOfReceipt, makeClosingRows = () => [] }: LogBatch,
		nowMs: number,
	): Promise<LogBatchResult> {
		let writtenCount = 0;
		let areClosingRowsWritten = false;
		let why: WhyReceiptsMissing | undefined;
		try {
			await this.#lookUpTables(nowMs);
			while (!areClosingRowsWritten && why === undefined) {
				const receiptPiece = receipts.slice(writtenCount, writtenCount + RECEIPTS_A_CALL);
				const rows = receiptPiece.flatMap(rowsOfReceipt);
				const isLastPiece = writtenCount + receiptPiece.length === receipts.length;
				if (await this.#makeRoomFor(rows)) {
					const closingRows = isLastPiece ? makeClosingRows(this.#closingFactsOf(0)) : [];
					await this.#insertRows([...rows, ...closingRows]);
					writtenCount += receiptPiece.length;
					areClosingRowsWritten = isLastPiece;
				} else {
					why = 'tooLarge';
				}
			}
		} catch (cause) {
			why = LASTING_REASONS.find((lastingReason) => isUnusable(cause, lastingReason)) ?? 'notUsable';
			this.#areTablesLookedUp = false;
		}
		const missing = receipts.length - writtenCount;
		if (!areClosingRowsWritten) {
			areClosingRowsWritten = await this.#insertRows(makeClosingRows(this.#closingFactsOf(missing))).then(
				() => true,
				() => false,
			);
		}
		return {
			writtenCount,
			missing,
			why,
			areClosingRowsWritten,
			tableId: this.#monthTableId,
			isTableLost: this.#isTableLost,
		};
	}

	#closingFactsOf(missing: number): ClosingFacts {
		return { missing, keptFromMs: this.#keptFromMs, isTableLost: this.#isTableLost };
	}

	/** Looks up the tables, drops those of months that are too old, and estimates the sizes of the others. */
	async #lookUpTables(nowMs: number): Promise<void> {
		const name = tableNameAt(nowMs);
		if (this.#areTablesLookedUp && this.#monthTableName === name) {
			return;
		}
		this.#monthTableName = name;
		const [listedTables, newestRows] = await this.#tables.run([
			LIST_LOG_TABLES,
			{ do: 'read', table: { name }, newest: MEASURED_ROWS },
		]);
		this.#earlierMonths = [];
		this.#thisMonthBytes = estimateTableBytes(newestRows);
		const firstKeptMs = startOfMonth(nowMs, this.#limits.keepMonths - 1);
		this.#monthTableId = namedExactly(listedTables, name)?.id;
		const isLastTableThere = listedTables.some(({ id }) => id === this.#lastTableId);
		this.#isTableLost ||= this.#lastTableId !== undefined && !isLastTableThere;
		for (const table of logTablesIn(listedTables)) {
			if (table.fromMs < firstKeptMs) {
				await this.#dropTable(table);
			} else if (table.name !== name) {
				this.#earlierMonths.push({ table, bytes: await this.#bytesOfTable(table) });
			}
		}
		this.#areTablesLookedUp = true;
	}

	/** Drops earlier months, the oldest first, until the rows fit into the log. @returns false, and drops none, if the rows would not fit even then */
	async #makeRoomFor(rows: readonly LogRow[]): Promise<boolean> {
		const limitBytes = this.#limits.largestMb * MB;
		const addedBytes = bytesOfRows(rows);
		if (this.#thisMonthBytes + addedBytes > limitBytes) {
			return false;
		}
		while (this.#thisMonthBytes + addedBytes + this.#earlierBytes > limitBytes) {
			await this.#dropEarliest();
		}
		return true;
	}

	/** Inserts rows into this month's table. @throws TableUnusable if the rows are not in the log */
	async #insertRows(rows: readonly LogRow[]): Promise<void> {
		let isInserted = rows.length === 0;
		// Each earlier month may cost one attempt: it is dropped if n8n has no space left.
		let attemptsLeft = MOST_INSERT_ATTEMPTS + this.#earlierMonths.length;
		while (!isInserted) {
			if (attemptsLeft === 0) {
				throw new TableUnusable('notFound');
			}
			attemptsLeft--;
			isInserted = await this.#tryInsertRows(rows).catch(async (cause: unknown) => {
				await this.#recoverFrom(cause);
				return false;
			});
		}
		this.#thisMonthBytes += bytesOfRows(rows);
	}

	/**
	 * Makes one attempt to insert rows. The call names the table by its id: with the name n8n would insert the rows one by one, each in a
	 * transaction of its own.
	 * @returns false if somebody has renamed or replaced the table: then the rows are not in the log, whose tables are found by their names
	 */
	async #tryInsertRows(rows: readonly LogRow[]): Promise<boolean> {
		const id = this.#monthTableId ?? (await createTable(this.#tables, this.#monthTableName, LOG_COLUMNS)).id;
		this.#monthTableId = id;
		const [listed] = await this.#tables.run([
			{ do: 'list', nameContains: this.#monthTableName },
			{ do: 'insert', table: { id }, rows },
		]);
		this.#monthTableId = namedExactly(listed, this.#monthTableName)?.id;
		return this.#monthTableId === id;
	}

	/**
	 * Prepares a further attempt after a failed INSERT: drops the earliest month if n8n has no space left, and forgets the id of a table that
	 * somebody has deleted. @throws any other failure
	 */
	async #recoverFrom(cause: unknown): Promise<void> {
		if (isUnusable(cause, 'full') && this.#earlierMonths.length > 0) {
			await this.#dropEarliest();
		} else if (isUnusable(cause, 'notFound') && this.#monthTableId !== undefined) {
			this.#monthTableId = undefined;
		} else {
			throw cause;
		}
	}

	get #earlierBytes(): number {
		return this.#earlierMonths.reduce((total, { bytes }) => total + bytes, 0);
	}

	async #dropEarliest(): Promise<void> {
		const earliestMonth = this.#earlierMonths.shift();
		if (earliestMonth !== undefined) {
			await this.#dropTable(earliestMonth.table);
		}
	}

	async #dropTable({ id, untilMs }: LogTable): Promise<void> {
		this.#keptFromMs = untilMs;
		await this.#tables.run([{ do: 'drop', table: { id } }]);
	}

	/** Estimates the size of an earlier month's table. Nothing is added to such a table any more, so one estimate in each process is enough. */
	async #bytesOfTable({ id }: LogTable): Promise<number> {
		const rememberedBytes = bytesByTableId.get(id);
		if (rememberedBytes !== undefined) {
			return rememberedBytes;
		}
		const [newestRows] = await this.#tables.run([{ do: 'read', table: { id }, newest: MEASURED_ROWS }]);
		const tableBytes = estimateTableBytes(newestRows);
		bytesByTableId.set(id, tableBytes);
		return tableBytes;
	}
}

/** The estimated sizes of earlier months' tables, by the ids of the tables. */
const bytesByTableId = new Map<string, number>();

/** Estimates the size of a table from its newest rows. Single rows are hardly ever deleted, so the highest id says how many rows the table has. */
function estimateTableBytes(
	newestRows: ReadonlyArray<Readonly<Record<string, unknown>> & { id: number }>,
): number {
	if (newestRows.length === 0) {
		return 0;
	}
	const rowCount = Math.max(...newestRows.map(({ id }) => id));
	return (rowCount * bytesOfRows(newestRows as unknown as LogRow[])) / newestRows.length;
}

/** The first moment of the month that is `monthsBefore` months before the month of `unixMs`. Both are Unix milliseconds; months are those of UTC. */
function startOfMonth(unixMs: number, monthsBefore: number): number {
	const date = new Date(unixMs);
	return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - monthsBefore);
}

function bytesOfRows(rows: readonly LogRow[]): number {
	return rows.reduce((totalBytes, { account, customer, at, receipt }) => {
		return totalBytes + ROW_OVERHEAD_BYTES + Buffer.byteLength(`${account}${customer}${at}${receipt}`);
	}, 0);
}

/**
 * The tables of the log: one for each month, `tencent_iot_log_2026_11`, so that the oldest receipts go by dropping a table.
 *
 * All Data Tables of an n8n share one limit (200 MiB, 50 in older versions). When it is reached, UPDATE and INSERT are refused for the state of
 * Sync as well, and on PostgreSQL deleting rows frees nothing: what frees space at once, on each database, is to drop a table. So the log
 * has a limit of its own that is looked at before anything is written; and where even the state is refused, the oldest month goes.
 */
import {
	type Condition,
	createTable,
	type DataTables,
	equal,
	type ListedTable,
	isUnusable,
	namedExactly,
	TableUnusable,
} from '../../tables/dataTables';
import { LOG_COLUMNS, type LogRow, type Receipt } from './receipt';

const PREFIX = 'tencent_iot_log_';
const NAME = /^tencent_iot_log_(\d{4})_(\d{2})$/;

/**
 * Rows of four columns in one INSERT of n8n: 100,000 took 8.4 s of processor on SQLite and 6.0 s on PostgreSQL, and the longest stall was
 * 0.07 s (n8n 2.41.1). With 1,000 a call it took 16 to 23 s.
 */
const RECEIPTS_A_CALL = 5_000;

/** How often rows are inserted where somebody renames or deletes the table meanwhile. Without an end n8n would be busy with it for ever. */
const MOST_ATTEMPTS = 3;

/** What a row takes besides its texts: with 500 bytes of text it was 93 bytes on SQLite and 75 on PostgreSQL. */
const ROW_OVERHEAD_BYTES = 93;

/** The size of a table is estimated from this many of its newest rows: n8n does not tell a node how large a table is. */
const ROWS_MEASURED = 50;

const MB = 1_000_000;

/** What the user chose for the log. */
interface LogLimits {
	/** 'Keep Receipts (Months)', this one included; 0 for none. */
	keepMonths: number;
	/** 'Largest Log (MB)' of all months together. */
	largestMb: number;
}

/**
 * Why receipts are missing.
 * - `tooLarge`: the log would be larger than it may be, and there is no older month to drop
 * - `full`: the space of all Data Tables is used up, and there is no older month to drop
 * - `notUsable`: this n8n has no usable Data Tables, or its database does not respond
 */
type WhyMissing = 'tooLarge' | 'full' | 'notUsable';

/** What became of rows that were to be written. */
export interface Written {
	written: number;
	missing: number;
	why: WhyMissing | undefined;
	/** Whether the rows behind the receipts were written. Then the log itself says how many receipts are missing. */
	isClosed: boolean;
	/** The id of the table that was written to; undefined where none could be found. */
	tableId: string | undefined;
	/** Whether the table that earlier runs have written to is gone. */
	isLost: boolean;
}

/** A month's table. */
export interface LogTable {
	id: string;
	name: string;
	/** The first moment of its month, Unix milliseconds, UTC. */
	fromMs: number;
	/** The first moment of the month after it. */
	untilMs: number;
}

/** The log tables among those that were listed, the oldest first. */
export function logTablesIn(tables: readonly ListedTable[]): LogTable[] {
	const found = tables.flatMap(({ id, name }) => {
		const [, year, month] = NAME.exec(name) ?? [];
		const fromMs = Date.UTC(Number(year), Number(month) - 1);
		const untilMs = Date.UTC(Number(year), Number(month));
		return Number.isNaN(fromMs) ? [] : [{ id, name, fromMs, untilMs }];
	});
	return found.sort((a, b) => a.fromMs - b.fromMs);
}

/** e.g. `tencent_iot_log_2026_11` */
export function tableNameAt(ms: number): string {
	return PREFIX + new Date(ms).toISOString().slice(0, 7).replace('-', '_');
}

/** Lists what `logTablesIn` finds the log tables in. */
export const LIST_LOG_TABLES = { do: 'list', nameContains: PREFIX } as const;

/** Lists the log tables, the oldest first. */
export async function listLogTables(tables: DataTables): Promise<LogTable[]> {
	const [listed] = await tables.run([LIST_LOG_TABLES]);
	return logTablesIn(listed);
}

/**
 * Drops the table of the oldest month, to free space, even if it is the only one.
 * @returns whether there was one
 */
export async function dropOldestLog(tables: DataTables): Promise<boolean> {
	const [oldest] = await listLogTables(tables);
	if (oldest === undefined) {
		return false;
	}
	await tables.run([{ do: 'drop', table: { id: oldest.id } }]);
	return true;
}

/**
 * Makes room for the state of Sync, which is worth more than old receipts: if the space of all Data Tables is used up the oldest month of the
 * log is dropped, and the call is made once more. That is safe, since an `UPDATE` that was refused has changed nothing, and one that took
 * effect after all names a stamp that is gone.
 */
export function withRoomForState(tables: DataTables): DataTables {
	return {
		run: async (steps) => {
			return await tables.run(steps).catch(async (cause: unknown) => {
				const hasRoom = isUnusable(cause, 'full') && (await dropOldestLog(tables));
				return hasRoom ? await tables.run(steps) : await Promise.reject(cause as Error);
			});
		},
	};
}

/**
 * Deletes the receipts and runs of one node in all months. On PostgreSQL that frees no space.
 * @param node names workflow and node
 * @returns how many rows were deleted
 */
export async function forgetLog(tables: DataTables, node: string): Promise<number> {
	const inReceipt: Condition = { column: 'receipt', is: 'contains', value: `"n":${JSON.stringify(node)}` };
	let count = 0;
	for (const { id } of await listLogTables(tables)) {
		const where = { some: [inReceipt, equal('customer', node)] };
		const [deleted] = await tables.run([{ do: 'remove', table: { id }, where }]);
		count += deleted.length;
	}
	return count;
}

/** What the rows behind the receipts are to say. */
export interface ClosingFacts {
	/** How many of the receipts could not be written. */
	missing: number;
	/** Whether older months were dropped for this run. */
	hasDropped: boolean;
	/** Whether the table is gone that the runs before have written to. */
	isLost: boolean;
}

/** What is to be written: receipts, and at the end of a run the rows behind them. */
interface LogBatch {
	receipts: readonly Receipt[];
	/** Makes the rows of one receipt. They are made piece by piece: those of 100,000 customers would take 40 MB. */
	rowsOfReceipt: (receipt: Receipt) => readonly LogRow[];
	/** Makes the rows behind the receipts. Left out while the run goes on. */
	closing?: ((facts: ClosingFacts) => readonly LogRow[]) | undefined;
}

/** Writes to the log for one run, and keeps the sizes of the months in mind. */
export class LogWriter {
	readonly #tables: DataTables;
	readonly #limits: LogLimits;
	/** The name of the month's table; '' before anything is written. */
	#monthTable = '';
	/** The id of that table; undefined while there is none. */
	#tableId: string | undefined;
	/** Whether the tables have been looked up. They are looked up again after a failure. */
	#isOpen = false;
	/** The tables of earlier months, the oldest first, with their sizes. */
	#earlier: Array<{ table: LogTable; bytes: number }> = [];
	#monthBytes = 0;
	#hasDropped = false;
	readonly #lastTableId: string | undefined;
	#isLost = false;

	/** @param lastTableId the id of the table that the last run has written to; undefined where no run has written yet */
	constructor(tables: DataTables, limits: LogLimits, lastTableId?: string) {
		this.#tables = tables;
		this.#limits = limits;
		this.#lastTableId = lastTableId;
	}

	/**
	 * Writes rows, in pieces, after it has made room for them. Never rejects: receipts that cannot be written are counted.
	 * @param nowMs decides the month, and which months are too old
	 */
	async write({ receipts, rowsOfReceipt, closing = () => [] }: LogBatch, nowMs: number): Promise<Written> {
		let written = 0;
		let isClosed = false;
		let why: WhyMissing | undefined;
		try {
			await this.#open(nowMs);
			while (!isClosed && why === undefined) {
				const piece = receipts.slice(written, written + RECEIPTS_A_CALL);
				const rows = piece.flatMap(rowsOfReceipt);
				const isLast = written + piece.length === receipts.length;
				if (await this.#makeRoomFor(rows)) {
					const end = isLast ? closing(this.#factsOf(0)) : [];
					await this.#insert([...rows, ...end]);
					written += piece.length;
					isClosed = isLast;
				} else {
					why = 'tooLarge';
				}
			}
		} catch (cause) {
			why = isUnusable(cause, 'full') ? 'full' : 'notUsable';
			this.#isOpen = false;
		}
		const missing = receipts.length - written;
		if (!isClosed) {
			isClosed = await this.#insert(closing(this.#factsOf(missing))).then(
				() => true,
				() => false,
			);
		}
		return { written, missing, why, isClosed, tableId: this.#tableId, isLost: this.#isLost };
	}

	#factsOf(missing: number): ClosingFacts {
		return { missing, hasDropped: this.#hasDropped, isLost: this.#isLost };
	}

	/** Finds the tables, drops the months that are too old, and estimates the size of the others. */
	async #open(nowMs: number): Promise<void> {
		const name = tableNameAt(nowMs);
		if (this.#isOpen && this.#monthTable === name) {
			return;
		}
		this.#monthTable = name;
		const [listed, newest] = await this.#tables.run([
			LIST_LOG_TABLES,
			{ do: 'read', table: { name }, newest: ROWS_MEASURED },
		]);
		this.#earlier = [];
		this.#monthBytes = estimateBytes(newest);
		const firstKept = firstKeptMonth(nowMs, this.#limits.keepMonths);
		this.#tableId = namedExactly(listed, name)?.id;
		const isThere = listed.some(({ id }) => id === this.#lastTableId);
		this.#isLost ||= this.#lastTableId !== undefined && !isThere;
		for (const table of logTablesIn(listed)) {
			if (table.fromMs < firstKept) {
				await this.#drop(table);
			} else if (table.name !== name) {
				this.#earlier.push({ table, bytes: await this.#bytesOf(table) });
			}
		}
		this.#isOpen = true;
	}

	/** @returns false where the rows do not fit into the log, even without the earlier months */
	async #makeRoomFor(rows: readonly LogRow[]): Promise<boolean> {
		const largest = this.#limits.largestMb * MB;
		const added = bytesOfRows(rows);
		if (this.#monthBytes + added > largest) {
			return false;
		}
		while (this.#monthBytes + added + this.#earlierBytes > largest) {
			await this.#dropEarliest();
		}
		return true;
	}

	/** @throws TableUnusable where the rows are not in the log */
	async #insert(rows: readonly LogRow[]): Promise<void> {
		let isInserted = rows.length === 0;
		// Each earlier month can be dropped once for lack of space.
		let attemptsLeft = MOST_ATTEMPTS + this.#earlier.length;
		while (!isInserted) {
			if (attemptsLeft === 0) {
				throw new TableUnusable('notFound');
			}
			attemptsLeft--;
			isInserted = await this.#insertOnce(rows).catch(async (cause: unknown) => {
				await this.#recoverFrom(cause);
				return false;
			});
		}
		this.#monthBytes += bytesOfRows(rows);
	}

	/**
	 * By the id of their table rows go in all at once; by its name n8n would insert them one by one, each in a transaction of its own.
	 * @returns false where somebody has renamed the table: then the rows are not in the log
	 */
	async #insertOnce(rows: readonly LogRow[]): Promise<boolean> {
		const id = this.#tableId ?? (await createTable(this.#tables, this.#monthTable, LOG_COLUMNS)).id;
		this.#tableId = id;
		const [listed] = await this.#tables.run([
			{ do: 'list', nameContains: this.#monthTable },
			{ do: 'insert', table: { id }, rows },
		]);
		this.#tableId = namedExactly(listed, this.#monthTable)?.id;
		return this.#tableId === id;
	}

	/** Drops the earliest month where n8n has no space left, and forgets a table that somebody has deleted. @throws any other refusal */
	async #recoverFrom(cause: unknown): Promise<void> {
		if (isUnusable(cause, 'full') && this.#earlier.length > 0) {
			await this.#dropEarliest();
		} else if (isUnusable(cause, 'notFound') && this.#tableId !== undefined) {
			this.#tableId = undefined;
		} else {
			throw cause;
		}
	}

	get #earlierBytes(): number {
		return this.#earlier.reduce((sum, { bytes }) => sum + bytes, 0);
	}

	async #dropEarliest(): Promise<void> {
		const earliest = this.#earlier.shift();
		if (earliest !== undefined) {
			await this.#drop(earliest.table);
		}
	}

	async #drop({ id }: LogTable): Promise<void> {
		this.#hasDropped = true;
		await this.#tables.run([{ do: 'drop', table: { id } }]);
	}

	/** Nothing is added to a month that is over: it is measured once in a process. */
	async #bytesOf({ id }: LogTable): Promise<number> {
		const measured = bytesOfMonths.get(id);
		if (measured !== undefined) {
			return measured;
		}
		const [newest] = await this.#tables.run([{ do: 'read', table: { id }, newest: ROWS_MEASURED }]);
		const bytes = estimateBytes(newest);
		bytesOfMonths.set(id, bytes);
		return bytes;
	}
}

/** The sizes of tables whose month is over, by their ids. */
const bytesOfMonths = new Map<string, number>();

/** The first moment of the oldest month that is kept. */
function firstKeptMonth(nowMs: number, keepMonths: number): number {
	const now = new Date(nowMs);
	return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - keepMonths + 1);
}

/** Rows of a log are never deleted, so the highest id says how many there are. */
function estimateBytes(newest: ReadonlyArray<Readonly<Record<string, unknown>> & { id: number }>): number {
	if (newest.length === 0) {
		return 0;
	}
	const count = Math.max(...newest.map(({ id }) => id));
	return (count * bytesOfRows(newest as unknown as LogRow[])) / newest.length;
}

function bytesOfRows(rows: readonly LogRow[]): number {
	return rows.reduce((sum, { account, customer, at, receipt }) => {
		return sum + ROW_OVERHEAD_BYTES + Buffer.byteLength(`${account}${customer}${at}${receipt}`);
	}, 0);
}

/**
 * The tables of the log: one for each month, e.g. `tencent_iot_log_2026_11`. The oldest receipts are deleted by dropping a table.
 *
 * All Data Tables of an n8n share one limit (200 MiB, in older versions 50). At the limit, n8n refuses UPDATE and INSERT also for the state of
 * Sync. On PostgreSQL deleted rows still count; dropping a table frees space at once on each database. If n8n refuses even the state, the oldest
 * month of the log is dropped.
 */
import {
	type Condition,
	type DataTables,
	equal,
	type ListedTable,
	isUnusable,
	momentOf,
	type TableRow,
} from '../../tables/dataTables';
import { type LogRow, markFormat, receiptFormat, runFormat } from './receipt';

const TABLE_PREFIX = 'tencent_iot_log_';
const TABLE_NAME_PATTERN = /^tencent_iot_log_(\d{4})_(\d{2})$/;

/** The table of one month. */
export interface LogTable {
	id: string;
	name: string;
	/** The first moment of the month in UTC, Unix milliseconds. */
	fromMs: number;
	/** The first moment of the next month in UTC, Unix milliseconds. */
	untilMs: number;
}

/** Finds the log tables among listed tables; the oldest first. */
export function logTablesIn(listedTables: readonly ListedTable[]): LogTable[] {
	const logTables = listedTables.flatMap(({ id, name }) => {
		const [, year, month] = TABLE_NAME_PATTERN.exec(name) ?? [];
		const fromMs = Date.UTC(Number(year), Number(month) - 1);
		const untilMs = Date.UTC(Number(year), Number(month));
		return Number.isNaN(fromMs) ? [] : [{ id, name, fromMs, untilMs }];
	});
	return logTables.sort((a, b) => a.fromMs - b.fromMs);
}

/** The name of the table for a moment, e.g. `tencent_iot_log_2026_11`. @param unixMs Unix milliseconds */
export function tableNameAt(unixMs: number): string {
	return TABLE_PREFIX + new Date(unixMs).toISOString().slice(0, 7).replace('-', '_');
}

/** A step of a call that lists the tables among which `logTablesIn` finds the log tables. */
export const LIST_LOG_TABLES = { do: 'list', nameContains: TABLE_PREFIX } as const;

/** All tables of the log. If a method cannot use them, it throws `TableUnusable`, or what the host's database rejects with. */
export class LogTables {
	readonly #tables: DataTables;

	constructor(tables: DataTables) {
		this.#tables = tables;
	}

	/** Lists the tables of the log, the oldest first. */
	async list(): Promise<LogTable[]> {
		const [listed] = await this.#tables.run([LIST_LOG_TABLES]);
		return logTablesIn(listed);
	}

	/**
	 * Drops the table of the oldest month to free space, even if that is the current month. Each mark of that month becomes a mark of the next
	 * month that says so: otherwise the log would seem complete once another node has begun in a later month.
	 * @returns whether a table was dropped
	 */
	async dropOldest(): Promise<boolean> {
		const [oldestMonth, nextMonth] = await this.list();
		if (oldestMonth === undefined) {
			return false;
		}
		const { id, untilMs } = oldestMonth;
		const isMark: Condition = { column: 'account', is: 'like', value: markFormat.accountCell('%') };
		// The state needs the space more than the log needs its marks: without them, the month is dropped all the same.
		const [markRows] = await this.#tables
			.run([{ do: 'read', table: { id }, where: { every: [isMark] } }])
			.catch(() => [[]]);
		await this.#tables.run([{ do: 'drop', table: { id } }]);
		const rows = markRows.map(({ account, customer }) => {
			const mark = { nodeKey: String(customer), atMs: untilMs, kind: 'dropped' } as const;
			return { ...markFormat.write('', mark), account: String(account) };
		});
		if (nextMonth !== undefined && rows.length > 0) {
			const insertStep = { do: 'insert', table: { id: nextMonth.id }, rows } as const;
			await this.#tables.run([insertStep]).catch(() => undefined);
		}
		return true;
	}

	/**
	 * Makes room for the state of Sync, which is worth more than old receipts: if the space of all Data Tables is used up, it drops the oldest
	 * month of the log and makes the call once more. That is safe: an `UPDATE` that was refused has changed nothing. If it took effect
	 * after all, the repeated `UPDATE` names a stamp that the row no longer has, and changes nothing.
	 */
	withRoomForState(): DataTables {
		return {
			run: async (steps) => {
				return await this.#tables.run(steps).catch(async (cause: unknown) => {
					const hasFreedSpace = isUnusable(cause, 'full') && (await this.dropOldest());
					return hasFreedSpace ? await this.#tables.run(steps) : await Promise.reject(cause as Error);
				});
			},
		};
	}

	/**
	 * Deletes the receipts and the rows of runs of one node in all months. On PostgreSQL that frees no space. The marks stay, and new ones say
	 * that these receipts are missing: otherwise the log would deny what Tencent has accepted.
	 * @param nodeKey the key of the node
	 * @returns how many receipts were deleted
	 */
	async deleteRowsOf(nodeKey: string): Promise<number> {
		const receiptCondition: Condition = {
			column: 'receipt',
			is: 'like',
			value: `%"n":${JSON.stringify(nodeKey)}%`,
		};
		// In the column `customer` a run's row has the key of its node, and a receipt may have a CustomerId of the same text. `account` tells which.
		const runRowCondition: Condition = {
			column: 'account',
			is: 'like',
			value: runFormat.accountCell('%'),
		};
		let deletedReceiptCount = 0;
		for (const { id } of await this.list()) {
			const table = { id };
			const [deletedRows] = await this.#tables.run([
				{ do: 'remove', table, where: { every: [receiptCondition] } },
				{ do: 'remove', table, where: { every: [equal('customer', nodeKey), runRowCondition] } },
			]);
			const receiptRows = deletedRows.filter((row) => receiptFormat.read(row) !== undefined);
			if (receiptRows.length > 0) {
				await this.#tables.run([{ do: 'insert', table, rows: makeGapMarks(receiptRows, nodeKey) }]);
			}
			deletedReceiptCount += receiptRows.length;
		}
		return deletedReceiptCount;
	}
}

/**
 * Makes a mark for each account that says how many receipts of a node the log lacks, because they were deleted.
 * @param receiptRows the rows of the deleted receipts, the newest last
 */
function makeGapMarks(receiptRows: readonly TableRow[], nodeKey: string): LogRow[] {
	const accounts = new Set(receiptRows.map(({ account }) => String(account)));
	return Array.from(accounts, (account) => {
		const receiptRowsOfAccount = receiptRows.filter((row) => row['account'] === account);
		const atMs = momentOf(receiptRowsOfAccount.at(-1)?.['at']);
		return markFormat.write(account, { nodeKey, atMs, kind: 'gap', missing: receiptRowsOfAccount.length });
	});
}

import type { ICheckProcessedOptions, IExecuteFunctions } from 'n8n-workflow';

import { readLastCell } from '../sync/last';
import {
	type LockRow,
	type NodeRows,
	type Part,
	STATE_TABLE,
	SYNC_TABLE,
	type SyncTable,
} from '../sync/lock/table';
import { FIND_TABLES, LOCK_TABLE, writeLockRow } from '../sync/lock/writeLockRow';
import {
	type Condition,
	createTable,
	type DataTables,
	equal,
	isUnusable,
	type ListedTable,
	namedExactly,
	type TableRow,
	TableUnusable,
	type TableStep,
	textOf,
} from '../tables/dataTables';

const PART_TABLE = { name: STATE_TABLE };

/** The columns of a table cannot be changed once it exists. Values that later versions add are members of `last` or `content`. */
const LOCK_COLUMNS = {
	key: 'string',
	workflow: 'string',
	node: 'string',
	owner: 'string',
	stamp: 'string',
	stateName: 'string',
	quietMs: 'number',
	closedBy: 'string',
	health: 'string',
	lastRun: 'date',
	last: 'string',
} as const;
const PART_COLUMNS = {
	key: 'string',
	name: 'string',
	after: 'string',
	kind: 'string',
	content: 'string',
} as const;

/** The helpers for the deduplication store, which old versions of n8n lack. */
export type DeduplicationHelpers = Partial<
	Pick<
		IExecuteFunctions['helpers'],
		'checkProcessedAndRecord' | 'clearAllProcessedItems' | 'getProcessedDataCount'
	>
>;

/** How the rows of both tables name the Sync node to which they belong. */
interface SyncNode {
	/** Identifies workflow and node by their ids, so it stays the same when they are renamed. */
	readonly key: string;
	/** The workflow's name, for people who look at the table. */
	readonly workflow: string;
	/** The node's name, for people who look at the table. */
	readonly node: string;
}

/** The mode of n8n's deduplication store in which it keeps single entries. */
const ENTRIES_MODE: ICheckProcessedOptions = { mode: 'entries' };

/** A lock row as a run saw it last. */
type RowAsSeen = Pick<LockRow, 'id' | 'stamp'>;

/** A step on rows: it returns the rows that it has read or deleted. */
type RowStep = Extract<TableStep, { do: 'read' | 'insert' | 'remove' }>;

/** The rows of one Sync node in n8n's Data Tables, for one run. */
export class SyncDataTables implements SyncTable {
	readonly #tables: DataTables;
	readonly #helpers: DeduplicationHelpers;
	readonly #node: SyncNode;
	readonly #nodeCondition: Condition;

	constructor(tables: DataTables, helpers: DeduplicationHelpers, node: SyncNode) {
		this.#tables = tables;
		this.#helpers = helpers;
		this.#node = node;
		this.#nodeCondition = equal('key', node.key);
	}

	async read(): Promise<NodeRows> {
		const { lockTableRows, parts } = await readBothTables(this.#tables, this.#nodeCondition);
		return { lockRows: lockTableRows.map(lockRowOf), parts: parts.map(partOf) };
	}

	async readLockRows(): Promise<LockRow[]> {
		const rows = await this.#run([
			{ do: 'read', table: LOCK_TABLE, where: { every: [this.#nodeCondition] } },
		]);
		return rows.map(lockRowOf);
	}

	async insertLockRow(row: Omit<LockRow, 'id'>): Promise<void> {
		const cells = { ...row, ...this.#makeCellsForPeople(row.last), key: this.#node.key };
		await this.#run([{ do: 'insert', table: LOCK_TABLE, rows: [cells] }]);
	}

	async removeLockRow(seenRow: RowAsSeen): Promise<boolean> {
		const removedRow = await writeLockRow(this.#tables, seenRow, { do: 'remove' });
		return removedRow !== undefined;
	}

	async changeLockRow(
		seenRow: RowAsSeen,
		newCells: Partial<Omit<LockRow, 'id'>>,
		part?: Part,
	): Promise<LockRow | undefined> {
		const cellsForPeople = newCells.last === undefined ? {} : this.#makeCellsForPeople(newCells.last);
		const set = { ...newCells, ...cellsForPeople };
		const insertSteps = part === undefined ? [] : [this.#insertStepOf(part)];
		const changedRow = await writeLockRow(this.#tables, seenRow, { do: 'update', set }, insertSteps).catch(
			(cause: unknown) => {
				// If somebody has deleted or renamed the table, there is no row to change, as if the row had been deleted.
				if (isUnusable(cause, 'notFound')) {
					return undefined;
				}
				throw cause;
			},
		);
		return changedRow && lockRowOf(changedRow);
	}

	async insertPart(part: Part): Promise<void> {
		await this.#run([this.#insertStepOf(part)]);
	}

	async removeParts(partNames: readonly string[]): Promise<void> {
		if (partNames.length === 0) {
			return;
		}
		const where = { some: partNames.map((name) => equal('name', name)) };
		await this.#run([{ do: 'remove', table: PART_TABLE, where }]);
	}

	async countStoreEntries(): Promise<number> {
		return (await this.#helpers.getProcessedDataCount?.('node', ENTRIES_MODE)) ?? 0;
	}

	async ensureStoreEntry(): Promise<void> {
		// Deletes only if an old version has left entries: a DELETE that takes effect late would remove the new entry, too.
		if ((await this.countStoreEntries()) > 1) {
			await this.#helpers.clearAllProcessedItems?.('node', ENTRIES_MODE);
		}
		await this.#helpers.checkProcessedAndRecord?.(['has had a state'], 'node', ENTRIES_MODE);
	}

	/** Carries out the steps in one call, which finds the tables first. @returns the rows that the steps return, one after the other */
	async #run(steps: readonly RowStep[]): Promise<TableRow[]> {
		const rowsOfSteps = await this.#tables.run([FIND_TABLES, ...steps]);
		return rowsOfSteps.flat();
	}

	#insertStepOf(part: Part): Extract<TableStep, { do: 'insert' }> {
		return { do: 'insert', table: PART_TABLE, rows: [{ ...part, key: this.#node.key }] };
	}

	/** Makes the cells that are only for people who look at the table. Each run writes these cells anew: somebody may have renamed workflow or node. */
	#makeCellsForPeople(last: string) {
		const { workflow, node } = this.#node;
		const { health } = readLastCell(last).reported;
		return { workflow, node, health, lastRun: new Date().toISOString() };
	}
}

/**
 * Reads the rows of a node from both tables, in one call. If a table is missing, it is created, and the rows are read again.
 * @throws TableUnusable for a table with other columns
 */
async function readBothTables(tables: DataTables, nodeCondition: Condition) {
	const readTables = async () =>
		await tables.run([
			{ ...FIND_TABLES, do: 'list' },
			{ do: 'read', table: LOCK_TABLE, where: { every: [nodeCondition] } },
			{ do: 'read', table: PART_TABLE, where: { every: [nodeCondition] } },
		]);
	let [listedTables, lockTableRows, parts] = await readTables();
	if (!hasBothTables(listedTables)) {
		await createMissingTables(tables, listedTables);
		[listedTables, lockTableRows, parts] = await readTables();
	}
	if (!hasBothTables(listedTables)) {
		throw new TableUnusable('notFound');
	}
	return { lockTableRows, parts };
}

async function createMissingTables(tables: DataTables, listedTables: readonly ListedTable[]): Promise<void> {
	for (const [name, columns] of [
		[SYNC_TABLE, LOCK_COLUMNS],
		[STATE_TABLE, PART_COLUMNS],
	] as const) {
		if (namedExactly(listedTables, name) === undefined) {
			await createTable(tables, name, columns);
		}
	}
}

/** Whether both tables are in the list. @throws TableUnusable for a table with other columns */
function hasBothTables(listedTables: readonly ListedTable[]): boolean {
	const lockTable = namedExactly(listedTables, SYNC_TABLE);
	const stateTable = namedExactly(listedTables, STATE_TABLE);
	if (lockTable === undefined || stateTable === undefined) {
		return false;
	}
	if (!hasColumns(lockTable, LOCK_COLUMNS) || !hasColumns(stateTable, PART_COLUMNS)) {
		throw new TableUnusable('otherColumns');
	}
	return true;
}

function hasColumns({ columns }: ListedTable, wantedColumns: Readonly<Record<string, unknown>>): boolean {
	return Object.keys(wantedColumns).every((column) => columns.includes(column));
}

function lockRowOf({ id, owner, stamp, stateName, quietMs, closedBy, last }: TableRow): LockRow {
	return {
		id,
		owner: textOf(owner),
		stamp: textOf(stamp),
		stateName: textOf(stateName),
		quietMs: Number(quietMs ?? 0),
		closedBy: textOf(closedBy),
		last: textOf(last),
	};
}

function partOf({ name, after, kind, content }: TableRow): Part {
	return {
		name: textOf(name),
		after: textOf(after),
		kind: kind === 'late' ? 'late' : 'part',
		content: textOf(content),
	};
}

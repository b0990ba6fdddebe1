import type { ICheckProcessedOptions, IExecuteFunctions } from 'n8n-workflow';

import { readLastCell } from '../sync/last';
import { type LockRow, type Part, STATE_TABLE, SYNC_TABLE, type SyncTable } from '../sync/lock/table';
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
	whereAsRead,
} from '../tables/dataTables';

/** Part of the names of both tables, which all Sync nodes of a project share. Deleting the tables resets every Sync. */
const TABLE_NAME_PART = 'tencent_iot_s';

/**
 * The first step of each call finds the tables, so that the further steps name them. A remembered id would still work after somebody has
 * renamed the table: the run would go on sending, beside another run that has begun with a new table.
 */
const FIND_TABLES = { do: 'find', nameContains: TABLE_NAME_PART } as const satisfies TableStep;
const LOCK_TABLE = { name: SYNC_TABLE };
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

/** The rows of one Sync node in n8n's Data Tables, for one run. */
export function openSyncTable(
	tables: DataTables,
	helpers: DeduplicationHelpers,
	{ key, workflow, node }: SyncNode,
): SyncTable {
	const nodeCondition = equal('key', key);
	/** Makes the cells that are only for people who look at the table. Each run writes them anew: somebody may have renamed workflow or node. */
	const makeCellsForPeople = (last: string) => {
		const { health } = readLastCell(last).reported;
		return { workflow, node, health, lastRun: new Date().toISOString() };
	};
	const countStoreEntries = async () => (await helpers.getProcessedDataCount?.('node', ENTRIES_MODE)) ?? 0;
	return {
		read: async () => {
			const { locks, parts } = await readBothTables(tables, nodeCondition);
			return { lockRows: locks.map(lockRowOf), parts: parts.map(partOf) };
		},
		readLockRows: async () => {
			const [, rows] = await tables.run([
				FIND_TABLES,
				{ do: 'read', table: LOCK_TABLE, where: { every: [nodeCondition] } },
			]);
			return rows.map(lockRowOf);
		},
		insertLockRow: async (row) => {
			const cells = { ...row, ...makeCellsForPeople(row.last), key };
			await tables.run([FIND_TABLES, { do: 'insert', table: LOCK_TABLE, rows: [cells] }]);
		},
		removeLockRow: async (seenRow) => {
			const removals = whereAsRead(seenRow).map(
				(where): TableStep => ({ do: 'remove', table: LOCK_TABLE, where }),
			);
			const answers: readonly unknown[][] = await tables.run([FIND_TABLES, ...removals]);
			return answers.flat().length > 0;
		},
		changeLockRow: async (seenRow, set, part) => {
			const cellsShown = set.last === undefined ? {} : makeCellsForPeople(set.last);
			const updates = whereAsRead(seenRow).map(
				(where): TableStep => ({ do: 'update', table: LOCK_TABLE, where, set: { ...set, ...cellsShown } }),
			);
			const insertSteps: TableStep[] = [];
			if (part !== undefined) {
				insertSteps.push({ do: 'insert', table: PART_TABLE, rows: [{ ...part, key }] });
			}
			const steps = [FIND_TABLES, ...insertSteps, ...updates];
			const answers: readonly unknown[][] = await tables.run(steps).catch((cause: unknown) => {
				// Somebody has deleted the table meanwhile: then it has no row to change.
				if (isUnusable(cause, 'notFound')) {
					return [];
				}
				throw cause;
			});
			const [changed] = answers.flat() as TableRow[];
			return changed && lockRowOf(changed);
		},
		insertPart: async (part) => {
			await tables.run([FIND_TABLES, { do: 'insert', table: PART_TABLE, rows: [{ ...part, key }] }]);
		},
		removeParts: async (names) => {
			if (names.length === 0) {
				return;
			}
			const where = { some: names.map((name) => equal('name', name)) };
			await tables.run([FIND_TABLES, { do: 'remove', table: PART_TABLE, where }]);
		},
		countStoreEntries,
		ensureStoreEntry: async () => {
			// Deletes only if an old version has left entries: a DELETE that takes effect late would remove the new entry, too.
			if ((await countStoreEntries()) > 1) {
				await helpers.clearAllProcessedItems?.('node', ENTRIES_MODE);
			}
			await helpers.checkProcessedAndRecord?.(['has had a state'], 'node', ENTRIES_MODE);
		},
	};
}

/** The mode of n8n's deduplication store in which it keeps single entries. */
const ENTRIES_MODE: ICheckProcessedOptions = { mode: 'entries' };

/**
 * Reads the rows of a node from both tables, in one call. If a table is missing, it is created, and the rows are read again.
 * @throws TableUnusable for a table with other columns
 */
async function readBothTables(tables: DataTables, nodeCondition: Condition) {
	const readTables = async () =>
		await tables.run([
			{ do: 'list', nameContains: TABLE_NAME_PART },
			{ do: 'read', table: LOCK_TABLE, where: { every: [nodeCondition] } },
			{ do: 'read', table: PART_TABLE, where: { every: [nodeCondition] } },
		]);
	let [listedTables, locks, parts] = await readTables();
	if (!hasBothTables(listedTables)) {
		await createMissingTables(tables, listedTables);
		[listedTables, locks, parts] = await readTables();
	}
	if (!hasBothTables(listedTables)) {
		throw new TableUnusable('notFound');
	}
	return { locks, parts };
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

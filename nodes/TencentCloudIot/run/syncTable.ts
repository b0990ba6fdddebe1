import type { ICheckProcessedOptions, IExecuteFunctions } from 'n8n-workflow';

import { readLast } from '../sync/last';
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
	type Where,
} from '../tables/dataTables';

/** What the names of the tables have in common that the Sync nodes of a project share. Deleting these tables resets every Sync. */
const NAMES_CONTAIN = 'tencent_iot_s';

/**
 * The first step of each call: the steps behind it name the tables. An id that was found earlier would still be right where a person has
 * renamed the table meanwhile, and a run would go on sending beside one that has begun with a new table.
 */
const FIND_TABLES = { do: 'list', nameContains: NAMES_CONTAIN } as const satisfies TableStep;
const LOCKS = { name: SYNC_TABLE };
const PARTS = { name: STATE_TABLE };

/** They can never be changed: what may grow is a member of `last`, or stands in `content`. */
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

/** Whose rows they are. */
interface SyncNode {
	/** Names workflow and node, and stays when they are renamed. */
	readonly key: string;
	/** The names of workflow and node, for people who look at the table. */
	readonly workflow: string;
	readonly node: string;
}

/** The rows of one Sync node in n8n's Data Tables, for one run. */
export function openSyncTable(
	tables: DataTables,
	helpers: DeduplicationHelpers,
	{ key, workflow, node }: SyncNode,
): SyncTable {
	const ofNode = equal('key', key);
	const countEntries = async () => (await helpers.getProcessedDataCount?.('node', ENTRIES)) ?? 0;
	return {
		read: async () => {
			const { locks, parts } = await readBoth(tables, ofNode);
			return { locks: locks.map(lockRowOf), parts: parts.map(partOf) };
		},
		readLocks: async () => {
			const [, rows] = await tables.run([
				FIND_TABLES,
				{ do: 'read', table: LOCKS, where: { every: [ofNode] } },
			]);
			return rows.map(lockRowOf);
		},
		insertLock: async (row) => {
			const cells = { ...row, ...shownOf(row.last), key, workflow, node };
			await tables.run([FIND_TABLES, { do: 'insert', table: LOCKS, rows: [cells] }]);
		},
		removeLock: async (seen) => {
			const removals = wheresOf(seen).map((where): TableStep => ({ do: 'remove', table: LOCKS, where }));
			const answers: readonly unknown[][] = await tables.run([FIND_TABLES, ...removals]);
			return answers.slice(1).flat().length > 0;
		},
		change: async (seen, set, part) => {
			const shown = set.last === undefined ? {} : shownOf(set.last);
			const updates = wheresOf(seen).map((where): TableStep => {
				return { do: 'update', table: LOCKS, where, set: { ...set, ...shown } };
			});
			const additions: TableStep[] = [];
			if (part !== undefined) {
				additions.push({ do: 'insert', table: PARTS, rows: [{ ...part, key }] });
			}
			const steps = [FIND_TABLES, ...additions, ...updates];
			const answers: readonly unknown[][] = await noneIfGone(tables.run(steps), []);
			const [changed] = answers.slice(1).flat() as TableRow[];
			return changed && lockRowOf(changed);
		},
		insertPart: async (part) => {
			await tables.run([FIND_TABLES, { do: 'insert', table: PARTS, rows: [{ ...part, key }] }]);
		},
		removeParts: async (names) => {
			if (names.length === 0) {
				return;
			}
			const where = { some: names.map((name) => equal('name', name)) };
			await tables.run([FIND_TABLES, { do: 'remove', table: PARTS, where }]);
		},
		countEntries,
		noteState: async () => {
			// Only what an old version has left: a DELETE that arrives late would take the new entry with it.
			if ((await countEntries()) > 1) {
				await helpers.clearAllProcessedItems?.('node', ENTRIES);
			}
			await helpers.checkProcessedAndRecord?.(['has had a state'], 'node', ENTRIES);
		},
	};
}

const ENTRIES: ICheckProcessedOptions = { mode: 'entries' };

/**
 * Finds the tables and reads the rows of a node, in one call where both are there; makes those that are missing.
 * @throws TableUnusable for a table with other columns
 */
async function readBoth(tables: DataTables, ofNode: Condition) {
	const read = async () =>
		await tables.run([
			FIND_TABLES,
			{ do: 'read', table: LOCKS, where: { every: [ofNode] } },
			{ do: 'read', table: PARTS, where: { every: [ofNode] } },
		]);
	let [listed, locks, parts] = await read();
	if (!hasBoth(listed)) {
		await createMissing(tables, listed);
		[listed, locks, parts] = await read();
	}
	if (!hasBoth(listed)) {
		throw new TableUnusable('notFound');
	}
	return { locks, parts };
}

async function createMissing(tables: DataTables, listed: readonly ListedTable[]): Promise<void> {
	for (const [name, columns] of [
		[SYNC_TABLE, LOCK_COLUMNS],
		[STATE_TABLE, PART_COLUMNS],
	] as const) {
		if (namedExactly(listed, name) === undefined) {
			await createTable(tables, name, columns);
		}
	}
}

/** @throws TableUnusable for a table with other columns */
function hasBoth(listed: readonly ListedTable[]): boolean {
	const lock = namedExactly(listed, SYNC_TABLE);
	const state = namedExactly(listed, STATE_TABLE);
	if (lock === undefined || state === undefined) {
		return false;
	}
	if (!hasColumns(lock, LOCK_COLUMNS) || !hasColumns(state, PART_COLUMNS)) {
		throw new TableUnusable('otherColumns');
	}
	return true;
}

function hasColumns({ columns }: ListedTable, wanted: Readonly<Record<string, unknown>>): boolean {
	return Object.keys(wanted).every((column) => columns.includes(column));
}

/** The lock row as it was seen. A stamp that a person has emptied is null, or an empty text: no one condition finds both in each n8n. */
function wheresOf({ id, stamp }: Pick<LockRow, 'id' | 'stamp'>): Where[] {
	const stamps = stamp === '' ? [null, ''] : [stamp];
	return stamps.map((seen) => ({ every: [equal('id', id), equal('stamp', seen)] }));
}

/** A table that somebody has deleted meanwhile has no rows any more. */
async function noneIfGone<Answers>(answers: Promise<Answers>, none: Answers): Promise<Answers> {
	return await answers.catch((cause: unknown) => {
		if (isUnusable(cause, 'notFound')) {
			return none;
		}
		throw cause;
	});
}

/** The columns that are only for people who look at the table: nothing reads them. */
function shownOf(last: string) {
	return { health: readLast(last).reported.health, lastRun: new Date().toISOString() };
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

/** An empty cell is null, or an empty text. */
function textOf(cell: unknown): string {
	return cell === null || cell === undefined ? '' : String(cell);
}

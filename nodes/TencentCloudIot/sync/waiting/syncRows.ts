import { randomUUID } from 'node:crypto';

import { type DataTables, equal, type TableRow } from '../../tables/dataTables';
import { type LastCell, readLast, writeLast } from '../last';
import { NOBODY, STATE_TABLE, SYNC_TABLE } from '../lock/table';

/** The first step of each call, which lists the tables: the next step can then name one. */
const FIND_SYNCS = { do: 'list', nameContains: SYNC_TABLE } as const;
const SYNCS = { name: SYNC_TABLE };

/** The lock row of a Sync of the project, as other operations and people see it. */
export interface SyncRow {
	id: number;
	/** The ids of workflow and node: the key stays when somebody renames them. */
	key: string;
	workflow: string;
	node: string;
	/** Whether a run owns it, be it a run that has died. */
	isOwned: boolean;
	/** When the row was last changed, Unix milliseconds; NaN where the host does not say. */
	changedMs: number;
	health: string;
	last: LastCell;
	stamp: string;
}

/** Reads the rows of all Syncs of the project; none where none has run yet. */
export async function readSyncRows(tables: DataTables): Promise<SyncRow[]> {
	const [, rows] = await tables.run([FIND_SYNCS, { do: 'read', table: SYNCS }]);
	return rows.map(syncRowOf);
}

function syncRowOf(row: TableRow): SyncRow {
	return {
		id: row.id,
		key: textOf(row['key']),
		workflow: textOf(row['workflow']),
		node: textOf(row['node']),
		isOwned: textOf(row['owner']) !== NOBODY,
		changedMs: Date.parse(textOf(row['updatedAt'])),
		health: textOf(row['health']),
		last: readLast(textOf(row['last'])),
		stamp: textOf(row['stamp']),
	};
}

function textOf(cell: unknown): string {
	return typeof cell === 'string' || typeof cell === 'number' ? String(cell) : '';
}

/**
 * The name of a Sync for people: that of its workflow. If several nodes sync under that name the node is added; if that is not unique either,
 * as with a copy of the workflow, also the id of the workflow.
 */
export function nameOf({ workflow, node, key }: SyncRow, rows: readonly SyncRow[]): string {
	const sameWorkflow = rows.filter((row) => row.workflow === workflow);
	if (sameWorkflow.length === 1 && workflow !== '') {
		return workflow;
	}
	const name = `${workflow || key} / ${node}`;
	const isUnique = sameWorkflow.filter((row) => row.node === node).length === 1;
	return isUnique ? name : `${name} (${workflowIdOf(key)})`;
}

/** The id of the workflow in the key of a Sync. */
export function workflowIdOf(key: string): string {
	return key.split(' ')[0] ?? '';
}

/** Finds the Syncs that somebody may mean by a name: all if it is empty. Names that differ in case count only if no name is exactly the same. */
export function findSyncs(rows: readonly SyncRow[], name: string): SyncRow[] {
	const wanted = name.trim();
	if (wanted === '') {
		return [...rows];
	}
	const namesOf = (row: SyncRow) => {
		const { workflow, node, key } = row;
		return [nameOf(row, rows), `${workflow} / ${node}`, workflow, node, key];
	};
	const exact = rows.filter((row) => namesOf(row).includes(wanted));
	if (exact.length > 0) {
		return exact;
	}
	const lowerCaseName = wanted.toLowerCase();
	return rows.filter((row) => namesOf(row).some((spelled) => spelled.toLowerCase() === lowerCaseName));
}

/** How often a change is attempted: runs may change the row at the same time. */
const MOST_ATTEMPTS = 6;

/**
 * Changes `last` of a Sync while its runs may change the row, too. The stamp keeps its first word, so the row stays free or owned as it is. A
 * run that owns the row finds the new stamp, and changes only its own members of the new `last`.
 * @param change gives the new `last`, and a result for the caller; called again where somebody else was faster
 * @throws Error where the row is gone, or others are faster again and again
 */
export async function changeLast<Result>(
	tables: DataTables,
	{ id, key }: Pick<SyncRow, 'id' | 'key'>,
	change: (last: LastCell) => { last: LastCell; result: Result },
): Promise<Result> {
	const attempts = new Map<string, Result>();
	let lastError: unknown = new Error('Runs of this Sync change the row again and again');
	for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
		const row = (await readSyncRows(tables)).find((found) => found.id === id && found.key === key);
		if (row === undefined) {
			throw new Error('The row of this Sync is gone');
		}
		// An attempt whose answer was lost has taken effect.
		const earlierResult = attempts.get(row.stamp);
		if (earlierResult !== undefined) {
			return earlierResult;
		}
		const { last, result } = change(row.last);
		const stamp = `${row.stamp.split(' ')[0]} ${randomUUID()}`;
		attempts.set(stamp, result);
		try {
			const [, changed] = await tables.run([
				FIND_SYNCS,
				{
					do: 'update',
					table: SYNCS,
					where: { every: [equal('id', id), equal('stamp', row.stamp)] },
					set: { stamp, last: writeLast(last) },
				},
			]);
			if (changed.length > 0) {
				return result;
			}
		} catch (cause) {
			lastError = cause;
		}
	}
	throw lastError as Error;
}

/**
 * Deletes the row of a Sync, and then its state; but not if the row has changed since it was read: a run may have begun, which needs both.
 * @returns whether they were deleted
 */
export async function forgetRows(tables: DataTables, { id, key, stamp }: SyncRow): Promise<boolean> {
	const [, removed] = await tables.run([
		FIND_SYNCS,
		{
			do: 'remove',
			table: SYNCS,
			where: { every: [equal('id', id), equal('stamp', stamp)] },
		},
	]);
	if (removed.length === 0) {
		return false;
	}
	await tables.run([
		{ do: 'list', nameContains: STATE_TABLE },
		{ do: 'remove', table: { name: STATE_TABLE }, where: { every: [equal('key', key)] } },
	]);
	return true;
}

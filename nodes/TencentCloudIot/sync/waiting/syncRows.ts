import { randomUUID } from 'node:crypto';

import { type DataTables, equal, type TableRow } from '../../tables/dataTables';
import { type Last, readLast, writeLast } from '../last';
import { NOBODY, STATE_TABLE, SYNC_TABLE } from '../lock/table';

/** The first step of each call: the step behind it names the table. */
const FIND_SYNCS = { do: 'list', nameContains: SYNC_TABLE } as const;
const SYNCS = { name: SYNC_TABLE };

/** A Sync of the project, as a person or another node sees it. */
export interface SyncRow {
	id: number;
	/** Names workflow and node, and stays when they are renamed. */
	key: string;
	workflow: string;
	node: string;
	/** Whether a run owns it, or has died and left it so. */
	isOwned: boolean;
	/** When the row was last changed, Unix milliseconds; NaN where the host does not say. */
	changedMs: number;
	health: string;
	last: Last;
	stamp: string;
}

/** All Syncs of the project; none where none has run yet. */
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
 * What a person calls a Sync: its workflow, where only one node of it syncs; else with its node, and with the id of the workflow where a
 * copy of it has the same name.
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

/** The Syncs that somebody may mean by a name: all, where it is empty. Exact names go before such as differ in case. */
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
	const lower = wanted.toLowerCase();
	return rows.filter((row) => namesOf(row).some((spelled) => spelled.toLowerCase() === lower));
}

/** Attempts to change a row that runs change at the same time. */
const MOST_ATTEMPTS = 6;

/**
 * Changes `last` of a Sync beside its runs. The stamp keeps its first word, so that the row stays free or owned as it is; a run that owns
 * the row meets the new stamp, and lays only its own members over it.
 * @param change from `last` as it is to the new one, and what the caller wants to know of it; called again where somebody was faster
 * @throws Error where the row is gone
 */
export async function changeLast<Result>(
	tables: DataTables,
	{ id, key }: Pick<SyncRow, 'id' | 'key'>,
	change: (last: Last) => { last: Last; result: Result },
): Promise<Result> {
	const attempts = new Map<string, Result>();
	let why: unknown = new Error('Runs of this Sync change the row again and again');
	for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
		const row = (await readSyncRows(tables)).find((found) => found.id === id && found.key === key);
		if (row === undefined) {
			throw new Error('The row of this Sync is gone');
		}
		// An attempt whose answer was lost has taken effect.
		const done = attempts.get(row.stamp);
		if (done !== undefined) {
			return done;
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
			why = cause;
		}
	}
	throw why as Error;
}

/**
 * Deletes the row of a Sync, and then its state: a run that has begun since the row was seen needs both.
 * @returns whether they were deleted; false where somebody has changed the row
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

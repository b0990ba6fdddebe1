import { randomUUID } from 'node:crypto';

import { type DataTables, equal, momentOf, type TableRow, textOf } from '../../tables/dataTables';
import { type LastCell, readLastCell, writeLastCell } from '../last';
import { NOBODY, STAMP_STARTS, STATE_TABLE } from '../lock/table';
import { FIND_TABLES, LOCK_TABLE, writeLockRow } from '../lock/writeLockRow';

/** The lock row of a Sync, as the operations for people (Approve Plan, Get Receipts and others) see it. */
export interface SyncRow {
	id: number;
	/** The key of the node: the ids of workflow and node, which stay the same when somebody renames them. */
	key: string;
	/**
	 * The name of the Sync for people: the name of its workflow. If another Sync may be called so, the name of the node is added. If that is not
	 * unique either, as with a copy of the workflow, the id of the workflow is added, too; and if a node was deleted and added again, the key.
	 */
	name: string;
	workflowId: string;
	workflowName: string;
	nodeName: string;
	/** Whether a run owns the row. That run may have died. A row that *Forget* has taken is owned by no run. */
	isOwned: boolean;
	/** When the row was last changed, Unix milliseconds; NaN if the host does not say. */
	changedMs: number;
	/** The health after the last run, for people: `ok`, `degraded` or `failing`. */
	health: string;
	/** The cell `last`, read from its JSON. */
	last: LastCell;
	/** The stamp that the row had when it was read. A change names it, and fails if the row has changed since. */
	stamp: string;
}

/** Reads the lock rows of all Syncs in the project; empty if none has run yet. */
async function readSyncRows(tables: DataTables): Promise<SyncRow[]> {
	const [, rows] = await tables.run([FIND_TABLES, { do: 'read', table: LOCK_TABLE }]);
	// A row without a key is of no Sync: n8n's screen adds an empty row at one click.
	const syncs = rows.map(syncRowOf).filter(({ key }) => key !== '');
	return syncs.map((sync) => ({ ...sync, name: nameOf(sync, syncs) }));
}

function syncRowOf(row: TableRow): Omit<SyncRow, 'name'> {
	const key = textOf(row['key']);
	return {
		id: row.id,
		key,
		workflowId: key.split(' ')[0] ?? '',
		// Whoever enters a name enters it without the blanks around it.
		workflowName: textOf(row['workflow']).trim(),
		nodeName: textOf(row['node']).trim(),
		isOwned: ![NOBODY, FORGET].includes(textOf(row['owner'])),
		changedMs: momentOf(row['updatedAt']),
		health: textOf(row['health']),
		last: readLastCell(textOf(row['last'])),
		stamp: textOf(row['stamp']),
	};
}

/** The owner of a row that *Forget* deletes. If *Forget* dies before it has finished, it may be called again at once. */
const FORGET = 'Forget';

/** Makes the name of a Sync for people: see `SyncRow.name`. */
function nameOf(sync: Omit<SyncRow, 'name'>, rows: ReadonlyArray<Omit<SyncRow, 'name'>>): string {
	const namesOfOthers = new Set(rows.filter((row) => row !== sync).flatMap(possibleNamesOf));
	return possibleNamesOf(sync).find((name) => !namesOfOthers.has(name)) ?? sync.key;
}

/** The names by which people may call a Sync, the shortest first. */
function possibleNamesOf({ workflowName, workflowId, nodeName, key }: Omit<SyncRow, 'name'>): string[] {
	const longName = `${workflowName || key} / ${nodeName}`;
	const names = [longName, `${longName} (${workflowId})`, `${longName} (${key})`];
	return workflowName === '' ? names : [workflowName, ...names];
}

/**
 * Finds the Syncs of the project that a person may mean by a name: all Syncs if `name` is empty; else the one with exactly this `SyncRow.name`;
 * else those whose workflow or node has exactly this name; else those whose name differs in upper and lower case only.
 * @param spelling 'exact' if a name in another case means no Sync
 */
export async function findSyncs(
	tables: DataTables,
	enteredName: string,
	spelling: 'exact' | 'anyCase' = 'anyCase',
): Promise<SyncRow[]> {
	const rows = await readSyncRows(tables);
	const wantedName = enteredName.trim();
	if (wantedName === '') {
		return rows;
	}
	const named = rows.find((row) => row.name === wantedName);
	if (named !== undefined) {
		return [named];
	}
	const namesOf = (row: SyncRow) => [...possibleNamesOf(row), row.nodeName, row.key];
	const exactMatches = rows.filter((row) => namesOf(row).includes(wantedName));
	if (exactMatches.length > 0 || spelling === 'exact') {
		return exactMatches;
	}
	const lowerCaseName = wantedName.toLowerCase();
	return rows.filter((row) => namesOf(row).some((syncName) => syncName.toLowerCase() === lowerCaseName));
}

/** How often `updateLastCell` attempts a change. An attempt fails if a run changes the row at the same time. */
const MOST_CHANGE_ATTEMPTS = 6;

/**
 * Changes the cell `last` of a Sync, also while a run owns the row. The new stamp keeps its first word, so the row stays free or owned. The run
 * that owns it sees the new stamp with its next statement, and goes on with the new cell `last`.
 * @param makeChange gives the new cell, and a result for the caller. `makeChange` is called again if the row has changed meanwhile
 * @throws Error if the row is gone, or runs have changed it during each attempt
 */
export async function updateLastCell<Result>(
	tables: DataTables,
	{ id, key }: Pick<SyncRow, 'id' | 'key'>,
	makeChange: (last: LastCell) => { last: LastCell; result: Result },
): Promise<Result> {
	const resultsByStamp = new Map<string, Result>();
	let lastError: unknown = new Error('Runs of this Sync change the row again and again');
	for (let attempt = 0; attempt < MOST_CHANGE_ATTEMPTS; attempt++) {
		const row = (await readSyncRows(tables)).find((syncRow) => syncRow.id === id && syncRow.key === key);
		if (row === undefined) {
			throw new Error('The row of this Sync is gone');
		}
		// If the row has the stamp of an earlier attempt, that attempt took effect, although its response was lost.
		const earlierResult = resultsByStamp.get(row.stamp);
		if (earlierResult !== undefined) {
			return earlierResult;
		}
		const { last, result } = makeChange(row.last);
		const stamp = `${row.stamp.split(' ')[0]} ${randomUUID()}`;
		resultsByStamp.set(stamp, result);
		try {
			const set = { stamp, last: writeLastCell(last) };
			if ((await writeLockRow(tables, row, { do: 'update', set })) !== undefined) {
				return result;
			}
		} catch (cause) {
			lastError = cause;
		}
	}
	throw lastError as Error;
}

/**
 * Deletes the receipts of a Sync, its lock row and its state. First it takes the row, as a run does. If the row has changed since it was read,
 * nothing is deleted: a run may have begun, and needs all three. A run that begins later waits for the row.
 * @param deleteReceipts deletes the receipts, and counts them
 * @returns how many receipts were deleted; undefined if a run has the row
 */
export async function deleteSync(
	tables: DataTables,
	row: SyncRow,
	deleteReceipts: () => Promise<number>,
): Promise<number | undefined> {
	const set = { stamp: STAMP_STARTS.held + randomUUID(), owner: FORGET };
	if ((await writeLockRow(tables, row, { do: 'update', set })) === undefined) {
		return undefined;
	}
	const receiptCount = await deleteReceipts();
	if ((await writeLockRow(tables, { ...row, ...set }, { do: 'remove' })) === undefined) {
		return undefined;
	}
	await tables.run([
		FIND_TABLES,
		{ do: 'remove', table: { name: STATE_TABLE }, where: { every: [equal('key', row.key)] } },
	]);
	return receiptCount;
}

import { type Cell, type DataTables, equal, type TableRow, type TableStep } from '../../tables/dataTables';
import { type LockRow, SYNC_TABLE } from './table';

/**
 * The first step of each call. It finds both tables, which all Sync nodes of a project share, so that the further steps can name them: no id of a
 * table is remembered. A remembered id would still work after somebody has renamed the table, and the run would go on sending beside another
 * run that has begun with a new table.
 */
export const FIND_TABLES = { do: 'find', nameContains: 'tencent_iot_s' } as const;
export const LOCK_TABLE = { name: SYNC_TABLE };

/**
 * Changes or deletes a lock row if it still has the stamp of `seenRow`: see the head of `lock.ts`.
 * @param insertSteps insert the part to which the row then leads, in the same call
 * @returns the row after the change, or as it was deleted; undefined if it has another stamp, or is gone
 */
export async function writeLockRow(
	tables: DataTables,
	{ id, stamp }: Pick<LockRow, 'id' | 'stamp'>,
	write: { do: 'update'; set: Record<string, Cell> } | { do: 'remove' },
	insertSteps: ReadonlyArray<Extract<TableStep, { do: 'insert' }>> = [],
): Promise<TableRow | undefined> {
	// A stamp that a person has emptied is null or an empty text, and no single condition finds both in every n8n version. So the call then has two
	// write steps, and at most one of them finds the row.
	const seenStamps = stamp === '' ? [null, ''] : [stamp];
	const writeSteps = seenStamps.map((seenStamp) => {
		const where = { every: [equal('id', id), equal('stamp', seenStamp)] };
		return { ...write, table: LOCK_TABLE, where };
	});
	const rowsOfSteps = await tables.run([FIND_TABLES, ...insertSteps, ...writeSteps]);
	return rowsOfSteps.flat()[0];
}

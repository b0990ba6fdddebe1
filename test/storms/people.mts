import type { DataRow, DataTable, DataTables } from './dataTables.mts';
import type { Deed } from './storm.mts';

/** The table with a lock row for each Sync node. */
export const SYNC_TABLE = 'tencent_iot_sync';
/** The table with the parts of their states. */
export const STATE_TABLE = 'tencent_iot_state';

/** The lock rows and how many parts there are, in a few words. */
export function describeTables(tables: DataTables): string {
	const locks = tables.byExactName(SYNC_TABLE)?.rows ?? [];
	const parts = tables.byExactName(STATE_TABLE)?.rows ?? [];
	const rows = locks.map(({ id, owner, stamp, stateName }) => {
		return `row ${id} ${short(owner)}, stamp ${short(stamp)}, state ${short(stateName)}`;
	});
	const names = parts.map(
		({ name, after, kind }) => `${short(name)}${kind === 'late' ? ' late' : ` after ${short(after)}`}`,
	);
	return `${rows.length === 0 ? 'no row' : rows.join('; ')}; parts: ${names.join(', ') || 'none'}`;
}

/** How many parts no lock row points to. */
export function unusedParts(tables: DataTables): number {
	const parts = tables.byExactName(STATE_TABLE)?.rows ?? [];
	const used = new Set<unknown>();
	for (const { stateName } of tables.byExactName(SYNC_TABLE)?.rows ?? []) {
		let name: unknown = stateName;
		while (name !== '' && name !== null && name !== undefined && !used.has(name)) {
			used.add(name);
			name = parts.find((part) => part['name'] === name)?.['after'];
		}
	}
	return parts.filter(({ name }) => !used.has(name)).length;
}

function short(cell: unknown): string {
	return String(cell).slice(-24) || '-';
}

/** Does to the tables what a person can do on n8n's screen. @returns whether the row or table existed */
export function doDeed(tables: DataTables, deed: Deed, nowMs: number): boolean {
	const locks = tables.byExactName(SYNC_TABLE);
	const parts = tables.byExactName(STATE_TABLE);
	const table = deed.endsWith('state table') ? parts : locks;
	if (table === undefined) {
		return false;
	}
	switch (deed) {
		case 'delete the table':
		case 'delete the state table':
			tables.drop(table.id);
			return true;
		case 'copy the table and touch the copy':
			tables.copy(table, `${SYNC_TABLE}_backup ${nowMs}`, nowMs);
			return true;
		case 'rename the table':
			table.name = `${SYNC_TABLE} (old ${nowMs})`;
			return true;
		case 'delete all rows':
			return [locks, parts].map((each) => clear(each, nowMs)).includes(true);
		default:
			return doDeedToRow(table, parts, deed, nowMs);
	}
}

function clear(table: DataTable | undefined, nowMs: number): boolean {
	const deleted = table?.delete([{ keyName: 'id', condition: 'gt', keyValue: 0 }], true, nowMs) ?? [];
	return deleted.length > 0;
}

function doDeedToRow(locks: DataTable, parts: DataTable | undefined, deed: Deed, nowMs: number): boolean {
	const [lock] = locks.rows;
	if (lock === undefined) {
		return false;
	}
	switch (deed) {
		case 'write nobody as owner':
			locks.edit(lock.id, 'owner', 'nobody', nowMs);
			return true;
		case 'write somebody as owner':
			locks.edit(lock.id, 'owner', 'somebody', nowMs);
			return true;
		case 'empty the owner':
			locks.edit(lock.id, 'owner', null, nowMs);
			return true;
		case 'empty the stamp':
			locks.edit(lock.id, 'stamp', null, nowMs);
			return true;
		case 'edit the report':
			locks.edit(lock.id, 'last', 'a note of a person', nowMs);
			return true;
		case 'empty the pointer':
			locks.edit(lock.id, 'stateName', null, nowMs);
			return true;
		case 'delete the lock row':
			return removeRow(locks, lock, nowMs);
		case 'edit the newest part':
		case 'delete the newest part':
		case 'delete the oldest part':
			return doDeedToPart(parts, lock, deed, nowMs);
		default:
			return false;
	}
}

function doDeedToPart(parts: DataTable | undefined, lock: DataRow, deed: Deed, nowMs: number): boolean {
	const isOldest = deed === 'delete the oldest part';
	const part = parts?.rows.find(({ name, key, after }) => {
		return isOldest ? key === lock['key'] && after === '' : name === lock['stateName'];
	});
	if (parts === undefined || part === undefined) {
		return false;
	}
	if (deed === 'edit the newest part') {
		parts.edit(part.id, 'content', 'a note of a person', nowMs);
		return true;
	}
	return removeRow(parts, part, nowMs);
}

function removeRow(table: DataTable, { id }: DataRow, nowMs: number): boolean {
	return table.delete([{ keyName: 'id', condition: 'eq', keyValue: id }], true, nowMs).length > 0;
}

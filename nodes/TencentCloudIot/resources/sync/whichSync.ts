import { optional, text } from '../../input/fields/fields';
import { NotSendable, notSent } from '../../service/outcome';
import { findSyncs, nameOf, readSyncRows, type SyncRow } from '../../sync/waiting/syncRows';
import type { DataTables } from '../../tables/dataTables';
import { ours, inCommas, inQuotes } from '../../messages/text';

/** Which Sync an operation is about. */
export const whichSync = optional(
	text({
		displayName: 'Sync',
		placeholder: 'e.g. CRM to IoT sync',
		description: "Name of the Sync's workflow, or workflow / node (default: the only one)",
		rule: () => undefined,
	}),
	'allow',
);

/** A Sync, and what people call it. */
export interface NamedSync {
	row: SyncRow;
	name: string;
}

/** All Syncs of the project that a name may mean. */
export async function findNamedSyncs(tables: DataTables, name: string | undefined): Promise<NamedSync[]> {
	const rows = await readSyncRows(tables);
	return findSyncs(rows, name ?? '').map((row) => ({ row, name: nameOf(row, rows) }));
}

/** The one Sync that is meant. @throws NotSendable where there is none, or more than one */
export async function findSync(tables: DataTables, name: string | undefined): Promise<NamedSync> {
	const found = await findNamedSyncs(tables, name);
	const [first, ...more] = found;
	if (first === undefined) {
		const isNamed = name !== undefined && name.trim() !== '';
		throw new NotSendable(isNamed ? notSent('NO_SUCH_SYNC', { name: ours(name) }) : notSent('NO_SYNC_YET'));
	}
	if (more.length > 0) {
		const names = inCommas(inQuotes(found.map((sync) => ours(sync.name))));
		throw new NotSendable(notSent('SEVERAL_SYNCS', { names }));
	}
	return first;
}

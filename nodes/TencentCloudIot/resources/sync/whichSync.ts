import { optional, text } from '../../input/fields/fields';
import { NotSendable, notSent } from '../../service/outcome';
import { findSyncs, nameOf, readSyncRows, type SyncRow, workflowIdOf } from '../../sync/waiting/syncRows';
import type { Kept } from '../operation/keptOperation';
import type { DataTables } from '../../tables/dataTables';
import { ours, inCommas, inQuotes } from '../../messages/text';

/** The field that tells which Sync an operation is about. */
export const whichSync = optional(
	text({
		displayName: 'Sync',
		placeholder: 'e.g. CRM to IoT sync',
		description: 'Workflow, or workflow / node (default: that of this workflow, or the only one)',
		rule: () => undefined,
	}),
	'allow',
);

/** A Sync with the name that people use for it. */
export interface NamedSync {
	row: SyncRow;
	name: string;
}

/** Finds all Syncs of the project that a name may mean; all of them without a name. */
export async function findNamedSyncs(tables: DataTables, name: string | undefined): Promise<NamedSync[]> {
	const rows = await readSyncRows(tables);
	return findSyncs(rows, name ?? '').map((row) => ({ row, name: nameOf(row, rows) }));
}

/** Finds the Sync of this name; without a name, the Sync of the workflow. @throws NotSendable if there is none, or more than one */
export async function findSync(
	{ tables, workflowId }: Pick<Kept, 'tables' | 'workflowId'>,
	name: string | undefined,
): Promise<NamedSync> {
	const isNamed = name !== undefined && name.trim() !== '';
	const found = await findNamedSyncs(tables, name);
	const ofWorkflow = found.filter(({ row }) => !isNamed && workflowIdOf(row.key) === workflowId);
	const [first, ...more] = ofWorkflow.length > 0 ? ofWorkflow : found;
	if (first === undefined) {
		throw new NotSendable(isNamed ? notSent('NO_SUCH_SYNC', { name: ours(name) }) : notSent('NO_SYNC_YET'));
	}
	if (more.length > 0) {
		const names = inCommas(inQuotes(found.map((sync) => ours(sync.name))));
		throw new NotSendable(notSent('SEVERAL_SYNCS', { names }));
	}
	return first;
}

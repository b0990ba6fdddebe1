import { optional, text } from '../../input/fields/fields';
import { NotSendable, notSent } from '../../service/outcome';
import { findSyncs, type SyncRow } from '../../sync/waiting/syncRows';
import type { LocalEnvironment } from '../operation/localOperation';
import { ours, inCommas, inQuotes } from '../../messages/text';

/**
 * The field in which the user says which Sync an operation is about.
 * @param ifEmpty which Sync that is if the field is empty
 */
export const whichSync = (ifEmpty = 'that of this workflow, or the only one') =>
	optional(
		text({
			displayName: 'Sync',
			placeholder: 'e.g. CRM to IoT sync',
			description: `Workflow, or workflow / node (default: ${ifEmpty})`,
			rule: () => undefined,
		}),
		'allow',
	);

/**
 * Finds the Sync of this name; without a name, the Sync of the workflow.
 * @param spelling see `findSyncs`
 * @throws NotSendable if there is none, or more than one
 */
export async function findSync(
	{ tables, workflowId }: Pick<LocalEnvironment, 'tables' | 'workflowId'>,
	name = '',
	spelling?: Parameters<typeof findSyncs>[2],
): Promise<SyncRow> {
	const isNamed = name !== '';
	const syncRows = await findSyncs(tables, name, spelling);
	const rowsOfWorkflow = syncRows.filter((sync) => !isNamed && sync.workflowId === workflowId);
	const [first, ...otherRows] = rowsOfWorkflow.length > 0 ? rowsOfWorkflow : syncRows;
	if (first === undefined) {
		throw new NotSendable(isNamed ? notSent('NO_SUCH_SYNC', { name: ours(name) }) : notSent('NO_SYNC_YET'));
	}
	if (otherRows.length > 0) {
		const names = inCommas(inQuotes(syncRows.map((sync) => ours(sync.name))));
		throw new NotSendable(notSent('SEVERAL_SYNCS', { names }));
	}
	return first;
}

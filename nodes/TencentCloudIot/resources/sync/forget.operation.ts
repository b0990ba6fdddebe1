import { text } from '../../input/fields/fields';
import { ours } from '../../messages/text';
import { localOperation } from '../operation/localOperation';
import { NotSendable, notSent } from '../../service/outcome';
import { LogTables } from '../../sync/log/logTables';
import { deleteSync } from '../../sync/waiting/syncRows';
import { findSync } from './whichSync';

/** No run owns a lock row that has not changed for this long: a run in progress changes it every few seconds. */
const INACTIVE_AFTER_MS = 15 * 60_000;

/** Deletes what the node keeps of a Sync that no longer exists: its row, its state and its receipts. */
export const forget = localOperation({
	value: 'forget',
	option: {
		name: 'Forget',
		action: 'Forget sync',
		description: 'Delete what n8n keeps of a sync that no longer exists',
	},
	isForModels: false,
	fields: {
		sync: text({
			displayName: 'Sync',
			placeholder: 'e.g. CRM to IoT sync',
			description: "Name of the Sync's workflow, or workflow / node",
			rule: () => undefined,
		}),
	},
	async run({ sync }, environment) {
		const { tables, nowMs } = environment;
		// Somebody who forgets a Sync a second time must not lose another one, whose name differs only in case.
		const row = await findSync(environment, sync, 'exact');
		const isInUse = row.isOwned && nowMs - row.changedMs < INACTIVE_AFTER_MS;
		const deleteReceipts = async () => await new LogTables(tables).deleteRowsOf(row.key);
		const receiptCount = isInUse ? undefined : await deleteSync(tables, row, deleteReceipts);
		if (receiptCount === undefined) {
			throw new NotSendable(notSent('SYNC_RUNNING', { name: ours(row.name) }));
		}
		return [{ Sync: row.name, Forgotten: true, Receipts: receiptCount }];
	},
});

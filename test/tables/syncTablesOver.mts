import { SyncDataTables } from '../../nodes/TencentCloudIot/run/syncTable';
import {
	type ResultsOf,
	type DataTables,
	TableUnusable,
	type TableStep,
	type WhyUnusable,
} from '../../nodes/TencentCloudIot/tables/dataTables';
import type { ContractHost } from './contract.mts';
import { deduplicationOf } from './deduplication.mts';
import type { OpenSyncTable } from './syncTableContract.mts';

/** The tables of Sync as the package opens them, on the Data Tables of a host. Only the deduplication store is a stand-in. */
export function syncTablesOver({ run }: Pick<ContractHost, 'run'>): OpenSyncTable {
	const tables: DataTables = {
		run: async <const Steps extends readonly TableStep[]>(steps: Steps): Promise<ResultsOf<Steps>> => {
			const [result] = await run([{ steps }]);
			if (result === undefined || 'error' in result) {
				const { why, error } = result ?? {};
				throw why === undefined ? new Error(error) : new TableUnusable(why as WhyUnusable);
			}
			return result.answers as unknown as ResultsOf<Steps>;
		},
	};
	const helpersOf = deduplicationOf();
	return (node) => new SyncDataTables(tables, helpersOf(node), { key: node, workflow: 'W', node: 'N' });
}

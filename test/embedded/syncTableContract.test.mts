import { describe, test } from '@jest/globals';
import type { IExecuteFunctions, INodeExecutionData, IWorkflowBase } from 'n8n-workflow';
import { DataTables } from '../../embedded/dataTables.mts';
import { executeInline } from '../../embedded/inlineWorkflow.mts';
import { openDataTables } from '../../nodes/TencentCloudIot/run/dataTables';
import { openSyncTable } from '../../nodes/TencentCloudIot/run/syncTable';
import { MemoryTable } from '../sync/state/memoryTable.mts';
import { type OpenSyncTable, SYNC_TABLE_CONTRACT } from '../tables/syncTableContract.mts';
import { deduplicationOf } from '../tables/deduplication.mts';

/** The tables of the embedded engine, as the node uses them. */
function inDataTables(): OpenSyncTable {
	const tables = new DataTables();
	const context = {
		getExecutionCancelSignal: () => undefined,
		executeWorkflow: async ({ code }: { code: IWorkflowBase }, items: INodeExecutionData[]) => {
			return await Promise.resolve(executeInline(code, items, tables));
		},
	} as unknown as IExecuteFunctions;
	const helpersOf = deduplicationOf();
	return (node) => {
		return openSyncTable(openDataTables(context), helpersOf(node), { key: node, workflow: 'W', node: 'N' });
	};
}

/** The model that the tests of the lock and the state take. */
function inMemory(): OpenSyncTable {
	const tables = new Map<string, MemoryTable>();
	return (node) => {
		const table = tables.get(node) ?? new MemoryTable();
		tables.set(node, table);
		return table;
	};
}

describe.each([
	['of the embedded engine', inDataTables()],
	['in memory', inMemory()],
])('The table of Sync %s does what the others do:', (_, open) => {
	test.each(SYNC_TABLE_CONTRACT)('$name', async ({ see }) => await see(open));
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from '@jest/globals';
import {
	createProcessedData,
	dataTablesBeside,
	openProcessedData,
	runNode,
} from '../../embedded/embeddedEngine.mts';
import { CONTRACT, type ContractHost } from '../tables/contract.mts';
import { SYNC_TABLE_CONTRACT } from '../tables/syncTableContract.mts';
import { syncTablesOver } from '../tables/syncTablesOver.mts';
import { TablesContract, type ContractCall, type ContractResult } from '../tables/contractNode.mts';

const MAX_BYTES = 8 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'tables-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
	['in memory', createProcessedData],
	['in a folder', () => openProcessedData(folder)],
])('The Data Tables of the embedded engine, %s, behave like those of n8n:', (_, open) => {
	const processedData = open();
	dataTablesBeside(processedData).maxBytes = MAX_BYTES;
	const host: ContractHost = {
		database: 'sqlite',
		maxBytes: MAX_BYTES,
		run: async (calls: readonly ContractCall[], atOnce = false) => {
			const rows = [JSON.parse(JSON.stringify({ calls, atOnce }))];
			const { success, failure } = await runNode({ rows, nodeType: new TablesContract(), processedData });
			if (failure) {
				throw new Error(failure.message);
			}
			// As n8n answers a webhook.
			const { results } = JSON.parse(JSON.stringify(success[0]!.json)) as { results: ContractResult[] };
			return results;
		},
	};
	test.each(CONTRACT)('$name', async ({ see }) => await see(host));

	const openSyncTables = syncTablesOver(host);
	test.each(SYNC_TABLE_CONTRACT)('The table of Sync: $name', async ({ see }) => await see(openSyncTables));
});

test('If the Data Tables module is off, every call is refused with that reason.', async () => {
	const processedData = createProcessedData();
	dataTablesBeside(processedData).isDisabled = true;
	const rows = [{ calls: [{ steps: [{ do: 'list', nameContains: 'x' }] }] }];
	const { success } = await runNode({ rows, nodeType: new TablesContract(), processedData });
	const { results } = success[0]!.json as unknown as { results: ContractResult[] };
	if (!('error' in results[0]!) || results[0].why !== 'absent') {
		throw new Error(JSON.stringify(results));
	}
});

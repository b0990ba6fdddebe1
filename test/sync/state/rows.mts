import { createHash } from 'node:crypto';
import type { INode } from 'n8n-workflow';
import { Deduplicator, type ProcessedDataTable } from '../../../embedded/processedData.mts';
import { storeOver } from '../../../nodes/TencentCloudIot/run/syncSession';
import { StateEntries } from '../../../nodes/TencentCloudIot/sync/state/entries';
import type { StateStore } from '../../../nodes/TencentCloudIot/sync/state/store';

export const ENTRIES_OF_ACCOUNT = new StateEntries({
	endpoint: new URL('https://service.example'),
	appKey: 'key',
	appSecret: 'secret',
});
/** When every test begins, Unix milliseconds. */
export const NOW_MS = 1_700_000_000_000;

const NODE = { workflow: { id: '1', active: true }, node: { id: '2' } as INode };

/** The state store of a node over one table, as n8n has it. */
export function storeOn(table: ProcessedDataTable): StateStore {
	const deduplicator = new Deduplicator(table);
	return storeOver({
		checkProcessedAndRecord: async (items, scope, options) =>
			await deduplicator.checkProcessedAndRecord(items, scope, NODE, options),
		removeProcessed: async (items, scope, options) =>
			await deduplicator.removeProcessed(items, scope, NODE, options),
		clearAllProcessedItems: async (scope) => await deduplicator.clearAllProcessedItems(scope, NODE),
		getProcessedDataCount: async (scope, options) =>
			await deduplicator.getProcessedDataCount(scope, NODE, options),
	});
}

export function hashOf(entry: string): string {
	return createHash('md5').update(entry).digest('base64');
}

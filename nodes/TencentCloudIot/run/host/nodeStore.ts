import type { DeduplicationHelperFunctions, DeduplicationScope, ICheckProcessedOptions } from 'n8n-workflow';

import { FencedStore, type StateStore } from '../../sync/state/store';
import { systemClock } from '../../systemClock';

/** Without a limit: n8n would drop the oldest. */
const ENTRIES: ICheckProcessedOptions = { mode: 'entries' };

type Helpers = Omit<DeduplicationHelperFunctions, 'checkProcessedItemsAndRecord'>;

/** What is needed of an execution's context. */
export interface NodeContext {
	helpers: Helpers;
	getWorkflow(): { id?: string | undefined };
}

/** Where a node keeps its sync state, beside what all nodes of its workflow share; or why it cannot. */
export type NodeStore = { store: StateStore; ofWorkflow: StateStore } | { store: undefined; why: string };

/**
 * The store of the node in n8n's own database: the table behind Remove Duplicates. n8n keeps it by the ids of workflow
 * and node, so that it outlives renaming and editing, and stores an MD5 of each entry. A copy of either begins anew.
 */
export async function openNodeStore(context: NodeContext): Promise<NodeStore> {
	const { helpers } = context;
	if (!context.getWorkflow().id) return { store: undefined, why: 'the workflow is not saved' };
	const why = 'this n8n version has no deduplication store';
	if (typeof helpers.checkProcessedAndRecord !== 'function') return { store: undefined, why };
	const ofWorkflow = storeOver(helpers, 'workflow');
	try {
		// A small row, where there is one.
		await new FencedStore(ofWorkflow, systemClock).count();
	} catch (cause) {
		// n8n asserts that it has a store at all. Whatever else went wrong may pass, and is for the run to see.
		if ((cause as { code?: unknown }).code === 'ERR_ASSERTION') return { store: undefined, why };
	}
	return { store: storeOver(helpers), ofWorkflow };
}

/** The store behind an execution's deduplication helpers. */
export function storeOver(helpers: Helpers, scope: DeduplicationScope = 'node'): StateStore {
	return {
		record: async (entries) => {
			const { processed } = await helpers.checkProcessedAndRecord([...entries], scope, ENTRIES);
			return new Set(processed.map(String));
		},
		forget: async (entries) => await helpers.removeProcessed([...entries], scope, ENTRIES),
		clear: async () => await helpers.clearAllProcessedItems(scope, ENTRIES),
		count: async () => await helpers.getProcessedDataCount(scope, ENTRIES),
	};
}

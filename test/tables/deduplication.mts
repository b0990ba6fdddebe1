import type { DeduplicationHelpers } from '../../nodes/TencentCloudIot/run/syncTable';

/** The parts of n8n's deduplication store that Sync uses, by node name. */
export function deduplicationOf(): (node: string) => DeduplicationHelpers {
	const entriesOf = new Map<string, Set<string>>();
	return (node) => {
		const entries = entriesOf.get(node) ?? new Set();
		entriesOf.set(node, entries);
		const helpers = {
			checkProcessedAndRecord: async (items: string[]) => {
				for (const item of items) {
					entries.add(item);
				}
				return await Promise.resolve({ new: [], processed: [] });
			},
			clearAllProcessedItems: async () => await Promise.resolve(entries.clear()),
			getProcessedDataCount: async () => await Promise.resolve(entries.size),
		};
		return helpers as unknown as DeduplicationHelpers;
	};
}

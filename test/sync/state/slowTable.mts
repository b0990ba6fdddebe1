import type { ProcessedDataTable } from '../../../embedded/processedData.mts';
import type { Random } from '../../../nodes/TencentCloudIot/sync/verdicts';

/** Numbers from 0 to 1, the same ones each time. */
export function randomOf(seed: number): () => number {
	let state = seed;
	return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

/** Integers from such numbers: what chance decides in a run is the same each time. */
export function integersOf(random: () => number): Random {
	return (min, max) => min + Math.floor(random() * (max - min));
}

/**
 * n8n's table as one process sees it whose statements take time to take effect, and time to return.
 * @param wait lets the time pass that a statement takes to take effect, or to return
 */
export function slowTable(table: ProcessedDataTable, wait: () => Promise<void>): ProcessedDataTable {
	const slow = async <Result,>(work: () => Promise<Result>): Promise<Result> => {
		await wait();
		const result = await work();
		await wait();
		return result;
	};
	return {
		find: async (key) => await slow(async () => await table.find(key)),
		insert: async (key, row) => await slow(async () => await table.insert(key, row)),
		update: async (key, row) => await slow(async () => await table.update(key, row)),
		delete: async (key) => await slow(async () => await table.delete(key)),
	};
}

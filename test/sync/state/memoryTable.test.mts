import { describe, test } from '@jest/globals';
import { SYNC_TABLE_CONTRACT } from '../../tables/syncTableContract.mts';
import { MemoryTable } from './memoryTable.mts';

describe('The tables in memory behave like those of n8n:', () => {
	const tables = new Map<string, MemoryTable>();
	const open = (node: string) => {
		const table = tables.get(node) ?? new MemoryTable();
		tables.set(node, table);
		return table;
	};
	test.each(SYNC_TABLE_CONTRACT)('$name', async ({ see }) => await see(open));
});

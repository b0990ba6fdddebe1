import { expect, test } from '@jest/globals';
import { createTable } from '../../nodes/TencentCloudIot/tables/dataTables';
import { MemoryTables } from '../sync/log/memoryTables.mts';

const COLUMNS = { text: 'string' } as const;

test('A table is created once, even if the names of other tables contain its name', async () => {
	const tables = new MemoryTables();
	const mine = await createTable(tables, 'mine', COLUMNS);
	const copy = await createTable(tables, 'mine copy', COLUMNS);
	expect(tables.names).toEqual(['mine', 'mine copy']);
	expect(copy).toEqual({ id: copy.id, name: 'mine copy', columns: ['text'] });

	// The copy was changed last, so n8n refuses to create "mine" and lists the copy first.
	expect(await createTable(tables, 'mine', COLUMNS)).toEqual(mine);

	await tables.run([{ do: 'insert', table: { id: mine.id }, rows: [{ text: 'newer' }] }]);
	expect(await createTable(tables, 'mine', COLUMNS)).toEqual(mine);
	expect(tables.names).toEqual(['mine', 'mine copy']);
});

test('If another run creates the table at the same moment, that table is used', async () => {
	const tables = new MemoryTables();
	tables.afterCall = () => {
		tables.afterCall = () => {};
		throw new Error('UNIQUE constraint failed: data_table.name');
	};
	expect(await createTable(tables, 'mine', COLUMNS)).toEqual({
		id: expect.any(String),
		name: 'mine',
		columns: ['text'],
	});
});

test('If only a table with a similar name exists, the refusal to create one is passed on', async () => {
	const tables = new MemoryTables();
	await createTable(tables, 'mine copy', COLUMNS);
	const refusal = new Error('Too many tables');
	tables.beforeCall = () => {
		tables.beforeCall = () => {};
		throw refusal;
	};
	await expect(createTable(tables, 'mine', COLUMNS)).rejects.toBe(refusal);
});

test('A host that returns another table is not trusted', async () => {
	const tables = new MemoryTables();
	const copy = await createTable(tables, 'mine copy', COLUMNS);
	tables.run = (() => Promise.resolve([[copy]])) as typeof tables.run;
	await expect(createTable(tables, 'mine', COLUMNS)).rejects.toMatchObject({ why: 'notFound' });
});

import { describe, expect, test } from '@jest/globals';
import type { INodeExecutionData, IWorkflowBase } from 'n8n-workflow';
import { DataTables } from '../../embedded/dataTables.mts';
import { executeInline } from '../../embedded/inlineWorkflow.mts';
import { ProjectTables } from '../../nodes/TencentCloudIot/run/dataTables';
import {
	type Condition,
	equal,
	type ReadStep,
	type TableStep,
} from '../../nodes/TencentCloudIot/tables/dataTables';

const COLUMNS = { word: 'string', size: 'number' } as const;
const FIND = { do: 'find', nameContains: 'words' } as const;
const WORDS = { name: 'words' } as const;

/** The tables of a project, over a host that carries out the workflow of each call. */
function projectTables() {
	const host = new DataTables();
	const context = {
		executeWorkflow: async ({ code }: { code: IWorkflowBase }, items: INodeExecutionData[]) =>
			await Promise.resolve(executeInline(code, items, host)),
		getExecutionCancelSignal: () => undefined,
	} as unknown as ConstructorParameters<typeof ProjectTables>[0];
	return { host, tables: new ProjectTables(context) };
}

/** The table `words` with these rows, and its id. */
async function tableOf(...rows: Array<{ word: string | null; size?: number | null }>) {
	const { host, tables } = projectTables();
	const [[table]] = await tables.run([{ do: 'create', name: 'words', columns: COLUMNS }]);
	await tables.run([{ do: 'insert', table: { id: table!.id }, rows }]);
	const read = async (where?: ReadStep['where']) => {
		const [, found] = await tables.run([FIND, { do: 'read', table: WORDS, where }]);
		return found.map(({ word }) => word);
	};
	return { host, tables, id: table!.id, read };
}

describe('A table', () => {
	test('is created only once, and a list by a part of its name has its columns', async () => {
		const { tables } = projectTables();
		const create = { do: 'create', name: 'words', columns: COLUMNS } as const;
		const [[created]] = await tables.run([create]);
		expect(created).toEqual({ id: expect.any(String), name: 'words', columns: ['word', 'size'] });
		const steps = [create, { do: 'list', nameContains: 'WORD' }, { do: 'list', nameContains: 'x' }] as const;
		expect(await tables.run(steps)).toEqual([[created], [created], []]);
	});

	test('is dropped with its rows', async () => {
		const { host, tables, id } = await tableOf({ word: 'a' });
		expect(await tables.run([{ do: 'drop', table: { id } }])).toEqual([[]]);
		expect(host.list()).toEqual([]);
	});

	test('is found by its exact name, not by names that contain it', async () => {
		const { tables, read, host } = await tableOf({ word: 'a' });
		await tables.run([{ do: 'create', name: 'words_2', columns: COLUMNS }]);
		expect(host.list('words').length).toBe(2);
		expect(await read()).toEqual(['a']);
	});

	test.each(['find', 'list', 'create'] as const)('is found by the step before: %s', async (kind) => {
		const { tables } = await tableOf({ word: 'a' });
		const find: TableStep =
			kind === 'create'
				? { do: 'create', name: 'words', columns: COLUMNS }
				: { do: kind, nameContains: 'words' };
		const [, rows] = await tables.run([find, { do: 'read', table: WORDS }]);
		expect(rows).toMatchObject([{ word: 'a' }]);
	});

	test('that is missing has no rows to read, and the later steps still run', async () => {
		const { host, tables, id } = await tableOf({ word: 'a' });
		const insert = { do: 'insert', table: { id }, rows: [{ word: 'b' }] } as const;
		const read = { do: 'read', table: { name: 'missing' } } as const;
		expect(await tables.run([FIND, read, insert])).toEqual([[], [], []]);
		expect(host.rowsOf('words').map(({ word }) => word)).toEqual(['a', 'b']);
	});

	test.each<TableStep>([
		{ do: 'update', table: { name: 'missing' }, where: { every: [equal('word', 'a')] }, set: { word: 'b' } },
		{ do: 'remove', table: { name: 'missing' }, where: { every: [equal('word', 'a')] } },
		{ do: 'insert', table: { name: 'missing' }, rows: [{ word: 'a' }] },
	])('that is missing cannot be changed: $do', async (step) => {
		const { tables } = await tableOf({ word: 'a' });
		await expect(tables.run([FIND, step])).rejects.toMatchObject({ why: 'notFound' });
	});
});

describe('Rows', () => {
	test('are inserted unchanged, even if n8n would evaluate their texts', async () => {
		const { tables, id, read, host } = await tableOf();
		const words = ['=1+1', '={{ $env.SECRET }}', "'", '', '{{ 1 }}', '末'];
		const rows = words.map((word) => ({ word }));
		await tables.run([{ do: 'insert', table: { id }, rows }]);
		await tables.run([FIND, { do: 'insert', table: WORDS, rows: [{ word: '=2', size: 2 }] }]);
		expect(await read()).toEqual([...words, '=2']);
		// Other data of the call does not get into a row.
		expect(Object.keys(host.rowsOf('words')[0]!).sort()).toEqual([
			'createdAt',
			'id',
			'size',
			'updatedAt',
			'word',
		]);
	});

	test('are read in the order of their ids, or the newest first with a limit', async () => {
		const { tables, id, read } = await tableOf({ word: 'c' }, { word: 'a' }, { word: 'b' });
		const [newest] = await tables.run([{ do: 'read', table: { id }, newest: 2 }]);
		expect([await read(), newest.map(({ word }) => word)]).toEqual([
			['c', 'a', 'b'],
			['b', 'a'],
		]);
	});

	test('are changed, and the changed rows are returned', async () => {
		const { tables, read } = await tableOf(
			{ word: 'a', size: 1 },
			{ word: 'b', size: 1 },
			{ word: 'c', size: 2 },
		);
		const set = { word: '=x', size: null };
		const where = { every: [equal('size', 1)] };
		const [, changed] = await tables.run([FIND, { do: 'update', table: WORDS, where, set }]);
		expect(changed).toMatchObject([
			{ id: 1, word: '=x', size: null },
			{ id: 2, word: '=x', size: null },
		]);
		expect(await read()).toEqual(['=x', '=x', 'c']);
	});

	test('are removed, and the removed rows are returned', async () => {
		const { tables, read } = await tableOf({ word: 'a' }, { word: 'b' });
		const where = { every: [equal('word', 'b')] };
		const [, removed] = await tables.run([FIND, { do: 'remove', table: WORDS, where }]);
		expect([removed, await read()]).toEqual([[expect.objectContaining({ id: 2, word: 'b' })], ['a']]);
	});
});

describe('A condition', () => {
	const sizes = [{ word: 'a', size: 1 }, { word: 'b', size: 2 }, { word: 'c', size: 3 }, { word: null }];

	test.each<[condition: Condition, words: Array<string | null>]>([
		[{ column: 'size', is: 'equal', value: 2 }, ['b']],
		[{ column: 'word', is: 'notEqual', value: 'a' }, ['b', 'c', null]],
		[{ column: 'size', is: 'less', value: 2 }, ['a']],
		[{ column: 'size', is: 'atMost', value: 2 }, ['a', 'b']],
		[{ column: 'size', is: 'greater', value: 2 }, ['c']],
		[{ column: 'size', is: 'atLeast', value: 2 }, ['b', 'c']],
		[{ column: 'word', is: 'like', value: '%B' }, ['b']],
		[{ column: 'word', is: 'equal', value: null }, [null]],
		[{ column: 'word', is: 'notEqual', value: null }, ['a', 'b', 'c']],
	])('%j holds for %j', async (condition, words) => {
		const { read } = await tableOf(...sizes);
		expect(await read({ every: [condition] })).toEqual(words);
		expect(await read({ some: [condition, equal('word', 'a')] })).toEqual(
			words.includes('a') ? words : ['a', ...words],
		);
		expect(await read({ every: [condition, equal('word', 'a')] })).toEqual(words.includes('a') ? ['a'] : []);
	});

	test('with a text that n8n would evaluate uses the text unchanged', async () => {
		const { read } = await tableOf({ word: '=1' }, { word: '1' });
		expect(await read({ every: [equal('word', '=1')] })).toEqual(['=1']);
	});
});

describe('The steps of a call', () => {
	const read = { do: 'read', table: WORDS } as const;
	const insertOf = (word: string) => ({ do: 'insert', table: WORDS, rows: [{ word }] }) as const;

	test('run one after the other, and each has its own result', async () => {
		const { tables, id, host } = await tableOf({ word: 'a' });
		const results = await tables.run([FIND, read, insertOf('b'), read, insertOf('c')]);
		const words = results.map((rows) => rows.map((row: { word?: unknown }) => row.word));
		expect(words).toEqual([[], ['a'], [], ['a', 'b'], []]);
		expect(host.rowsOf('words').map(({ word }) => word)).toEqual(['a', 'b', 'c']);
		const many = { do: 'insert', table: { id }, rows: [{ word: 'd' }, { word: 'e' }] } as const;
		const [, , , last] = await tables.run([FIND, read, many, read]);
		expect(last.map(({ word }) => word)).toEqual(['a', 'b', 'c', 'd', 'e']);
	});

	test('without a result do not hide the result of the last one', async () => {
		const { tables } = await tableOf({ word: 'a' });
		const [, , rows] = await tables.run([FIND, insertOf('b'), read]);
		expect(rows).toMatchObject([{ word: 'a' }, { word: 'b' }]);
	});

	test('may have at most five results', async () => {
		const { tables, host } = await tableOf({ word: 'a' });
		expect(await tables.run([FIND, read, read, read, read, read])).toHaveLength(6);
		const sixth = tables.run([FIND, read, read, read, read, read, read]);
		await expect(sixth).rejects.toThrow('One call asks for too many results');
		const withLaterStep = tables.run([FIND, read, read, read, read, read, insertOf('b')]);
		await expect(withLaterStep).rejects.toThrow('One call asks for too many results');
		expect(host.rowsOf('words')).toHaveLength(1);
	});
});

import type { IDataObject } from 'n8n-workflow';
import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
	createProcessedData,
	openProcessedData,
	runNode,
	type ProcessedDataTable,
} from '../../embedded/embeddedEngine.mts';
import { openNodeStore, type NodeContext } from '../../nodes/TencentCloudIot/run/syncSession';
import type { StateStore } from '../../nodes/TencentCloudIot/sync/state/store';
import { temporaryFolder } from '../support/temporaryFolder.mts';
import { nodeThat } from './throwAwayNode.mts';

const folder = temporaryFolder();

/** Runs a node on n8n's engine that does something with its store, and returns what came of it. */
async function withStore(
	table: ProcessedDataTable,
	use: (store: StateStore) => Promise<unknown>,
): Promise<unknown> {
	const nodeType = nodeThat(async function () {
		const { store } = await openNodeStore(this);
		return [[{ json: { found: await use(store!) } as IDataObject }]];
	});
	const { success, failure } = await runNode({ rows: [{}], nodeType, processedData: table });
	if (failure !== undefined) throw new Error(failure.message);
	return success[0]?.json.found;
}

const tables: Array<[string, () => ProcessedDataTable]> = [
	['in memory', createProcessedData],
	['in a folder', () => openProcessedData(temporaryFolder())],
];

describe.each(tables)("The store of a node, through n8n's own helpers and a table %s,", (_, create) => {
	test('keeps entries from one execution to the next', async () => {
		const table = create();
		const record = async (store: StateStore) => [...(await store.record(['a', 'b']))];
		expect(await withStore(table, record)).toEqual([]);
		expect(await withStore(table, async (store) => [...(await store.record(['c', 'b']))])).toEqual(['b']);
		expect(await withStore(table, async (store) => await store.count())).toBe(3);
	});

	test('takes entries out, one by one or all', async () => {
		const table = create();
		const counts = await withStore(table, async (store) => {
			await store.record(['a', 'b', 'c']);
			await store.forget(['b', 'not there']);
			const left = await store.count();
			await store.clear();
			return [left, await store.count(), [...(await store.record(['a']))]];
		});
		expect(counts).toEqual([2, 0, []]);
	});

	test('has nothing to take out before the first record', async () => {
		const count = await withStore(create(), async (store) => {
			await store.forget(['a']);
			await store.clear();
			return await store.count();
		});
		expect(count).toBe(0);
	});

	test('loses one of two records at the same time, as the whole row is written', async () => {
		const left = await withStore(create(), async (store) => {
			await store.record(['first']);
			await Promise.all([store.record(['a']), store.record(['b'])]);
			return await store.count();
		});
		expect(left).toBe(2);
	});

	test('rejects the second of two first records', async () => {
		const both = await withStore(create(), async (store) => {
			const results = await Promise.allSettled([store.record(['a']), store.record(['b'])]);
			return results.map(({ status }) => status);
		});
		expect(both).toEqual(['fulfilled', 'rejected']);
	});

	test('is not made again by a record that comes after its end', async () => {
		const count = await withStore(create(), async (store) => {
			await store.record(['a']);
			const late = store.record(['b']);
			await Promise.all([late, store.clear()]);
			return await store.count();
		});
		expect(count).toBe(0);
	});
});

test('A table in a folder is that of every process, and has entries only as MD5', async () => {
	const path = join(folder, 'shared');
	await withStore(openProcessedData(path), async (store) => await store.record(['user_1024']).then(() => 0));
	const files = readdirSync(path);
	expect(files).toHaveLength(1);
	expect(readFileSync(join(path, files[0]!), 'utf8')).not.toContain('user_1024');
	const there = await withStore(openProcessedData(path), async (store) => [
		...(await store.record(['user_1024'])),
	]);
	expect(there).toEqual(['user_1024']);
});

describe('There is no store', () => {
	const fails = (cause: unknown) => async () => await Promise.reject(cause);
	const helpers = (cause: unknown): NodeContext['helpers'] => ({
		checkProcessedAndRecord: fails(cause),
		removeProcessed: fails(cause),
		clearAllProcessedItems: fails(cause),
		getProcessedDataCount: fails(cause),
	});
	const asserted = Object.assign(new Error('Instance needs to initialized'), { code: 'ERR_ASSERTION' });

	test.each([undefined, ''])('in a workflow with the id %j, which is not saved', async (id) => {
		const opened = await openNodeStore({ helpers: helpers(asserted), getWorkflow: () => ({ id }) });
		expect(opened).toEqual({ store: undefined, why: 'the workflow is not saved' });
	});

	test.each([
		['does not have the helpers', {} as NodeContext['helpers']],
		['has nothing behind them', helpers(asserted)],
	])('where n8n %s', async (_, without) => {
		const opened = await openNodeStore({ helpers: without, getWorkflow: () => ({ id: '1' }) });
		expect(opened).toEqual({ store: undefined, why: 'this n8n version has no deduplication store' });
	});

	test('but there is one where the database does not answer for now: what that means is for the run to see', async () => {
		const opened = await openNodeStore({
			helpers: helpers(new Error('SQLITE_BUSY')),
			getWorkflow: () => ({ id: '1' }),
		});
		await expect(opened.store?.count()).rejects.toThrow('SQLITE_BUSY');
	});
});

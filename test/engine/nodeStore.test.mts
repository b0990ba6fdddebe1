import type { IDataObject } from 'n8n-workflow';
import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
	createProcessedData,
	openProcessedData,
	runNode,
	type ProcessedDataTable,
} from '../../embedded/embeddedEngine.mts';
import { openNodeMemory, type NodeContext } from '../../nodes/TencentCloudIot/run/host/nodeStore';
import type { StateStore } from '../../nodes/TencentCloudIot/sync/state/settings';
import { nodeThat } from './throwAwayNode.mts';

const folder = mkdtempSync(join(tmpdir(), 'processed-data-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a node on n8n's engine that does something with its memory, and returns what came of it. */
async function withMemory(
	table: ProcessedDataTable,
	use: (memory: StateStore) => Promise<unknown>,
): Promise<unknown> {
	const nodeType = nodeThat(async function () {
		const { memory } = await openNodeMemory(this);
		return [[{ json: { found: await use(memory!) } as IDataObject }]];
	});
	const { success, failure } = await runNode({ rows: [{}], nodeType, processedData: table });
	if (failure !== undefined) throw new Error(failure.message);
	return success[0]?.json.found;
}

const tables: Array<[string, () => ProcessedDataTable]> = [
	['in memory', createProcessedData],
	['in a folder', () => openProcessedData(mkdtempSync(join(folder, 'table-')))],
];

describe.each(tables)("The memory of a node, through n8n's own helpers and a table %s,", (_, create) => {
	test('keeps entries from one execution to the next', async () => {
		const table = create();
		const record = async (memory: StateStore) => [...(await memory.record(['a', 'b']))];
		expect(await withMemory(table, record)).toEqual([]);
		expect(await withMemory(table, async (memory) => [...(await memory.record(['c', 'b']))])).toEqual(['b']);
		expect(await withMemory(table, async (memory) => await memory.count())).toBe(3);
	});

	test('takes entries out, one by one or all', async () => {
		const table = create();
		const counts = await withMemory(table, async (memory) => {
			await memory.record(['a', 'b', 'c']);
			await memory.forget(['b', 'not there']);
			const left = await memory.count();
			await memory.clear();
			return [left, await memory.count(), [...(await memory.record(['a']))]];
		});
		expect(counts).toEqual([2, 0, []]);
	});

	test('has nothing to take out before the first record', async () => {
		const count = await withMemory(create(), async (memory) => {
			await memory.forget(['a']);
			await memory.clear();
			return await memory.count();
		});
		expect(count).toBe(0);
	});

	test('loses one of two records at the same time, as the whole row is written', async () => {
		const left = await withMemory(create(), async (memory) => {
			await memory.record(['first']);
			await Promise.all([memory.record(['a']), memory.record(['b'])]);
			return await memory.count();
		});
		expect(left).toBe(2);
	});

	test('rejects the second of two first records', async () => {
		const both = await withMemory(create(), async (memory) => {
			const results = await Promise.allSettled([memory.record(['a']), memory.record(['b'])]);
			return results.map(({ status }) => status);
		});
		expect(both).toEqual(['fulfilled', 'rejected']);
	});

	test('is not made again by a record that comes after its end', async () => {
		const count = await withMemory(create(), async (memory) => {
			await memory.record(['a']);
			const late = memory.record(['b']);
			await Promise.all([late, memory.clear()]);
			return await memory.count();
		});
		expect(count).toBe(0);
	});
});

test('A table in a folder is that of every process, and has entries only as MD5', async () => {
	const path = join(folder, 'shared');
	await withMemory(
		openProcessedData(path),
		async (memory) => await memory.record(['user_1024']).then(() => 0),
	);
	const files = readdirSync(path);
	expect(files).toHaveLength(1);
	expect(readFileSync(join(path, files[0]!), 'utf8')).not.toContain('user_1024');
	const there = await withMemory(openProcessedData(path), async (memory) => [
		...(await memory.record(['user_1024'])),
	]);
	expect(there).toEqual(['user_1024']);
});

describe('There is no memory', () => {
	const fails = (cause: unknown) => async () => await Promise.reject(cause);
	const helpers = (cause: unknown): NodeContext['helpers'] => ({
		checkProcessedAndRecord: fails(cause),
		removeProcessed: fails(cause),
		clearAllProcessedItems: fails(cause),
		getProcessedDataCount: fails(cause),
	});
	const asserted = Object.assign(new Error('Instance needs to initialized'), { code: 'ERR_ASSERTION' });

	test.each([undefined, ''])('in a workflow with the id %j, which is not saved', async (id) => {
		const opened = await openNodeMemory({ helpers: helpers(asserted), getWorkflow: () => ({ id }) });
		expect(opened).toEqual({ memory: undefined, why: 'the workflow is not saved' });
	});

	test.each([
		['does not have the helpers', {} as NodeContext['helpers']],
		['has nothing behind them', helpers(asserted)],
	])('where n8n %s', async (_, without) => {
		const opened = await openNodeMemory({ helpers: without, getWorkflow: () => ({ id: '1' }) });
		expect(opened).toEqual({ memory: undefined, why: 'this n8n keeps nothing for a node' });
	});

	test('but there is one where the database does not answer for now: what that means is for the run to see', async () => {
		const opened = await openNodeMemory({
			helpers: helpers(new Error('SQLITE_BUSY')),
			getWorkflow: () => ({ id: '1' }),
		});
		await expect(opened.memory?.count()).rejects.toThrow('SQLITE_BUSY');
	});
});

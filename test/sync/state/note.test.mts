import { describe, expect, test } from '@jest/globals';
import { createProcessedData } from '../../../embedded/processedData.mts';
import { Note } from '../../../nodes/TencentCloudIot/sync/state/note';
import type { StateStore } from '../../../nodes/TencentCloudIot/sync/state/store';
import { FakeClock } from '../../support/fakeClock.mts';
import { expectReadable } from '../../support/wording.mts';
import { storeOn } from './rows.mts';
import { randomOf, slowTable } from './slowTable.mts';
import { manyCustomers, NO_CHECKS, Node, STOP_ABOVE_50 } from './syncRuns.mts';

const good = manyCustomers(200, 'good');
const approve = (approvedPlan = '') => ({ settings: { checks: { ...STOP_ABOVE_50, approvedPlan } } });
const busy = async (): Promise<never> => await Promise.reject(new Error('SQLITE_BUSY'));

/** A node that has pushed to 200 customers, beside others in the row of its workflow. */
async function nodeThatNoted() {
	const node = new Node();
	node.ofWorkflow = storeOn(createProcessedData());
	await node.ofWorkflow.record(['of another node']);
	await node.run(good);
	return node;
}

const lose = async (node: Node) => {
	await node.store!.clear();
	await node.clock.advance(61_000);
};

describe('What a node notes in the row of its workflow', () => {
	test('says of an empty state that it is lost, and lets an approved plan pass once', async () => {
		const node = await nodeThatNoted();
		await lose(node);
		const { state, stopped, sent } = await node.run(good);
		expect([state, stopped?.code, sent]).toEqual(['empty', 'STATE_LOST', []]);
		expectReadable(stopped!);
		const approved = approve(stopped!.planId);
		const other = await node.run({ ...good, user_3: 'other' }, approved);
		expect(other.stopped?.code).toBe('STATE_LOST');
		expect(await node.run(good, approved)).toMatchObject({ sent: { length: 200 }, isKept: true });
		expect((await node.run(good)).sent).toEqual([]);
		await lose(node);
		expect((await node.run(good, approved)).stopped?.code).toBe('STATE_LOST');
		expect([...(await node.ofWorkflow!.record(['of another node']))]).toEqual(['of another node']);
	});

	test.each([
		['fewer than twenty customers', manyCustomers(19, 'good'), {}],
		['nothing that is checked', good, { checks: NO_CHECKS }],
	])('says nothing of a node with %s', async (_, contents, settings) => {
		const node = new Node();
		node.ofWorkflow = storeOn(createProcessedData());
		await node.run(contents, { settings });
		await lose(node);
		expect((await node.run(contents, { settings })).stopped).toBeUndefined();
	});

	test('is no note where a first run could not take back what it asked, unless no copy is left', async () => {
		for (const failing of [1, 2, 3, 4]) {
			const node = new Node();
			const store = storeOn(createProcessedData());
			node.ofWorkflow = { ...store, forget: busy };
			for (let round = 0; round < failing; round++) await node.run(good);
			node.ofWorkflow = store;
			expect((await node.run(good)).stopped?.code).toBe(failing < 4 ? undefined : 'STATE_LOST');
		}
	});

	test('is no note, and is said to be none, where another node keeps something else in that row', async () => {
		const table = createProcessedData();
		await table.insert('1 n:2', { mode: 'latestDate', data: [] });
		let foreign = 0;
		const clock = new FakeClock();
		const note = new Note(storeOn(table), 'n', { clock, onForeign: () => foreign++ });
		expect([await note.read(), foreign]).toEqual([undefined, 1]);
	});

	test('is read without a trace', async () => {
		const store = storeOn(createProcessedData());
		const clock = new FakeClock();
		expect(await new Note(store, 'n', { clock }).read()).toBeUndefined();
		expect(await store.count()).toBe(0);
	});

	test('is kept by each of eight nodes that end at the same moment, though none has a lock', async () => {
		const clock = new FakeClock();
		const table = createProcessedData();
		const random = randomOf(7);
		const wait = async () => await clock.sleep(1 + Math.floor(random() * 40));
		const stores = Array.from({ length: 8 }, (): StateStore => storeOn(slowTable(table, wait)));
		let written = 0;
		const all = stores.map(async (store, node) => {
			if (await new Note(store, String(node), { clock }).write()) written++;
		});
		for (let step = 0; step < 4000 && written < 8; step++) await clock.advance(5);
		await Promise.all(all);
		const store = storeOn(table);
		const read = stores.map(async (_, node) => await new Note(store, String(node), { clock }).read());
		expect([written, (await Promise.all(read)).filter((generation) => generation === undefined)]).toEqual([
			8,
			[],
		]);
	});
});

import { describe, expect, test } from '@jest/globals';
import { ALL_WELL } from '../../../nodes/TencentCloudIot/sync/reported';
import type { StateStore } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { expectReadable } from '../../support/wording.mts';
import { Node } from './syncRuns.mts';

const busy = async (): Promise<never> => await Promise.reject(new Error('SQLITE_BUSY'));

/** Rejects so many times, without having done anything or after it has, and works from then on. */
function failing<Parameters extends unknown[], Result>(
	work: (...parameters: Parameters) => Promise<Result>,
	{ times, isDone }: { times: number; isDone: boolean },
) {
	let left = times;
	return async (...parameters: Parameters): Promise<Result> => {
		if (left-- <= 0) return await work(...parameters);
		if (isDone) await work(...parameters);
		return await busy();
	};
}

const ways = [
	['without having done it', false],
	['after having done it', true],
] as const;

describe('When the database rejects', () => {
	test.each(['count', 'record'] as const)('%s once, the sync state is used all the same', async (name) => {
		const node = new Node();
		await node.run({ a: '1' });
		node.replace((store) => ({
			[name]: failing(store[name].bind(store) as never, { times: 1, isDone: false }),
		}));
		expect(await node.run({ a: '1' })).toMatchObject({ state: 'used', sent: [], isKept: true });
	});

	test('a first record that it has done, nothing counts as unchanged', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		node.replace((store) => ({ record: failing(store.record.bind(store), { times: 1, isDone: true }) }));
		const run = await node.begin({ a: '1' });
		expect(run.begun).toMatchObject({ state: 'interrupted', verdicts: ['changed'], stopped: undefined });
	});

	test.each(['count', 'record'] as const)(
		'each %s, everything is sent, and nothing that the sync state said before counts any more',
		async (name) => {
			const node = new Node();
			const { store } = node;
			await node.run({ a: '1' });
			node.replace(() => ({ [name]: busy }));
			expect(await node.run({ a: '2' })).toMatchObject({
				state: 'none',
				stopped: undefined,
				sent: ['a'],
				isKept: false,
			});
			node.store = store;
			expect((await node.run({ a: '1' })).sent).toEqual(['a']);
		},
	);

	test('each record, the sync state is empty from the beginning on: the process may die', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		node.replace(() => ({ record: busy }));
		await node.die({ a: '2' });
		expect(await node.row()).toBeUndefined();
	});

	test('each record, what came into the sync state during the run is taken out at its end', async () => {
		const node = new Node();
		const { store } = node;
		node.replace(() => ({ record: busy }));
		const run = await node.begin({ a: '2' });
		await store!.record(['whatever']);
		expect(await run.end(['accepted'], ALL_WELL)).toBe(false);
		expect(await node.row()).toBeUndefined();
	});

	test('everything, nothing is sent: what it says may not be so afterwards, and nobody can take it back', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		node.replace(() => ({ count: busy, record: busy, clear: busy, forget: busy }));
		const { stopped, sent, isKept } = await node.run({ a: '2' });
		expect(stopped?.code).toBe('STATE_NOT_USABLE');
		expectReadable(stopped!);
		expect({ sent, isKept }).toEqual({ sent: [], isKept: false });
	});

	test('what would write, everything is sent if there is nothing in the sync state that could become wrong', async () => {
		const node = new Node();
		node.replace(() => ({ record: busy, clear: busy, forget: busy }));
		expect(await node.run({ a: '1' })).toMatchObject({ state: 'none', stopped: undefined, sent: ['a'] });
		const knowing = new Node();
		await knowing.run({ a: '1' });
		knowing.replace(() => ({ record: busy, clear: busy, forget: busy }));
		expect((await knowing.run({ a: '1' })).stopped?.code).toBe('STATE_NOT_USABLE');
	});

	test('the lookup of customers, everything is sent, and kept at the end', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '1' });
		let records = 0;
		node.replace((store) => ({
			record: async (entries) => (++records === 2 ? await busy() : await store.record(entries)),
		}));
		expect(await node.run({ a: '1', b: '2' })).toMatchObject({
			state: 'none',
			healthBefore: 'ok',
			sent: ['a', 'b'],
			isKept: true,
		});
		expect((await node.run({ a: '1', b: '2' })).sent).toEqual([]);
	});

	test('while a run waits whether another one is alive, nothing is sent', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		await node.die({ a: '2' });
		let counts = 0;
		node.replace((store) => ({ count: async () => (++counts === 3 ? await busy() : await store.count()) }));
		const { begun } = await node.begin({ a: '1' });
		expect(begun).toMatchObject({ state: 'interrupted', stopped: { code: 'STATE_NOT_USABLE' } });
	});

	test.each(ways)('the last count of the beginning, the run goes on: %s', async (_, isDone) => {
		const node = new Node();
		await node.run({ a: '1' });
		let counts = 0;
		node.replace((store) => ({
			count: async () => {
				if (++counts !== 2) return await store.count();
				if (isDone) await store.count();
				return await busy();
			},
		}));
		expect(await node.run({ a: '1' })).toMatchObject({ state: 'used', stopped: undefined, sent: [] });
	});

	describe.each(ways)('at the end, %s', (_, isDone) => {
		const afterClear = isDone ? 'new' : 'changed';
		test.each([
			['record', ['changed', 'changed']],
			['clear', [afterClear, afterClear]],
			// It is tried again.
			['count', ['unchanged', 'unchanged']],
		] as const)('%s, the next run finds %j', async (name, verdicts) => {
			const node = new Node();
			const { store } = node;
			await node.run({ a: '1', b: '1' });
			const run = await node.begin({ a: '2', b: '1' });
			const all: Pick<StateStore, 'record' | 'count' | 'clear'> = store!;
			Object.assign(node.store!, {
				[name]: failing((all[name] as (...of: unknown[]) => Promise<unknown>).bind(all), {
					times: 1,
					isDone,
				}),
			});
			expect(await node.until(run.end(['accepted', 'accepted'], ALL_WELL))).toBe(name === 'count');
			await node.clock.advance(15_000);
			const next = await node.begin({ a: '2', b: '1' });
			expect(next.begun.verdicts).toEqual(verdicts);
		});

		test('the last record, the next run sends everything or knows it', async () => {
			const node = new Node();
			await node.run({ a: '1' });
			const run = await node.begin({ a: '2' });
			const { store } = node;
			const record = store!.record.bind(store);
			let records = 0;
			Object.assign(store!, {
				record: async (entries: readonly string[]) => {
					if (++records !== 2) return await record(entries);
					if (isDone) await record(entries);
					return await busy();
				},
			});
			expect(await run.end(['accepted'], ALL_WELL)).toBe(false);
			expect((await node.run({ a: '2' })).sent).toEqual(isDone ? [] : ['a']);
		});
	});
});

test('A host without a sync state sends everything, every time', async () => {
	const node = new Node();
	node.store = undefined;
	for (let round = 0; round < 2; round++) {
		expect(await node.run({ a: '1' })).toMatchObject({
			state: 'none',
			healthBefore: undefined,
			stopped: undefined,
			sent: ['a'],
			isKept: false,
		});
	}
});

test('A customer of whom the end is told nothing had to wait', async () => {
	const node = new Node();
	const run = await node.begin({ a: '1', b: '1' });
	await run.end(['accepted'], ALL_WELL);
	expect((await node.run({ a: '1', b: '1' })).verdictOf).toEqual({ a: 'unchanged', b: 'waiting' });
});

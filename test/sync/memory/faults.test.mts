import { describe, expect, test } from '@jest/globals';
import type { SyncMemory } from '../../../nodes/TencentCloudIot/sync/memory/memory';
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
	test.each(['count', 'record'] as const)('%s once, the memory is used all the same', async (name) => {
		const node = new Node();
		await node.run({ a: '1' });
		node.replace((memory) => ({
			[name]: failing(memory[name].bind(memory) as never, { times: 1, isDone: false }),
		}));
		expect(await node.run({ a: '1' })).toMatchObject({ memory: 'used', sent: [], isKept: true });
	});

	test('a first record that it has done, nothing counts as unchanged', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		node.replace((memory) => ({ record: failing(memory.record.bind(memory), { times: 1, isDone: true }) }));
		const run = await node.beginAfterDeath({ a: '1' });
		expect(run.begun).toMatchObject({ memory: 'doubted', verdicts: ['changed'], stopped: undefined });
	});

	test.each(['count', 'record'] as const)(
		'each %s, everything is sent, and nothing that the memory said before counts any more',
		async (name) => {
			const node = new Node();
			const { memory } = node;
			await node.run({ a: '1' });
			node.replace(() => ({ [name]: busy }));
			expect(await node.run({ a: '2' })).toMatchObject({
				memory: 'none',
				stopped: undefined,
				sent: ['a'],
				isKept: false,
			});
			node.memory = memory;
			expect((await node.run({ a: '1' })).sent).toEqual(['a']);
		},
	);

	test('each record, the memory is empty from the beginning on: the process may die', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		node.replace(() => ({ record: busy }));
		await node.die({ a: '2' });
		expect(await node.row()).toBeUndefined();
	});

	test('each record, what came into the memory during the run is taken out at its end', async () => {
		const node = new Node();
		const { memory } = node;
		node.replace(() => ({ record: busy }));
		const run = await node.begin({ a: '2' });
		await memory!.record(['whatever']);
		expect(await run.end(['accepted'], 'ok')).toBe(false);
		expect(await node.row()).toBeUndefined();
	});

	test('everything, nothing is sent: what it says may not be so afterwards, and nobody can take it back', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		node.replace(() => ({ count: busy, record: busy, clear: busy, forget: busy }));
		const { stopped, sent, isKept } = await node.run({ a: '2' });
		expect(stopped?.code).toBe('MEMORY_NOT_USABLE');
		expectReadable(stopped!);
		expect({ sent, isKept }).toEqual({ sent: [], isKept: false });
	});

	test('what would write, everything is sent if there is nothing in the memory that could become wrong', async () => {
		const node = new Node();
		node.replace(() => ({ record: busy, clear: busy, forget: busy }));
		expect(await node.run({ a: '1' })).toMatchObject({ memory: 'none', stopped: undefined, sent: ['a'] });
		const knowing = new Node();
		await knowing.run({ a: '1' });
		knowing.replace(() => ({ record: busy, clear: busy, forget: busy }));
		expect((await knowing.run({ a: '1' })).stopped?.code).toBe('MEMORY_NOT_USABLE');
	});

	test('what asks for customers, everything is sent, and remembered at the end', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '1' });
		let records = 0;
		node.replace((memory) => ({
			record: async (marks) => (++records === 2 ? await busy() : await memory.record(marks)),
		}));
		expect(await node.run({ a: '1', b: '2' })).toMatchObject({
			memory: 'none',
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
		node.replace((memory) => ({ count: async () => (++counts === 3 ? await busy() : await memory.count()) }));
		const { begun } = await node.beginAfterDeath({ a: '1' });
		expect(begun).toMatchObject({ memory: 'doubted', stopped: { code: 'MEMORY_NOT_USABLE' } });
	});

	test.each(ways)('the last count of the beginning, the run goes on: %s', async (_, isDone) => {
		const node = new Node();
		await node.run({ a: '1' });
		let counts = 0;
		node.replace((memory) => ({
			count: async () => {
				if (++counts !== 2) return await memory.count();
				if (isDone) await memory.count();
				return await busy();
			},
		}));
		expect(await node.run({ a: '1' })).toMatchObject({ memory: 'used', stopped: undefined, sent: [] });
	});

	describe.each(ways)('at the end, %s', (_, isDone) => {
		test.each(['record', 'count', 'clear'] as const)('%s, the next run sends everything', async (name) => {
			const node = new Node();
			const { memory } = node;
			await node.run({ a: '1' });
			const run = await node.begin({ a: '1' });
			const all: Pick<SyncMemory, 'record' | 'count' | 'clear'> = memory!;
			Object.assign(node.memory!, {
				[name]: failing((all[name] as (...of: unknown[]) => Promise<unknown>).bind(all), {
					times: 1,
					isDone,
				}),
			});
			expect(await run.end(['accepted'], 'ok')).toBe(false);
			const next = await node.beginAfterDeath({ a: '1' });
			expect(next.begun.verdicts).toEqual(['changed']);
		});

		test('the last record, the next run sends everything or knows it', async () => {
			const node = new Node();
			await node.run({ a: '1' });
			const run = await node.begin({ a: '2' });
			const { memory } = node;
			const record = memory!.record.bind(memory);
			let records = 0;
			Object.assign(memory!, {
				record: async (marks: readonly string[]) => {
					if (++records !== 2) return await record(marks);
					if (isDone) await record(marks);
					return await busy();
				},
			});
			expect(await run.end(['accepted'], 'ok')).toBe(false);
			expect((await node.run({ a: '2' })).sent).toEqual(isDone ? [] : ['a']);
		});
	});
});

test('A host without a memory sends everything, every time', async () => {
	const node = new Node();
	node.memory = undefined;
	for (let round = 0; round < 2; round++) {
		expect(await node.run({ a: '1' })).toMatchObject({
			memory: 'none',
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
	await run.end(['accepted'], 'ok');
	expect((await node.run({ a: '1', b: '1' })).verdictOf).toEqual({ a: 'unchanged', b: 'waiting' });
});

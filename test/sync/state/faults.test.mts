import { describe, expect, test } from '@jest/globals';
import type { StateStore } from '../../../nodes/TencentCloudIot/sync/state/store';
import { expectReadable } from '../../support/wording.mts';
import { endOf, Node } from './syncRuns.mts';

const busy = async (): Promise<never> => await Promise.reject(new Error('SQLITE_BUSY'));

/** Rejects this many times, without having done anything or after it has, and works from then on. */
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

describe('When the database rejects', () => {
	test.each(['count', 'record'] as const)('%s once, the sync state is used all the same', async (name) => {
		const node = new Node();
		await node.run({ a: '1' });
		node.replace((store) => ({
			[name]: failing(store[name].bind(store) as never, { times: 1, isDone: false }),
		}));
		expect(await node.run({ a: '1' })).toMatchObject({ state: 'used', sent: [], isKept: true });
	});

	test.each<[string, Partial<StateStore>]>([
		['each count', { count: busy }],
		['each record', { record: busy }],
		['everything', { count: busy, record: busy, clear: busy, forget: busy }],
	])('%s, nothing is sent, and the state is as it was', async (_, rejecting) => {
		for (const known of [{ a: '1' }, undefined]) {
			const node = new Node();
			if (known !== undefined) await node.run(known);
			const before = await node.row();
			const { store } = node;
			node.replace(() => rejecting);
			const { stopped, sent, isKept } = await node.run({ a: '2' });
			expect(stopped?.code).toBe('STATE_NOT_USABLE');
			expectReadable(stopped!);
			expect({ sent, isKept, row: await node.row() }).toEqual({ sent: [], isKept: false, row: before });
			node.store = store;
			expect((await node.run({ a: '1' })).sent).toEqual(known === undefined ? ['a'] : []);
		}
	});

	describe.each([
		['without having done it', false],
		['after having done it', true],
	])('at the end, %s', (_, isDone) => {
		test.each(['count', 'record', 'clear'] as const)('%s, up to three times, all is kept', async (name) => {
			for (const times of [1, 2, 3]) {
				const node = new Node();
				await node.run({ a: '1', b: '1' });
				const run = await node.begin({ a: '2', b: '1' });
				const { store } = node;
				const work = (store![name] as (...of: unknown[]) => Promise<unknown>).bind(store);
				Object.assign(store!, { [name]: failing(work, { times, isDone }) });
				expect([times, await node.end(run, ['accepted', 'accepted'])]).toEqual([times, true]);
				Object.assign(store!, { [name]: work });
				expect((await node.run({ a: '2', b: '1' })).sent).toEqual([]);
			}
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

test('A customer without a standing at the end had to wait', async () => {
	const node = new Node();
	const run = await node.begin({ a: '1', b: '1' });
	await node.until(endOf(run, ['accepted']));
	expect((await node.run({ a: '1', b: '1' })).verdictOf).toEqual({ a: 'unchanged', b: 'waiting' });
});

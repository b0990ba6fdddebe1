import { describe, expect, test } from '@jest/globals';
import { IN_PROGRESS } from '../../../nodes/TencentCloudIot/sync/state/entries';
import type { SyncCustomer } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { TURNS } from '../../../nodes/TencentCloudIot/sync/state/lastRun';
import { timingFor, type StateStore } from '../../../nodes/TencentCloudIot/sync/state/store';
import { hashOf } from './rows.mts';
import { customersOf, manyCustomers, Node } from './syncRuns.mts';

describe('Customers that failed have their turn', () => {
	const contents = manyCustomers(60, '1');
	const ids = Object.keys(contents);

	/** The customers that have their turn in one run that ends. */
	async function turnOf(node: Node): Promise<string[]> {
		const run = await node.begin({ ...contents, other: String(node.clock.elapsedMs()) });
		const having = ids.filter((_, index) => run.hasTurn(index));
		expect(
			await node.end(
				run,
				[...ids, 'other'].map(() => 'failed' as const),
			),
		).toBe(true);
		return having;
	}

	test('each in one of three runs, and then again in the same order', async () => {
		const node = new Node();
		const turns: string[][] = [];
		for (let run = 0; run < 2 * TURNS; run++) turns.push(await turnOf(node));
		expect(turns.slice(0, TURNS).flat().toSorted()).toEqual(ids.toSorted());
		for (const turn of turns) expect(turn.length).toBeGreaterThan(5);
		expect(turns.slice(TURNS)).toEqual(turns.slice(0, TURNS));
	});

	test('by their ids, not by their places in the rows', async () => {
		const [first, second] = [new Node(), new Node()];
		const run = await first.begin(contents);
		const reversed = await second.begin(Object.fromEntries(Object.entries(contents).toReversed()));
		const turns = ids.map((_, index) => run.hasTurn(index));
		expect(ids.map((_, index) => reversed.hasTurn(index)).toReversed()).toEqual(turns);
	});

	test('but nobody in a run that leaves nothing', async () => {
		const run = await new Node().begin(contents, { dryRun: true });
		expect(ids.filter((_, index) => run.hasTurn(index))).toEqual([]);
	});
});

describe('Requests may start', () => {
	const known = { a: '1' };
	/** As if another run had written by the second count. */
	const disturb = (node: Node) => {
		let counts = 0;
		node.replace((store) => ({ count: async () => (await store.count()) + (++counts === 2 ? 1 : 0) }));
	};

	test.each([
		['in a run that owns the state', { a: '2' }, () => {}, true],
		['in a run whose host has none', known, (node: Node) => (node.store = undefined), true],
		['in no run that has nothing to send', known, () => {}, false],
		['in such a run when another one has written', known, disturb, true],
	])('%s', async (_, contents, prepare, mayStart) => {
		const node = new Node();
		await node.run(known);
		prepare(node);
		const run = await node.begin(contents);
		expect(await node.until(run.mayStart())).toBe(mayStart);
	});
});

describe('The end of a run', () => {
	const { fenceMs, queryEveryMs, takeoverMs } = timingFor(0);

	/** A run that is to end, with another store from now on. */
	async function ending(functions: (store: StateStore, node: Node) => Partial<StateStore> = () => ({})) {
		const node = new Node();
		const run = await node.begin({ a: '1' });
		Object.assign(node.store!, functions({ ...node.store! }, node));
		return { node, isKept: await node.end(run) };
	}

	test('leaves the state in progress, with all that it knows, when it takes longer than the fence, though no statement does', async () => {
		const slow = async <Result,>(node: Node, work: () => Promise<Result>): Promise<Result> => {
			await node.clock.sleep(fenceMs - 100);
			return await work();
		};
		const { node, isKept } = await ending((store, ofNode) => ({
			record: async (entries) => await slow(ofNode, async () => await store.record(entries)),
			clear: async () => await slow(ofNode, async () => await store.clear()),
		}));
		expect(isKept).toBe(false);
		const [{ fingerprint }] = customersOf({ a: '1' }) as [SyncCustomer];
		expect(await node.row()).toEqual(expect.arrayContaining([IN_PROGRESS, fingerprint].map(hashOf)));
	});

	test('queries five times whether it still has the state, and gives up then', async () => {
		let counts = 0;
		const failingFor = async (times: number) => {
			counts = 0;
			const { isKept } = await ending((store) => ({
				count: async () =>
					++counts <= times ? await Promise.reject(new Error('SQLITE_BUSY')) : await store.count(),
			}));
			return { isKept, counts };
		};
		expect(await failingFor(4)).toMatchObject({ isKept: true });
		expect(await failingFor(9)).toEqual({ isKept: false, counts: 5 });
	});

	test('is kept when another run has written once between deletion and insertion, and not when it does so each time', async () => {
		const writing = async (times: number) => {
			const { isKept } = await ending((store) => ({
				clear: async () => {
					await store.clear();
					if (times-- > 0) await store.record(['of another run']);
				},
			}));
			return isKept;
		};
		expect([await writing(1), await writing(Infinity)]).toEqual([true, false]);
	});

	test('changes nothing when another run has taken its token away', async () => {
		let cleared = 0;
		const { node, isKept } = await ending((store) => ({
			record: async (entries) => {
				await store.forget(entries.slice(1, 2));
				return await store.record(entries);
			},
			clear: async () => (cleared++, await store.clear()),
		}));
		expect({ isKept, cleared }).toEqual({ isKept: false, cleared: 0 });
		expect((await node.begin({ a: '1' }, { dryRun: true })).begun.state).toBe('interrupted');
	});

	// Its lease is lost, so that it leaves the state in progress, and says that it is kept.
	test('is not kept when its process stood still, though it has nothing to send', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const run = await node.begin({ a: '1' });
		node.clock.startMs += takeoverMs + 1;
		const isKept = await node.end(run);
		const { state } = (await node.begin({ a: '1' }, { dryRun: true })).begun;
		expect([isKept, state]).toEqual([isKept, isKept ? 'used' : 'interrupted']);
	});

	test('is the last thing that it does with the state', async () => {
		const { node } = await ending();
		const row = await node.row();
		expect(node.clock.waiting).toBe(0);
		await node.clock.advance(10 * queryEveryMs);
		expect(await node.row()).toEqual(row);
	});
});

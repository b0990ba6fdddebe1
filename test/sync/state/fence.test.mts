import { describe, expect, test } from '@jest/globals';
import { IN_PROGRESS } from '../../../nodes/TencentCloudIot/sync/state/entries';
import {
	FencedStore,
	StatementLate,
	stopwatch,
	timingFor,
	type StateStore,
} from '../../../nodes/TencentCloudIot/sync/state/store';
import { FakeClock } from '../../support/fakeClock.mts';
import { Node } from './syncRuns.mts';

const { fenceMs, takeoverMs } = timingFor(0);
const never = async (): Promise<never> => await new Promise<never>(() => {});

describe('The times', () => {
	test('are those of the design for up to 100,000 customers in progress', () => {
		for (const count of [0, 100_011, 400_000]) {
			expect(timingFor(count)).toMatchObject({ fenceMs: 4000, queryEveryMs: 2000, takeoverMs: 10_000 });
		}
	});

	test.each([0, 400_000, 500_000, 3_000_000])(
		'fit together for %i entries: no run is taken over that could still start a request',
		(count) => {
			const times = timingFor(count);
			expect(times.settleMs).toBeGreaterThan(times.fenceMs);
			expect(times.takeoverMs).toBe(times.quietMs + times.settleMs);
			expect(times.heldMs).toBeLessThan(times.takeoverMs);
			expect(times.heldMs).toBeGreaterThan(2 * times.queryEveryMs);
			// Between two heartbeats there is no wait that does not see one.
			expect(times.heartbeatEveryMs + times.queryEveryMs).toBeLessThanOrEqual(times.takeoverMs);
			// The most heartbeats in a wait: fewer than a waiting run has entries.
			expect(times.takeoverMs / times.heartbeatEveryMs).toBeLessThan(7);
		},
	);

	test('grow with the state, and with nothing else', () => {
		const times = timingFor(1_400_000);
		expect(times).toMatchObject({ fenceMs: 14_000, queryEveryMs: 4500, heartbeatEveryMs: 9000 });
	});
});

test.each([
	['the clock that never jumps', 5000, 0, 5000],
	['the wall clock, which a paused machine does not stop', 0, 5000, 5000],
	['the one that says more', 3000, 7000, 7000],
])('A stopwatch goes by %s', (_, elapsedMs, jumpMs, passedMs) => {
	const now = { elapsed: 100, wall: 1_700_000_000_000 };
	const passed = stopwatch({ elapsedMs: () => now.elapsed, nowMs: () => now.wall });
	now.elapsed += elapsedMs;
	now.wall += jumpMs;
	expect(passed()).toBe(passedMs);
});

describe('A statement', () => {
	const names = ['count', 'record', 'forget'] as const;
	const call = async (store: FencedStore, name: (typeof names)[number]): Promise<unknown> =>
		name === 'count' ? await store.count() : await store[name](['a']);
	const settled = async (work: Promise<unknown>) =>
		await work.then(
			() => 'done',
			(cause: unknown) => (cause instanceof StatementLate ? 'late' : 'rejected'),
		);

	test.each(names)('%s that never returns is given up after the fence', async (name) => {
		const clock = new FakeClock();
		const store = new FencedStore({ count: never, record: never, forget: never, clear: never }, clock);
		const result = settled(call(store, name));
		await clock.advance(fenceMs - 1);
		expect(await Promise.race([result, 'waiting'])).toBe('waiting');
		await clock.advance(1);
		expect(await result).toBe('late');
	});

	test.each(names)('%s that returns in time leaves no alarm behind', async (name) => {
		const clock = new FakeClock();
		const node = new Node();
		expect(await settled(call(new FencedStore(node.store!, clock), name))).toBe('done');
		expect(clock.waiting).toBe(0);
	});

	test.each(names)('%s during which the machine was paused is late, though it returned', async (name) => {
		const clock = new FakeClock();
		const { store } = new Node();
		const paused = async <Result,>(work: Promise<Result>): Promise<Result> => {
			const result = await work;
			clock.startMs += fenceMs + 1;
			return result;
		};
		const fenced = new FencedStore(
			{
				count: async () => await paused(store!.count()),
				record: async (entries) => await paused(store!.record(entries)),
				forget: async (entries) => await paused(store!.forget(entries)),
				clear: async () => await paused(store!.clear()),
			},
			clock,
		);
		expect(await settled(call(fenced, name))).toBe('late');
	});
});

describe('When a statement never returns', () => {
	const broken = (node: Node, name: keyof StateStore, nth: number): void => {
		let calls = 0;
		const working = (node.store![name] as (...of: unknown[]) => Promise<unknown>).bind(node.store);
		Object.assign(node.store!, {
			[name]: async (...of: unknown[]) => (++calls === nth ? await never() : await working(...of)),
		});
	};

	test.each([
		['count', 1],
		['record', 1],
		['record', 2],
		['record', 3],
		['count', 2],
	] as const)(
		'at the beginning, the run sends nothing, says so and is over soon: %s %i',
		async (name, nth) => {
			const node = new Node();
			await node.run({ a: '1', b: '1' });
			broken(node, name, nth);
			const startMs = node.clock.elapsedMs();
			const { begun } = await node.begin({ a: '2', b: '1' });
			expect(begun.stopped?.code).toBe('STATE_NOT_USABLE');
			expect(node.clock.elapsedMs() - startMs).toBeLessThan(takeoverMs);
			await node.clock.advance(20_000);
			expect((await node.run({ a: '2', b: '1' })).isKept).toBe(true);
		},
	);

	test.each(['count', 'record', 'clear'] as const)(
		'at the end, the run is over all the same: %s',
		async (name) => {
			const node = new Node();
			const run = await node.begin({ a: '1' });
			broken(node, name, 1);
			const startMs = node.clock.elapsedMs();
			expect(await node.end(run)).toBe(name === 'count');
			expect(node.clock.elapsedMs() - startMs).toBeLessThan(takeoverMs);
		},
	);

	test('a run that is cancelled is over within a second', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		broken(node, 'record', 1);
		const cancel = new AbortController();
		const run = node.start({ a: '2' }, { signal: cancel.signal });
		await node.clock.advance(100);
		cancel.abort();
		await node.clock.advance(1000);
		expect((await run).begun.stopped?.code).toBe('CANCELLED');
	});
});

test('A late statement that takes entries back is followed by in progress as soon as it returns', async () => {
	const node = new Node();
	await node.run({ a: '1' });
	const { store, clock } = node;
	let land = () => {};
	const landing = new Promise<void>((resolve) => (land = resolve));
	const forget = async (entries: readonly string[]) => (await landing, await store!.forget(entries));
	const statement = new FencedStore({ ...store!, forget }, clock)
		.forget(['held'])
		.catch((cause: unknown) => cause);
	await clock.advance(60_000);
	expect(await statement).toBeInstanceOf(StatementLate);
	expect((await node.begin({ a: '1' }, { dryRun: true })).begun.state).toBe('used');
	land();
	await clock.advance(0);
	expect((await node.begin({ a: '1' }, { dryRun: true })).begun.state).toBe('interrupted');
});

describe('The replacement of all entries', () => {
	const before = ['old', IN_PROGRESS];
	const after = ['new', 'size'];

	/** Replaces the entries of a store that has other functions. @returns its result, or its error */
	async function replaced(
		functions: (store: StateStore, clock: FakeClock) => Partial<StateStore> = () => ({}),
	) {
		const { store, clock } = new Node();
		await store!.record(before);
		const fenced = new FencedStore({ ...store!, ...functions(store!, clock) }, clock);
		const replacing = fenced.replace(after, stopwatch(clock)).catch((cause: unknown) => cause);
		for (let second = 0; second < 60; second++) await clock.advance(1000);
		const result = await replacing;
		const all = [...before, ...after, 'other'];
		const left = [...(await store!.record(all))].filter((entry) => all.includes(entry));
		return { result, left, waiting: clock.waiting };
	}

	/** Takes so long, before it takes effect and after. Milliseconds. */
	const slow =
		(clock: FakeClock, beforeMs: number, afterMs = 0) =>
		async <Result,>(work: () => Promise<Result>): Promise<Result> => {
			await clock.sleep(beforeMs);
			const result = await work();
			await clock.sleep(afterMs);
			return result;
		};

	/** Rejects this many times. */
	const failing = <Result,>(times: number, work: () => Promise<Result>) => {
		let left = times;
		return async () => (left-- > 0 ? await Promise.reject(new Error('ECONNREFUSED')) : await work());
	};

	test('closes the state, and leaves no alarm', async () => {
		expect(await replaced()).toEqual({ result: true, left: after, waiting: 0 });
	});

	test.each([1, 2, 3, 4])('also where %i insertions are rejected: a database restarts', async (times) => {
		const { result, left } = await replaced(({ record }) => {
			const attempt = failing(times, async () => await record(after));
			return { record: attempt };
		});
		expect([result, left]).toEqual([true, after]);
	});

	test('also where the deletion was rejected although it took effect', async () => {
		const clear = ({ clear: work }: StateStore) => ({
			clear: async () => (await work(), await Promise.reject(new Error('ECONNRESET'))),
		});
		expect(await replaced(clear)).toMatchObject({ result: true, left: after });
	});

	test('replaces nothing where each deletion is rejected and does nothing', async () => {
		const { result, left } = await replaced(() => ({
			clear: async () => await Promise.reject(new Error('deadlock detected')),
		}));
		expect({ result, left }).toEqual({ result: false, left: before });
	});

	test.each<[string, (store: StateStore, clock: FakeClock) => Partial<StateStore>]>([
		[
			'the deletion took all the time',
			({ clear }, clock) => ({ clear: async () => await slow(clock, 0, fenceMs - 1)(clear) }),
		],
		[
			'the deletion takes effect after the fence',
			({ clear }, clock) => ({ clear: async () => await slow(clock, fenceMs + 1000)(clear) }),
		],
		[
			'the database is away for too long',
			({ record }) => ({ record: failing(6, async () => await record([IN_PROGRESS, ...after])) }),
		],
	])('leaves its entries in progress where it is late: %s', async (name, functions) => {
		const slowly = (store: StateStore, clock: FakeClock): Partial<StateStore> => {
			const others = functions(store, clock);
			if (name !== 'the deletion took all the time') return others;
			return {
				...others,
				record: async (entries) => await slow(clock, 0, 2)(async () => await store.record(entries)),
			};
		};
		const { result, left } = await replaced(slowly);
		expect(result).not.toBe(true);
		expect(left.toSorted()).toEqual([IN_PROGRESS, ...after].toSorted());
	});

	test('touches nothing where another run has come after the fence', async () => {
		const { result, left } = await replaced((store, clock) => ({
			clear: async () => {
				await store.clear();
				clock.startMs += fenceMs + 1;
				await store.record(['other']);
			},
		}));
		expect({ result, left }).toEqual({ result: false, left: ['other'] });
	});

	test('does not begin after the fence', async () => {
		const { store, clock } = new Node();
		await store!.record(before);
		const replacing = new FencedStore(store!, clock).replace(after, () => fenceMs + 1);
		await expect(replacing).rejects.toBeInstanceOf(StatementLate);
		expect(await store!.count()).toBe(before.length);
	});
});

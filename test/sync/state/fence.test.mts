import { describe, expect, test } from '@jest/globals';
import {
	FencedStore,
	StatementLate,
	stopwatch,
	timingFor,
} from '../../../nodes/TencentCloudIot/sync/state/fence';
import { ALL_WELL } from '../../../nodes/TencentCloudIot/sync/reported';
import type { StateStore } from '../../../nodes/TencentCloudIot/sync/state/settings';
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
	const names = ['count', 'record', 'close', 'forget', 'clear'] as const;
	const call = async (store: FencedStore, name: (typeof names)[number]): Promise<unknown> =>
		name === 'count' || name === 'clear' ? await store[name]() : await store[name](['a']);
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
			expect(await node.until(run.end(['accepted'], ALL_WELL))).toBe(name === 'count');
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

	test('while requests are sent, none starts any more, until the database is there again', async () => {
		const node = new Node();
		const run = await node.begin({ a: '1' });
		const { store } = node;
		let isStuck = true;
		Object.assign(store!, {
			count: ((count) => async () => (isStuck ? await never() : await count()))(store!.count.bind(store)),
		});
		await node.clock.advance(8000);
		expect(await node.until(run.mayStart())).toBe(false);
		isStuck = false;
		expect(await node.until(run.mayStart())).toBe(true);
		expect(await node.until(run.end(['accepted'], ALL_WELL))).toBe(true);
	});
});

test.each(['forget', 'close'] as const)(
	'A late statement that closes the state is followed by in progress as soon as it returns: %s',
	async (name) => {
		const node = new Node();
		await node.run({ a: '1' });
		const { store, clock } = node;
		let land = () => {};
		const landing = new Promise<void>((resolve) => (land = resolve));
		const held = {
			...store!,
			forget: async (entries: readonly string[]) => (await landing, await store!.forget(entries)),
			record: async (entries: readonly string[]) => {
				if (entries.includes('held')) await landing;
				return await store!.record(entries);
			},
		};
		const statement = new FencedStore(held, clock)[name](['held']).catch((cause: unknown) => cause);
		await clock.advance(60_000);
		expect(await statement).toBeInstanceOf(StatementLate);
		expect((await node.begin({ a: '1' }, { dryRun: true })).begun.state).toBe('used');
		land();
		await clock.advance(0);
		expect((await node.begin({ a: '1' }, { dryRun: true })).begun.state).toBe('interrupted');
	},
);

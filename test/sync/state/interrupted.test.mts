import { describe, expect, test } from '@jest/globals';
import { ALREADY_RUNNING, claimRun, stoppedBy } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { timingFor } from '../../../nodes/TencentCloudIot/sync/state/store';
import { FakeClock } from '../../support/fakeClock.mts';
import { expectReadable } from '../../support/wording.mts';
import { customersOf, Node } from './syncRuns.mts';

const { takeoverMs, quietMs, heldMs, queryEveryMs, settleMs } = timingFor(0);

describe('After a run that was killed', () => {
	test('nothing counts as unchanged, until one has ended', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '1' });
		await node.die({ a: '2', b: '1' });
		const run = await node.begin({ a: '1', b: '1' });
		expect(run.begun).toMatchObject({
			state: 'interrupted',
			verdicts: ['changed', 'changed'],
			reported: undefined,
			gone: undefined,
			stopped: undefined,
		});
		expect(await node.end(run, ['accepted', 'accepted'])).toBe(true);
		expect(await node.run({ a: '1', b: '1' })).toMatchObject({
			state: 'used',
			healthBefore: 'ok',
			sent: [],
		});
	});

	test('the next one waits ten seconds for a heartbeat, says so, and waits no longer', async () => {
		const node = new Node();
		await node.dieAfter(settleMs + 100, { a: '1' });
		let begunMs: number | undefined;
		const saidMs: number[] = [];
		const startMs = node.clock.elapsedMs();
		const run = node.start({ a: '1' }, { onWait: (ms) => saidMs.push(ms) }).then((begun) => {
			begunMs = node.clock.elapsedMs() - startMs;
			return begun;
		});
		await node.clock.advance(takeoverMs - 1);
		expect(begunMs).toBeUndefined();
		await node.clock.advance(1);
		expect([begunMs, saidMs]).toEqual([10_000, [10_000]]);
		expect((await run).begun.stopped).toBeUndefined();
	});

	test('the next one first watches, without a write, where that one had only announced itself', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		await node.die({ a: '2' });
		const before = (await node.row())!.toSorted();
		const startMs = node.clock.elapsedMs();
		const run = node.start({ a: '3' }, { random: (min) => min });
		await node.clock.advance(1000);
		for (let second = 2; second <= 6; second++) {
			expect((await node.row())!.toSorted()).toEqual(before);
			await node.clock.advance(1000);
		}
		expect((await node.until(run)).begun).toMatchObject({ state: 'interrupted', stopped: undefined });
		expect(node.clock.elapsedMs() - startMs).toBeLessThan(quietMs + 2000 + takeoverMs + 1000);
	});

	test.each([1000, quietMs + 1000])(
		'the next one sends nothing when it is cancelled after %i ms of its wait',
		async (afterMs) => {
			const node = new Node();
			await node.dieAfter(settleMs + 100, { a: '1' });
			const cancel = new AbortController();
			const run = node.start({ a: '1' }, { signal: cancel.signal });
			await node.clock.advance(afterMs);
			cancel.abort();
			await node.clock.advance(0);
			expect((await run).begun.stopped).toMatchObject({ code: 'CANCELLED', outcome: 'NOT_SENT' });
			expect((await node.begin({ a: '1' })).begun.stopped).toBeUndefined();
		},
	);

	test('the next one sends nothing when it was cancelled before', async () => {
		const node = new Node();
		await node.die({ a: '1' });
		const { begun } = await node.begin({ a: '1' }, { signal: AbortSignal.abort() });
		expect(begun.stopped?.code).toBe('CANCELLED');
	});

	test('of two that come at the same moment one goes on', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		await node.die({ a: '1' });
		const runs = Promise.all([node.start({ a: '1' }), node.start({ a: '2' })]);
		await node.clock.advance(30_000);
		const stopped = (await runs).map(({ begun }) => begun.stopped?.code);
		expect(stopped.toSorted()).toEqual(['ALREADY_RUNNING', undefined]);
	});
});

describe('Of two runs that begin at the same moment', () => {
	test.each([
		['nothing is known', {}],
		['all is known', { a: '1' }],
	])('one goes on and is kept, when %s', async (_, known) => {
		const node = new Node();
		await node.run(known);
		const starting = Promise.all([node.start({ a: '2' }), node.start({ a: '3' })]);
		await node.clock.advance(30_000);
		const runs = await starting;
		const going = runs.findIndex(({ begun }) => begun.stopped === undefined);
		expect(runs[1 - going]!.begun.stopped?.code).toBe('ALREADY_RUNNING');
		expect(await node.end(runs[going]!)).toBe(true);
		expect((await node.run({ a: String(2 + going) })).sent).toEqual([]);
	});

	test('when both find nobody to send, the state is as it was before', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const before = await node.row();
		const starting = Promise.all([node.start({ a: '1' }), node.start({ a: '1' })]);
		await node.clock.advance(2000);
		for (const run of await starting) await node.end(run);
		expect((await node.row())!.toSorted()).toEqual(before!.toSorted());
	});
});

describe('While another run is under way', () => {
	test('one in another process sends nothing, says why and leaves no trace; the first one is kept', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const first = await node.begin({ a: '2' });
		await node.clock.advance(15_000);
		const before = await node.row();
		const { begun } = await node.begin({ a: '3' });
		expect(begun).toMatchObject({
			state: 'interrupted',
			stopped: { code: 'ALREADY_RUNNING' },
		});
		expectReadable(begun.stopped!);
		// The heartbeats that it met, of the first one.
		const more = (await node.row())!.length - before!.length;
		expect([1, 2]).toContain(more);
		expect(await first.mayStart()).toBe(true);
		expect(await node.end(first)).toBe(true);
		expect((await node.run({ a: '2' })).sent).toEqual([]);
	});

	test.each([0, 1500, 20_000])(
		'one that comes %i ms after it may send is turned away within eight seconds',
		async (passedMs) => {
			const node = new Node();
			await node.begin({ a: '1' });
			await node.clock.advance(passedMs);
			let isOver = false;
			const other = node.start({ a: '1' }).then(() => (isOver = true));
			await node.clock.advance(quietMs + 2500);
			expect(isOver).toBe(true);
			await other;
		},
	);

	test('one in the same process does not even begin', () => {
		const end = claimRun('workflow node');
		expect(claimRun('workflow node')).toBeUndefined();
		const endOther = claimRun('workflow other');
		expect(endOther).toBeDefined();
		end!();
		const again = claimRun('workflow node');
		expect(again).toBeDefined();
		again!();
		endOther!();
		const begun = stoppedBy(ALREADY_RUNNING, { customers: customersOf({ a: '1' }) });
		expect(begun).toMatchObject({ state: 'interrupted', reported: undefined, verdicts: ['changed'] });
		expect(begun.stopped?.code).toBe('ALREADY_RUNNING');
	});

	test('one that comes while it settles leaves at once; both times the first one goes on', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const first = node.start({ a: '2' });
		await node.clock.advance(1000);
		const { begun } = await node.begin({ a: '3' });
		expect(begun.stopped?.code).toBe('ALREADY_RUNNING');
		expect((await node.until(first)).begun.stopped).toBeUndefined();
	});
});

describe('A run that is under way', () => {
	/** Counts how often the node's state is queried and written. */
	function counting(node: Node) {
		const counts = { queries: 0, records: 0 };
		node.replace((store) => ({
			count: async () => (counts.queries++, await store.count()),
			record: async (entries) => (counts.records++, await store.record(entries)),
		}));
		return counts;
	}

	test('queries every two seconds whether another one has come, without writing, and no more after its end', async () => {
		const node = new Node();
		const counts = counting(node);
		const run = await node.begin({ a: '1' });
		const before = { ...counts };
		await node.clock.advance(60 * queryEveryMs);
		expect(counts).toEqual({ queries: before.queries + 60, records: before.records });
		await node.end(run);
		const after = { ...counts };
		await node.clock.advance(60 * queryEveryMs);
		expect(counts).toEqual(after);
		expect(node.clock.waiting).toBe(0);
	});

	test('does not query before each request', async () => {
		const node = new Node();
		const counts = counting(node);
		const run = await node.begin({ a: '1' });
		const before = counts.queries;
		for (let request = 0; request < 100; request++) expect(await run.mayStart()).toBe(true);
		expect(counts.queries).toBe(before);
	});

	/** A run whose process was stopped for so long: its alarms did not ring, and one of its clocks stood still. */
	async function paused(ms: number, stopsMonotonic: boolean, meanwhile?: (node: Node) => Promise<unknown>) {
		const node = new Node();
		await node.run({ a: '1' });
		const clock = new FakeClock();
		clock.startMs = node.clock.nowMs();
		let awokeMs = 0;
		const begin = node.start(
			{ a: '2' },
			{
				clock: {
					nowMs: () => clock.nowMs() + awokeMs,
					elapsedMs: () => clock.elapsedMs() + (stopsMonotonic ? 0 : awokeMs),
					sleep: async (for_, signal) => (for_ === 0 ? undefined : await clock.sleep(for_, signal)),
					alarm: (for_, ring) => clock.alarm(for_, ring),
				},
			},
		);
		await clock.advance(settleMs);
		await node.clock.advance(settleMs);
		const run = await begin;
		expect(run.begun.stopped).toBeUndefined();
		await node.clock.advance(15_000);
		await meanwhile?.(node);
		awokeMs = ms;
		return { node, run };
	}

	describe.each([
		['all clocks went on', false],
		['the clock that never jumps stood still', true],
	])('and was paused, while %s,', (_, stopsMonotonic) => {
		test('goes on after a shorter time than a takeover: the other one sees its heartbeat', async () => {
			let second: Promise<unknown> | undefined;
			const { node, run } = await paused(takeoverMs - 1, stopsMonotonic, async (other) => {
				second = other.start({ a: '3' }).then(({ begun }) => begun.stopped?.code);
				await other.clock.advance(1000);
			});
			expect(await run.mayStart()).toBe(true);
			expect(await node.until(second!)).toBe('ALREADY_RUNNING');
			expect(await node.end(run)).toBe(true);
		});

		test.each<[string, string, (node: Node) => Promise<unknown>]>([
			['nobody has come', 'interrupted', async () => {}],
			['another one has come and died', 'interrupted', async (node) => await node.die({ a: '3' })],
			[
				'another one has taken over and even ended',
				'used',
				async (node) => expect((await node.run({ a: '3' })).isKept).toBe(true),
			],
		])('starts and writes nothing more after a longer time, where %s', async (__, state, meanwhile) => {
			let row: string[] | undefined;
			const { node, run } = await paused(takeoverMs + 1, stopsMonotonic, async (other) => {
				await meanwhile(other);
				row = await other.row();
			});
			expect([await run.mayStart(), await run.mayStart()]).toEqual([false, false]);
			// The database has not responded for so long: nobody knows whether another one has taken over.
			expect(run.isTakenOver).toBe(false);
			expect(await node.end(run)).toBe(false);
			await node.clock.advance(60_000);
			expect(await node.row()).toEqual(row);
			expect((await node.begin({ a: '3' }, { dryRun: true })).begun.state).toBe(state);
		});
	});

	test('waits with further requests while the database does not answer, and goes on when it does', async () => {
		const node = new Node();
		const run = await node.begin({ a: '1' });
		let isDown = true;
		const { table } = node;
		const find = table.find.bind(table);
		table.find = async (key) => (isDown ? await Promise.reject(new Error('SQLITE_BUSY')) : await find(key));
		await node.clock.advance(heldMs - 1);
		expect(await run.mayStart()).toBe(true);
		await node.clock.advance(1);
		expect(await run.mayStart()).toBe(false);
		expect(run.isTakenOver).toBe(false);
		isDown = false;
		expect(await run.mayStart()).toBe(true);
		expect(await node.end(run)).toBe(true);
		expect(await node.run({ a: '1' })).toMatchObject({ state: 'used', sent: [] });
	});

	test('that has no sync state may always begin a request', async () => {
		const node = new Node();
		node.store = undefined;
		const run = await node.begin({ a: '1' });
		expect(run.begun.state).toBe('none');
		expect(await run.mayStart()).toBe(true);
	});
});

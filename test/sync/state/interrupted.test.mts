import { describe, expect, test } from '@jest/globals';
import { ALREADY_RUNNING, claimRun, stoppedBy } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { timingFor } from '../../../nodes/TencentCloudIot/sync/state/store';
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

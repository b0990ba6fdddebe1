import { describe, expect, test } from '@jest/globals';
import { claimRun } from '../../../nodes/TencentCloudIot/sync/state/begun';
import { besideOther } from '../../../nodes/TencentCloudIot/sync/state/begun';
import {
	LEASE_HELD_MS,
	TAKEOVER_WAIT_MS,
	HEARTBEAT_EVERY_MS,
} from '../../../nodes/TencentCloudIot/sync/state/heartbeat';
import { FakeClock } from '../../support/fakeClock.mts';
import { expectReadable } from '../../support/wording.mts';
import { customersOf, manyCustomers, Node } from './syncRuns.mts';

describe('After a run that was killed', () => {
	test('nothing counts as unchanged, until one has ended', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '1' });
		await node.die({ a: '2', b: '1' });
		const run = await node.beginAfterDeath({ a: '1', b: '1' });
		expect(run.begun).toEqual({
			state: 'doubted',
			verdicts: ['changed', 'changed'],
			healthBefore: 'failing',
			stopped: undefined,
		});
		expect(await run.end(['accepted', 'accepted'], 'ok')).toBe(true);
		expect(await node.run({ a: '1', b: '1' })).toMatchObject({
			state: 'used',
			healthBefore: 'ok',
			sent: [],
		});
	});

	test('the next one waits half a minute for a heartbeat, and no longer', async () => {
		const node = new Node();
		await node.die({ a: '1' });
		let hasBegun = false;
		const run = node.begin({ a: '1' }).then(() => (hasBegun = true));
		await node.clock.advance(TAKEOVER_WAIT_MS - 1);
		expect(hasBegun).toBe(false);
		await node.clock.advance(1);
		expect(hasBegun).toBe(true);
		await run;
	});

	test('and a second one that was killed while it waited, it is the same', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		await node.die({ a: '1' });
		void node.begin({ a: '1' }, { clock: new FakeClock() });
		const run = await node.beginAfterDeath({ a: '1' });
		expect(run.begun).toMatchObject({ state: 'doubted', stopped: undefined });
	});

	test('the next one sends nothing when it is cancelled while it waits, and the doubt stays', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		await node.die({ a: '1' });
		const before = await node.row();
		const cancel = new AbortController();
		const run = node.begin({ a: '1' }, { signal: cancel.signal });
		await node.clock.advance(10_000);
		cancel.abort();
		const { begun } = await run;
		expect(begun).toMatchObject({ state: 'doubted', stopped: { code: 'CANCELLED', outcome: 'NOT_SENT' } });
		expect(await node.row()).toEqual(before);
		expect((await node.beginAfterDeath({ a: '1' })).begun.state).toBe('doubted');
	});

	test('the next one sends nothing when it was cancelled before', async () => {
		const node = new Node();
		await node.die({ a: '1' });
		const { begun } = await node.begin({ a: '1' }, { signal: AbortSignal.abort() });
		expect(begun.stopped?.code).toBe('CANCELLED');
	});

	test('two that come at the same moment do not both go on', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		await node.die({ a: '1' });
		const runs = Promise.all([node.begin({ a: '1' }), node.begin({ a: '2' })]);
		await node.clock.advance(60_000);
		const went = (await runs).filter(({ begun }) => begun.stopped === undefined);
		expect(went.length).toBeLessThanOrEqual(1);
	});
});

describe('Of two runs that begin at the same moment', () => {
	test.each([
		['nothing is known', {}],
		['all is known', { a: '1' }],
	])('at most one goes on, when %s', async (_, known) => {
		const node = new Node();
		await node.run(known);
		const runs = await Promise.all([node.begin({ a: '2' }), node.begin({ a: '3' })]);
		expect(runs.map(({ begun }) => begun.stopped?.code)).toContain('ALREADY_RUNNING');
	});

	/** Lets something happen to the row of the database right before the run does this for the nth time. */
	function before(
		node: Node,
		name: 'record' | 'count',
		nth: number,
		change: (entries: string[]) => string[],
	) {
		let calls = 0;
		node.replace((store) => ({
			[name]: async (entries: readonly string[]) => {
				if (++calls === nth) {
					const row = await node.table.find('1 n:2');
					await node.table.update('1 n:2', { ...row!, data: change(row!.data) });
				}
				return await store[name](entries);
			},
		}));
	}

	test('one does not go on when it is no longer what it wrote itself, though there are as many entries', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const entries = (await node.row())!;
		before(node, 'record', 2, (row) =>
			row.map((entry) => (entries.includes(entry) ? entry : `other ${entry}`)),
		);
		expect((await node.begin({ a: '1' })).begun.stopped?.code).toBe('ALREADY_RUNNING');
	});

	test('one does not go on when there is one entry more than it wrote', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		before(node, 'count', 2, (row) => [...row, 'other']);
		expect((await node.begin({ a: '1' })).begun).toMatchObject({
			state: 'used',
			stopped: { code: 'ALREADY_RUNNING' },
		});
	});

	test('one does not end as if it had been the only one when its token is gone, though there are as many entries', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const known = (await node.row())!;
		const run = await node.begin({ a: '1' });
		const opened = (await node.row())!;
		const [open] = opened.filter((entry) => !known.includes(entry));
		const other = opened.map((entry) => (known.includes(entry) || entry === open ? entry : `other ${entry}`));
		await node.table.update('1 n:2', { mode: 'entries', data: other });
		expect(await run.end(['accepted'], 'ok')).toBe(false);
		expect((await node.beginAfterDeath({ a: '1' })).begun.state).toBe('doubted');
	});

	test('one that a safety check stops leaves the sync state open when the other has written', async () => {
		const node = new Node();
		await node.run(manyCustomers(200, 'good'));
		before(node, 'count', 2, (row) => [...row, 'other']);
		expect((await node.run(manyCustomers(3, 'good'))).stopped?.code).toBe('TOO_FEW_CUSTOMERS');
		expect((await node.beginAfterDeath(manyCustomers(3, 'good'))).begun.state).toBe('doubted');
	});
});

describe('While another run is under way', () => {
	test('one in another process sends nothing, says why and leaves no trace; the first one is remembered', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const first = await node.begin({ a: '2' });
		const before = await node.row();
		const { begun } = await node.beginAfterDeath({ a: '3' });
		expect(begun).toMatchObject({
			state: 'doubted',
			healthBefore: 'failing',
			stopped: { code: 'ALREADY_RUNNING' },
		});
		expectReadable(begun.stopped!);
		// A heartbeat for each look at which the other one was there.
		expect((await node.row())!.length - before!.length).toBe(1);
		expect(await first.mayStart()).toBe(true);
		expect(await first.end(['accepted'], 'ok')).toBe(true);
		expect((await node.run({ a: '2' })).sent).toEqual([]);
	});

	test('one that comes is turned away within a look and a step', async () => {
		const node = new Node();
		await node.begin({ a: '1' });
		let isOver = false;
		const other = node.begin({ a: '1' }).then(() => (isOver = true));
		await node.clock.advance(HEARTBEAT_EVERY_MS + 3000);
		expect(isOver).toBe(true);
		await other;
	});

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
		const begun = besideOther({ customers: customersOf({ a: '1' }) });
		expect(begun).toMatchObject({ state: 'doubted', healthBefore: 'failing', verdicts: ['changed'] });
		expect(begun.stopped?.code).toBe('ALREADY_RUNNING');
	});

	test('one that comes in the last moment makes the first one leave the sync state open', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const first = await node.begin({ a: '2' });
		const second = node.begin({ a: '3' });
		await node.clock.advance(0);
		expect(await first.end(['accepted'], 'ok')).toBe(false);
		await node.clock.advance(60_000);
		expect((await second).begun.stopped?.code).toBe('ALREADY_RUNNING');
		expect((await node.beginAfterDeath({ a: '2' })).begun.state).toBe('doubted');
	});
});

describe('A run that is under way', () => {
	/** Counts how often the node's memory is looked at and written. */
	function counting(node: Node) {
		const counts = { looks: 0, records: 0 };
		node.replace((store) => ({
			count: async () => (counts.looks++, await store.count()),
			record: async (entries) => (counts.records++, await store.record(entries)),
		}));
		return counts;
	}

	test('looks every ten seconds whether another one has come, without writing, and no more after its end', async () => {
		const node = new Node();
		const counts = counting(node);
		const run = await node.begin({ a: '1' });
		const before = { ...counts };
		await node.clock.advance(60 * HEARTBEAT_EVERY_MS);
		expect(counts).toEqual({ looks: before.looks + 60, records: before.records });
		await run.end(['accepted'], 'ok');
		const after = { ...counts };
		await node.clock.advance(60 * HEARTBEAT_EVERY_MS);
		expect(counts).toEqual(after);
		expect(node.clock.waiting).toBe(0);
	});

	test('does not look before each request', async () => {
		const node = new Node();
		const counts = counting(node);
		const run = await node.begin({ a: '1' });
		const before = counts.looks;
		for (let request = 0; request < 100; request++) expect(await run.mayStart()).toBe(true);
		expect(counts.looks).toBe(before);
	});

	/** A run whose process was stopped for so long; its alarms did not ring. */
	async function stalled(ms: number, meanwhile?: (node: Node) => Promise<unknown>) {
		const node = new Node();
		await node.run({ a: '1' });
		const clock = new FakeClock();
		let awokeMs = 0;
		const run = await node.begin(
			{ a: '2' },
			{ clock: { ...bound(clock), elapsedMs: () => clock.elapsedMs() + awokeMs } },
		);
		await meanwhile?.(node);
		awokeMs = ms;
		return { node, run };
	}

	const bound = (clock: FakeClock) => ({
		nowMs: () => clock.nowMs(),
		elapsedMs: () => clock.elapsedMs(),
		sleep: async (ms: number, signal?: AbortSignal) => await clock.sleep(ms, signal),
		alarm: (ms: number, ring: () => void) => clock.alarm(ms, ring),
	});

	test('goes on after it was stalled, when nobody has come', async () => {
		const { run } = await stalled(10 * LEASE_HELD_MS);
		expect(await run.mayStart()).toBe(true);
		expect(await run.end(['accepted'], 'ok')).toBe(true);
	});

	test('begins nothing more after it was stalled so long that another one may have gone on', async () => {
		const { node, run } = await stalled(LEASE_HELD_MS, async (other) => await other.die({ a: '3' }));
		expect(await run.mayStart()).toBe(false);
		expect(await run.mayStart()).toBe(false);
		expect(await run.end(['accepted'], 'ok')).toBe(false);
		expect((await node.beginAfterDeath({ a: '2' })).begun.state).toBe('doubted');
	});

	test('goes on when it was stalled for a shorter time: the other one hears of it', async () => {
		const { node, run } = await stalled(LEASE_HELD_MS - 1, async (other) => await other.die({ a: '3' }));
		expect(await run.mayStart()).toBe(true);
		expect(await run.end(['accepted'], 'ok')).toBe(false);
		expect((await node.beginAfterDeath({ a: '2' })).begun.state).toBe('doubted');
	});

	test('sends nothing more when another one has taken over and even ended', async () => {
		const { node, run } = await stalled(10 * LEASE_HELD_MS, async (other) => {
			const second = await other.beginAfterDeath({ a: '3' });
			expect(second.begun.stopped).toBeUndefined();
			expect(await second.end(['accepted'], 'ok')).toBe(true);
		});
		expect(await run.mayStart()).toBe(false);
		// What it had sent before is not known to the other one.
		expect((await node.beginAfterDeath({ a: '3' })).begun.state).toBe('doubted');
	});

	test('waits with further requests while the database does not answer, and goes on when it does', async () => {
		const node = new Node();
		const run = await node.begin({ a: '1' });
		let isDown = true;
		const { table } = node;
		const find = table.find.bind(table);
		table.find = async (key) => (isDown ? await Promise.reject(new Error('SQLITE_BUSY')) : await find(key));
		await node.clock.advance(LEASE_HELD_MS - 1);
		expect(await run.mayStart()).toBe(true);
		await node.clock.advance(1);
		expect(await run.mayStart()).toBe(false);
		isDown = false;
		expect(await run.mayStart()).toBe(true);
		expect(await run.end(['accepted'], 'ok')).toBe(true);
		expect(await node.row()).toHaveLength(4);
	});

	test('that has no sync state may always begin a request', async () => {
		const node = new Node();
		node.store = undefined;
		const run = await node.begin({ a: '1' });
		expect(run.begun.state).toBe('none');
		expect(await run.mayStart()).toBe(true);
	});
});

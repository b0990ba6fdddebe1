import { describe, expect, test } from '@jest/globals';
import { ALL_WELL } from '../../../nodes/TencentCloudIot/sync/reported';
import { IN_PROGRESS } from '../../../nodes/TencentCloudIot/sync/entries/stateEntries';
import { besideOther, claimRun } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { timingFor } from '../../../nodes/TencentCloudIot/sync/state/fence';
import { FakeClock } from '../../support/fakeClock.mts';
import { expectReadable } from '../../support/wording.mts';
import { ENTRIES_OF_ACCOUNT } from './rows.mts';
import { customersOf, manyCustomers, Node } from './syncRuns.mts';

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
		expect(await run.end(['accepted', 'accepted'], ALL_WELL)).toBe(true);
		expect(await node.run({ a: '1', b: '1' })).toMatchObject({
			state: 'used',
			healthBefore: 'ok',
			sent: [],
		});
	});

	test('the next one waits ten seconds for a heartbeat, says so, and waits no longer', async () => {
		const node = new Node();
		await node.die({ a: '1' });
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

	test('others that come while one waits leave at once and without a trace, and do not disturb it', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		await node.die({ a: '2' });
		const waiting = node.start({ a: '3' });
		await node.clock.advance(100);
		const before = await node.row();
		for (let second = 1; second <= 9; second++) {
			const other = await node.begin({ a: '4' });
			expect(other.begun).toMatchObject({ state: 'interrupted', stopped: { code: 'ALREADY_RUNNING' } });
			if (second < 5) expect(await node.row()).toEqual(before);
			await node.clock.advance(500);
		}
		await node.clock.advance(1000);
		expect((await node.until(waiting)).begun.stopped).toBeUndefined();
	});

	test('and a second one that was killed while it waited, the next one goes on where that one was', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		await node.die({ a: '1' });
		await node.dieNow({ a: '1' });
		expect((await node.begin({ a: '1' })).begun.stopped?.code).toBe('ALREADY_RUNNING');
		await node.clock.advance(quietMs + 5000);
		const startMs = node.clock.elapsedMs();
		const run = await node.begin({ a: '1' });
		expect(run.begun).toMatchObject({ state: 'interrupted', stopped: undefined });
		expect(node.clock.elapsedMs() - startMs).toBeLessThan(settleMs + 100);
	});

	test('the next one sends nothing when it is cancelled while it waits, and leaves how long it waited', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		await node.die({ a: '1' });
		const cancel = new AbortController();
		const run = node.start({ a: '1' }, { signal: cancel.signal });
		await node.clock.advance(4000);
		cancel.abort();
		await node.clock.advance(0);
		const { begun } = await run;
		expect(begun).toMatchObject({
			state: 'interrupted',
			stopped: { code: 'CANCELLED', outcome: 'NOT_SENT' },
		});
		await node.clock.advance(8000);
		const startMs = node.clock.elapsedMs();
		expect((await node.begin({ a: '1' })).begun).toMatchObject({ state: 'interrupted', stopped: undefined });
		expect(node.clock.elapsedMs() - startMs).toBeLessThan(settleMs + 100);
	});

	test('also one that is cancelled while it settles: the next one settles at once', async () => {
		const node = new Node();
		await node.die({ a: '1' });
		const cancel = new AbortController();
		const run = node.start({ a: '1' }, { signal: cancel.signal });
		await node.clock.advance(quietMs + 1000);
		cancel.abort();
		await node.clock.advance(0);
		expect((await run).begun.stopped?.code).toBe('CANCELLED');
		await node.clock.advance(5000);
		const startMs = node.clock.elapsedMs();
		expect((await node.begin({ a: '1' })).begun.stopped).toBeUndefined();
		expect(node.clock.elapsedMs() - startMs).toBeLessThan(settleMs + 100);
	});

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
		expect(await node.until(runs[going]!.end(['accepted'], ALL_WELL))).toBe(true);
		expect((await node.run({ a: String(2 + going) })).sent).toEqual([]);
	});

	test('when both find nobody to send, the state is as it was before', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const before = await node.row();
		const starting = Promise.all([node.start({ a: '1' }), node.start({ a: '1' })]);
		await node.clock.advance(30_000);
		for (const run of await starting) await node.until(run.end(['accepted'], ALL_WELL));
		expect((await node.row())!.toSorted()).toEqual(before!.toSorted());
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

	test('one does not go on when its token is gone, though there are as many entries', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const known = (await node.row())!;
		let other: string[] = [];
		// All that it added but `in progress`, which comes first.
		before(node, 'record', 2, (row) => {
			const [open] = row.filter((entry) => !known.includes(entry));
			return (other = row.map((entry) =>
				known.includes(entry) || entry === open ? entry : `other ${entry}`,
			));
		});
		expect((await node.begin({ a: '2' })).begun.stopped?.code).toBe('ALREADY_RUNNING');
		// The state is the other's.
		expect((await node.row())!.toSorted()).toEqual(other.toSorted());
	});

	test('what the other one queried counts for nothing: a customer that only it has looked for is sent', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '1' });
		const [looked] = customersOf({ b: '2' });
		// Before the run queries its customers, and gone when it has settled.
		let records = 0;
		node.replace((store) => ({
			record: async (entries) => {
				if (++records === 2) await store.record([looked!.fingerprint]);
				if (records === 3) await store.forget([looked!.fingerprint]);
				return await store.record(entries);
			},
		}));
		expect((await node.begin({ a: '2', b: '2' })).begun.verdicts).toEqual(['changed', 'changed']);
	});

	test('what the other one has left when it died makes this one send everything', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '1' });
		before(node, 'record', 2, (row) => [...row, 'other']);
		expect((await node.begin({ a: '2', b: '1' })).begun).toMatchObject({
			verdicts: ['changed', 'changed'],
			stopped: undefined,
		});
	});

	test('one that a safety check stops leaves the state in progress when the other has written', async () => {
		const node = new Node();
		await node.run(manyCustomers(200, 'good'));
		before(node, 'count', 2, (row) => [...row, 'other']);
		expect((await node.run(manyCustomers(3, 'good'))).stopped?.code).toBe('TOO_FEW_CUSTOMERS');
		expect((await node.begin(manyCustomers(3, 'good'))).begun.state).toBe('interrupted');
	});

	test('one does not end as if it had been the only one when its token is gone', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const known = (await node.row())!;
		const run = await node.begin({ a: '2' });
		const [open] = (await node.row())!.filter((entry) => !known.includes(entry));
		await node.table.update('1 n:2', { mode: 'entries', data: [...known, open!, 'other'] });
		expect(await node.until(run.end(['accepted'], ALL_WELL))).toBe(false);
		await node.clock.advance(15_000);
		expect((await node.begin({ a: '1' })).begun.state).toBe('interrupted');
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
		expect(await first.end(['accepted'], ALL_WELL)).toBe(true);
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

	test('one that leaves takes nothing away from one that has come meanwhile', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const others = [IN_PROGRESS, 'token of another run', ENTRIES_OF_ACCOUNT.account];
		let hasCome = false;
		node.replace(({ record, forget }) => ({
			forget: async (entries) => {
				await forget(entries);
				if (hasCome || !entries.includes(IN_PROGRESS)) return;
				hasCome = true;
				await record(others);
			},
		}));
		expect(await node.run({ a: '1' })).toMatchObject({ state: 'used', sent: [] });
		expect(hasCome).toBe(true);
		expect(await node.store!.record(others)).toEqual(new Set(others));
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
		expect(begun).toMatchObject({ state: 'interrupted', reported: undefined, verdicts: ['changed'] });
		expect(begun.stopped?.code).toBe('ALREADY_RUNNING');
	});

	test('one that comes in the last moment sends nothing, and the first one is kept all the same', async () => {
		const node = new Node();
		await node.run({ a: '1' });
		const first = await node.begin({ a: '2' });
		const second = node.start({ a: '3' });
		await node.clock.advance(0);
		expect(await first.end(['accepted'], ALL_WELL)).toBe(true);
		expect((await node.until(second)).begun.stopped?.code).toBe('ALREADY_RUNNING');
		expect(await node.run({ a: '2' })).toMatchObject({ state: 'used', sent: [] });
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
		await run.end(['accepted'], ALL_WELL);
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
					sleep: async (for_, signal) => await clock.sleep(for_, signal),
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
		test('goes on when nobody has come', async () => {
			const { run } = await paused(10 * takeoverMs, stopsMonotonic);
			expect(await run.mayStart()).toBe(true);
			expect(await run.end(['accepted'], ALL_WELL)).toBe(true);
		});

		test('starts nothing more after so long that another one may have taken over', async () => {
			const meanwhile = async (node: Node) => await node.die({ a: '3' });
			const { node, run } = await paused(takeoverMs, stopsMonotonic, meanwhile);
			expect(await run.mayStart()).toBe(false);
			expect(await run.mayStart()).toBe(false);
			expect(await run.end(['accepted'], ALL_WELL)).toBe(false);
			await node.clock.advance(60_000);
			expect((await node.begin({ a: '2' })).begun.state).toBe('interrupted');
		});

		test('goes on after a shorter time: the other one sees its heartbeat', async () => {
			let second: Promise<unknown> | undefined;
			const { node, run } = await paused(takeoverMs - 1, stopsMonotonic, async (other) => {
				second = other.start({ a: '3' }).then(({ begun }) => begun.stopped?.code);
				await other.clock.advance(1000);
			});
			expect(await run.mayStart()).toBe(true);
			expect(await node.until(second!)).toBe('ALREADY_RUNNING');
			expect(await run.end(['accepted'], ALL_WELL)).toBe(true);
		});

		test('sends nothing more when another one has taken over and even ended', async () => {
			const { node, run } = await paused(10 * takeoverMs, stopsMonotonic, async (other) => {
				const second = await other.begin({ a: '3' });
				expect(second.begun.stopped).toBeUndefined();
				expect(await second.end(['accepted'], ALL_WELL)).toBe(true);
			});
			expect(await run.mayStart()).toBe(false);
			expect(run.isTakenOver).toBe(true);
			// What it had sent before is not known to the other one.
			await node.clock.advance(15_000);
			expect((await node.begin({ a: '3' })).begun.state).toBe('interrupted');
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
		expect(await run.end(['accepted'], ALL_WELL)).toBe(true);
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

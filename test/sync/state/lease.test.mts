import { describe, expect, test } from '@jest/globals';
import { copiesOf } from '../../../nodes/TencentCloudIot/sync/state/baseline';
import { entryOf } from '../../../nodes/TencentCloudIot/sync/state/entries';
import { TURNS } from '../../../nodes/TencentCloudIot/sync/state/lastRun';
import { ALREADY_RUNNING, claimRun, stoppedBy } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { timingFor, type StateStore } from '../../../nodes/TencentCloudIot/sync/state/store';
import { ENTRIES_OF_ACCOUNT, hashOf } from './rows.mts';
import { expectReadable } from '../../support/wording.mts';
import { customersOf, manyCustomers, mayStart, Node } from './syncRuns.mts';

const { beatEveryMs, heldMs, quietMs, settleMs, takeoverMs } = timingFor(0);

/** Counts what is done with the row of a node. */
function counting(node: Node) {
	const counts = { counts: 0, writes: 0, deletions: 0 };
	const of =
		<Name extends keyof StateStore>(name: keyof typeof counts, work: StateStore[Name]) =>
		async (...parameters: never[]) => {
			counts[name]++;
			return await (work as (...all: never[]) => Promise<unknown>)(...parameters);
		};
	node.replace((store) => ({
		count: of('counts', store.count) as StateStore['count'],
		record: of('writes', store.record) as StateStore['record'],
		forget: of('writes', store.forget) as StateStore['forget'],
		clear: of('deletions', store.clear) as StateStore['clear'],
	}));
	return counts;
}

describe('A run of a closed state', () => {
	const contents = manyCustomers(60, '1');

	test('with nothing to send ends after half a second and two writes, and leaves as many entries', async () => {
		const node = new Node();
		await node.run(contents);
		const before = (await node.row())!.length;
		const counts = counting(node);
		const startMs = node.clock.elapsedMs();
		expect(await node.run(contents)).toMatchObject({ state: 'used', sent: [], isKept: true });
		expect(counts).toMatchObject({ writes: 2, deletions: 0 });
		expect(node.clock.elapsedMs() - startMs).toBeLessThan(1000);
		expect(await node.row()).toHaveLength(before);
	});

	test('takes back once more what another one, that passed, has brought back', async () => {
		const node = new Node();
		await node.run(contents);
		const before = (await node.row())!.length;
		let forgotten = 0;
		node.replace((store) => ({
			forget: async (entries) => {
				const data = (await node.row())!;
				await store.forget(entries);
				if (forgotten++ === 0) await node.table.update('1 n:2', { mode: 'entries', data });
			},
		}));
		expect(await node.run(contents)).toMatchObject({ sent: [], isKept: true });
		expect(await node.row()).toHaveLength(before);
	});

	test('with somebody to send owns it first, for which it waits', async () => {
		const node = new Node();
		await node.run(contents);
		const startMs = node.clock.elapsedMs();
		const run = await node.begin({ ...contents, user_1: '2' });
		expect(run.kind).toBe('sending');
		expect(node.clock.elapsedMs() - startMs).toBeGreaterThanOrEqual(settleMs);
		expect(node.clock.elapsedMs() - startMs).toBeLessThan(settleMs + 500);
	});

	test.each([100, settleMs - 100])(
		'leaves it as it was when it is cancelled after %i ms',
		async (afterMs) => {
			const node = new Node();
			await node.run(contents);
			const before = (await node.row())!.toSorted();
			const cancel = new AbortController();
			const counts = counting(node);
			const run = node.start({ ...contents, user_1: '2' }, { signal: cancel.signal });
			await node.clock.advance(afterMs);
			counts.writes = 0;
			cancel.abort();
			expect((await node.until(run)).begun.stopped?.code).toBe('CANCELLED');
			await node.clock.advance(settleMs);
			expect((await node.row())!.toSorted()).toEqual(before);
			// It does not own the state, and only takes back.
			expect(counts.writes).toBe(1);
		},
	);

	test('takes back in pieces what it has asked of many customers', async () => {
		const node = new Node();
		await node.run(manyCustomers(40_000, '1'));
		const before = await node.row();
		const left: number[] = [];
		node.replace((store) => ({
			...store,
			forget: async (entries) => {
				await store.forget(entries);
				left.push((await node.row())!.length - before!.length);
			},
		}));
		await node.run(manyCustomers(40_000, '2'));
		expect(left.length).toBeGreaterThan(1);
		expect(left.findIndex((more) => more <= 0)).toBe(left.length - 1);
	});
});

describe('After a run that was killed', () => {
	test('the next one watches without a write, says so, and owns the state some ten seconds later', async () => {
		const node = new Node();
		await node.dieAfter(settleMs + 100, { a: '1' });
		const before = await node.row();
		const saidMs: number[] = [];
		const startMs = node.clock.elapsedMs();
		const run = node.start({ a: '1' }, { onWait: (ms) => saidMs.push(ms), random: (min) => min });
		await node.clock.advance(quietMs - 1);
		expect([await node.row(), saidMs]).toEqual([before, [takeoverMs]]);
		expect((await node.until(run)).begun.stopped).toBeUndefined();
		const tookMs = node.clock.elapsedMs() - startMs;
		expect(tookMs).toBeGreaterThanOrEqual(takeoverMs);
		expect(tookMs).toBeLessThan(takeoverMs + 1500);
	});
});

test('A process that stood still while it watched does not go on: its rows are old', async () => {
	const node = new Node();
	await node.dieAfter(settleMs + 100, { a: '1' });
	const run = node.start({ a: '1' });
	await node.clock.advance(2500);
	node.clock.startMs += 60_000;
	expect((await node.until(run)).begun.stopped?.code).toBe('STATE_NOT_USABLE');
});

describe('While a run sends', () => {
	test.each([0, 1500, 20_000])(
		'one in another process, that comes %i ms later, only counts, leaves within two seconds and says why',
		async (passedMs) => {
			const node = new Node();
			await node.run({ a: '1' });
			const first = await node.begin({ a: '2' });
			await node.clock.advance(passedMs);
			const startMs = node.clock.elapsedMs();
			const counts = counting(node);
			const { begun } = await node.begin({ a: '3' });
			expect(begun).toMatchObject({ state: 'interrupted', stopped: { code: 'ALREADY_RUNNING' } });
			expectReadable(begun.stopped!);
			expect(counts).toMatchObject({ writes: 0, deletions: 0 });
			expect(node.clock.elapsedMs() - startMs).toBeLessThan(beatEveryMs + 1500);
			expect(await mayStart(first)).toBe(true);
			expect(await node.end(first)).toBe(true);
			expect((await node.run({ a: '2' })).sent).toEqual([]);
		},
	);

	test('one in the same process does not even begin', () => {
		const end = claimRun('workflow node');
		expect(claimRun('workflow node')).toBeUndefined();
		const endOther = claimRun('workflow other');
		end!();
		const again = claimRun('workflow node');
		expect([endOther, again]).not.toContain(undefined);
		again!();
		endOther!();
		const { state, stopped } = stoppedBy(ALREADY_RUNNING, { customers: customersOf({ a: '1' }) });
		expect([state, stopped?.code]).toEqual(['interrupted', 'ALREADY_RUNNING']);
	});

	test('its number of entries moves every two seconds, is never that of a closed state, and stands still after its end', async () => {
		const node = new Node();
		const written: number[] = [];
		node.replace(({ record }) => ({
			record: async (...entries) => {
				const there = await record(...entries);
				written.push((await node.row())!.length);
				return there;
			},
		}));
		const run = await node.begin({ a: '1' });
		const seen = new Set<number>();
		for (let beat = 0; beat < 100; beat++) {
			await node.clock.advance(beatEveryMs);
			seen.add((await node.row())!.length);
		}
		expect(seen.size).toBe(100);
		expect(written.filter((count) => count % 32 === 0)).toEqual([]);
		expect(await node.end(run)).toBe(true);
		expect(node.clock.waiting).toBe(0);
	});

	test('it waits with further requests while the database does not answer, and goes on when it does', async () => {
		const node = new Node();
		const run = await node.begin({ a: '1' });
		let isDown = true;
		const { table } = node;
		const find = table.find.bind(table);
		table.find = async (key) => (isDown ? await Promise.reject(new Error('SQLITE_BUSY')) : await find(key));
		await node.clock.advance(heldMs - 100);
		expect(await mayStart(run)).toBe(true);
		await node.clock.advance(100);
		expect(await mayStart(run)).toBe(false);
		expect(run).toMatchObject({ isTakenOver: false });
		isDown = false;
		expect(await mayStart(run)).toBe(true);
		expect(await node.end(run)).toBe(true);
		expect(await node.run({ a: '1' })).toMatchObject({ state: 'used', sent: [] });
	});

	test.each([
		['its token is gone', 1],
		['somebody else has written', 0],
	])('it stops when %s, and leaves the state to whoever has it', async (_, gone) => {
		const node = new Node();
		const run = await node.begin({ a: '1' });
		const row = (await node.row())!;
		const data = [hashOf('of another run'), ...row.slice(gone)];
		await node.table.update('1 n:2', { mode: 'entries', data });
		await node.clock.advance(heldMs);
		expect([await mayStart(run), run]).toMatchObject([false, { isTakenOver: true }]);
		const before = await node.row();
		expect(await node.end(run)).toBe(false);
		expect(await node.row()).toEqual(before);
	});
});

test.each([
	['closed', 'a', true],
	['a', 'b', true],
	['closed', 'a', false],
] as const)(
	'What takes the place of baseline %s is the whole of %s, also where runs that died have asked all of it: %j',
	async (judgedBy, next, isAsked) => {
		const node = new Node();
		await node.run(manyCustomers(60, '1'));
		if (judgedBy === 'a') await node.dieAfter(settleMs + 100, { ...manyCustomers(60, '1'), user_1: '2' });
		const [copies, others] = [judgedBy, next].map((set) => copiesOf(set, ENTRIES_OF_ACCOUNT.account));
		const all = others!.flatMap((copy) => [copy.spent('sample'), ...copy.digits]);
		// One says that the answers to this run say nothing.
		await node.store!.record(isAsked ? [...all, entryOf(['read'])] : ['of a run that died']);
		const missing: string[] = [];
		const forgotten: string[] = [];
		node.replace((store) => ({
			forget: async (entries) => (forgotten.push(...entries), await store.forget(entries)),
			record: async (entries, most) => {
				const there = await store.record(entries, most);
				const row = (await node.row())!;
				if (most !== undefined)
					missing.push(...entries.slice(1).filter((entry) => !row.includes(hashOf(entry))));
				if (most !== undefined) expect(row).toHaveLength(most);
				return there;
			},
		}));
		expect((await node.begin(manyCustomers(60, '1'))).kind).toBe('sending');
		expect(missing).toEqual([]);
		// Until then the one that the rows were judged by is there.
		for (const { account } of copies!) expect(forgotten).not.toContain(account);
		// To remove what cannot be there takes long in a large state.
		expect(others!.some(({ account }) => forgotten.includes(account))).toBe(isAsked);
		expect.assertions(7);
	},
);

test('A few entries are no state that another version has left', async () => {
	const node = new Node();
	await node.store!.record(['of a run that died']);
	expect(await node.run(manyCustomers(60, '1'))).toMatchObject({ state: 'interrupted', stopped: undefined });
	await node.store!.clear();
	await node.store!.record(Object.keys(manyCustomers(60, '1')));
	expect((await node.run(manyCustomers(60, '1'))).stopped?.code).toBe('OTHER_VERSION');
});

test('Customers that failed have their turn, each in one of three runs by its id, and then again in the same order', async () => {
	const contents = manyCustomers(60, '1');
	const ids = Object.keys(contents);
	const node = new Node();
	const turns: string[][] = [];
	for (let round = 0; round < 2 * TURNS; round++) {
		const all = { ...contents, other: String(round) };
		const run = await node.begin(round % 2 === 0 ? all : Object.fromEntries(Object.entries(all).reverse()));
		const order = round % 2 === 0 ? [...ids, 'other'] : ['other', ...ids.toReversed()];
		turns.push(ids.filter((id) => run.begun.hasTurn(order.indexOf(id))));
		expect(await node.end(run, new Array(order.length).fill('failed'))).toBe(true);
	}
	expect(turns.slice(0, TURNS).flat().toSorted()).toEqual(ids.toSorted());
	for (const turn of turns) expect(turn.length).toBeGreaterThan(5);
	expect(turns.slice(TURNS)).toEqual(turns.slice(0, TURNS));
});

import { describe, expect, test } from '@jest/globals';
import { COMPARING, StateEntries } from '../../../nodes/TencentCloudIot/sync/state/entries';
import { FencedStore } from '../../../nodes/TencentCloudIot/sync/state/store';
import { Lookup } from '../../../nodes/TencentCloudIot/sync/state/compare';
import { Lease } from '../../../nodes/TencentCloudIot/sync/state/lease';
import { ENTRIES_OF_ACCOUNT } from './rows.mts';
import { customersOf, manyCustomers, Node } from './syncRuns.mts';

const DAY_MS = 86_400_000;

describe('A run sends', () => {
	test('every customer when it is the first', async () => {
		const { state, verdictOf, healthBefore, isKept } = await new Node().run({ a: '1', b: '1' });
		expect(verdictOf).toEqual({ a: 'new', b: 'new' });
		expect({ state, healthBefore, isKept }).toEqual({
			state: 'empty',
			healthBefore: undefined,
			isKept: true,
		});
	});

	test('nobody when nothing has changed, however often it comes and in whatever order the rows are', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '2' });
		for (const contents of [{ b: '2', a: '1' }, { a: '1', b: '2' }, { a: '1' }]) {
			const { state, healthBefore, sent } = await node.run(contents);
			expect({ state, healthBefore, sent }).toEqual({ state: 'used', healthBefore: 'ok', sent: [] });
		}
	});

	test('exactly the new and the changed ones', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '1', c: '1' });
		const { verdictOf } = await node.run({ a: '1', b: '2', c: '1', d: '1' });
		expect(verdictOf).toEqual({ a: 'unchanged', b: 'changed', c: 'unchanged', d: 'new' });
		expect((await node.run({ a: '1', b: '2', c: '1', d: '1' })).sent).toEqual([]);
	});

	test.each(['UNKNOWN', 'REFUSED', 'NOT_SENT', undefined] as const)(
		'a customer that goes back to what was accepted before, when the change between ended %s',
		async (outcome) => {
			const node = new Node();
			await node.run({ a: 'A' });
			await node.run({ a: 'B' }, { outcomeOf: () => outcome });
			expect((await node.run({ a: 'A' })).sent).toEqual(['a']);
			expect((await node.run({ a: 'A' })).sent).toEqual([]);
		},
	);

	test('a customer that was accepted and is sent once more without success', async () => {
		const node = new Node();
		await node.run({ a: 'A' });
		const sendAll = { sendAll: true };
		expect((await node.run({ a: 'A' }, { settings: sendAll, outcomeOf: () => 'UNKNOWN' })).sent).toEqual([
			'a',
		]);
		expect((await node.run({ a: 'A' })).verdictOf).toEqual({ a: 'failed' });
	});

	test('a customer that failed though nothing had changed, and whose rows change then: it has failed before', async () => {
		const node = new Node();
		await node.run({ a: 'A' });
		await node.run({ a: 'A' }, { settings: { sendAll: true }, outcomeOf: () => 'UNKNOWN' });
		expect((await node.run({ a: 'B' })).verdictOf).toEqual({ a: 'failed' });
	});

	test('every customer when that is what is wanted, and keeps them', async () => {
		const node = new Node();
		await node.run({ a: 'A', b: 'A' });
		const { verdictOf, sent } = await node.run({ a: 'A', b: 'B' }, { settings: { sendAll: true } });
		expect(verdictOf).toEqual({ a: 'unchanged', b: 'changed' });
		expect(sent).toEqual(['a', 'b']);
		expect((await node.run({ a: 'A', b: 'B' })).sent).toEqual([]);
	});

	test('what was left over, and knows what it was', async () => {
		const node = new Node();
		const outcomes = { ok: 'OK', refused: 'REFUSED', unclear: 'UNKNOWN', notSent: 'NOT_SENT' } as const;
		const contents = { ok: '1', refused: '1', unclear: '1', notSent: '1', postponed: '1' };
		await node.run(contents, { outcomeOf: (id) => outcomes[id as keyof typeof outcomes] });
		const { verdictOf } = await node.run({ ...contents, refused: '2', notSent: '2', new: '1' });
		expect(verdictOf).toEqual({
			ok: 'unchanged',
			refused: 'failed',
			unclear: 'failed',
			notSent: 'waiting',
			postponed: 'waiting',
			new: 'new',
		});
	});

	test('a customer that was not in the rows for a while', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '1' });
		await node.run({ a: '1' });
		expect((await node.run({ a: '1', b: '1' })).sent).toEqual(['b']);
	});

	test('every customer to another account, and then to the first one again', async () => {
		const node = new Node();
		const other = { entries: new StateEntries({ endpoint: 'https://service.example/', appKey: 'other' }) };
		await node.run({ a: '1' }, { health: 'degraded' });
		expect(await node.run({ a: '1' }, { settings: other })).toMatchObject({
			state: 'otherAccount',
			healthBefore: 'degraded',
			sent: ['a'],
		});
		expect((await node.run({ a: '1' }, { settings: other })).sent).toEqual([]);
		expect(await node.run({ a: '1' })).toMatchObject({ state: 'otherAccount', sent: ['a'] });
	});
});

describe('A customer is pushed again', () => {
	const contents = manyCustomers(60, '1');

	/** How many re-pushes are scheduled on a day, counted from that of the run before. */
	async function dueAfter(days: number, pushAgainAfterDays: number, node = new Node()): Promise<number> {
		const settings = { pushAgainAfterDays };
		await node.run(contents, { settings });
		node.clock.startMs += days * DAY_MS;
		const { verdicts } = await node.run(contents, { settings });
		expect(verdicts.every((verdict) => verdict === 'due' || verdict === 'unchanged')).toBe(true);
		return verdicts.filter((verdict) => verdict === 'due').length;
	}

	test('once in so many days, each customer on its day', async () => {
		const node = new Node();
		const due: string[] = [];
		await node.run(contents, { settings: { pushAgainAfterDays: 7 } });
		for (let day = 0; day < 7; day++) {
			node.clock.startMs += DAY_MS;
			for (const part of ['morning', 'evening']) {
				const { sent } = await node.run(contents, { settings: { pushAgainAfterDays: 7 } });
				if (part === 'evening') expect(sent).toEqual([]);
				else expect(sent.length).toBeLessThan(25);
				due.push(...sent);
			}
		}
		expect(due.sort()).toEqual(Object.keys(contents).sort());
	});

	test.each([
		[0, 7, 0],
		[7, 7, 60],
		[6, 7, expect.any(Number)],
		[400, 7, 60],
		[1, 1, 60],
		[3, 1, 60],
		[1, 0, 0],
		[400, 0, 0],
		[-1, 7, 0],
		[-30, 7, 60],
	])('%i days after the run before, at %i days: %s', async (days, pushAgainAfterDays, due) => {
		expect(await dueAfter(days, pushAgainAfterDays)).toEqual(due);
	});

	test('also when nobody ran the workflow on its day', async () => {
		const early = await dueAfter(3, 7);
		const late = await dueAfter(6, 7);
		expect(early).toBeGreaterThan(0);
		expect(late).toBeGreaterThan(early);
		expect(late).toBeLessThan(60);
	});

	test('and again the next time, when it was not accepted', async () => {
		const node = new Node();
		const settings = { pushAgainAfterDays: 1 };
		await node.run({ a: '1' }, { settings });
		node.clock.startMs += DAY_MS;
		expect((await node.run({ a: '1' }, { settings, outcomeOf: () => 'NOT_SENT' })).verdictOf.a).toBe('due');
		expect((await node.run({ a: '1' }, { settings })).verdictOf.a).toBe('waiting');
	});

	test('by the minute in which a run began, not by that in which it ended', async () => {
		const node = new Node();
		const settings = { pushAgainAfterDays: 1 };
		const run = await node.begin(contents, settings);
		await node.clock.advance(3_600_000);
		expect(
			await node.end(
				run,
				Object.keys(contents).map(() => 'accepted'),
			),
		).toBe(true);
		node.clock.startMs += DAY_MS - 3_600_000;
		const { verdicts } = await node.run(contents, { settings });
		expect(new Set(verdicts)).toEqual(new Set(['due']));
	});

	test.each([
		[7, 14],
		[14, 7],
		[0, 7],
		[7, 0],
	])('without a storm when %i days become %i', async (before, after) => {
		const node = new Node();
		await node.run(contents, { settings: { pushAgainAfterDays: before } });
		expect((await node.run(contents, { settings: { pushAgainAfterDays: after } })).sent).toEqual([]);
	});
});

describe('A lookup', () => {
	const entries = ENTRIES_OF_ACCOUNT;
	const contents = { a: '1', b: '1', c: '1' };
	const [, b] = customersOf(contents);

	/** A lookup in a state that has some entries. */
	async function lookupIn(there: readonly string[], withheld: readonly string[] = []): Promise<Lookup> {
		const { clock, store } = new Node();
		await store!.record(there);
		const lease = new Lease(new FencedStore(store!, clock), there.length, clock);
		await lease.open([]);
		return new Lookup(lease, { entries, customers: customersOf(contents), withheld }, () => false);
	}

	test('takes what it has queried itself for nothing that was there', async () => {
		const lookup = await lookupIn([entries.known('a')]);
		await lookup.queryFingerprints([0, 1, 2]);
		for (let query = 0; query < 2; query++) {
			await lookup.queryLeftOver([0, 1, 2]);
			expect(lookup.verdicts).toEqual(['changed', 'new', 'new']);
		}
	});

	test('does not take a customer for left over when a killed run has queried all its entries', async () => {
		const kinds = ['known', 'waiting', 'failed'] as const;
		const lookup = await lookupIn(kinds.map((kind) => entries[kind]('a')));
		await lookup.queryFingerprints([0]);
		await lookup.queryLeftOver([0]);
		expect(lookup.verdicts[0]).toBe('changed');
	});

	test('says who is gone only when it has looked everybody up', async () => {
		const lookup = await lookupIn([entries.known('a'), b!.fingerprint, entries.known('d')], ['d']);
		await lookup.queryFingerprints([0, 1]);
		expect(lookup.gone(10)).toBeUndefined();
		await lookup.queryFingerprints([2]);
		expect(lookup.gone(10)).toBeUndefined();
		await lookup.queryLeftOver([0, 1, 2]);
		expect(lookup.verdicts).toEqual(['changed', 'unchanged', 'new']);
		expect(lookup.gone(10)).toBe(8);
		expect(await lookup.queryWithheld()).toBe(false);
		expect(lookup.gone(10)).toBe(7);
	});

	test('tells a run that compares at the same moment', async () => {
		const [alone, beside] = [await lookupIn([]), await lookupIn([COMPARING])];
		for (const lookup of [alone, beside]) {
			await lookup.queryFingerprints([0]);
			await lookup.queryFingerprints([1]);
		}
		expect([alone.isBesideOther, beside.isBesideOther]).toEqual([false, true]);
	});

	test('writes nothing where there is nothing to look up', async () => {
		const lookup = await lookupIn([]);
		await lookup.queryFingerprints([]);
		await lookup.queryLeftOver([0]);
		expect([lookup.isBesideOther, await lookup.queryWithheld()]).toEqual([undefined, true]);
	});
});

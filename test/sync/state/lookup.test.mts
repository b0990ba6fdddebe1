import { describe, expect, test } from '@jest/globals';
import { COMPARING, StateEntries } from '../../../nodes/TencentCloudIot/sync/state/entries';
import { FencedStore } from '../../../nodes/TencentCloudIot/sync/state/store';
import { Lookup } from '../../../nodes/TencentCloudIot/sync/state/compare';
import { Lease } from '../../../nodes/TencentCloudIot/sync/state/lease';
import { ENTRIES_OF_ACCOUNT } from './rows.mts';
import { customersOf, manyCustomers, Node } from './syncRuns.mts';

const DAY_MS = 86_400_000;

describe('A run sends', () => {
	test('exactly the new and the changed ones', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '1', c: '1' });
		const { verdictOf } = await node.run({ a: '1', b: '2', c: '1', d: '1' });
		expect(verdictOf).toEqual({ a: 'unchanged', b: 'changed', c: 'unchanged', d: 'new' });
		expect((await node.run({ a: '1', b: '2', c: '1', d: '1' })).sent).toEqual([]);
	});

	test('a customer that failed though nothing had changed, and whose rows change then: it has failed before', async () => {
		const node = new Node();
		await node.run({ a: 'A' });
		await node.run({ a: 'A' }, { settings: { sendAll: true }, outcomeOf: () => 'UNKNOWN' });
		expect((await node.run({ a: 'B' })).verdictOf).toEqual({ a: 'failed' });
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

	test('every customer to another account, and then to the first one again', async () => {
		const node = new Node();
		const other = {
			entries: new StateEntries({
				endpoint: 'https://service.example/',
				appKey: 'other',
				appSecret: 'secret',
			}),
		};
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

test('With another App Secret every customer is pushed once, and the checks know how many there were.', async () => {
	const node = new Node();
	const all = manyCustomers(40, '1');
	const settings = {
		entries: new StateEntries({ endpoint: 'https://service.example/', appKey: 'key', appSecret: 'new' }),
	};
	await node.run(all);
	const few = await node.run(manyCustomers(15, '1'), { settings });
	expect(few).toMatchObject({ state: 'otherSecret', stopped: { code: 'TOO_FEW_CUSTOMERS' } });
	const first = await node.run(all, { settings });
	expect(first).toMatchObject({ state: 'otherSecret', stopped: undefined, sent: { length: 40 } });
	expect(await node.run(all, { settings })).toMatchObject({ state: 'used', sent: [] });
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

	test.each([
		[0, 7, 0],
		[7, 7, 60],
		[6, 7, expect.any(Number)],
		[400, 0, 0],
		[-30, 7, 60],
	])('%i days after the run before, at %i days: %s', async (days, pushAgainAfterDays, due) => {
		expect(await dueAfter(days, pushAgainAfterDays)).toEqual(due);
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

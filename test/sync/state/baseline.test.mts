import { describe, expect, test } from '@jest/globals';
import { StateEntries } from '../../../nodes/TencentCloudIot/sync/state/entries';
import { ALL_WELL, type Health } from '../../../nodes/TencentCloudIot/sync/health';
import { replaceReport } from '../../../nodes/TencentCloudIot/sync/state/lastRun';
import { copiesOf } from '../../../nodes/TencentCloudIot/sync/state/baseline';
import { ENTRIES_OF_ACCOUNT, hashOf } from './rows.mts';
import { expectReadable } from '../../support/wording.mts';
import { endOf, manyCustomers, NO_CHECKS, Node, STOP_ABOVE_50 } from './syncRuns.mts';

const good = manyCustomers(200, 'good');
const broken = manyCustomers(200, 'broken');
const few = manyCustomers(3, 'good');

/** Some run has queried this of the first copies of the baseline, and died. */
async function spend(node: Node, copies: number, part: 'sample' | 'digits' | 'unknown'): Promise<void> {
	const all = copiesOf('closed', ENTRIES_OF_ACCOUNT.account);
	const asked = all.slice(0, copies).flatMap((copy) => (part === 'digits' ? copy.digits : copy.spent(part)));
	await node.store!.record(asked);
}

async function nodeThatKnows(contents: Readonly<Record<string, string>>, health?: Health): Promise<Node> {
	const node = new Node();
	await node.run(contents, health && { health });
	return node;
}

describe.each([
	['too many changes', 'TOO_MANY_CHANGES', broken],
	['too few customers', 'TOO_FEW_CUSTOMERS', few],
])('A run with %s', (_, code, contents) => {
	test('sends nothing and says why', async () => {
		const node = await nodeThatKnows(good);
		const { stopped, sent, state } = await node.run(contents);
		expect(stopped?.code).toBe(code);
		expectReadable(stopped!);
		expect({ sent, state }).toEqual({ sent: [], state: 'used' });
	});

	test.each(['ok', 'degraded', 'failing'] as const)(
		'leaves the sync state as it was, but for what is reported: %s',
		async (health) => {
			const node = await nodeThatKnows(good, health);
			const before = await node.row();
			await node.run(contents);
			const after = await node.row();
			expect(after).toHaveLength(before!.length);
			const gone = before!.filter((entry) => !after!.includes(entry));
			const ofReports = replaceReport(ALL_WELL).kind.map(hashOf);
			expect(gone.length).toBeGreaterThan(0);
			expect(ofReports).toEqual(expect.arrayContaining(gone));
		},
	);

	test('passes where nothing is checked, and is kept', async () => {
		const node = await nodeThatKnows(good);
		const { stopped, isKept } = await node.run(contents, { settings: { checks: NO_CHECKS } });
		expect({ stopped, isKept }).toEqual({ stopped: undefined, isKept: true });
		expect((await node.run(contents)).sent).toEqual([]);
	});

	test('is stopped also where every customer is to be sent', async () => {
		const node = await nodeThatKnows(good);
		expect((await node.run(contents, { settings: { sendAll: true } })).stopped?.code).toBe(code);
	});

	test.each([0, 6000])(
		'reports what is new once, also after one that was killed after %i ms',
		async (afterMs) => {
			const node = await nodeThatKnows(good, 'degraded');
			await node.dieAfter(afterMs, { ...good, user_1: 'other' });
			const before: Array<string | undefined> = [];
			for (let round = 0; round < 3; round++) {
				before.push((await node.run(contents)).healthBefore);
				await node.clock.advance(15_000);
			}
			before.push((await node.run(good)).healthBefore);
			expect(before).toEqual([afterMs === 0 ? undefined : 'degraded', 'failing', 'failing', 'failing']);
		},
	);

	test.each(['sample', 'digits', 'unknown'] as const)(
		'is judged by the first copy of the baseline of which nobody has queried the %s; where none is left, the state is lost',
		async (part) => {
			for (const copies of [1, 2, 3]) {
				const node = await nodeThatKnows({ ...good, user_500: 'gone' });
				await spend(node, copies, part);
				await node.clock.advance(15_000);
				const { stopped, sent } = await node.run(contents);
				// Where nobody has changed, nobody is queried for being unknown.
				const isQueried = part !== 'unknown' || code === 'TOO_MANY_CHANGES';
				const isSpent = copies === 3 && isQueried;
				expect([copies, stopped?.code, sent]).toEqual([copies, isSpent ? 'STATE_LOST' : code, []]);
			}
		},
	);

	test('spends no copy of the baseline, however often it comes after one that was killed', async () => {
		const node = await nodeThatKnows(good);
		await node.die(good);
		for (let round = 0; round < 4; round++) {
			expect((await node.run(contents)).stopped?.code).toBe(code);
			await node.clock.advance(15_000);
		}
	});

	test('passes by an approved plan also after one that was killed, and if it dies while it sends the next one is judged by it', async () => {
		const node = await nodeThatKnows(good);
		await node.die({ ...good, user_1: 'other' });
		const { planId: approvedPlan = '' } = (await node.run(contents)).stopped!;
		await node.clock.advance(15_000);
		await node.dieAfter(15_000, contents, { checks: { ...STOP_ABOVE_50, approvedPlan } });
		await node.clock.advance(15_000);
		expect(await node.run(contents)).toMatchObject({ stopped: undefined, isKept: true });
	});

	test('is judged by the counts alone when it is the first with its account', async () => {
		const node = await nodeThatKnows(good);
		const entries = new StateEntries({
			endpoint: new URL('https://other.example'),
			appKey: 'key',
			appSecret: 'secret',
		});
		const { state, stopped, verdicts } = await node.run(contents, { settings: { entries } });
		const isCounted = code === 'TOO_FEW_CUSTOMERS';
		expect([state, stopped?.code]).toEqual(['otherAccount', isCounted ? code : undefined]);
		expect(new Set(verdicts)).toEqual(new Set([isCounted ? 'unjudged' : 'new']));
	});
});

test('Of customers that are left out those count as withheld whose loss is still to be reported', async () => {
	const node = new Node();
	const run = await node.begin(good, { leftOut: ['x', 'y', 'z'] });
	const standings = Object.keys(good).map(() => 'accepted' as const);
	await node.until(endOf(run, standings, { ...ALL_WELL, lostDevices: new Set(['x']) }));
	const { stopped } = await node.run(few);
	const customers = Object.keys(good).length + 3;
	expect(stopped?.plan?.before).toMatchObject({ customers, withheld: 1, leftOut: 2 });
});

test('Customers that are withheld stay known, so that a broken column after them is noticed', async () => {
	const node = await nodeThatKnows(good);
	await node.run(manyCustomers(99, 'good'), {
		settings: {
			checks: { ...STOP_ABOVE_50, stopAbovePercent: 51 },
			withheld: Object.keys(manyCustomers(101, '', 99)),
		},
	});
	expect((await node.run(broken)).stopped?.code).toBe('TOO_MANY_CHANGES');
});

describe('What is no mass change', () => {
	test('are the customers that a run left over: it goes on where it stopped', async () => {
		const node = new Node();
		const outcomeOf = (id: string) => (Number(id.slice(5)) < 60 ? 'OK' : undefined);
		await node.run(good, { outcomeOf });
		const { stopped, sent } = await node.run(good);
		expect({ stopped, sent: sent.length }).toEqual({ stopped: undefined, sent: 140 });
	});

	test('and those of them that are new or changed are still distinguished from those that were left over', async () => {
		const node = new Node();
		const outcomeOf = (id: string) => (Number(id.slice(5)) < 60 ? 'OK' : undefined);
		await node.run(good, { outcomeOf });
		const contents = { ...good, ...manyCustomers(5, 'other'), ...manyCustomers(5, 'new', 300) };
		for (const dryRun of [true, false]) {
			const { verdicts } = await node.run(contents, { settings: { dryRun } });
			const counts = (['new', 'changed', 'waiting', 'failed', 'unchanged'] as const).map(
				(verdict) => verdicts.filter((other) => other === verdict).length,
			);
			expect(counts).toEqual([5, 5, 140, 0, 55]);
		}
	});

	test.each(['REFUSED', undefined] as const)(
		'but a broken column among those that were not left over is one: %s',
		async (outcome) => {
			const node = new Node();
			await node.run(good, { outcomeOf: (id) => (Number(id.slice(5)) < 60 ? 'OK' : outcome) });
			const { stopped } = await node.run(broken);
			expect(stopped?.reason).toBe(
				"60 of 60 compared customers, of 200 in the rows, are new or changed, above the limit of 50 % in 'Stop Above (% Changed)'.",
			);
		},
	);

	test('is that customers came back who had been withheld', async () => {
		const node = await nodeThatKnows(good);
		const half = { settings: { withheld: Object.keys(manyCustomers(100, '', 100)) } };
		await node.run(manyCustomers(100, 'good'), half);
		const { stopped, verdicts } = await node.run({ ...good, ...manyCustomers(20, 'new', 200) });
		expect(stopped).toBeUndefined();
		expect(verdicts.filter((verdict) => verdict === 'failed')).toHaveLength(100);
	});

	test('is that the re-push of everybody is scheduled', async () => {
		const node = new Node();
		node.settings = { pushAgainAfterDays: 1 };
		await node.run(good);
		node.clock.startMs += 10 * 86_400_000;
		expect(await node.run(good)).toMatchObject({ stopped: undefined, sent: { length: 200 } });
	});
});

describe('Of many customers', () => {
	const many = manyCustomers(1200, 'good');
	const changing = (changed: number) => ({ ...many, ...manyCustomers(changed, 'broken') });

	test('a sample of some 500 is queried, and the share is called an estimate', async () => {
		const node = await nodeThatKnows(many);
		const before = await node.row();
		const queried: number[] = [];
		node.replace((store) => ({
			record: async (entries) => (queried.push(entries.length), await store.record(entries)),
		}));
		const { stopped, verdicts } = await node.run({ ...changing(1000), ...manyCustomers(100, 'new', 5000) });
		expect(new Set(verdicts)).toEqual(new Set(['unjudged']));
		const [, changed, judged] = /^(\d+) of (\d+) compared customers, of 1300 in the rows, /.exec(
			stopped!.reason,
		)!;
		expect(Math.abs(Number(judged) - 500)).toBeLessThan(100);
		expect(Math.abs(Number(changed) / Number(judged) - 1100 / 1300)).toBeLessThan(0.1);
		const added = stopped!.plan!.changed.filter((id) => Number(id.slice(5)) >= 5000);
		expect(added.length).toBeGreaterThan(10);
		expect(stopped!.plan!.added).toEqual(added);
		expect(queried.reduce((sum, count) => sum + count)).toBeLessThan(3500);
		expect((await node.row())!.length).toBe(before!.length);
	});

	test('all are looked up in the end, when the sample lets the run pass', async () => {
		const node = await nodeThatKnows(many);
		const { stopped, sent } = await node.run(changing(300));
		expect({ stopped, sent: sent.length }).toEqual({ stopped: undefined, sent: 300 });
	});
});

test.each([
	[60_000, 300_000, 1],
	[60_001, 60_001, undefined],
])(
	'Of %i new customers %i entries are looked up: what was left over, and who is gone, is not, among this many',
	async (count, entries, gone) => {
		const node = await nodeThatKnows({ a: '1' });
		let queried = 0;
		node.replace((store) => ({
			record: async (all) => ((queried += all.length), await store.record(all)),
		}));
		const { begun } = await node.begin(manyCustomers(count, 'new'));
		expect(begun.gone).toBe(gone);
		// And some for the run and its baseline.
		expect(queried - entries).toBeLessThan(4000);
		expect(queried).toBeGreaterThanOrEqual(entries);
	},
);

describe('A Dry Run', () => {
	const settings = { dryRun: true, isManual: true };

	test.each([
		['little', { ...good, ...manyCustomers(3, 'other') }],
		['much', broken],
		['that many are missing', few],
	])('leaves the sync state exactly as it was, when it finds %s', async (_, contents) => {
		const node = await nodeThatKnows(good, 'degraded');
		await node.run(good, { outcomeOf: () => 'OK', health: 'degraded' });
		const before = await node.row();
		await node.run(contents, { settings });
		expect(await node.row()).toEqual(before);
	});

	test('that nobody runs by hand reports that it is on', async () => {
		const node = await nodeThatKnows(good, 'degraded');
		const length = (await node.row())!.length;
		for (const before of ['degraded', 'failing'])
			expect((await node.run(broken, { settings: { dryRun: true } })).healthBefore).toBe(before);
		expect(await node.row()).toHaveLength(length);
		expect(await node.run(good)).toMatchObject({ healthBefore: 'failing', sent: [] });
	});

	test('says of each customer what a run says, and changes nothing of what it sends', async () => {
		const node = new Node();
		node.settings = { pushAgainAfterDays: 2 };
		await node.run(good, {
			outcomeOf: (id) => (id.endsWith('7') ? 'REFUSED' : id.endsWith('8') ? undefined : 'OK'),
		});
		node.clock.startMs += 86_400_000;
		const changed = { ...good, ...manyCustomers(20, 'other') };
		const dry = await node.run(changed, { settings });
		const real = await node.run(changed);
		expect(dry.verdicts).toEqual(real.verdicts);
		expect(new Set(dry.verdicts)).toEqual(new Set(['changed', 'waiting', 'failed', 'due', 'unchanged']));
		expect(dry.isKept).toBe(false);
	});

	test.each([
		['TOO_MANY_CHANGES', broken],
		['TOO_FEW_CUSTOMERS', few],
	])(
		'says that a run would be stopped with %s, and judges the customers all the same',
		async (code, contents) => {
			const node = await nodeThatKnows(good);
			const { stopped, verdicts } = await node.run(contents, { settings });
			expect(stopped?.code).toBe(code);
			expect(verdicts).not.toContain('unjudged');
		},
	);

	test('does not even write where nothing is known', async () => {
		const node = new Node();
		const { state, verdictOf } = await node.run({ a: '1' }, { settings });
		expect({ state, verdictOf }).toEqual({ state: 'empty', verdictOf: { a: 'changed' } });
		expect(await node.row()).toBeUndefined();
	});

	test('interrupted, or with another account, says so, waits for nobody and leaves all as it was', async () => {
		const node = await nodeThatKnows(good);
		const other = new StateEntries({
			endpoint: new URL('https://other.example'),
			appKey: 'key',
			appSecret: 'secret',
		});
		const beforeOther = await node.row();
		expect((await node.run(good, { settings: { ...settings, entries: other } })).state).toBe('otherAccount');
		expect(await node.row()).toEqual(beforeOther);
		await node.die(good);
		const before = await node.row();
		const { state, verdicts } = await node.run(good, { settings });
		expect({ state, verdicts: new Set(verdicts) }).toEqual({
			state: 'interrupted',
			verdicts: new Set(['unjudged']),
		});
		expect(await node.row()).toEqual(before);
	});

	test('judges a part only where all would take too long to take back', async () => {
		const customers = manyCustomers(9000, 'good');
		const node = await nodeThatKnows(customers);
		const before = await node.row();
		const withheld = Object.keys(manyCustomers(9000, '', 9000));
		const changed = await node.run(manyCustomers(9000, 'other'), { settings: { ...settings, withheld } });
		expect(changed.verdicts.filter((verdict) => verdict !== 'unjudged')).not.toHaveLength(0);
		expect(changed.verdicts.filter((verdict) => verdict === 'unjudged').length).toBeGreaterThan(8500);
		expect(changed.gone).toBeUndefined();
		expect(await node.row()).toEqual(before);
		const same = await node.run({ ...customers, user_17: 'other' }, { settings });
		expect(same.verdicts).not.toContain('unjudged');
		expect(same.verdicts.filter((verdict) => verdict === 'changed')).toHaveLength(1);
	});

	test('judges all of those whose re-push is scheduled: their entries are there', async () => {
		const customers = manyCustomers(9000, 'good');
		const node = await nodeThatKnows(customers);
		node.clock.startMs += 3 * 86_400_000;
		const due = await node.run(customers, { settings: { ...settings, pushAgainAfterDays: 3 } });
		expect(new Set(due.verdicts)).toEqual(new Set(['due']));
	});
});

import { describe, expect, test } from '@jest/globals';
import { StateEntries, type Health } from '../../../nodes/TencentCloudIot/sync/entries/stateEntries';
import { ALL_WELL } from '../../../nodes/TencentCloudIot/sync/reported';
import { replaceReport } from '../../../nodes/TencentCloudIot/sync/state/lastRun';
import { CountEntries } from '../../../nodes/TencentCloudIot/sync/entries/rowCounts';
import { ENTRIES_OF_ACCOUNT, hashOf } from './rows.mts';
import type { StateStore } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { sampleSize } from '../../../nodes/TencentCloudIot/sync/state/checks';
import { expectReadable } from '../../support/wording.mts';
import { manyCustomers, NO_CHECKS, Node, STOP_ABOVE_50 } from './syncRuns.mts';

const COUNTS = new CountEntries(ENTRIES_OF_ACCOUNT.account);

const good = manyCustomers(200, 'good');
const broken = manyCustomers(200, 'broken');
const few = manyCustomers(3, 'good');

/** Whether a statement queries what the last run had in its rows. */
const areCounts = (entries: readonly string[]) => COUNTS.all.every((entry) => entries.includes(entry));

/**
 * Lets another run query the counts at the same moment as a run does.
 * @param times for how many of its queries
 * @returns how often the run has queried them since
 */
function queryCountsBeside(node: Node, times: number): () => number {
	let queries = 0;
	node.replace((store) => ({
		record: async (entries) => {
			if (!areCounts(entries) || queries++ >= times) return await store.record(entries);
			const before = await store.record(COUNTS.all);
			const there = await store.record(entries);
			await store.forget(COUNTS.all.filter((entry) => !before.has(entry)));
			return there;
		},
	}));
	return () => queries;
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

	test('is stopped again when it comes again, and passes when the rows are right again', async () => {
		const node = await nodeThatKnows(good);
		for (let round = 0; round < 3; round++) expect((await node.run(contents)).stopped?.code).toBe(code);
		expect(await node.run(good)).toMatchObject({ stopped: undefined, sent: [] });
	});

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

	test('is seen to be failing by the next one, and only until it is repaired', async () => {
		const node = await nodeThatKnows(good, 'degraded');
		expect((await node.run(contents)).healthBefore).toBe('degraded');
		expect((await node.run(contents)).healthBefore).toBe('failing');
		expect((await node.run(good)).healthBefore).toBe('failing');
		expect((await node.run(good)).healthBefore).toBe('ok');
	});

	test('is stopped also after one that was killed, again and again, and repaired rows pass by themselves', async () => {
		const node = await nodeThatKnows(good);
		await node.die({ ...good, user_1: 'other' });
		for (let round = 0; round < 3; round++) {
			expect(await node.run(contents)).toMatchObject({ state: 'interrupted', stopped: { code } });
			await node.clock.advance(15_000);
		}
		expect(await node.run(good)).toMatchObject({ stopped: undefined, sent: { length: 200 } });
		expect((await node.run(contents)).stopped?.code).toBe(code);
	});

	test('leaves the state of one that was killed as it was, but for what is reported', async () => {
		const node = await nodeThatKnows(good);
		await node.die(good);
		await node.run(contents);
		const before = await node.row();
		await node.clock.advance(15_000);
		await node.run(contents);
		expect((await node.row())!.toSorted()).toEqual(before!.toSorted());
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

	test('is stopped also after several that were killed at once', async () => {
		const node = await nodeThatKnows(good);
		for (let round = 0; round < 3; round++) await node.die(good);
		expect((await node.run(contents)).stopped?.code).toBe(code);
	});

	test('is stopped also when another run queries at this moment what the last one had in its rows', async () => {
		const node = await nodeThatKnows(good);
		const queries = queryCountsBeside(node, 3);
		expect((await node.run({ ...contents, user_500: 'new' })).stopped?.code).toBe(code);
		expect(queries()).toBe(4);
	});

	test('passes when others query that for ever, and only what has changed is sent', async () => {
		const node = await nodeThatKnows(good);
		queryCountsBeside(node, Infinity);
		const { state, stopped, sent } = await node.run({ ...contents, user_500: 'new' });
		const changed = Object.entries(contents).filter(([, content]) => content !== 'good').length;
		expect({ state, stopped, sent: sent.length }).toEqual({
			state: 'used',
			stopped: undefined,
			sent: 1 + changed,
		});
	});

	test('after one that was killed is not compared with anything where nothing is checked', async () => {
		const node = await nodeThatKnows(good);
		await node.die(manyCustomers(198, 'good'));
		const queries = queryCountsBeside(node, 0);
		expect((await node.run(contents, { settings: { checks: NO_CHECKS } })).stopped).toBeUndefined();
		expect(queries()).toBe(0);
	});

	test('is stopped also after one that was killed with other counts', async () => {
		const node = await nodeThatKnows(good);
		await node.die(manyCustomers(198, 'good'));
		expect((await node.run(contents)).stopped?.code).toBe(code);
	});

	test('is not stopped when it is the first with its account', async () => {
		const node = await nodeThatKnows(good);
		const entries = new StateEntries({ endpoint: 'https://other.example/', appKey: 'key' });
		expect((await node.run(contents, { settings: { entries } })).stopped).toBeUndefined();
	});

	test('is not stopped when fewer than twenty customers are known', async () => {
		const node = await nodeThatKnows(manyCustomers(19, 'good'));
		expect((await node.run(contents)).stopped).toBeUndefined();
	});

	test('is still not sent when the database rejects what would take its traces away', async () => {
		const node = await nodeThatKnows(good);
		node.replace(() => ({ forget: async () => await Promise.reject(new Error('SQLITE_BUSY')) }));
		expect((await node.run(contents)).stopped?.code).toBe(code);
	});
});

test('A run with too few customers names some that are there, and looks none up', async () => {
	const node = await nodeThatKnows(good);
	const { stopped, verdicts } = await node.run(manyCustomers(9, 'good'));
	expect(stopped?.advice).toMatch(/^Still in the rows: 'user_0', 'user_1' and 'user_2'\. /);
	expect(new Set(verdicts)).toEqual(new Set(['unjudged']));
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

	test('is that half of all customers came back after they had been missing', async () => {
		const node = await nodeThatKnows(good);
		expect((await node.run(manyCustomers(100, 'good'))).stopped).toBeUndefined();
		expect(await node.run(good)).toMatchObject({ stopped: undefined, sent: { length: 100 } });
	});

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

	test('a sample of 500 is looked up, by chance, and the share is called an estimate', async () => {
		const node = await nodeThatKnows(many);
		const before = await node.row();
		const queried: number[] = [];
		node.replace((store) => ({
			record: async (entries) => (queried.push(entries.length), await store.record(entries)),
		}));
		const { stopped, verdicts } = await node.run(changing(1000));
		expect(verdicts.filter((verdict) => verdict !== 'unjudged')).toHaveLength(500);
		expect(stopped?.reason).toMatch(
			/^\d{3} of 500 compared customers, of 1200 in the rows, are new or changed, /,
		);
		expect(Math.max(...queried)).toBeLessThan(2600);
		expect((await node.row())!.length).toBe(before!.length);
	});

	test('all are looked up in the end, when the sample lets the run pass', async () => {
		const node = await nodeThatKnows(many);
		const { stopped, sent } = await node.run(changing(300));
		expect({ stopped, sent: sent.length }).toEqual({ stopped: undefined, sent: 300 });
	});

	test.each([
		[1200, 500],
		[200_000, 500],
		[400_000, 250],
		[5_000_000, 100],
	])('when %i are known the sample is as large as taking it back allows: %i', (known, size) => {
		expect(sampleSize(known)).toBe(size);
	});
});

test.each([
	[60_000, 360_000, 1],
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
		// And a few for the run.
		expect(queried - (queried % 1000)).toBe(entries - (entries % 1000));
	},
);

describe('A Dry Run', () => {
	const settings = { dryRun: true };

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
		const other = new StateEntries({ endpoint: 'https://other.example/', appKey: 'key' });
		const beforeOther = await node.row();
		expect((await node.run(good, { settings: { dryRun: true, entries: other } })).state).toBe('empty');
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
		const changed = await node.run(manyCustomers(9000, 'other'), { settings: { dryRun: true, withheld } });
		expect(changed.verdicts.filter((verdict) => verdict !== 'unjudged')).toHaveLength(500);
		expect(changed.gone).toBeUndefined();
		expect(changed.withheldBefore).toEqual(new Set());
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

	test('with a database that rejects says that everything would be sent', async () => {
		const node = await nodeThatKnows(good);
		const { store } = node;
		const reject = async () => await Promise.reject(new Error('SQLITE_BUSY'));
		let cleared = 0;
		for (const broken of [{ record: reject }, { count: reject }, { forget: reject }]) {
			node.store = store;
			node.replace(() => ({ clear: async () => void cleared++, ...broken }));
			expect((await node.run(good, { settings })).stopped).toBeUndefined();
		}
		expect(cleared).toBe(0);
	});
});

describe('Of two runs that begin at the same moment with a broken column', () => {
	test.each([0, 5, 20, 100, 700])('%i ms apart, none sends', async (apartMs) => {
		const node = await nodeThatKnows(good);
		const slow = (store: StateStore): Partial<StateStore> => ({
			count: async () => (await node.clock.sleep(15), await store.count()),
			record: async (entries) => (await node.clock.sleep(15), await store.record(entries)),
			forget: async (entries) => (await node.clock.sleep(15), await store.forget(entries)),
		});
		node.replace(slow);
		const first = node.start(broken);
		await node.clock.advance(apartMs);
		const second = node.start(broken);
		await node.clock.advance(30_000);
		const stopped = (await Promise.all([first, second])).map(({ begun }) => begun.stopped?.code);
		expect(stopped).not.toContain(undefined);
	});
});

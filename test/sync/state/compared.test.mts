import { asStop } from '../../../nodes/TencentCloudIot/sync/stop';
import { describe, expect, test } from '@jest/globals';
import { notSent } from '../../../nodes/TencentCloudIot/service/outcome';
import { StateHashes } from '../../../nodes/TencentCloudIot/sync/state/hashes';
import { ALL_WELL, type GoneCustomer } from '../../../nodes/TencentCloudIot/sync/lastReport';
import type { EndStatus } from '../../../nodes/TencentCloudIot/sync/verdicts';
import {
	DEAD_MS,
	endOf,
	HASHES,
	manyCustomers,
	NO_CHECKS,
	Node,
	STOP_ABOVE_50,
	type Contents,
} from './syncRuns.mts';
import { shows, englishOf } from '../../support/texts.mts';

const DAY_MS = 86_400_000;
const good = manyCustomers(100, 'good');
const broken = manyCustomers(100, 'broken');

async function nodeThatKnows(contents: Contents, withheldIds: string[] = []): Promise<Node> {
	const node = new Node();
	await node.run(contents, { settings: { withheldIds } });
	return node;
}

describe('Gone customers are', () => {
	test.each([
		['none if all are in the rows', { a: '1', b: '1' }, [], 0],
		['those that are not in the rows', { a: '1' }, [], 1],
		['those that are not in the rows, even if others changed', { a: '2' }, [], 1],
		['those that are not in the rows, however many are new', { c: '1', d: '1', e: '1' }, [], 2],
		['not those whose rows cannot be sent', { a: '1' }, ['b'], 0],
		['those that are not in the rows, even if a new one cannot be sent', { a: '1' }, ['c'], 1],
	])('%s', async (_, contents: Contents, withheldIds, gone) => {
		const node = await nodeThatKnows({ a: '1', b: '1' });
		expect((await node.run(contents, { settings: { withheldIds } })).newlyGone).toHaveLength(gone);
	});

	test('also those that could not be sent before', async () => {
		const node = await nodeThatKnows({ a: '1' }, ['b', 'c']);
		expect((await node.run({ a: '1' }, { settings: { withheldIds: ['c'] } })).newlyGone).toHaveLength(1);
	});

	test('not those that had no device and were left out', async () => {
		const node = new Node();
		await node.run({ a: '1', b: '1' }, { settings: { leftOutIds: ['x', 'y'] } });
		expect((await node.run({ a: '1' }, { settings: { leftOutIds: ['x'] } })).newlyGone).toHaveLength(1);
	});

	test('counted after a killed run too, but not in the first run', async () => {
		const node = new Node();
		expect((await node.run({ a: '1' })).newlyGone).toBeUndefined();
		await node.die({ a: '2' });
		expect((await node.run({ b: '1' })).newlyGone).toHaveLength(1);
	});
});

const refused = { outcomeOf: () => 'REFUSED' as const };
const unclear = { outcomeOf: () => 'UNKNOWN' as const };
const postponed = { outcomeOf: () => undefined };
const withheldNow = { settings: { withheldIds: ['c'] } };

describe('Tencent may have devices of a customer', () => {
	test.each<[string, Array<Parameters<Node['run']>>, boolean]>([
		['that was accepted', [[{ c: '3' }]], true],
		['whose change was refused', [[{ c: '3' }], [{ c: '4' }, refused]], true],
		['that was accepted before it was withheld', [[{ c: '3' }], [{}, withheldNow]], true],
		['whose request got no clear response', [[{ c: '3' }, unclear]], true],
		['not if it was only refused', [[{ c: '3' }, refused]], false],
		['not if it was only withheld', [[{}, withheldNow]], false],
		['not if it was never sent', [[{ c: '3' }, postponed]], false],
	])('%s', async (_, runs, mayHaveSome) => {
		for (const settings of [{}, { leftOutIds: ['c'] }]) {
			const node = await nodeThatKnows({ a: '1', b: '2' });
			for (const [contents, options] of runs) {
				await node.run({ a: '1', b: '2', ...contents }, options);
			}
			const { newlyGone, idsWithoutDevices } = await node.run({ a: '1', b: '2' }, { settings });
			const isGone = !('leftOutIds' in settings);
			expect(newlyGone?.map(([, isPushed]) => isPushed)).toEqual(isGone ? [mayHaveSome] : []);
			expect([...idsWithoutDevices]).toEqual(!isGone && mayHaveSome ? ['c'] : []);
		}
	});
});

test('A customer without devices is reported once, even if its row could not be used in between', async () => {
	const leftOutNow = { settings: { leftOutIds: ['c'] } };
	const node = await nodeThatKnows({ a: '1', b: '2', c: '3' });
	const losses = [];
	for (const options of [
		leftOutNow,
		leftOutNow,
		withheldNow,
		leftOutNow,
		withheldNow,
		withheldNow,
		leftOutNow,
	]) {
		losses.push([...(await node.run({ a: '1', b: '2' }, options)).idsWithoutDevices]);
	}
	expect(losses.flat()).toEqual(['c']);
	// Tencent still has them.
	await node.run({ a: '1', b: '2' }, withheldNow);
	expect((await node.run({ a: '1', b: '2' })).newlyGone).toEqual([[HASHES.customerHash('c'), true]]);
});

test.each<[what: string, outcome: 'OK' | 'REFUSED', isStopped: boolean]>([
	['that were accepted', 'OK', true],
	['that have failed so far, and may have had none', 'REFUSED', false],
])(
	'If most customers have no device any more, a run stops for those %s: %s %j',
	async (_, outcome, isStopped) => {
		const node = new Node();
		await node.run(good, { outcomeOf: () => outcome });
		const few = Object.fromEntries(Object.entries(good).slice(0, 40));
		const leftOutIds = Object.keys(good).slice(40);
		const { whyStopped } = await node.run(few, { settings: { leftOutIds } });
		expect(asStop(whyStopped) !== undefined).toBe(isStopped);
	},
);

test('Each customer that keeps failing is retried early in one of three runs', async () => {
	const node = new Node();
	const refuse = { outcomeOf: () => 'REFUSED' as const };
	await node.run(good, refuse);
	const indexes = [...Object.keys(good).keys()];
	const earlyRuns = indexes.map(() => 0);
	for (let run = 0; run < 3; run++) {
		const { isRetriedEarly } = await node.run(good, refuse);
		for (const index of indexes.filter(isRetriedEarly)) {
			earlyRuns[index]!++;
		}
	}
	expect(new Set(earlyRuns)).toEqual(new Set([1]));
});

describe('If customers are missing, the advice says what is wrong with the rows:', () => {
	const adviceOn = async (contents: Contents) => {
		const node = await nodeThatKnows(good);
		const { whyStopped } = await node.run(contents);
		const { examples, advice } = asStop(whyStopped)!.correction;
		return [whyStopped?.code, englishOf(examples), englishOf(advice)].join(': ');
	};

	test('they were read in part, because some of the known customers are still there', async () => {
		expect(await adviceOn({ ...manyCustomers(2, 'good', 500), ...manyCustomers(30, 'good', 70) })).toMatch(
			/^TOO_FEW_CUSTOMERS: Still in the rows: 'user_70', .* 'user_74' and others: Give Sync the rows of all customers/,
		);
	});

	test('they have other ids, because all customers are new', async () => {
		expect(await adviceOn(manyCustomers(100, 'good', 500))).toMatch(
			/^TOO_MANY_CHANGES: New or changed: 'user_500', .*: Correct the mapping/,
		);
	});
});

describe('A customer that was reported as gone no longer counts as gone', () => {
	const reportedGone = async () => {
		const node = await nodeThatKnows({ a: '1', b: '1', c: '1' });
		const { newlyGone: goneKeys = [] } = await node.run({ a: '1' });
		const reported = { ...ALL_WELL, gone: 2, goneKeys };
		await node.until(endOf(await node.begin({ a: '1' }), ['accepted'], reported));
		return { node, reported };
	};

	test('once it is in the rows again', async () => {
		const { node, reported } = await reportedGone();
		const { facts } = await node.begin({ a: '1', b: '1' }, { dryRun: true });
		expect(facts.lastReport).toEqual({ ...reported, gone: 1, goneKeys: [expect.anything()] });
		expect(reported.goneKeys).toContainEqual(facts.lastReport?.goneKeys[0]);
	});

	test('once a killed run had it in its rows, so that it counts once if it leaves again', async () => {
		const { node, reported } = await reportedGone();
		await node.die({ a: '1', b: '1' });
		const { facts } = await node.begin({ a: '1' }, { dryRun: true });
		expect(facts).toMatchObject({
			newlyGone: [expect.anything()],
			lastReport: { gone: 1, goneKeys: [expect.anything()] },
		});
		expect(reported.goneKeys).toContainEqual(facts.lastReport?.goneKeys[0]);
	});
});

test('Devices of left-out customers count as missing once, not in each run', async () => {
	const checks = { ...NO_CHECKS, stopWhenDevicesDropPercent: 30 };
	const devices = Object.entries(manyCustomers(40, '')).map(([id], index) => [id, `P/${index}`] as const);
	const node = await nodeThatKnows(Object.fromEntries(devices));
	const half = Object.fromEntries(devices.slice(20));
	const leftOutIds = devices.slice(0, 20).map(([id]) => id);
	expect((await node.run(half, { settings: { leftOutIds, checks } })).whyStopped?.code).toBe(
		'TOO_FEW_DEVICES',
	);
	await node.run(half, { settings: { leftOutIds, checks: NO_CHECKS } });
	expect((await node.run(half, { settings: { leftOutIds, checks } })).whyStopped).toBeUndefined();
});

describe('After a killed run, customers in doubt', () => {
	test('are those that it named, whether or not the next run has rows of them', async () => {
		const node = await nodeThatKnows({ a: '1', b: '1', c: '1' });
		await node.die({ a: '2', b: '2', c: '1' });
		const { facts } = await node.begin({ c: '1', a: '2', d: '1' }, { dryRun: true });
		expect(facts.inDoubt).toEqual({ sendableIndexes: [1], unsendableCount: 1 });
	});

	test('are none once a later run has ended', async () => {
		const node = await nodeThatKnows({ a: '1' });
		await node.die({ a: '2' });
		await node.run({ a: '2' });
		expect((await node.begin({ a: '2' })).facts.inDoubt).toBeUndefined();
	});

	test('count as customers with devices: the next run stops if they have none any more', async () => {
		const many = manyCustomers(40, '1');
		const node = await nodeThatKnows(many);
		await node.die(manyCustomers(40, '2'), { checks: NO_CHECKS });
		const { whyStopped } = await node.run({}, { settings: { leftOutIds: Object.keys(many) } });
		expect(whyStopped?.code).toBe('TOO_FEW_CUSTOMERS');
	});
});

test('A run has the same rows as the last one although a customer is presumed to be withheld in both', async () => {
	const node = await nodeThatKnows({ a: 'P/1', b: 'P/2' });
	const settings = {
		namedDevices: { deviceCount: 2, deviceCountByProduct: new Map(), invalidDeviceIds: new Set(['P/2']) },
	};
	const runs = [];
	for (const contents of [{ a: 'P/1' }, { a: 'P/1' }, { a: 'P/3' }, { a: 'P/3' }]) {
		const { areRowsChanged, presumedWithheldKeys, kind } = await node.run(contents, { settings });
		expect(presumedWithheldKeys?.size).toBe(1);
		runs.push([kind, areRowsChanged]);
	}
	expect(runs).toEqual([
		['sending', true],
		['unchanged', false],
		['sending', true],
		['unchanged', false],
	]);
	expect((await node.run({ a: 'P/3' })).areRowsChanged).toBe(true);
});

describe('What a killed run lacked counts once: of 100 customers it had 90, and the next run', () => {
	const hundred = Object.fromEntries(
		Object.keys(manyCustomers(100, '')).map((id, index) => [id, `P/${index}`]),
	);
	const first = (count: number) => Object.fromEntries(Object.entries(hundred).slice(0, count));
	test.each<[left: number, limit: number, isDevices: boolean, reason: RegExp | undefined]>([
		[80, 20, false, undefined],
		[79, 20, false, /^21 of 100 customers are missing/],
		[5, 100, false, undefined],
		[80, 20, true, undefined],
		[79, 20, true, /^21 of 100 devices of the last run are in no row/],
	])('has %i; above %i %%, of devices: %j → %s', async (left, limit, isDevices, reason) => {
		const node = await nodeThatKnows(hundred);
		const checks = {
			stopAbovePercent: isDevices ? 100 : limit,
			stopWhenDevicesDropPercent: isDevices ? limit : 99,
			approvedPlan: '',
		};
		await node.die(first(90), { checks });
		const { whyStopped } = await node.run(first(left), { settings: { checks } });
		expect(whyStopped && englishOf(whyStopped.reason)).toEqual(
			reason === undefined ? undefined : expect.stringMatching(reason),
		);
	});
});

describe('A run knows which failing customers were reported:', () => {
	const withheldIds = ['w'];
	const contents = { refused: '1', accepted: '1', postponed: '1' };
	const outcomes: Record<string, 'OK' | 'REFUSED'> = { accepted: 'OK', refused: 'REFUSED' };
	const first = { settings: { withheldIds }, outcomeOf: (id: string) => outcomes[id] };
	const everybody = [...Object.keys(contents), 'w'];

	test.each([
		['none', []],
		['all of them, whatever became of each', everybody],
		['one that was accepted after all', ['accepted']],
	])('%s', async (_, failing) => {
		const node = new Node();
		expect((await node.run(contents, { ...first, failing })).reportedFailures).toEqual(new Set());
		expect((await node.run(contents, { settings: { withheldIds } })).reportedFailures).toEqual(
			new Set(failing),
		);
		expect((await node.run({}, { settings: { withheldIds: everybody } })).reportedFailures).toEqual(
			new Set(),
		);
	});

	test('also those that are withheld now', async () => {
		const node = new Node();
		await node.run(contents, { ...first, failing: everybody });
		expect(
			(await node.run({}, { settings: { withheldIds: [...everybody, 'new'] } })).reportedFailures,
		).toEqual(new Set(everybody));
	});
});

describe('A run without a customer to send leaves the state unchanged', () => {
	test.each<
		[
			string,
			boolean,
			{ withheld?: string[]; partlyWithheld?: string[]; failing?: string[]; isManual?: boolean },
		]
	>([
		['if the same customers are withheld and that was reported', true, { withheld: ['b'], failing: ['b'] }],
		['not if it was not reported', false, { withheld: ['b'] }],
		[
			'if it was not reported and the run is manual, so it does not report either',
			true,
			{ withheld: ['b'], isManual: true },
		],
		['not if other customers are withheld', false, { withheld: ['c'], failing: ['b'] }],
		['not if a customer is partly withheld and that was not reported', false, { partlyWithheld: ['a'] }],
		['not if a customer that was reported as failing has no invalid row any more', false, { failing: ['a'] }],
	])(
		'%s: %s',
		async (_, isUnchanged, { withheld = [], partlyWithheld = [], failing = [], isManual = false }) => {
			const node = new Node();
			const before = withheld.length > 0 ? ['b'] : [];
			await node.run({ a: '1' }, { settings: { withheldIds: before }, failing });
			const settings = { withheldIds: withheld, partlyWithheldIds: new Set(partlyWithheld), isManual };
			expect(await node.run({ a: '1' }, { settings, failing })).toMatchObject({
				sent: [],
				isKept: true,
				kind: isUnchanged ? 'unchanged' : 'sending',
			});
		},
	);
});

describe('Customers that were accepted and then failed are compared with what was accepted last', () => {
	test.each([
		['refused', 'REFUSED', 'failed'],
		['not sent', 'NOT_SENT', 'waiting'],
		['postponed', undefined, 'waiting'],
	] as const)('when they were %s, however often', async (_, outcome, verdict) => {
		const node = await nodeThatKnows(good);
		const settings = { sendAll: true };
		for (let round = 0; round < 3; round++) {
			const { whyStopped, verdicts } = await node.run(good, { settings, outcomeOf: () => outcome });
			const expected = round === 0 ? 'unchanged' : verdict;
			expect({ stopped: whyStopped, verdicts: [...new Set(verdicts)] }).toEqual({
				stopped: undefined,
				verdicts: [expected],
			});
		}
		const { whyStopped } = await node.run(broken);
		expect(whyStopped).toMatchObject({
			code: 'TOO_MANY_CHANGES',
			reason: shows(/^100 of 100 customers are new or changed/),
			advice: shows(/^New or changed: 'user_.* Correct the mapping or the rows\./),
		});
	});

	test('when their re-push was refused', async () => {
		const node = new Node();
		node.settings = { pushAgainAfterDays: 1 };
		await node.run(good);
		node.clock.startMs += DAY_MS;
		expect((await node.run(good, { outcomeOf: () => 'REFUSED' })).verdictOf.user_0).toBe('due');
		expect((await node.run(broken)).whyStopped?.code).toBe('TOO_MANY_CHANGES');
	});

	test('when the run after a killed one, which had passed the checks, was refused', async () => {
		const node = await nodeThatKnows(good);
		await node.die({ ...good, user_1: 'better' });
		expect((await node.run(good, { outcomeOf: () => 'REFUSED' })).stateCondition).toBe('interrupted');
		expect((await node.run(broken)).whyStopped?.code).toBe('TOO_MANY_CHANGES');
	});

	test('and with what was refused if that had other devices', async () => {
		const node = await nodeThatKnows(manyCustomers(60, 'good'));
		const changed = { ...manyCustomers(60, 'good'), ...manyCustomers(25, 'changed') };
		await node.run(changed, { outcomeOf: () => 'REFUSED' });
		expect((await node.run(changed, { outcomeOf: () => 'REFUSED' })).whyStopped).toBeUndefined();
		for (const dryRun of [true, false]) {
			const { whyStopped } = await node.run(manyCustomers(60, 'broken'), { settings: { dryRun } });
			expect(englishOf(whyStopped?.reason)).toMatch(/^60 of 60 customers are new or changed, /);
		}
	});
});

describe('A product that had many devices', () => {
	const checks = { ...STOP_ABOVE_50, stopWhenDevicesDropPercent: 3 };
	const rows = (products: Record<string, number>) => ({
		settings: {
			checks,
			namedDevices: { deviceCount: 100, deviceCountByProduct: new Map(Object.entries(products)) },
		},
	});

	test.each([
		['is missing', { Lock: 80, Hub: 20 }, { Lock: 100 }, 'TOO_FEW_DEVICES'],
		['has another name', { Lock: 80, Hub: 20 }, { Lock: 80, Hubs: 20 }, 'TOO_FEW_DEVICES'],
		['has only a few now', { Lock: 80, Hub: 20 }, { Lock: 99, Hub: 1 }, undefined],
		['is new', { Lock: 100 }, { Lock: 80, Hub: 20 }, undefined],
	])('%s', async (_, before: Record<string, number>, now: Record<string, number>, code) => {
		const node = new Node();
		await node.run(good, rows(before));
		const { whyStopped } = await node.run({ ...good, user_7: 'changed' }, rows(now));
		expect(whyStopped?.code).toBe(code);
		if (code !== undefined) {
			expect(englishOf(whyStopped?.reason)).toMatch(/^Missing from the rows: 1 of 2 product names /);
		}
	});

	test('does not count as missing if no product is counted because there are too many', async () => {
		const node = new Node();
		await node.run(good, rows({ Lock: 80, Hub: 20 }));
		expect((await node.run(good, rows({}))).whyStopped).toBeUndefined();
	});
});

describe('An approved plan', () => {
	const approve = (approvedPlan: string | undefined) => ({
		settings: { checks: { ...STOP_ABOVE_50, approvedPlan: approvedPlan ?? '' } },
	});

	/** A node that stops its rows, and the ID of their plan. */
	async function stoppedNode(isInterrupted: boolean) {
		const node = await nodeThatKnows(good);
		if (isInterrupted) {
			await node.die({ ...good, user_1: 'better' });
		}
		const plan = async (contents: Contents, approved?: string) => {
			await node.clock.advance(DEAD_MS);
			return asStop((await node.run(contents, approve(approved))).whyStopped)?.planId;
		};
		return { node, plan, planId: await plan(broken) };
	}

	test.each([
		['after a run that ended', false],
		['after one that was killed', true],
	])('lets exactly these rows pass, once: %s', async (_, isInterrupted) => {
		const { node, plan, planId } = await stoppedNode(isInterrupted);
		expect(planId).toMatch(/^[\dA-Za-z]{16}$/);
		expect(await plan(broken, 'other')).toBe(planId);
		const planOfOtherRows = await plan({ ...broken, user_3: 'other' }, planId);
		expect(planOfOtherRows).not.toBe(planId);
		expect(planOfOtherRows).toMatch(/^[\dA-Za-z]{16}$/);
		await node.clock.advance(DEAD_MS);
		expect(await node.run(broken, approve(planId))).toMatchObject({
			whyStopped: undefined,
			sent: { length: 100 },
		});
		await node.run(good, { settings: { checks: { ...STOP_ABOVE_50, stopAbovePercent: 100 } } });
		expect(asStop((await node.run(broken, approve(planId))).whyStopped)?.planId).not.toBe(planId);
	});

	test('leaves the scheduled re-pushes to the next run', async () => {
		const node = await nodeThatKnows(good);
		node.clock.startMs += 8 * DAY_MS;
		const mostlyBroken = { ...good, ...manyCustomers(60, 'broken') };
		const { whyStopped } = await node.run(mostlyBroken);
		expect((await node.run(mostlyBroken, approve(asStop(whyStopped)?.planId))).sent).toHaveLength(60);
		const { sent, lastRunMinute, beganMinute } = await node.run(mostlyBroken);
		expect(sent).toEqual(Object.keys(good).slice(60));
		expect(beganMinute - lastRunMinute!).toBeLessThan(5);
		expect((await node.run(mostlyBroken)).sent).toEqual([]);
	});

	test('after a killed run differs from that of the same rows after a finished run', async () => {
		const ended = await stoppedNode(false);
		const killed = await stoppedNode(true);
		expect(killed.planId).not.toBe(ended.planId);
	});
});

describe('If no row can be sent,', () => {
	const refusal = notSent('RUNS_ALONE');
	const settings = { refusal, withheldIds: Object.keys(good) };

	test('the run is stopped and stores only its report', async () => {
		const node = await nodeThatKnows(good);
		const before = [...node.memory.parts];
		expect((await node.run({}, { settings, health: 'failing' })).whyStopped).toBe(refusal);
		expect(node.memory.parts).toEqual(before);
		expect(await node.run(good)).toMatchObject({
			stateCondition: 'used',
			sent: [],
			healthBefore: 'failing',
		});
	});

	test('the run is also stopped after a killed one, without waiting for that', async () => {
		const node = await nodeThatKnows(good);
		await node.die({ ...good, user_1: 'better' });
		const startMs = node.clock.elapsedMs();
		const { stateCondition, whyStopped } = await node.run({}, { settings });
		expect({ stateCondition, stopped: whyStopped }).toEqual({
			stateCondition: 'interrupted',
			stopped: refusal,
		});
		expect(node.clock.elapsedMs() - startMs).toBeLessThan(2000);
	});

	test.each([
		[
			'another account',
			{
				hashes: new StateHashes({
					endpoint: new URL('https://other.example'),
					appKey: 'k',
					appSecret: 'secret',
				}),
			},
		],
		['a database that rejects', {}],
	])('the run is also stopped with %s, and nothing is cleared', async (name, changes) => {
		const node = await nodeThatKnows(good);
		const before = [...node.memory.parts];
		if (name === 'a database that rejects') {
			node.memory.disturb = () => 'rejected';
		}
		expect((await node.run({}, { settings: { ...settings, ...changes } })).whyStopped).toBe(refusal);
		node.memory.disturb = () => undefined;
		expect(node.memory.parts).toEqual(before);
		expect((await node.run(good)).sent).toEqual([]);
	});
});

test('The next run reads the last report unchanged', async () => {
	const node = new Node();
	const endStatuses: EndStatus[] = ['accepted'];
	const goneKeys: GoneCustomer[] = [
		['x', true],
		['y', false],
	];
	for (const reported of [
		{ health: 'degraded', stop: 'TOO_MANY_CHANGES', minute: 30660, gone: 70_000, neverPushed: 3, goneKeys },
		{ ...ALL_WELL, health: 'failing', stop: 'NO_ROWS', gone: 1 },
		ALL_WELL,
	] as const) {
		const run = await node.begin({ a: reported.stop });
		await node.until(endOf(run, endStatuses, reported));
		const { facts } = await node.begin({ a: reported.stop }, { dryRun: true });
		expect(facts.lastReport).toEqual(reported);
	}
});

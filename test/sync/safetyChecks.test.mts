import { describe, expect, test } from '@jest/globals';
import { describe as inWords } from '../../nodes/TencentCloudIot/service/outcome';
import {
	frequentProductNames,
	SafetyChecks,
	type SafetyCheckOptions,
} from '../../nodes/TencentCloudIot/sync/safetyChecks';
import { planIds } from '../../nodes/TencentCloudIot/sync/stop';
import { expectReadable } from '../support/wording.mts';
import { write } from '../../nodes/TencentCloudIot/messages/text';
import { chineseOf, englishOf, shows } from '../support/texts.mts';

type JudgedRows = Parameters<SafetyChecks['findTripped']>[0];

const ids = (count: number) => Array.from({ length: count }, (_, index) => `user_${index}`);

const options = (changes: Partial<SafetyCheckOptions> = {}): SafetyCheckOptions => ({
	stopAbovePercent: 50,
	stopWhenDevicesDropPercent: 3,
	approvedPlan: '',
	...changes,
});

interface Rows {
	customersBefore: number;
	customers: number;
	withheld: number;
	devicesBefore: number;
	devices: number;
	productsBefore: number;
	productsFound: number;
	withheldBefore: number;
	unnamed?: number;
	leftOut: number;
	leftOutBefore: number;
	/** Whether only the totals of the last run are known, not its customers. */
	areTotals?: boolean;
	missing?: number;
	lost?: number;
	largestCustomerCount?: number;
	largestDeviceCount?: number;
}

function numbers(changes: Partial<Rows> = {}): JudgedRows['counts'] {
	const rows = {
		customersBefore: 1000,
		customers: 1000,
		withheld: 0,
		devicesBefore: 5000,
		devices: 5000,
		productsBefore: 20,
		productsFound: 20,
		withheldBefore: 0,
		leftOut: 0,
		leftOutBefore: 0,
		...changes,
	};
	const { customersBefore, customers, withheld, withheldBefore, leftOut, leftOutBefore } = rows;
	const { devices, devicesBefore } = rows;
	const missing = {
		customers: rows.missing ?? Math.max(0, customersBefore - customers),
		sendable: rows.missing ?? Math.max(0, customersBefore - customers),
		withoutDevice: Math.max(0, leftOut - leftOutBefore),
		devices: rows.lost ?? Math.max(0, devicesBefore - devices - (rows.unnamed ?? 0)),
	};
	return {
		missing: rows.areTotals === true ? undefined : missing,
		largest: {
			customers: rows.largestCustomerCount ?? customersBefore,
			devices: rows.largestDeviceCount ?? devicesBefore,
		},
		before: {
			customers: customersBefore,
			withheld: withheldBefore,
			leftOut: leftOutBefore,
			devices: devicesBefore,
			products: rows.productsBefore,
		},
		now: { customers, withheld, leftOut, devices, products: 0 },
		foundProductCount: rows.productsFound,
		unreadableDeviceRowCount: rows.unnamed,
	};
}

const NOBODY: string[] = [];
const judged = (count: number, changed: number) => ({ comparedCount: count, changedIds: ids(changed) });

const NOTHING_COMPARED: Omit<JudgedRows, 'counts'> = {
	comparedCustomers: judged(0, 0),
	moves: [],
	exampleIds: NOBODY,
};

/** The check that these rows trip; they trip at most one. */
function trippedCheck(checked: SafetyCheckOptions, rows: Pick<JudgedRows, 'counts'> & Partial<JudgedRows>) {
	const tripped = new SafetyChecks(checked).findTripped({ ...NOTHING_COMPARED, ...rows });
	expect(tripped.length).toBeLessThan(2);
	return tripped[0];
}

test.each<[Partial<SafetyCheckOptions>, boolean]>([
	[{}, true],
	[{ stopAbovePercent: 100 }, true],
	[{ stopWhenDevicesDropPercent: 100 }, true],
	[{ stopAbovePercent: 100, stopWhenDevicesDropPercent: 100 }, false],
])('Whether rows are checked: %j → %j', (changes, isOn) => {
	expect(new SafetyChecks(options(changes)).isAnyOn).toBe(isOn);
});

describe('Too few customers', () => {
	const isStopped = (changes: Partial<Rows>, stopAbovePercent = 50) =>
		trippedCheck(options({ stopAbovePercent }), { counts: numbers(changes) }) !== undefined;

	test.each<[Partial<Rows>, number, boolean]>([
		[{ customers: 500 }, 50, false],
		[{ customers: 499 }, 50, true],
		[{ customers: 3, customersBefore: 18_000 }, 50, true],
		[{ customers: 0 }, 50, true],
		[{ customers: 1001 }, 50, false],
		[{ customers: 999 }, 1, false],
		[{ customers: 989 }, 1, true],
		[{ customers: 1 }, 100, false],
		[{ customers: 1000, missing: 1001 }, 100, false],
		[{ customers: 1, customersBefore: 19 }, 50, false],
		[{ customers: 1, customersBefore: 20 }, 50, true],
		// Withheld customers are named and do not stop the others.
		[{ withheld: 999 }, 50, false],
		[{ customers: 800, withheld: 301 }, 50, false],
		[{ withheld: 600, leftOut: 300, leftOutBefore: 300 }, 50, false],
		// As many new ones as gone ones.
		[{ customers: 1000, missing: 501 }, 50, true],
		[{ customers: 1000, missing: 500 }, 50, false],
		[{ customers: 1600, missing: 600 }, 50, true],
		// As in the last run, most are withheld or have no device.
		[{ withheld: 700, withheldBefore: 700 }, 50, false],
		[{ leftOut: 700, leftOutBefore: 700 }, 50, false],
		[{ customers: 840, withheld: 700, withheldBefore: 700 }, 50, true],
		[{ customers: 860, withheld: 700, withheldBefore: 700 }, 50, false],
		[{ leftOut: 501 }, 50, true],
		// Only totals are known.
		[{ customers: 499, areTotals: true }, 50, true],
		[{ customers: 500, areTotals: true }, 50, false],
		[{ leftOut: 501, areTotals: true }, 50, true],
		// A few are lost in each run.
		[{ customersBefore: 600, customers: 550, largestCustomerCount: 1101 }, 50, true],
		[{ customersBefore: 600, customers: 550, largestCustomerCount: 1100 }, 50, false],
		[{ customersBefore: 15, customers: 9, largestCustomerCount: 20 }, 50, true],
	])('%j above %i %% → %j', (changes, limit, stops) => {
		expect(isStopped(changes, limit)).toBe(stops);
	});

	test.each<[Partial<Rows>, string, RegExp]>([
		[
			{ customers: 20, customersBefore: 200 },
			"180 of 200 customers are missing from the rows, above the limit of 50 % in 'Stop Above (% Changed)'.",
			/^Still in the rows: 'a', 'b', 'c', 'd'$/,
		],
		[
			{ customers: 140, customersBefore: 150, missing: 80 },
			"80 of 150 customers are missing from the rows, above the limit of 50 % in 'Stop Above (% Changed)'.",
			/^Still in the rows: 'a', 'b', 'c', 'd'$/,
		],
		[
			{ customers: 700, withheldBefore: 300, leftOut: 630, leftOutBefore: 20 },
			"610 of 1,000 customers, of which 680 had valid rows, are without a device and 300 missing from the rows, above the limit of 50 % in 'Stop Above (% Changed)'.",
			/^Still in the rows: 'a'/,
		],
		[
			{ customers: 300, areTotals: true },
			"The rows have 300 customers, those of the last run had 1,000: a drop above the limit of 50 % in 'Stop Above (% Changed)'.",
			/^Still in the rows: 'a'/,
		],
		[
			{ customersBefore: 600, customers: 500, largestCustomerCount: 1010 },
			"The rows have 500 customers; in the last 14 days they had up to 1,010: a drop above the limit of 50 % in 'Stop Above (% Changed)'.",
			/^Still in the rows: 'a'/,
		],
	])('are reported with the cause first: %j', (changes, reason, examples) => {
		const tripped = trippedCheck(options(), { counts: numbers(changes), exampleIds: ['a', 'b', 'c', 'd'] })!;
		expect([tripped.code, englishOf(tripped.reason)]).toEqual(['TOO_FEW_CUSTOMERS', reason]);
		expect(englishOf(tripped.examples)).toMatch(examples);
		expect(englishOf(tripped.advice)).toMatch(
			reason.includes('are without') ? /^Check the query/ : /^Give Sync/,
		);
	});

	test('are reported in Chinese from the same facts', () => {
		const changes = { customers: 140, customersBefore: 150, missing: 80, leftOut: 3 };
		expect(chineseOf(trippedCheck(options(), { counts: numbers(changes) })?.reason)).toBe(
			'原有 150 个客户，80 个已不在数据中，3 个没有设备，超过 Stop Above (% Changed) 的上限 50 %',
		);
	});

	test('are reported even if no customer is left', () => {
		expect(trippedCheck(options(), { counts: numbers({ customers: 0 }) })!.examples).toEqual(shows('', ''));
	});
});

describe('Too many changes', () => {
	test.each<[changed: number, of: number, Partial<Rows>, number, boolean]>([
		[500, 1000, {}, 50, false],
		[501, 1000, {}, 50, true],
		[11, 1000, {}, 1, true],
		[0, 1000, {}, 1, false],
		[1000, 1000, {}, 100, false],
		[1000, 1000, { customersBefore: 19 }, 50, false],
		[1000, 1000, { customersBefore: 20 }, 50, true],
		[20, 20, {}, 50, true],
		[19, 19, {}, 50, false],
		[251, 500, {}, 50, true],
		[250, 500, {}, 50, false],
	])('%i of %i with %j above %i %% → %j', (changed, of, changes, stopAbovePercent, stops) => {
		const tripped = trippedCheck(options({ stopAbovePercent }), {
			counts: numbers(changes),
			comparedCustomers: judged(of, changed),
		});
		expect(tripped !== undefined).toBe(stops);
	});

	test('are reported with numbers, examples, the limit and what to do', () => {
		expect(trippedCheck(options(), { counts: numbers(), comparedCustomers: judged(1000, 996) })).toEqual({
			code: 'TOO_MANY_CHANGES',
			reason: shows(
				"996 of 1,000 customers are new or changed, above the limit of 50 % in 'Stop Above (% Changed)'.",
				'比较的 1000 个客户中 996 个新增或有变化，超过 Stop Above (% Changed) 的上限 50 %',
			),
			examples: shows(
				"New or changed: 'user_0', 'user_1', 'user_2', 'user_3', 'user_4' and others",
				'新增或有变化的客户：user_0、user_1、user_2、user_3、user_4 等',
			),
			advice: shows('Correct the mapping or the rows', '修正映射或数据行'),
		});
	});

	test('are reported for the compared customers, if those are not all that can be sent', () => {
		const tripped = trippedCheck(options(), {
			counts: numbers({ customers: 18_000, withheld: 10 }),
			comparedCustomers: judged(500, 312),
		})!;
		expect(englishOf(tripped.reason)).toMatch(
			/^312 of 500 compared customers \(17,990 are in the rows\) are new or changed, /,
		);
	});
});

describe('Too few devices', () => {
	test.each<[Partial<Rows>, number, boolean]>([
		[{ devices: 4850 }, 3, false],
		[{ devices: 4849 }, 3, true],
		[{ devices: 4849 }, 100, false],
		[{ lost: 5001 }, 100, false],
		[{ devices: 9000 }, 3, false],
		[{ devicesBefore: 100, devices: 81 }, 3, false],
		[{ devicesBefore: 100, devices: 80 }, 3, true],
		[{ devicesBefore: 20, devices: 0 }, 50, true],
		[{ devices: 4000, unnamed: 850 }, 3, false],
		[{ devices: 4000, unnamed: 849 }, 3, true],
		[{ devices: 4000, unnamed: 850, areTotals: true }, 3, false],
		[{ devices: 4000, unnamed: 849, areTotals: true }, 3, true],
		// As many new ones as gone ones.
		[{ lost: 151 }, 3, true],
		[{ lost: 150 }, 3, false],
		// A few are lost in each run, as with customers.
		[{ devices: 2500, devicesBefore: 2550, largestDeviceCount: 5001 }, 3, true],
		[{ devices: 2500, devicesBefore: 2550, largestDeviceCount: 5000 }, 3, false],
		[{ devices: 2500, devicesBefore: 2550, largestDeviceCount: 5001 }, 100, false],
	])('%j above %i %% → %j', (changes, stopWhenDevicesDropPercent, stops) => {
		const tripped = trippedCheck(options({ stopWhenDevicesDropPercent }), {
			counts: numbers(changes),
			comparedCustomers: judged(0, 0),
		});
		expect(tripped !== undefined).toBe(stops);
	});

	test('are reported with numbers, changed customers as examples, the limit and what to do', () => {
		expect(
			trippedCheck(options(), { counts: numbers({ devices: 4488 }), comparedCustomers: judged(1000, 410) }),
		).toEqual({
			code: 'TOO_FEW_DEVICES',
			reason: shows(
				"512 of 5,000 devices of the last run are in no row, above the limit of 3 % in 'Stop When Devices Drop (%)'.",
				'上次的 5000 台设备中有 512 台已不在任何数据行中，超过 Stop When Devices Drop (%) 的上限 3 %',
			),
			examples: shows(
				"New or changed: 'user_0', 'user_1', 'user_2', 'user_3', 'user_4' and others",
				'新增或有变化的客户：user_0、user_1、user_2、user_3、user_4 等',
			),
			advice: shows('Check the query and its joins', '检查查询及其 JOIN'),
		});
	});

	test.each<[Partial<Rows>, number, boolean]>([
		[{ productsFound: 20 }, 3, false],
		[{ productsFound: 19 }, 3, true],
		[{ productsFound: 19 }, 100, false],
		[{ productsFound: 25 }, 3, false],
		// The missing product may be in rows without a readable device.
		[{ productsFound: 19, unnamed: 20 }, 3, false],
		[{ productsFound: 19, unnamed: 19 }, 3, true],
	])('or a missing product name: %j above %i %% → %j', (changes, limit, stops) => {
		const tripped = trippedCheck(options({ stopWhenDevicesDropPercent: limit }), {
			counts: numbers(changes),
			comparedCustomers: judged(0, 0),
		});
		expect(tripped !== undefined).toBe(stops);
		if (tripped !== undefined) {
			expect(englishOf(tripped.reason)).toMatch(
				/^Missing from the rows: 1 of 20 product names with at least 20 devices/,
			);
		}
	});

	test('and changed customers are named as examples, if there are any', () => {
		const missing = numbers({ productsFound: 19 });
		expect(trippedCheck(options(), { counts: missing, comparedCustomers: judged(1000, 410) })).toMatchObject({
			code: 'TOO_FEW_DEVICES',
			examples: shows("New or changed: 'user_0', 'user_1', 'user_2', 'user_3', 'user_4' and others"),
			advice: shows('Check the query, its joins and the column of the product name'),
		});
		expect(trippedCheck(options(), { counts: missing, comparedCustomers: judged(500, 0) })!.examples).toEqual(
			shows('', ''),
		);
	});
});

describe('A lost state', () => {
	test.each([
		['STATE_LOST', /^The sync state is lost: /],
		['OTHER_VERSION', /^Another version of this package left the sync state, /],
	] as const)('is reported, with what sending would cost: %s', (code, reason) => {
		const tripped = SafetyChecks.checkUnreadableState(code, 20)!;
		expect(englishOf(tripped.reason)).toMatch(reason);
		expect(englishOf(tripped.advice)).toMatch(/would be sent once: look at a Dry Run first$/);
		expectReadable(SafetyChecks.makeStop([tripped], 'q3BzX0yAf9LmK2dV'));
	});
});

test('A state of another version needs no approval for fewer than 20 customers; a lost state always does', () => {
	expect(SafetyChecks.checkUnreadableState('OTHER_VERSION', 19)).toBeUndefined();
	expect(SafetyChecks.checkUnreadableState('STATE_LOST', 19)).toBeDefined();
});

describe('A stop', () => {
	const tripped = trippedCheck(options(), { counts: numbers(), comparedCustomers: judged(1000, 996) })!;

	test('says what to do, names the plan, and that nothing has changed', () => {
		const failure = SafetyChecks.makeStop([tripped], 'q3BzX0yAf9LmK2dV');
		expectReadable(failure);
		expect(failure).toMatchObject({
			code: 'TOO_MANY_CHANGES',
			outcome: 'NOT_SENT',
			scope: 'run',
			planId: 'q3BzX0yAf9LmK2dV',
			advice:
				"New or changed: 'user_0', 'user_1', 'user_2', 'user_3', 'user_4' and others. Correct the mapping or the rows. If this is meant, set 'Approved Plan' under 'Safety Checks' to q3BzX0yAf9LmK2dV and run again (in a published workflow, publish it first). To allow as much in every run, raise that limit. The sync state is unchanged",
		});
		expect(inWords(failure, 'everything')).toBe(
			"996 of 1,000 customers are new or changed, above the limit of 50 % in 'Stop Above (% Changed)'. Nothing was sent.",
		);
	});

	test('names every check that tripped, with the advice of the first one', () => {
		const rows = {
			...NOTHING_COMPARED,
			counts: numbers({ devices: 4488 }),
			comparedCustomers: judged(1000, 996),
		};
		const [first, ...further] = new SafetyChecks(options()).findTripped(rows);
		const failure = SafetyChecks.makeStop([first!, ...further], 'q3BzX0yAf9LmK2dV');
		expectReadable(failure);
		expect(failure).toMatchObject({
			code: 'TOO_FEW_DEVICES',
			reason:
				"512 of 5,000 devices of the last run are in no row, above the limit of 3 % in 'Stop When Devices Drop (%)'. 996 of 1,000 customers are new or changed, above the limit of 50 % in 'Stop Above (% Changed)'.",
		});
		expect(englishOf(failure.advice)).toMatch(
			/^New or changed: 'user_0', 'user_1', 'user_2', 'user_3', 'user_4' and others\. Check the query .*run again \(/,
		);
	});

	test('names no customer in a hint', () => {
		const failure = SafetyChecks.makeStop([tripped], 'q3BzX0yAf9LmK2dV', { isAnyPlanApproved: true });
		for (const place of ['hint', 'nameless'] as const) {
			const texts = [...write(failure.advice, place), ...write(failure.reason, place)];
			expect(texts.join(' ')).not.toMatch(/user_|Changed: |有变化的客户/);
		}
	});

	test('says that the last run was stopped by the same check, if no plan was approved', () => {
		const failure = SafetyChecks.makeStop([tripped], 'q3BzX0yAf9LmK2dV', { isSameCheckAgain: true });
		expectReadable(failure);
		expect(englishOf(failure.advice)).toMatch(
			/^The same check stopped the run again, and 'Approved Plan' is empty: .* published\. New or changed/,
		);
		const approved = { isSameCheckAgain: true, isAnyPlanApproved: true };
		expect(englishOf(SafetyChecks.makeStop([tripped], 'q3BzX0yAf9LmK2dV', approved).advice)).not.toContain(
			'The same check',
		);
	});

	test('says that another plan was approved', () => {
		const failure = SafetyChecks.makeStop([tripped], 'q3BzX0yAf9LmK2dV', { isAnyPlanApproved: true });
		expectReadable(failure);
		expect(englishOf(failure.advice)).toMatch(
			/^Rows or sync state have changed since the approved plan\. New or changed/,
		);
	});
});

describe('The id of a plan', () => {
	const id = planIds.make([['1'], ['a', 'b'], ['w']]);

	test('has letters and digits only, and does not depend on the order of the rows', () => {
		expect(id).toMatch(/^[A-Za-z0-9]{16}$/);
		expect(planIds.make([['1'], ['b', 'a'], ['w']])).toBe(id);
		for (let state = 0; state < 200; state++) {
			expect(planIds.make([[String(state)]])).toMatch(/^[A-Za-z0-9]{16}$/);
		}
	});

	test.each<[string, string]>([
		['another row', planIds.make([['1'], ['a', 'c'], ['w']])],
		['a row less', planIds.make([['1'], ['a'], ['w']])],
		['another customer withheld', planIds.make([['1'], ['a', 'b'], ['v']])],
		['a customer withheld that could be sent', planIds.make([['1'], ['a'], ['b', 'w']])],
		['another sync state', planIds.make([['2'], ['a', 'b'], ['w']])],
	])('is another one with %s', (_, other) => {
		expect(other).not.toBe(id);
	});
});

test('Product names with 20 devices are stored for the next run, except empty ones, and none if there are more than 200', () => {
	const products = new Map([
		['Lock', 20],
		['Lamp', 19],
		['', 40],
	]);
	expect(frequentProductNames(products)).toEqual(['Lock']);
	const many = (count: number) => new Map(Array.from({ length: count }, (_, index) => [`Lock ${index}`, 20]));
	expect(frequentProductNames(many(200))).toHaveLength(200);
	expect(frequentProductNames(many(201))).toEqual([]);
});

test.each<[string, boolean, named: number, unnamed: number]>([
	['no names at all', false, 0, 0],
	['names of 200 products', true, 200, 0],
	['names of 201 products, which look like serial numbers', false, 201, 0],
	['19 devices without a name', true, 3, 19],
	['20 devices without a name', false, 3, 20],
])('Product names look like product lines: %s: %j', (_, isLikely, named, unnamed) => {
	const products = new Map(Array.from({ length: named }, (_entry, index) => [`Lock ${index}`, 20]));
	if (unnamed > 0) {
		products.set('', unnamed);
	}
	expect(SafetyChecks.areProductLines(products)).toBe(isLikely);
});

test.each(['abc123', ' abc123 ', 'abc123.', 'abc123。', '"abc123"', '「abc123」', 'abc123\n'])(
	'The plan ID in %j is found',
	(text) => expect(planIds.findIn(text)).toBe('abc123'),
);

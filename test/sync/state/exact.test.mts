import { asStop } from '../../../nodes/TencentCloudIot/sync/stop';
import { describe, expect, test } from '@jest/globals';
import { englishOf } from '../../support/texts.mts';
import { Shop, shopOf, type Rows } from './shop.mts';

const CHECKS = { stopAbovePercent: 20, stopWhenDevicesDropPercent: 3, approvedPlan: '' };

/** A shop whose checks are those of a new node, after a run with these rows. */
async function shopWith(rows: Rows): Promise<Shop> {
	const shop = new Shop();
	shop.settings = { checks: CHECKS };
	await shop.run(rows);
	shop.wait(60);
	return shop;
}

/** The customers of these ranges. */
const rowsOfRanges = (...ranges: Array<readonly [count: number, first: number]>): Rows => ({
	customers: new Map(ranges.flatMap(([count, first]) => [...shopOf(count, first)])),
});

const hundred = rowsOfRanges([100, 0]);

describe('Missing customers count as missing, however many are new', () => {
	test('25 of 100 customers are gone and 16 new: the run is stopped', async () => {
		const shop = await shopWith(hundred);
		const { blocked, report } = await shop.run(rowsOfRanges([75, 25], [16, 100]));
		expect(blocked?.code).toBe('TOO_FEW_CUSTOMERS');
		expect(englishOf(blocked?.reason)).toContain(
			'25 of 100 customers are missing from the rows, above the limit of 20 %',
		);
		expect(report.Plan).toMatchObject({ New: 16, Changed: 0, Missing: 25, CustomersNow: 91 });
	});

	test('30 of 100 are gone and 30 new: the form says 30 new, 0 changed, 30 missing', async () => {
		const shop = await shopWith(hundred);
		const { report } = await shop.run(rowsOfRanges([70, 30], [30, 100]));
		expect(report.Plan).toMatchObject({ New: 30, Changed: 0, Missing: 30 });
		expect(report.Plan?.Text).toContain('30 new, 0 changed, 30 missing');
	});

	test('all have other ids: all are missing', async () => {
		const shop = await shopWith(hundred);
		const renamed = Array.from(hundred.customers, ([id, devices]) => [`x${id}`, devices] as const);
		const { report, blocked } = await shop.run({ customers: new Map(renamed) });
		expect(englishOf(blocked?.reason)).toContain('100 of 100 customers are missing from the rows');
		expect(report.Plan).toMatchObject({ New: 100, Missing: 100, MovedDevices: 100 });
	});

	const deviceIds = (first: number, count: number) =>
		Array.from({ length: count }, (_, index) => `P/D${first + index}`);

	/** The rows of 300 devices of 21 customers: the large customer has lost its first devices, and got as many new ones. */
	const rowsWithLost = (lostCount: number): Rows => ({
		customers: new Map([
			['large', [...deviceIds(lostCount, 100 - lostCount), ...deviceIds(1000, lostCount)]],
			...Array.from({ length: 20 }, (_, at) => [`c${at}`, deviceIds(100 + 10 * at, 10)] as const),
		]),
	});

	test.each([
		['all rows of the customer can be read', 0],
		['60 rows of other customers name a device that cannot be read', 60],
	])('57 of 300 devices are gone and 57 new, %s: the run is stopped', async (_, unreadableDeviceRowCount) => {
		const shop = await shopWith(rowsWithLost(0));
		const namedDevices = { deviceCount: 300, deviceCountByProduct: new Map(), unreadableDeviceRowCount };
		const { blocked } = await shop.run(rowsWithLost(57), { settings: { namedDevices } });
		expect(blocked?.code).toBe('TOO_FEW_DEVICES');
		expect(englishOf(blocked?.reason)).toMatch(
			/^57 of 300 devices of the last run are in no row, above the limit of 3 %/,
		);
	});
});

describe('The cause decides the advice', () => {
	test('20 mistyped DeviceIds of 600 withhold their 20 customers; the others are sent, and the rows are named', async () => {
		const shop = await shopWith(rowsOfRanges([600, 0]));
		const withheld = new Map([...shopOf(20)].map(([id]) => [id, []]));
		const sendable = new Map([...shopOf(580, 20), ['new', ['P/New']]]);
		const { blocked, sent, report, text } = await shop.run(
			{ customers: sendable, withheld },
			{
				settings: {
					namedDevices: {
						deviceCount: 581,
						deviceCountByProduct: new Map([['Lock', 581]]),
						unreadableDeviceRowCount: 20,
					},
					pushAgainAfterDays: 0,
				},
			},
		);
		expect([blocked, sent]).toEqual([undefined, ['new']]);
		expect(report).toMatchObject({ Health: 'degraded', Withheld: 20, NewlyFailed: 20, Gone: 0 });
		expect(text).toContain("'DeviceId' is empty");
	});

	test('rows without a customer withhold the customers whose devices they name, which therefore are not gone', async () => {
		const shop = await shopWith(hundred);
		const invalid = [...shopOf(30).values()].flat();
		const settings = {
			namedDevices: { deviceCount: 100, deviceCountByProduct: new Map(), invalidDeviceIds: invalid },
		};
		const broken = await shop.run(rowsOfRanges([70, 30]), { settings });
		expect([broken.blocked, broken.report.Gone]).toEqual([undefined, 0]);
		// They come back as the same customers.
		const { blocked, report } = await shop.run(hundred);
		expect([blocked, report.New, report.Moved]).toEqual([undefined, 0, 0]);
	});
});

test('If each run has 15 % fewer customers, the second one is stopped; an approval makes the lower number normal', async () => {
	const shop = await shopWith(hundred);
	expect((await shop.run(rowsOfRanges([85, 0]))).blocked).toBeUndefined();
	shop.wait(60);
	const { blocked } = await shop.run(rowsOfRanges([72, 0]));
	expect(blocked?.code).toBe('TOO_FEW_CUSTOMERS');
	expect(englishOf(blocked?.reason)).toMatch(
		/^The rows have 72 customers; in the last 14 days they had up to 100: a drop above/,
	);
	const approvedPlan = asStop(blocked)?.planId ?? '';
	await shop.run(rowsOfRanges([72, 0]), { settings: { checks: { ...CHECKS, approvedPlan } } });
	expect((await shop.run(rowsOfRanges([62, 0]))).blocked).toBeUndefined();
	expect((await shop.run(rowsOfRanges([52, 0]))).blocked?.code).toBe('TOO_FEW_CUSTOMERS');
});

describe('Customers that a manual run has left out', () => {
	const half = rowsOfRanges([50, 50]);
	const leftOut = [...shopOf(50).keys()];
	const noChecks = { stopAbovePercent: 100, stopWhenDevicesDropPercent: 100, approvedPlan: '' };

	test.each<[what: string, rows: Rows, gone: number]>([
		['count as missing once if they still have no device', { ...half, leftOut }, 0],
		['do not count as missing again if they leave the rows', { ...half, leftOut: leftOut.slice(15) }, 15],
	])('%s, and are reported', async (_, rows, gone) => {
		const shop = await shopWith(hundred);
		await shop.run({ ...half, leftOut }, { isManual: true, settings: { checks: noChecks } });
		const { blocked, report } = await shop.run(rows, {
			settings: { checks: { ...CHECKS, stopAbovePercent: 50 } },
		});
		expect(blocked?.code).toBeUndefined();
		expect(report).toMatchObject({ Gone: gone, NoLongerWithDevices: 50 - gone });
	});
});

test('A number of customers that was normal more than 14 days ago stops no run', async () => {
	const shop = await shopWith(hundred);
	await shop.run(rowsOfRanges([85, 0]));
	shop.wait(13 * 1440);
	expect((await shop.run(rowsOfRanges([72, 0]))).blocked?.code).toBe('TOO_FEW_CUSTOMERS');
	shop.wait(1440);
	expect((await shop.run(rowsOfRanges([72, 0]))).blocked).toBeUndefined();
});

test('A number of customers from a day in the future, which a wrong clock noted, stops no run', async () => {
	const shop = await shopWith(rowsOfRanges([85, 0]));
	shop.wait(30 * 1440);
	expect((await shop.run(hundred)).blocked).toBeUndefined();
	expect((await shop.run(rowsOfRanges([85, 0]))).blocked).toBeUndefined();
	shop.wait(-30 * 1440);
	expect((await shop.run(rowsOfRanges([72, 0]))).blocked).toBeUndefined();
});

describe('A stop is over when a run has passed the checks', () => {
	const few = rowsOfRanges([50, 0]);

	test('not when the source returns nothing once; the message names the minute of the stop', async () => {
		const shop = await shopWith(hundred);
		shop.wait(17);
		const stopped = new Date(shop.node.clock.nowMs()).toISOString().slice(5, 16).replace('T', ' ');
		expect((await shop.run(few)).news).toBe(true);
		shop.wait(60);
		const emptyRun = await shop.runWithout();
		expect(emptyRun.text).not.toContain('is over');
		shop.wait(60);
		expect((await shop.run(few)).text).not.toContain('is over');
		shop.wait(60);
		const { text, news } = await shop.run(hundred);
		expect([news, text.includes(`the stop reported at ${stopped} is over`)]).toEqual([true, true]);
		expect((await shop.run(hundred)).text).not.toContain('is over');
	});

	test.each(['STATE_LOST', 'OTHER_VERSION'])('whatever its code: %s', async (code) => {
		const shop = await shopWith(hundred);
		if (code === 'STATE_LOST') {
			shop.node.memory.parts = [];
		} else {
			const [part] = shop.node.memory.parts;
			part!.content = Buffer.from('another format').toString('base64');
		}
		const { blocked } = await shop.run(hundred);
		expect(blocked?.code).toBe(code);
		const approvedPlan = asStop(blocked)?.planId ?? '';
		const { text } = await shop.run(hundred, { settings: { checks: { ...CHECKS, approvedPlan } } });
		expect(text).toContain('is over: nobody needs to approve or reject its plan any more');
	});

	test('an approved run sends as many requests as its plan has', async () => {
		const shop = await shopWith(hundred);
		const changed = new Map(
			[...hundred.customers].map(([id, devices], at) => [id, at < 30 ? [`Q/${id}`] : devices]),
		);
		await shop.node.die({}, {});
		const { blocked, planned } = await shop.run({ customers: changed });
		expect([blocked?.code, planned]).toEqual(['TOO_MANY_CHANGES', 30]);
		const approved = { ...CHECKS, approvedPlan: asStop(blocked)?.planId ?? '' };
		expect((await shop.run({ customers: changed }, { settings: { checks: approved } })).sent).toHaveLength(
			30,
		);
	});
});

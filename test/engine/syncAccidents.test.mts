import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { errorOf } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

/** 200 customers in five regions with 5 devices each, of 20 product lines: of the first 25 devices, of the others 50 or more. */
const rows = Array.from({ length: 1000 }, (_, index): IDataObject => {
	const customer = Math.floor(index / 5);
	const line = index % 40 === 0 ? 0 : 1 + (index % 19);
	return {
		CustomerId: `c${customer}`,
		CustomerDeviceNo: `SN-${index}`,
		DeviceId: `P${line}/D${index}`,
		ProductName: `Line ${line}`,
		Region: `R${customer % 5}`,
		Contract: index % 7 === 3 ? undefined : `K-${index}`,
	};
});

const without = (...lines: number[]) =>
	rows.filter(({ ProductName }) => !lines.some((line) => ProductName === `Line ${line}`));

const wrongJoin = rows.map((row, index) => ({
	...row,
	CustomerId: rows[(index + 5) % rows.length]!.CustomerId,
}));

const ACCIDENTS: Array<[string, string, IDataObject[]]> = [
	['one of 20 product lines is gone', 'TOO_FEW_DEVICES', without(0)],
	['two of 20 product lines are gone', 'TOO_FEW_DEVICES', without(1, 2)],
	['three of 20 product lines are gone', 'TOO_FEW_DEVICES', without(1, 2, 3)],
	['a LIMIT cuts the rows off', 'TOO_FEW_DEVICES', rows.slice(0, 900)],
	['an INNER JOIN stands for a LEFT JOIN', 'TOO_FEW_DEVICES', rows.filter(({ Contract }) => Contract)],
	['one region is gone', 'TOO_FEW_DEVICES', rows.filter(({ Region }) => Region !== 'R3')],
	['only one region is left', 'TOO_FEW_CUSTOMERS', rows.filter(({ Region }) => Region === 'R3')],
	[
		'the devices of many are NULL',
		'TOO_FEW_CUSTOMERS',
		rows.map((row, index) => (index % 8 === 0 ? { ...row, DeviceId: null } : row)),
	],
	['DISTINCT ON leaves one device of each', 'TOO_FEW_DEVICES', rows.filter((_, index) => index % 5 === 0)],
	['a wrong join gives each the devices of another one', 'TOO_MANY_CHANGES', wrongJoin],
	[
		'the devices of half of them moved to the neighbour',
		'TOO_MANY_CHANGES',
		[...wrongJoin.slice(0, 500), ...rows.slice(500)],
	],
	[
		'two columns are swapped',
		'TOO_MANY_CHANGES',
		rows.map((row) => ({ ...row, ProductName: row.CustomerDeviceNo, CustomerDeviceNo: row.ProductName })),
	],
];

const codesOf = (error: ReadonlyArray<Parameters<typeof errorOf>[0]>) =>
	error.map((item) => errorOf(item)?.code);

test.each(ACCIDENTS)(
	'Where %s nothing is sent (%s), also after a run that was killed.',
	async (...accident) => {
		const [, code, broken] = accident;
		const { sync, interrupt } = await syncTimeline();
		await sync(rows);
		const stopped = await sync(broken);
		expect([stopped.sent, codesOf(stopped.error)]).toEqual([[], [code]]);
		await interrupt();
		for (let run = 0; run < 2; run++) {
			const again = await sync(broken);
			expect([again.sent, codesOf(again.error)]).toEqual([[], [code]]);
		}
		const repaired = await sync(rows);
		expect([repaired.sent.length, repaired.error]).toEqual([200, []]);
	},
);

const leftJoin = Array.from({ length: 100 }, (_, index): IDataObject => {
	const device = { CustomerDeviceNo: `SN-${index}`, DeviceId: `P/D${index}`, ProductName: 'Lock' };
	const none = { CustomerDeviceNo: null, DeviceId: null, ProductName: null };
	return { CustomerId: `c${index}`, ...(index < 40 ? device : none) };
});

test('Where 60 of 100 customers have no device, Sync runs each time, and stops when others lose theirs.', async () => {
	const { sync } = await syncTimeline();
	expect((await sync(leftJoin)).sent).toHaveLength(40);
	const again = await sync(leftJoin);
	expect([again.sent, again.error.length]).toEqual([[], 60]);
	const leaveOut = { rowHandling: { rowsWithoutDevice: 'leaveOut' } };
	const chosen = await sync(leftJoin, { outputItemPer: 'run' }, leaveOut);
	expect([chosen.sent, chosen.error]).toEqual([[], []]);
	expect(chosen.success[0]?.json).toMatchObject({
		Health: 'ok',
		...{ Customers: 100, Unchanged: 40, WithoutDevice: 60 },
		NoLongerWithDevices: 0,
		Summary: 'Sync is ok: 0 of 40 customers needed a push, all are up to date.',
	});
	expect(chosen.hints[0]?.message).toContain('60 customers without a device left out');
	const lost = leftJoin.map((one, index) =>
		index < 30 ? { ...leftJoin[99], CustomerId: `c${index}` } : one,
	);
	for (const run of [{}, leaveOut]) {
		const { sent, error } = await sync(lost, {}, run);
		expect([sent, codesOf(error)]).toEqual([[], ['TOO_FEW_CUSTOMERS']]);
	}
});

test('A device counts once, in however many rows and however valid they are: bad rows, and their correction, stop nobody.', async () => {
	const { sync } = await syncTimeline();
	const good = leftJoin.slice(0, 40);
	const doubled = [...good, ...good.slice(0, 30).map((one) => ({ ...one, ProductName: '' }))];
	expect((await sync(doubled)).sent).toHaveLength(10);
	const corrected = await sync(good);
	expect([corrected.sent.length, corrected.error]).toEqual([30, []]);
	const cells = { CustomerDeviceNo: 'SN', DeviceId: 'P/L', ProductName: 'Lock' };
	const list = (count: number) => Array.from({ length: count }, (_, index) => index);
	const several = (isBad: boolean) => ({
		CustomerId: 'many',
		CustomerDeviceNo: list(40)
			.map((index) => (isBad && index === 7 ? 'null' : `SN-L${index}`))
			.join(),
		DeviceId: list(40)
			.map((index) => `${cells.DeviceId}${index}`)
			.join(),
		ProductName: 'Lock',
	});
	const split = { rowHandling: { severalDevices: 'split' } };
	await sync([...good, several(false)], {}, split);
	const changed = good.map((one, index) => (index === 3 ? { ...one, CustomerDeviceNo: 'new' } : one));
	const { sent, error } = await sync([...changed, several(true)], {}, split);
	expect([sent, codesOf(error)]).toEqual([['c3'], ['INVALID_ROWS']]);
});

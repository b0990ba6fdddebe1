import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { errorOf } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

/** 200 customers in five regions with 5 devices each, of 20 product lines. */
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

const wrongJoin = rows.map((row, index) => ({
	...row,
	CustomerId: rows[(index + 5) % rows.length]!.CustomerId,
}));

/** The thresholds of each check are in a table of test/sync/; these are accidents with the rows of a CRM. */
const ACCIDENTS: Array<[what: string, code: string, broken: IDataObject[]]> = [
	[
		'one product line is gone',
		'TOO_FEW_DEVICES',
		rows.filter((wholeRow) => wholeRow.ProductName !== 'Line 0'),
	],
	['an INNER JOIN replaced a LEFT JOIN', 'TOO_FEW_DEVICES', rows.filter(({ Contract }) => Contract)],
	['only one region is left', 'TOO_FEW_CUSTOMERS', rows.filter(({ Region }) => Region === 'R3')],
	['a wrong join gives each customer the devices of another', 'TOO_MANY_CHANGES', wrongJoin],
];

const codesOf = (error: ReadonlyArray<Parameters<typeof errorOf>[0]>) =>
	error.map((item) => errorOf(item)?.code);

test('Sync sends nothing after any of these accidents with the rows, even after a run that was killed.', async () => {
	const { sync, interrupt } = await syncTimeline();
	await sync(rows);
	for (const isKilled of [false, true]) {
		if (isKilled) {
			await interrupt();
		}
		for (const [accident, code, broken] of ACCIDENTS) {
			const { sent, error } = await sync(broken);
			expect([accident, sent, codesOf(error)]).toEqual([accident, [], [code]]);
		}
	}
	const repaired = await sync(rows);
	// The killed run had sent nothing.
	expect([repaired.sent.length, repaired.error]).toEqual([0, []]);
});

const leftJoin = Array.from({ length: 100 }, (_, index): IDataObject => {
	const device = { CustomerDeviceNo: `SN-${index}`, DeviceId: `P/D${index}`, ProductName: 'Lock' };
	const none = { CustomerDeviceNo: null, DeviceId: null, ProductName: null };
	const columns = index < 40 ? device : none;
	return { CustomerId: `c${index}`, ...columns };
});

test('Sync runs although 60 of 100 customers have no device, and stops when others lose theirs.', async () => {
	const { sync } = await syncTimeline();
	expect((await sync(leftJoin)).sent).toHaveLength(40);
	const again = await sync(leftJoin);
	expect([again.sent, again.error.length]).toEqual([[], 60]);
	const leaveOut = { rowHandling: { rowsWithoutDevice: 'leaveOut' } };
	const chosen = await sync(leftJoin, { outputItemPer: 'run' }, leaveOut);
	expect([chosen.sent, chosen.error]).toEqual([[], []]);
	expect(chosen.success[0]?.json).toMatchObject({
		Health: 'ok',
		Customers: 100,
		Unchanged: 40,
		WithoutDevice: 60,
		NoLongerWithDevices: 0,
		Summary: 'Sync is ok: 0 of 40 customers needed a push, all are up to date.',
	});
	expect(chosen.hints[0]?.message).toContain('60 customers left out: no device');
	const lost = leftJoin.map((wholeRow, index) =>
		index < 30 ? { ...leftJoin[99], CustomerId: `c${index}` } : wholeRow,
	);
	const stopped = await sync(lost, {}, leaveOut);
	expect([stopped.sent, codesOf(stopped.error)]).toEqual([[], ['TOO_FEW_CUSTOMERS']]);
	// Invalid rows do not stop other customers.
	const withheld = await sync(lost);
	expect([withheld.sent, new Set(codesOf(withheld.error))]).toEqual([[], new Set(['INVALID_ROWS'])]);
});

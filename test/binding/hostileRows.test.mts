import { describe, expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { pushedSheet } from '../support/pushedSheet.mts';
import { group, type Cells } from '../support/rows.mts';

const BROKEN = '\uFFFD';
const customers = (count: number, device = (index: number) => `P/${index}`) =>
	Array.from({ length: count }, (_, index): Cells => [`u${100_000 + index}`, device(index)]);

/** The CPU time of this thread in milliseconds, which other work on the machine hardly affects. */
function timeOf(work: () => unknown): number {
	const start = process.threadCpuUsage();
	work();
	const { user, system } = process.threadCpuUsage(start);
	return (user + system) / 1000;
}

/** The first measurement may include compiling a function or the garbage of another test. */
const LOOKS = 3;

/** Sheets of a given number of rows, in which each row concerns each customer. */
const SHEETS: ReadonlyArray<[what: string, sheet: (count: number) => Cells[]]> = [
	[
		"each row may be any customer's",
		(count) => [
			...customers(count),
			...Array.from({ length: count }, (_, index): Cells => [`u1${BROKEN.repeat(5)}`, `Q/${index}`]),
		],
	],
	[
		'each row is a list that may mean every customer',
		(count) => [
			...customers(count),
			...Array.from(
				{ length: count },
				(_, index): Cells => [[`u1${BROKEN.repeat(5)}`, `x${index}`], `Q/${index}`],
			),
		],
	],
	[
		"each row may be any customer's, and names the one device of all",
		(count) => [
			...customers(count, () => 'P/1'),
			...Array.from({ length: count }, (): Cells => [`u1${BROKEN.repeat(5)}`, 'P/1']),
		],
	],
	[
		'each row is of another customer, and names the one device of all',
		(count) => [
			...customers(count, () => 'P/1'),
			...customers(count, () => 'P/1').map(([id, device]): Cells => [`${String(id)}\u200b`, device]),
		],
	],
	[
		'each id is a different number that lost digits',
		(count) => [
			...Array.from({ length: count }, (_, index): Cells => [String(10_000_000 + index), `P/${index}`]),
			...Array.from(
				{ length: count },
				(_, index): Cells => [`1.${String(index).padStart(6, '0')}E+7`, `Q/${index}`],
			),
		],
	],
];

describe('One sheet takes about as long as ten sheets with a tenth of its rows, if', () => {
	test.each(SHEETS)('%s', (_what, sheet) => {
		const few = sheet(200);
		const many = sheet(2_000);
		const groupTen = () => {
			for (let times = 0; times < 10; times++) {
				group(few);
			}
		};
		// If each row were compared with each customer, it would take ten times as long.
		const most = 4;
		let ratio = Infinity;
		for (let look = 0; look < LOOKS && ratio >= most; look++) {
			const ten = timeOf(groupTen);
			ratio = timeOf(() => group(many)) / ten;
		}
		expect(ratio).toBeLessThan(most);
	});
});

const names = Array.from({ length: 20_000 }, (_, index) => `d${index}`);

test('Cells of any length and type are read, and read fast', () => {
	const n = 50_000;
	const cells = [
		`1.${'1'.repeat(300)}E+300`,
		`1.${'1'.repeat(n)}E+${'9'.repeat(n)}`,
		`a${'-'.repeat(n)}a`,
		`"${'"'.repeat(n)}a`,
		`${BROKEN.repeat(n)}a${BROKEN.repeat(n)}`,
		`${`a${BROKEN}`.repeat(n)}`,
		`${'.0'.repeat(n)}1`,
		`${'#A'.repeat(n)}`,
		`${'[object a'.repeat(n)}`,
		`${'1,'.repeat(n)}`,
		'0'.repeat(n),
		Array.from({ length: n }, (_, index) => `x${index}`),
	];
	const table = [['user_1', 'P/1'] as const, ...cells.map((cell, index): Cells => [cell, `Q/${index}`])];
	const start = process.threadCpuUsage();
	const { customers } = group(table);
	expect(process.threadCpuUsage(start).user / 1_000_000).toBeLessThan(5);
	const sent = customers.filter(({ findings }) => findings.length === 0);
	expect(sent.map(({ customerId }) => customerId)).toEqual(['user_1']);
});

describe('A row is read fast that has', () => {
	// Each once took 1 to 14 seconds with a part of the largest request that n8n accepts.
	test.each<[what: string, cells: IDataObject]>([
		['a cell of megabytes that may name a column', { CustomerId: '\uFDFA'.repeat(3_000_000) }],
		['names of devices beside a product of megabytes', { 产品ID: '王'.repeat(500_000), 设备名称: names }],
		['products beside a name of megabytes', { 产品ID: names, 设备名称: '王'.repeat(500_000) }],
		['megabytes of empty lines in place of a device', { 设备ID: '\n'.repeat(5_000_000) }],
	])('%s', async (_what, cells) => {
		const row = { CustomerId: 'KH1', CustomerDeviceNo: 'SN1', ProductName: 'Lock', ...cells };
		const device = 'CustomerId' in cells ? { DeviceId: 'P/1' } : {};
		const start = process.threadCpuUsage();
		const { sent } = await pushedSheet([{ ...row, ...device }], undefined, {});
		const { user, system } = process.threadCpuUsage(start);
		expect(sent).toEqual({});
		expect((user + system) / 1000).toBeLessThan(300);
	});
});

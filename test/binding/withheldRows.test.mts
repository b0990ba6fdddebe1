import { describe, expect, test } from '@jest/globals';
import { CustomerGroups } from '../../nodes/TencentCloudIot/binding/customers';
import { RowReader } from '../../nodes/TencentCloudIot/binding/row';
import { group, inShort, type Cells } from '../support/rows.mts';

describe('A row that lists several devices', () => {
	const groupSplit = (table: readonly Cells[]) => {
		const reader = new RowReader({
			unusualCustomerIds: 'allow',
			phoneIds: 'refuse',
			severalDevices: 'split',
		});
		const groups = new CustomerGroups('nobody');
		table.forEach(([CustomerId, DeviceId, CustomerDeviceNo = '1', ProductName = 'Lock'], itemIndex) => {
			const cells = { CustomerId, DeviceId, CustomerDeviceNo, ProductName };
			for (const row of [reader.read(itemIndex, (field) => cells[field])].flat()) groups.add(row);
		});
		const grouped = groups.finish('refuse');
		// A row is bad for each of its devices.
		const customers = inShort(grouped).customers.map(({ bad, ...others }) => ({
			...others,
			bad: [...new Set(bad)].sort(),
		}));
		return { grouped, customers };
	};

	test('is withheld with all of them where one is under another customer, too', () => {
		const { grouped, customers } = groupSplit([
			['a', 'P/1,P/2', '1,2'],
			['a', 'P/3'],
			['b', 'P/2', '2'],
			['c', 'P/4,P/5', '4,5'],
		]);
		expect(customers).toEqual([
			{ customerId: 'a', devices: [['P/3', 1]], bad: [0] },
			{ customerId: 'b', devices: [], bad: [2] },
			{
				customerId: 'c',
				devices: [
					['P/4', 3],
					['P/5', 3],
				],
				bad: [],
			},
		]);
		expect(grouped.customers[0]!.findings).toContainEqual({
			itemIndex: 0,
			field: 'DeviceId',
			code: 'shared',
			facts: { customer: 'b', row: 2 },
		});
	});

	test('is withheld with all of them where another row describes one differently', () => {
		const { customers } = groupSplit([
			['a', 'P/1,P/2', '1,2'],
			['a', 'P/2', '3'],
			['a', 'P/1', '1'],
		]);
		expect(customers).toEqual([{ customerId: 'a', devices: [], bad: [0, 1, 2] }]);
	});
});

describe('A row that may be of several customers', () => {
	/** Customers whose ids differ in one character, and a row whose id has lost it. */
	const table = (customers: number, lost: number): Cells[] => [
		...Array.from(
			{ length: customers },
			(_, index): Cells => [`id${String.fromCharCode(97 + index)}x`, `P/${index}`],
		),
		...Array.from({ length: lost }, (_, index): Cells => ['id\uFFFDx', `P/lost${index}`]),
	];

	test('withholds each of them, with its finding once, and counts for the first', () => {
		const { customers } = group(table(3, 1));
		expect(customers.map(({ badItemIndexes }) => badItemIndexes)).toEqual([[3], [], []]);
		const rowsOf = customers.map(({ findings }) => findings.map(({ itemIndex }) => itemIndex));
		expect(rowsOf).toEqual([[3], [3], [3]]);
	});

	test('gives its finding to the others for at most 20 rows', () => {
		const { customers } = group(table(2, 25));
		expect(customers.map(({ findings }) => findings.length)).toEqual([25, 20]);
	});
});

test('A customer without a device can be left out, unless another row names it.', () => {
	const { customers } = group([
		['a', null, null, ''],
		['b', null, null, ''],
		['b', 'P/1'],
		['c', '', '', ''],
		['c', 'P'],
		['d', '', '', ''],
		['d', '', '', ''],
	]);
	expect(customers.map(({ findings }) => findings.map(({ mend }) => mend))).toEqual([
		Array(3).fill('leaveOut'),
		Array(3).fill(undefined),
		Array(4).fill(undefined),
		Array(6).fill('leaveOut'),
	]);
});

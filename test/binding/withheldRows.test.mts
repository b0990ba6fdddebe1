import { describe, expect, test } from '@jest/globals';
import { CustomerGroups } from '../../nodes/TencentCloudIot/binding/customers';
import { RowReader } from '../../nodes/TencentCloudIot/binding/rowReader';
import { NotSendable } from '../../nodes/TencentCloudIot/service/outcome';
import { finish, group, inShort, rowsOf, type Cells } from '../support/rows.mts';

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
			for (const row of [reader.read(itemIndex, (field) => cells[field])].flat()) {
				groups.add(row);
			}
		});
		const grouped = finish(groups);
		// A bad row counts for each of its devices.
		const customers = inShort(grouped).customers.map(({ bad, ...customer }) => ({
			...customer,
			bad: [...new Set(bad)].sort(),
		}));
		return { grouped, customers };
	};

	test('is withheld with all of them if one is also under another customer', () => {
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
		// The other devices of the row have no finding.
		expect(grouped.customers[0]!.findings).toMatchObject([{ code: 'shared', value: 'P/2', itemIndex: 0 }]);
	});

	test('also withholds the other rows of its devices, and their devices', () => {
		const { grouped, customers } = groupSplit([
			['a', 'P/1,P/2', '1,2'],
			['a', 'P/4,P/5', '4,5'],
			['a', 'P/3,P/4', '3,4'],
			['a', 'P/1,P/3', '1,3'],
			['a', 'P/6', '6'],
			['b', 'P/2', '2'],
		]);
		expect(customers).toEqual([
			{ customerId: 'a', devices: [['P/6', 4]], bad: [0, 1, 2, 3] },
			{ customerId: 'b', devices: [], bad: [5] },
		]);
		expect(grouped.customers[0]!.findings).toMatchObject([
			{ code: 'shared', value: 'P/2', itemIndex: 0 },
			{ code: 'alsoInInvalidRow', value: 'P/1', itemIndex: 3 },
			{ code: 'alsoInInvalidRow', value: 'P/3', itemIndex: 2 },
			{ code: 'alsoInInvalidRow', value: 'P/4', itemIndex: 1 },
		]);
	});

	test('is withheld with all of them if another row describes one differently', () => {
		const { customers } = groupSplit([
			['a', 'P/1,P/2', '1,2'],
			['a', 'P/2', '3'],
			['a', 'P/1', '1'],
		]);
		expect(customers).toEqual([{ customerId: 'a', devices: [], bad: [0, 1, 2] }]);
	});
});

describe('A row that may belong to several customers', () => {
	/** Customers whose ids differ in one character, and a row whose id has lost it. */
	const table = (customers: number, lost: number): Cells[] => [
		...Array.from(
			{ length: customers },
			(_, index): Cells => [`id${String.fromCharCode(97 + index)}x`, `P/${index}`],
		),
		...Array.from({ length: lost }, (_, index): Cells => ['id\uFFFDx', `P/lost${index}`]),
	];

	test('withholds each of them, has one finding, and counts for the first', () => {
		const { customers } = group(table(3, 1));
		expect(customers.map(({ invalidItemIndexes }) => invalidItemIndexes)).toEqual([[3], [], []]);
		const rowsOf = customers.map(({ findings }) => findings.map(({ itemIndex }) => itemIndex));
		expect(rowsOf).toEqual([[3], [3], [3]]);
	});

	test('withholds a customer whose id is part of its own id, with all its findings', () => {
		const { customers } = group([
			['KH0001', 'P/1'],
			['KH0001_2', 'no slash'],
			['z', 'P/2'],
		]);
		const found = customers.map(({ customerId, findings }) => [
			customerId,
			findings.map(({ itemIndex, code }) => `${itemIndex}: ${code}`),
		]);
		expect(found).toEqual([
			['KH0001', ['1: notDeviceId']],
			['KH0001_2', ['1: notDeviceId']],
			['z', []],
		]);
	});

	// Twenty of the customers with the device are compared with the owners of the row. Each is withheld in any case.
	test.each([
		[19, 2],
		[20, 1],
	])('that names a device of %d of them and of a further customer has %d findings', (owners, count) => {
		const customersOf = (length: number) => table(length, 0).map(([id]): Cells => [id, 'P/1']);
		const { customers } = group([...customersOf(owners), ['z', 'P/1'], ['id\uFFFDx', 'P/1']]);
		expect(customers.flatMap(({ devices }) => devices)).toEqual([]);
		const ofRow = customers[0]!.findings.filter(({ itemIndex }) => itemIndex === owners + 1);
		expect(ofRow).toHaveLength(count);
	});

	test('passes its finding on to the other customers for at most 20 rows', () => {
		const { customers } = group(table(2, 25));
		expect(customers.map(({ findings }) => findings.length)).toEqual([25, 20]);
	});
});

test('A customer without a device can be left out, unless another row names it.', () => {
	const rows: Cells[] = [
		['a', null, null, ''],
		['b', null, null, ''],
		['b', 'P/1'],
		['c', '', '', ''],
		['c', 'P'],
		['d', '', '', ''],
		['d', '', '', ''],
	];
	expect(group(rows).customers.map(({ findings }) => findings.map(({ mend }) => mend))).toEqual([
		Array(3).fill('leaveOut'),
		Array(3).fill(undefined),
		Array(4).fill(undefined),
		Array(6).fill('leaveOut'),
	]);
	const groups = new CustomerGroups('nobody', 'leaveOut');
	for (const row of rowsOf(rows)) {
		groups.add(row);
	}
	const { customers, leftOut } = finish(groups);
	expect([...leftOut]).toEqual([
		['a', [0]],
		['d', [5, 6]],
	]);
	const found = customers.map(({ customerId, findings }) => [customerId, findings.length]);
	expect(found).toEqual([
		['b', 3],
		['c', 4],
	]);
	expect(customers.flatMap(({ findings }) => findings.flatMap(({ mend }) => mend ?? []))).toEqual([]);
});

const BROKEN = '\uFFFD';
const OTHERS = ['u100000', 'u100001', 'u100002'].map((id, index): Cells => [id, `P/${index}`]);

/** Different broken ids, each of which may mean the first customer. */
const brokenIds = (count: number) =>
	Array.from({ length: count }, (_, index) =>
		Array.from('u100000', (character, at) => (((index + 1) >> at) & 1 ? BROKEN : character)).join(''),
	);

describe('Customer ids with broken characters:', () => {
	test('up to 20 different ones withhold their candidates', () => {
		const rows = [...OTHERS, ...brokenIds(20).map((id, index): Cells => [id, `Q/${index}`])];
		const { customers: grouped, ownerlessRows } = group(rows);
		expect(grouped.map(({ findings }) => findings.length)).toEqual([20, 0, 0]);
		expect(ownerlessRows).toEqual([]);
	});

	test('one of them may be in any number of rows', () => {
		const rows = [
			...OTHERS,
			...Array.from({ length: 500 }, (_, index): Cells => [`u${BROKEN}`, `Q/${index}`]),
		];
		expect(group(rows).ownerlessRows).toHaveLength(500);
	});

	test('more different ones block the run, with advice', () => {
		const rows = [...OTHERS, ...brokenIds(21).map((id, index): Cells => [id, `Q/${index}`])];
		const refuse = () => group(rows);
		expect(refuse).toThrow(NotSendable);
		expect(refuse).toThrow("More than 20 different values of 'CustomerId' have broken characters.");
		expect(refuse).toThrow(
			expect.objectContaining({
				failure: expect.objectContaining({
					code: 'BROKEN_CUSTOMER_IDS',
					outcome: 'NOT_SENT',
					advice: 'Export the file as UTF-8 and try again',
				}),
			}),
		);
	});

	test('also within one cell', () => {
		expect(() => group([[brokenIds(21), 'P/1']])).toThrow(NotSendable);
	});
});

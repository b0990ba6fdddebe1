import { describe, expect, test } from '@jest/globals';
import { rowNumber } from '../../nodes/TencentCloudIot/input/finding';
import { group, inShort } from '../support/rows.mts';

describe('Rows of the same CustomerId', () => {
	test('are one customer with all its devices, in first-seen order, wherever they stand', () => {
		const grouped = group([
			['b', 'P/1'],
			['a', 'P/2'],
			['b', 'P/3'],
			['a', 'P/4'],
			['b', 'P/5'],
		]);
		expect(inShort(grouped)).toEqual({
			customers: [
				{
					customerId: 'b',
					devices: [
						['P/1', 0],
						['P/3', 2],
						['P/5', 4],
					],
					bad: [],
				},
				{
					customerId: 'a',
					devices: [
						['P/2', 1],
						['P/4', 3],
					],
					bad: [],
				},
			],
			ownerless: [],
		});
		const [customer] = grouped.customers;
		expect(customer?.devices.find(({ info }) => info.DeviceId === 'P/3')).toEqual({
			customer,
			info: { CustomerDeviceNo: '1', DeviceId: 'P/3', ProductName: 'Lock' },
			itemIndex: 2,
		});
	});

	test('are that also as a number and as text, with spaces or without', () => {
		expect(
			inShort(
				group([
					[7, 'P/1'],
					['7', 'P/2'],
					[' 7 ', 'P/3'],
					['07', 'P/4'],
				]),
			).customers,
		).toMatchObject([
			{ customerId: '7', devices: { length: 3 } },
			{ customerId: '07', devices: { length: 1 } },
		]);
	});

	test('are that also where one is bad for an invisible character: the set of devices is incomplete', () => {
		const grouped = group([
			['a\u200bb', 'P/1'],
			['ab', 'P/2'],
			['c\u200bd', 'P/3'],
		]);
		expect(inShort(grouped)).toEqual({
			customers: [
				{ customerId: 'ab', devices: [['P/2', 1]], bad: [0] },
				{ customerId: 'cd', devices: [], bad: [2] },
			],
			ownerless: [],
		});
		const text = 'has the invisible character U+200B: type the value anew';
		expect(grouped.customers[0]?.findings).toEqual([
			{ itemIndex: 0, field: 'CustomerId', value: 'a b', text },
		]);
	});

	test('are not that when case differs', () => {
		expect(
			group([
				['a', 'P/1'],
				['A', 'P/2'],
			]).customers,
		).toHaveLength(2);
	});

	test('may be called like members of every object', () => {
		const ids = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '0', '-1'];
		const grouped = group(
			ids.flatMap((id) => [[id, `${id}/1`] as const, [id, '__proto__/constructor'] as const]),
			'allow',
		);
		expect(grouped.customers.map(({ customerId }) => customerId)).toEqual(ids);
		for (const { devices } of grouped.customers) expect(devices.length).toBe(2);
	});

	test('are no customers where there are no rows', () => {
		expect(group([])).toMatchObject({ customers: [], ownerless: [], remarks: [] });
	});
});

describe('A row that cannot be sent', () => {
	test('is one of the bad rows of its customer, with all its findings', () => {
		const { customers } = group([
			['a', 'P/1'],
			['a', 'none', null, true],
		]);
		expect(customers).toMatchObject([{ customerId: 'a', badItemIndexes: [1], findings: { length: 3 } }]);
		expect(customers[0]?.devices.length).toBe(1);
	});

	test('makes its customer known even if it is the only one', () => {
		expect(inShort(group([['a', '']])).customers).toEqual([{ customerId: 'a', devices: [], bad: [0] }]);
	});

	test('has no owner when its CustomerId cannot be used, and is kept as it is', () => {
		const { customers, ownerless } = group([
			[null, 'P/1'],
			['a', 'P/1'],
			['', 'none'],
		]);
		expect(ownerless.map(({ itemIndex, findings }) => [itemIndex, findings.length])).toEqual([
			[0, 1],
			[2, 2],
		]);
		expect(customers).toMatchObject([{ customerId: 'a', findings: [] }]);
	});
});

test('Rows are counted from 1', () => {
	expect([0, 1, 11].map(rowNumber)).toEqual([1, 2, 12]);
});

import { describe, expect, test } from '@jest/globals';
import { rowNumber } from '../../nodes/TencentCloudIot/input/finding';
import { group, inShort } from '../support/rows.mts';

describe('Rows of the same CustomerId', () => {
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
});

test('Rows are counted from 1', () => {
	expect([0, 1, 11].map(rowNumber)).toEqual([1, 2, 12]);
});

import { expect, test } from '@jest/globals';
import { differingCustomers, expectedBindings } from '../../start/expectedBindings.mts';
import { FIELDS } from '../../start/fields.mts';
import type { ColumnNames } from '../../start/fields.mts';

const columns = Object.fromEntries(FIELDS.map((field) => [field, field])) as ColumnNames;

function row(CustomerId: string, DeviceId: string, CustomerDeviceNo = '1', ProductName = '锁') {
	return { CustomerId, DeviceId, CustomerDeviceNo, ProductName };
}

const expected = (...rows: Array<Partial<Record<string, string>>>) =>
	[...expectedBindings(rows, columns)].map(([id, devices]) => [id, devices.map(({ DeviceId }) => DeviceId)]);

test('A customer has each of its devices once, trimmed', () => {
	expect(expected(row('A', 'P/1'), row('B', 'P/2'), row(' A', 'P/3'), row('A\u3000', 'P/1 '))).toEqual([
		['A', ['P/1', 'P/3']],
		['B', ['P/2']],
	]);
});

test.each([
	['an empty field', row('A', 'P/2', ' ')],
	['a missing field', { CustomerId: 'A', DeviceId: 'P/2' }],
	['a wrong DeviceId', row('A', 'P//2')],
	['half a character', row('A', 'P/2', '\ud800')],
	['another description of a device', row('A', 'P/1', '2')],
	["another customer's device", row('B', 'P/1')],
])('A customer with %s is not expected', (_, bad) => {
	expect(expected(row('A', 'P/1'), bad, row('C', 'P/4'))).toEqual([['C', ['P/4']]]);
});

test('Rows of nobody spoil nobody', () => {
	expect(expected(row('A', 'P/1'), row('', 'P/1'))).toEqual([['A', ['P/1']]]);
});

test('Bindings differ by a customer or a device, not by order', () => {
	const one = expectedBindings([row('A', 'P/1'), row('A', 'P/2'), row('B', 'P/3')], columns);
	const reordered = expectedBindings([row('B', 'P/3'), row('A', 'P/2'), row('A', 'P/1')], columns);
	const other = expectedBindings([row('A', 'P/1'), row('C', 'P/5')], columns);
	expect(differingCustomers(one, reordered)).toEqual([]);
	expect(differingCustomers(one, other)).toEqual(['A', 'B', 'C']);
});

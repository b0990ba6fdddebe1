import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CustomerGroups } from '../../nodes/TencentCloudIot/binding/customers';
import { differingCustomers, expectedBindings } from '../../start/expectedBindings.mts';
import { FIELDS } from '../../start/fields.mts';
import type { ColumnNames } from '../../start/fields.mts';
import { rowsOf } from '../support/rows.mts';

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
	const rows = [row('A', 'P/1'), row('A', 'P/2'), row('', 'P/1'), row('B', 'P/3')];
	expect(expected(...rows)).toEqual([
		['A', ['P/1', 'P/2']],
		['B', ['P/3']],
	]);
});

test.each<[what: string, rows: ReturnType<typeof row>[]]>([
	['an empty id below its own', [row('A', 'P/1'), row('', 'P/2')]],
	[
		'one below a blank row and a summary row',
		[row('A', 'P/1'), row('', '', '', ''), row('小计', '', '2'), row('', 'P/2')],
	],
	['a mark for the same as above', [row('A', 'P/1'), row('A', 'P/2'), row('同上', 'P/3')]],
	['one below a remark', [row('A', 'P/1'), row('备注：已核对', '', '', ''), row('', 'P/2')]],
	['a phone number of the same digits', [row('13712345678', 'P/1'), row('+86 137-1234-5678', 'P/2')]],
])('A customer with %s is not expected', (_, rows) => {
	expect(expected(...rows, row('C', 'P/4'))).toEqual([['C', ['P/4']]]);
});

test('Bindings differ by a customer or a device, not by order', () => {
	const one = expectedBindings([row('A', 'P/1'), row('A', 'P/2'), row('B', 'P/3')], columns);
	const reordered = expectedBindings([row('B', 'P/3'), row('A', 'P/2'), row('A', 'P/1')], columns);
	const other = expectedBindings([row('A', 'P/1'), row('C', 'P/5')], columns);
	expect(differingCustomers(one, reordered)).toEqual([]);
	expect(differingCustomers(one, other)).toEqual(['A', 'B', 'C']);
});

test.each<[cell: string, meant: string]>([
	['A\u0007', 'A'],
	['A\uFFFD', 'A'],
	['"A"', 'A'],
	['="007"', '007'],
	['1.2E+3', '1234'],
])('A customer whom the damaged id %j may mean is not expected', (cell, meant) => {
	expect(expected(row(meant, 'P/1'), row(cell, 'P/2'), row('C', 'P/4'))).toEqual([['C', ['P/4']]]);
});

test.each(['C_undefined', 'null', '无', 'user-1', 'x'.repeat(33)])('%s is no customer', (id) => {
	expect(expected(row(id, 'P/1'), row('K', 'P/4'))).toEqual([['K', ['P/4']]]);
});

/** Cells as they come out of exports, so that the same ids meet, whole and damaged. */
const cells = fc
	.tuple(
		fc.constantFrom('a', 'ab', 'b_1', '12', '1234', '007', 'undefined', 'null', 'NA', '无', '张', ''),
		fc.constantFrom(
			'',
			'',
			'',
			'\u0007',
			'\uFFFD',
			'\udfff',
			'\u200b',
			'"',
			"'",
			'="',
			',',
			'；',
			'.0',
			' ',
			'-',
			'E+2',
			'.2E+3',
			'#',
			'{{',
			'\n',
		),
		fc.constantFrom(
			'',
			'',
			'',
			'\u0007',
			'\uFFFD',
			'\udfff\uFFFD',
			'\u3164',
			'"',
			')',
			',ab',
			';12',
			'.00',
			'1',
			'E+3',
			'#N/A',
			'\t007',
			'_null',
			'undefined',
			', null',
			' #REF!',
		),
	)
	.map(([id, before, after]) => before + id + after);

/** What stands in the place of ids in sheets that people keep. */
const sheetCells = fc.constantFrom(
	...[
		'',
		'',
		'',
		' ',
		'同上',
		'小计',
		'合计：2',
		'备注：已核对',
		'a',
		'a',
		'b',
		'13712345678',
		'+86 137-1234-5678',
	],
);

test('What is expected without the node is what the node groups', () => {
	const rows = fc.array(
		fc.tuple(
			fc.oneof(cells, sheetCells),
			fc.constantFrom(
				'P/1',
				'P/2',
				'P/3',
				'P/4',
				'P/5',
				'P/6',
				'P/7,8',
				'P /1',
				'P/无',
				'',
				'none',
				'N/A',
				'P/null',
			),
			fc.constantFrom('1', '1', '1', '1', '2', '', '#REF!', '-', '1、2'),
		),
		{ maxLength: 8 },
	);
	fc.assert(
		fc.property(rows, (table) => {
			const groups = new CustomerGroups('automatic');
			for (const one of rowsOf(table, 'refuse')) groups.add(one);
			const whole = groups.finish('refuse').customers.filter(({ findings }) => findings.length === 0);
			const grouped = whole.map(({ customerId, devices }) => [
				customerId,
				devices.map(({ info }) => info.DeviceId),
			]);
			expect(expected(...table.map(([id, deviceId, no]) => row(id, deviceId, no)))).toEqual(grouped);
		}),
		{
			numRuns: 5_000,
			examples: [
				// An id with a character that is not seen repeats nothing.
				[
					[
						['b', 'P/2', '1'],
						['\u200ba', 'P/1', '1'],
						['a', 'P/1', '1'],
						['', 'P/2', '1'],
					],
				],
				// A row below a remark may be of whoever stands above it, though nobody is of the remark's id.
				[
					[
						['备注：已核对', 'P/1', '1'],
						['a #REF!', '', ''],
						['', 'P/2', '1'],
						['13712345678', 'P/2', '1'],
					],
				],
			],
		},
	);
});

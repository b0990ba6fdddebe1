import { describe, expect, test } from '@jest/globals';
import { CustomerGroups } from '../../nodes/TencentCloudIot/binding/customers';
import { RowReader } from '../../nodes/TencentCloudIot/binding/rowReader';
import { finish, type Cells } from '../support/rows.mts';

const reader = new RowReader({ unusualCustomerIds: 'allow', phoneIds: 'refuse', severalDevices: 'split' });

function group(table: readonly Cells[], mode: 'refuse' | 'sameProduct' = 'sameProduct') {
	const groups = new CustomerGroups('above', 'refuse', mode);
	table.forEach(([CustomerId, DeviceId, CustomerDeviceNo = '1', ProductName], itemIndex) => {
		const cells = { CustomerId, DeviceId, CustomerDeviceNo, ProductName };
		for (const row of [reader.read(itemIndex, (field) => cells[field])].flat()) {
			groups.add(row);
		}
	});
	const { customers, remarks } = finish(groups);
	const named = customers.flatMap(({ devices }) =>
		devices.map(({ info, itemIndex }) => [itemIndex + 1, info.DeviceId, info.ProductName]),
	);
	const refused = customers.flatMap(({ findings }) =>
		findings.map(({ itemIndex, code, mend }) => [itemIndex + 1, code, mend ?? []].flat()),
	);
	return { named, refused, remarks };
}

const LOCK: Cells = ['z', 'LOCK/z', '1', 'Lock'];
const locks = (...rows: Array<readonly [number, string]>) => [
	[1, 'LOCK/z', 'Lock'],
	...rows.map(([row, id]) => [row, id, 'Lock']),
];
const [NONE, OTHER, DIFFER] = ['nameless', 'otherCustomer', 'differing'] as const;

describe('A row without a ProductName takes that of its product', () => {
	test.each<[string, Cells[], unknown[], number[]]>([
		['named before', [LOCK, ['a', 'LOCK/1', '1', '']], locks([2, 'LOCK/1']), [2]],
		[
			'of a customer with later rows, in its place',
			[LOCK, ['z', 'LOCK/1', '1', ''], ['z', 'LOCK/2', '1', 'Lock']],
			locks([2, 'LOCK/1'], [3, 'LOCK/2']),
			[2],
		],
		[
			'null or invisible',
			[LOCK, ['a', 'LOCK/1', '1', null], ['b', 'LOCK/2', '1', '\u200b']],
			locks([2, 'LOCK/1'], [3, 'LOCK/2']),
			[2, 3],
		],
		[
			'in merged cells, and with an id of its own',
			[LOCK, ['', 'LOCK/1', '1', ''], ['b', 'LOCK/2', '1', '']],
			locks([2, 'LOCK/1'], [3, 'LOCK/2']),
			[2, 3],
		],
		[
			'for each of several devices',
			[LOCK, ['a', 'LOCK/1,2', '1,2', '']],
			locks([2, 'LOCK/1'], [2, 'LOCK/2']),
			[2],
		],
		[
			'several in merged cells',
			[LOCK, ['', 'LOCK/1,2', '1,2', '']],
			locks([2, 'LOCK/1'], [2, 'LOCK/2']),
			[2],
		],
	])('%s', (_, table, named, rows) => {
		const result = group(table);
		expect({ ...result, remarks: [] }).toEqual({ named, refused: [], remarks: [] });
		const which = rows.length === 1 ? `row ${rows[0]}` : `rows ${rows.join(' and ')}`;
		expect(result.remarks).toContain(`${which} without a ProductName took that of the same product`);
	});

	test('that a later row names, or a row that is refused for another reason', () => {
		const { named, refused } = group([
			['a', 'LOCK/1', '1', ''],
			['b', 'CAM/1', '1', ''],
			['b', 'CAM/2', '', 'Camera'],
			['c', 'LOCK/2', '1', 'Lock'],
		]);
		expect(named).toEqual([
			[1, 'LOCK/1', 'Lock'],
			[2, 'CAM/1', 'Camera'],
			[4, 'LOCK/2', 'Lock'],
		]);
		expect(refused).toEqual([[3, 'empty']]);
	});

	test('that a refused row names for each of its devices', () => {
		const { named } = group([
			['a', 'CAM/1,BELL/1', '1,无', 'Camera'],
			['b', 'CAM/2', '1', ''],
			['c', 'BELL/2', '1', ''],
		]);
		expect(named).toEqual([
			[2, 'CAM/2', 'Camera'],
			[3, 'BELL/2', 'Camera'],
		]);
	});
});

describe('It stays refused', () => {
	test.each<[string, Cells[], Array<[number, string]>]>([
		['if no row names the product', [LOCK, ['a', 'LOCK2/1', '1', '']], [[2, NONE]]],
		['if rows differ', [LOCK, ['y', 'LOCK/y', '1', 'Door'], LOCK, ['a', 'LOCK/1', '1', '']], [[4, DIFFER]]],
		['if one of its devices has none', [LOCK, ['a', 'LOCK/1,CAM/2', '1,2', '']], [[2, NONE]]],
		[
			'if it has another fault',
			[LOCK, ['a', 'LOCK/1', '', '']],
			[
				[2, 'empty'],
				[2, 'empty'],
			],
		],
		['if it has a placeholder', [LOCK, ['a', 'LOCK/1', '1', '无']], [[2, 'placeholder']]],
		[
			'if a part of its id is another customer',
			[LOCK, ['z-1', 'LOCK/1', '1', '']],
			[
				[2, OTHER],
				[2, OTHER],
			],
		],
	])('%s', (_, table, refused) => {
		expect(group(table).refused).toEqual(refused);
	});

	test('unless the option is chosen, which the finding names if it would help', () => {
		const table: Cells[] = [LOCK, ['a', 'LOCK/1', '1', ''], ['b', 'CAM/1', '1', '']];
		expect(group(table, 'refuse').refused).toEqual([
			[2, 'empty', 'sameProduct'],
			[3, 'empty'],
		]);
	});
});

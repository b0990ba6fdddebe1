import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { columnClues } from '../../nodes/TencentCloudIot/binding/columnClues';
import { FIELDS } from '../../nodes/TencentCloudIot/binding/row';
import type { ColumnClues, ColumnSigns } from '../../nodes/TencentCloudIot/input/columnFit';
import { fieldSource } from '../../nodes/TencentCloudIot/input/fieldSource';
import { NotSendable } from '../../nodes/TencentCloudIot/service/outcome';
import { deepFreeze } from '../support/deepFreeze.mts';
import { mapFields, mappingFailure, path, type Mapping } from '../support/mappings.mts';
import { write } from '../../nodes/TencentCloudIot/messages/text';

const automatic: Mapping = { fields: FIELDS, isAutomatic: true, valuesByField: {} };
const row = { CustomerId: 'a', CustomerDeviceNo: '1', DeviceId: 'P/D', ProductName: 'N' };

describe('Automatic mapping', () => {
	test('finds columns with exactly the names of the fields', () => {
		expect(mapFields(automatic, [row])).toEqual(
			Object.fromEntries(FIELDS.map((field) => [field, path(field)])),
		);
	});

	test.each([
		['customerid', 'customer_device_no', 'DEVICE ID', 'product-name'],
		['customer_id', 'Customer Device No', 'device__id', 'productName'],
		['CUSTOMER-ID', 'customer-device_no', ' Device Id ', 'PRODUCTNAME'],
		['C_u_s_t_o_m_e_r_I_d', 'customerDeviceNo', 'device\tid', 'product\u3000name'],
	])('ignores case, spaces, _ and -: %j %j %j %j', (...columns) => {
		const rows = [Object.fromEntries(columns.map((column) => [column, 'x']))];
		expect(mapFields(automatic, rows)).toEqual(
			Object.fromEntries(FIELDS.map((field, index) => [field, path(columns[index]!)])),
		);
	});

	test('prefers the column with exactly the name of the field to others that fit', () => {
		const rows = [{ customer_id: 'x', ...row, CUSTOMERID: 'x' }];
		expect(mapFields(automatic, rows)).toMatchObject({ CustomerId: path('CustomerId') });
	});

	test('does not choose between columns that fit equally well', () => {
		const { CustomerId: _, ...otherCells } = row;
		expect(mappingFailure(automatic, [{ customer_id: 'x', 'customer id': 'y', ...otherCells }])).toBe(
			"More than one column fits CustomerId. Choose Map Each Column Manually under 'Columns', and map it: " +
				"fields that you leave empty stay mapped automatically. 'customer_id' and 'customer id' may hold it. " +
				'The rows have: customer_id, customer id, CustomerDeviceNo, DeviceId, ProductName',
		);
	});

	test('reports the field without a column, and the existing columns', () => {
		const { DeviceId: _, ...otherCells } = row;
		expect(mappingFailure(automatic, [{ ...otherCells, Device: 'x' }])).toBe(
			"No column fits DeviceId. Choose Map Each Column Manually under 'Columns', and map it: " +
				'fields that you leave empty stay mapped automatically. ' +
				'The rows have: CustomerId, CustomerDeviceNo, ProductName, Device',
		);
	});

	test.each([
		['customer', 'serial', 'device', 'product'],
		['Customer No', 'Serial No', 'Device', 'Product'],
		['Customer ID', 'Serial Number', 'Device ID', 'Product Name'],
		['CUSTOMER_CODE', 'device_serial', 'device-id', 'product_name'],
		['客户编号', '设备序列号', '设备ID', '产品名称'],
		['会员 ID', 'SN码', '平台设备编号', '商品名'],
	])('finds the usual columns of a CRM: %j %j %j %j', (...columns) => {
		const rows = [Object.fromEntries([...columns, 'Remark', 'Customer Name'].map((column) => [column, 'x']))];
		expect(mapFields({ ...automatic, clues: columnClues('refuse') }, rows)).toEqual(
			Object.fromEntries(FIELDS.map((field, index) => [field, path(columns[index]!)])),
		);
	});

	test('combines a device ID from the columns of its two parts if it has no column', () => {
		const mapping = { ...automatic, clues: columnClues('refuse') };
		const { DeviceId: _, ...otherCells } = row;
		for (const [product, device] of [
			['产品ID', '设备名称'],
			['ProductId', 'DeviceName'],
			['product_id', '设备名'],
		] as const) {
			const parts = { [product]: 'x', [device]: 'x' };
			expect(mapFields(mapping, [{ ...otherCells, ...parts }]).DeviceId).toEqual(
				fieldSource(`={{ $json["${product}"] }}/{{ $json["${device}"] }}`),
			);
			expect(mapFields(mapping, [{ ...otherCells, ...parts, 设备ID: 'x' }])).toMatchObject({
				DeviceId: path('设备ID'),
			});
			const two = { ...otherCells, ...parts, 设备名称: 'x', 'Device Name': 'x' };
			expect(mappingFailure(mapping, [two])).toMatch(
				/^No column certainly fits DeviceId.*[^']+'设备名称'.* may hold it/,
			);
		}
		expect(mappingFailure(mapping, [{ ...otherCells, 产品ID: 'x' }])).toMatch(/^No column fits DeviceId\. /);
	});

	test.each([
		['Customer', 'Customer ID', 'CustomerId'],
		['Customer No', '客户编号', 'CustomerId'],
		['serial', 'serial_number', 'CustomerDeviceNo'],
		['device', 'device_id', 'DeviceId'],
		['product', 'Product Name', 'ProductName'],
	])('takes %j only if there is no column such as %j', (short, full, field) => {
		const { [field]: _, ...otherCells } = row as Record<string, string>;
		const mapping = { ...automatic, clues: columnClues('refuse') };
		expect(mapFields(mapping, [{ ...otherCells, [short]: 'x' }])).toMatchObject({ [field]: path(short) });
		expect(mapFields(mapping, [{ ...otherCells, [short]: 'x', [full]: 'y' }])).toMatchObject({
			[field]: path(full),
		});
	});

	test.each([
		['Client Ref', 'with cells damaged by a spreadsheet', ['1.02E+07', '10240002.0']],
		['Company ID', "that may be the customer's or the vendor's", ['10240001', '10240002']],
		['企业编号', "that may be the customer's or the vendor's", ['Q10240001', 'Q10240002']],
	])('names %s, a column %s, but does not take it', (column, _, cells) => {
		const { CustomerId: _id, ...otherCells } = row;
		const rows = cells.map((cell) => ({ ...otherCells, [column]: cell }));
		expect(mappingFailure({ ...automatic, clues: columnClues('refuse') }, rows)).toContain(
			`'${column}' may hold it.`,
		);
	});

	test.each(['设备编号', '设备号', 'Device No', 'device_number'])(
		'takes %j for CustomerDeviceNo once every other field has another column',
		(column) => {
			const { CustomerDeviceNo: _, DeviceId: _id, ...otherCells } = row;
			const mapping = { ...automatic, clues: columnClues('refuse') };
			const rows = [1, 2].map((n) => ({ ...otherCells, [column]: `SN-${n}`, 设备ID: `LOCK01/door_${n}` }));
			expect(mapFields(mapping, rows)).toMatchObject({
				CustomerDeviceNo: path(column),
				DeviceId: path('设备ID'),
			});
			// After a summary row, and with names in it.
			expect(mapFields(mapping, [...rows, { [column]: '2台' }]).CustomerDeviceNo).toEqual(path(column));
			expect(mappingFailure(mapping, [{ ...rows[0], [column]: '前门' }])).toContain(
				`'${column}' may hold it.`,
			);
			// It may be the DeviceId, or one of its two parts.
			const withoutId = rows.map(({ 设备ID: _platform, ...cells }) => cells);
			expect(mappingFailure(mapping, withoutId)).toContain(`'${column}' may hold CustomerDeviceNo`);
			const withTwo = rows.map((cells) => ({ ...cells, 设备编码: 'SN-3' }));
			expect(mappingFailure(mapping, withTwo)).toContain(`'${column}' and '设备编码' may hold it`);
		},
	);

	test('names all fields without a column at once, each with its reason', () => {
		const rows = [{ 客户编号: 'a', 客户ID: 'a', 设备编号: '1', 型号: 'x' }];
		expect(mappingFailure({ ...automatic, clues: columnClues('refuse') }, rows)).toBe(
			'More than one column fits CustomerId. ' +
				"No column certainly fits CustomerDeviceNo, DeviceId and ProductName. Choose Map Each Column Manually under 'Columns', and map them. '客户编号' and '客户ID' may hold CustomerId. '设备编号' may hold CustomerDeviceNo. " +
				"'设备编号' may hold DeviceId. '型号' may hold ProductName. " +
				'The rows have: 客户编号, 客户ID, 设备编号, 型号',
		);
		expect(mappingFailure(automatic, [{ CustomerId: 'a' }])).toBe(
			"No column fits CustomerDeviceNo, DeviceId and ProductName. Choose Map Each Column Manually under 'Columns', and map them: fields that you leave empty stay mapped automatically. The rows have: CustomerId",
		);
	});
});

describe('The columns in a message', () => {
	const columns = (count: number) =>
		Object.fromEntries(Array.from({ length: count }, (_, n) => [`c${n}`, n]));

	test('are at most 30, with the number of the others', () => {
		expect(mappingFailure(automatic, [columns(30)])).toMatch(/The rows have: c0, .*, c29$/);
		expect(mappingFailure(automatic, [columns(31), columns(33)])).toMatch(
			/The rows have: c0, .*, c29 and 3 more$/,
		);
	});

	test('are cut if they are long, including the one that no row has', () => {
		const long = 'x'.repeat(200_000);
		const valuesByField = { ...row, CustomerId: `={{ $json.${long} }}` };
		expect(mappingFailure(automatic, [{ [long]: 'a' }])).toMatch(/The rows have: x{64}…$/);
		expect(mappingFailure({ ...automatic, isAutomatic: false, valuesByField }, [row])).toMatch(
			/Not in the rows: 'x{64}…'\. The rows have/,
		);
	});
});

const byHand = (...values: string[]): Mapping => ({
	fields: FIELDS,
	isAutomatic: false,
	valuesByField: Object.fromEntries(FIELDS.map((field, index) => [field, values[index] ?? 'x'])),
});

test('A failed source is not reported as empty: its error is in the advice, but not in the hint.', () => {
	for (const row of [
		{ error: { code: 'X' }, message: 'Connection refused' },
		{ error: 'Connection refused' },
	]) {
		const { failure } = (() => {
			try {
				return mapFields(automatic, [row]) as never;
			} catch (cause) {
				return cause as NotSendable;
			}
		})();
		expect(failure).toMatchObject({
			code: 'SOURCE_FAILED',
			reason: 'The source failed and returned no rows.',
		});
		for (const advice of write(failure.advice, 'everything')) {
			expect(advice).toMatch(/Connection refused$/);
		}
		expect(write(failure.advice, 'hint')).toEqual([
			'Correct what the previous node reports',
			'处理前一个节点的报错',
		]);
	}
});

test.each<[string, Mapping, object[], boolean]>([
	[
		'the last row',
		byHand('={{ $json.a }}', '={{ $json.b }}'),
		[{ a: '1', b: '2' }, { error: 'timed out' }],
		true,
	],
	['the first row', byHand('={{ $json.a }}'), [{ error: {}, message: 'x', item: {} }, { a: '1' }], true],
	['a row, and columns are found by name', automatic, [row, { error: 'timed out' }], true],
	[
		'no row, if each has an error',
		byHand('={{ $json.a }}'),
		[
			{ a: '1', error: null },
			{ a: '2', error: 'x' },
		],
		false,
	],
	[
		'no row, if its error is mapped',
		byHand('={{ $json.a }}', '={{ $json.error }}'),
		[{ a: '1' }, { error: 'x' }],
		false,
	],
	['no row, if there are no columns', byHand('={{ $json.a }}'), [{ a: '1' }, {}], false],
])('A failed node gave %s', (_, mapping, rows, isFailed) => {
	const map = () => mapFields(mapping, deepFreeze(rows));
	if (isFailed) {
		const failure: unknown = expect.objectContaining({
			code: 'SOURCE_FAILED',
			reason: 'The source failed in part, so rows of any customer may be missing.',
		});
		expect(map).toThrow(expect.objectContaining({ failure }));
	} else {
		expect(map).not.toThrow();
	}
});

/** The items of a source without rows, and of a failed one. */
const NOTHING = [[{}], [{}, {}]];
const FAILED = [[{ error: {}, message: 'connect ECONNREFUSED', item: {} }], [{ error: 'no table' }]];

test.each<[string, Mapping, { nothing: string; failed: string } | undefined]>([
	['by name', automatic, { nothing: 'NO_ROWS', failed: 'SOURCE_FAILED' }],
	['to columns', byHand('={{ $json.a }}', '={{ $json.b }}'), { nothing: 'NO_ROWS', failed: 'SOURCE_FAILED' }],
	[
		'to a column within an expression',
		byHand('=u_{{ $json.a }}'),
		{ nothing: 'NO_ROWS', failed: 'SOURCE_FAILED' },
	],
	[
		'to columns, and to nothing',
		byHand('={{ $json.a }}', ''),
		{ nothing: 'NO_ROWS', failed: 'SOURCE_FAILED' },
	],
	['to nothing', byHand(''), { nothing: 'COLUMN_NOT_FOUND', failed: 'COLUMN_NOT_FOUND' }],
	['to constants', byHand('u', '={{ $now }}'), undefined],
])(
	'Items without columns and items of a failed node are not rows if fields are mapped %s: %j gives %j',
	(_, mapping, codes) => {
		for (const [cases, code] of [
			[NOTHING, codes?.nothing],
			[FAILED, codes?.failed],
		] as const) {
			for (const rows of cases) {
				const map = () => mapFields(mapping, deepFreeze(rows));
				if (code === undefined) {
					expect(Object.keys(map())).toEqual(FIELDS);
				} else {
					expect(map).toThrow(expect.objectContaining({ failure: expect.objectContaining({ code }) }));
				}
			}
		}
	},
);

test('For any rows, mapping finds an existing column for each field, or reports what is missing', () => {
	const names = fc.oneof(fc.constantFrom(...FIELDS, 'customer_id', 'deviceid', '__proto__'), fc.string());
	const rows = fc.array(
		fc.array(fc.tuple(names, fc.jsonValue()), { maxLength: 8 }).map((entries) => Object.fromEntries(entries)),
		{ maxLength: 5 },
	);
	fc.assert(
		fc.property(rows, (list) => {
			const has = (column: string) => list.some((listed) => Object.keys(listed).includes(column));
			try {
				const sources = mapFields(automatic, deepFreeze(list));
				for (const source of Object.values(sources)) {
					expect(source.kind === 'path' && has(source.path[0] ?? '')).toBe(true);
				}
			} catch (thrown) {
				expect(thrown).toBeInstanceOf(NotSendable);
				expect(FIELDS.every(has)).toBe(false);
			}
		}),
	);
});

test('A row with a column named error comes from a failed source only if it has no other column', () => {
	const failed = { error: 'away', message: 'away' };
	expect(mapFields(automatic, [{ ...row, ...failed }])).toHaveProperty('CustomerId');
});

test('Columns are judged by cells from the whole table, since its beginning may be old or a sample', () => {
	const rows = Array.from({ length: 1000 }, (_, index) => ({ id: index }));
	const readCells = jest.fn<ColumnSigns['readCells']>(() => 'proof');
	const clues: ColumnClues = { Field: { readWords: () => 'likely', readCells } };
	const valuesByField = { Field: '' };
	const columns = { fields: ['Field'], clues, isAutomatic: true, valuesByField };
	mapFields(columns, rows);
	mapFields(columns, rows.slice(0, 3));
	const [ofAll, ofFew] = readCells.mock.calls.map(([cells]) => cells);
	expect(ofAll).toEqual(Array.from({ length: 200 }, (_, index) => 5 * index));
	expect(ofFew).toEqual([0, 1, 2]);
});

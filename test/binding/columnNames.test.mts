import { describe, expect, test } from '@jest/globals';
import { columnClues } from '../../nodes/TencentCloudIot/binding/columnClues';
import { FIELDS, type MappedField } from '../../nodes/TencentCloudIot/binding/row';
import { mapFields, mappingFailure, path } from '../support/mappings.mts';

const mapping = { fields: FIELDS, isAutomatic: true, valuesByField: {}, clues: columnClues('refuse') };
const SHEET: Record<MappedField, string> = {
	CustomerId: '客户编号',
	CustomerDeviceNo: '设备序列号',
	DeviceId: '设备ID',
	ProductName: '产品名称',
};

/** A row of a sheet in which a field's column has another name. */
const sheetWith = (field: MappedField, name: string) =>
	Object.fromEntries(Object.values({ ...SHEET, [field]: name }).map((column) => [column, 'x']));

describe('In a Chinese sheet', () => {
	test.each<[MappedField, string[]]>([
		[
			'CustomerId',
			['客户ID', '客户 id', '客户号', '客户编码', '用户ID', '用户编号', 'CustomerId', 'customer_id'],
		],
		['CustomerDeviceNo', ['序列号', 'SN', 'S/N', '设备SN', 'SN码', '厂商设备编号', 'customer device no']],
		['DeviceId', ['设备 id', '平台设备ID', '平台设备编号', 'DeviceId', 'device-id']],
		['ProductName', ['产品名', '商品名称', 'productName']],
	])('the usual names of %s are taken', (field, names) => {
		for (const name of [SHEET[field], ...names]) {
			expect(mapFields(mapping, [sheetWith(field, name)])).toMatchObject({ [field]: path(name) });
		}
	});

	test.each<[MappedField, unclear: string]>([
		['CustomerId', '客户'],
		['CustomerId', '客户名称'],
		['DeviceId', '设备编号'],
		['DeviceId', '设备名称'],
		['CustomerDeviceNo', '设备编号'],
		['ProductName', '产品'],
		['ProductName', '产品型号'],
	])('%s is not taken from what is unclear by its name: %s', (field, unclear) => {
		const failure = mappingFailure(mapping, [sheetWith(field, unclear)]);
		expect(failure).toContain(`No column certainly fits ${field}.`);
		expect(failure).toContain(`'${unclear}' may hold it`);
	});

	test.each(['物料名称', '存货名称', '商品全称'])(
		'a column of products that an ERP names %s is taken',
		(column) => {
			const { ProductName: _, ...names } = SHEET;
			const rows = [1, 2, 3].map((n) => ({
				...Object.fromEntries(Object.values(names).map((name) => [name, `x${n}`])),
				[column]: '智能门锁',
			}));
			expect(mapFields(mapping, rows)).toMatchObject({ ProductName: path(column) });
		},
	);

	test.each([
		['设备ID', '设备ID_1'],
		['DeviceId', 'DeviceId2'],
		['设备ID 1', '设备ID 2'],
		['__EMPTY', '__EMPTY_1'],
	])('%s is not taken alone if %s has the second device of a row', (first, second) => {
		const { DeviceId: _, ...names } = SHEET;
		const rows = [1, 2, 3, 4].map((n) => ({
			...Object.fromEntries(Object.values(names).map((name) => [name, `x${n % 2}`])),
			[first]: `LOCK01/a${n}`,
			[second]: n === 4 ? 'LOCK01/b4' : '',
		}));
		const failure = mappingFailure(mapping, rows);
		expect(failure).toContain('More than one column fits DeviceId.');
		const withoutSecond = rows.slice(0, 3);
		expect(mapFields(mapping, withoutSecond)).toMatchObject({ DeviceId: path(first) });
		const withNote = rows.map((row) => ({ ...row, [second]: row[second] && 'old' }));
		expect(mapFields(mapping, withNote)).toMatchObject({ DeviceId: path(first) });
	});

	test('columns of lists may have plural names', () => {
		const { CustomerDeviceNo: _, DeviceId: _id, ...names } = SHEET;
		const rows = [1, 2].map((n) => ({
			...Object.fromEntries(Object.values(names).map((name) => [name, `x${n}`])),
			serials: `SN${n}; SN${n}0`,
			device_ids: `LOCK01/a${n}; LOCK01/b${n}`,
		}));
		const mapped = { CustomerDeviceNo: path('serials'), DeviceId: path('device_ids') };
		expect(mapFields(mapping, rows)).toMatchObject(mapped);
	});
});

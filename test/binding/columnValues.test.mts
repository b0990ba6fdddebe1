import { describe, expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { columnClues } from '../../nodes/TencentCloudIot/binding/columnClues';
import { FIELDS, type MappedField } from '../../nodes/TencentCloudIot/binding/row';
import { columnsOf } from '../../nodes/TencentCloudIot/input/fieldSource';
import { NotSendable } from '../../nodes/TencentCloudIot/service/outcome';
import { deepFreeze } from '../support/deepFreeze.mts';
import { mapFields, path } from '../support/mappings.mts';
import { englishOf } from '../support/texts.mts';

type PhoneIds = 'digits' | 'refuse';

function automatic(phoneIds: PhoneIds = 'refuse') {
	return { fields: FIELDS, isAutomatic: true, valuesByField: {}, clues: columnClues(phoneIds) };
}

/** An export of many rows; each column gives its cell by the index of the row. */
type Columns = Readonly<Record<string, (index: number) => unknown>>;

function rowsOf(columns: Columns, count = 12): IDataObject[] {
	return deepFreeze(
		Array.from({ length: count }, (_, index) =>
			Object.fromEntries(Object.entries(columns).map(([name, cell]) => [name, cell(index)])),
		),
	) as IDataObject[];
}

/** The column of each field, or the message if some columns are unclear. */
function mapped(
	rows: readonly IDataObject[],
	phoneIds: PhoneIds = 'refuse',
): Record<string, string> | string {
	try {
		const sources = mapFields(automatic(phoneIds), rows);
		return Object.fromEntries(FIELDS.map((field) => [field, columnsOf(sources[field]!).join('/')]));
	} catch (cause) {
		if (!(cause instanceof NotSendable)) {
			throw cause;
		}
		return englishOf(cause.failure.advice);
	}
}

/** The text of a failure at a place that must not show the rows. */
function hintOf(rows: readonly IDataObject[], phoneIds: PhoneIds = 'refuse'): string {
	try {
		mapFields(automatic(phoneIds), rows);
	} catch (cause) {
		return englishOf((cause as NotSendable).failure.advice, 'hint');
	}
	return '';
}

const id =
	(prefix: string, digits = 4) =>
	(index: number) =>
		`${prefix}${String(index + 1).padStart(digits, '0')}`;
const oneOf =
	(...texts: string[]) =>
	(index: number) =>
		texts[index % texts.length];
const device = (product: string, name: string) => (index: number) => `${product}/${name}${index + 1}`;
const mobile = (index: number) => `138${String(12_345_678 + index * 37)}`;
const day = (index: number) => `2024-03-${String(index + 1).padStart(2, '0')}`;

/** Exports with unknown headers, and the column of each field. */
const EXPORTS: ReadonlyArray<
	[what: string, columns: Columns, fields: Record<MappedField, string>, PhoneIds?]
> = [
	[
		'a property management, with rooms that look like devices',
		{
			楼栋房号: (index) => `A${(index % 3) + 1}/${1201 + index}`,
			业主代号: id('YZ'),
			业主姓名: oneOf('王伟', '李娜', '张敏'),
			业主联系方式: mobile,
			锁体机身码: id('ZK88'),
			云平台路径: device('LOCK01', 'c'),
			锁具型号: oneOf('K20 Pro', 'K30'),
			安装师傅电话: () => '13900001111',
			交付日期: day,
		},
		{
			CustomerId: '业主代号',
			CustomerDeviceNo: '锁体机身码',
			DeviceId: '云平台路径',
			ProductName: '锁具型号',
		},
	],
	[
		'a CRM in English, with assets of accounts',
		{
			'Account Ref #': id('0015g0000', 6),
			'Account Name': oneOf('Acme', 'Globex', 'Initech'),
			'Asset Serial #': id('SN-77', 6),
			'IoT Thing Path': device('EQPOKD5111', 'cam_'),
			'Model Description': oneOf('Door Camera 2', 'Door Lock 1'),
			'Install Date': day,
			'Account Manager': oneOf('J. Doe', 'M. Roe'),
			Enabled: oneOf('on/off', 'on/on'),
		},
		{
			CustomerId: 'Account Ref #',
			CustomerDeviceNo: 'Asset Serial #',
			DeviceId: 'IoT Thing Path',
			ProductName: 'Model Description',
		},
	],
	[
		'an insurer, with policies',
		{
			保单号: id('P2024', 8),
			投保人账号: id('U', 6),
			投保人姓名: oneOf('赵敏', '钱进'),
			设备出厂编码: id('CC', 6),
			出厂编号: id('66012', 6),
			物联标识: device('SMOKE9XK21', 'd'),
			商品标题: oneOf('独立烟感', '燃气报警器'),
			保费: (index) => 12.5 + index,
		},
		{ CustomerId: '投保人账号', CustomerDeviceNo: '出厂编号', DeviceId: '物联标识', ProductName: '商品标题' },
	],
	[
		'a shop, with order lines in snake case',
		{
			order_no: id('10000'),
			buyer_ref: (index) => 880_001 + (index >> 1),
			line_item_title: oneOf('Gateway G2', 'Sensor T1'),
			hardware_sn: id('HW'),
			cloud_path: device('GATE02AB', 'gw-'),
			qty: () => 1,
			ship_city: oneOf('Shenzhen', 'Wuhan'),
		},
		{
			CustomerId: 'buyer_ref',
			CustomerDeviceNo: 'hardware_sn',
			DeviceId: 'cloud_path',
			ProductName: 'line_item_title',
		},
	],
	[
		'a landlord whose tenants are known by their phones',
		{
			小区: oneOf('东湖', '西园'),
			租客联系方式: mobile,
			锁SN: id('LS', 6),
			开锁平台标识: device('LOCK01', 'r'),
			产品款式: oneOf('密码锁', '指纹锁'),
			紧急联系电话: (index) => `1390000${1000 + index}`,
		},
		{
			CustomerId: '租客联系方式',
			CustomerDeviceNo: '锁SN',
			DeviceId: '开锁平台标识',
			ProductName: '产品款式',
		},
		'digits',
	],
	[
		'an elderly care service, with a byte order mark and merged cells',
		{
			'\uFEFF老人档案号': (index) => (index % 3 === 0 ? `LR-${index + 1}` : ''),
			网关串号: id('GW', 6),
			三元组: device('CALL03', 'bed'),
			机型: oneOf('呼叫器 A', '呼叫器 B'),
			责任护士: oneOf('刘芳', '陈静'),
		},
		{ CustomerId: '\uFEFF老人档案号', CustomerDeviceNo: '网关串号', DeviceId: '三元组', ProductName: '机型' },
	],
	[
		'a database view whose own device id is another one',
		{
			subscriber_uid: id('sub_', 6),
			device_id: (index) => 90_001 + index,
			iot_key: device('METER7QX1Z', 'm'),
			imei: (index) => String(860_000_000_000_000 + index),
			'Equipment Model': oneOf('NB-100', 'NB-200'),
			created_at: (index) => `2024-01-0${(index % 9) + 1}T08:00:00Z`,
		},
		{
			CustomerId: 'subscriber_uid',
			CustomerDeviceNo: 'imei',
			DeviceId: 'iot_key',
			ProductName: 'Equipment Model',
		},
	],
	[
		'an ERP of business partners',
		{
			'BP Code': id('C2'),
			'BP Name': () => 'Muster GmbH',
			'Item No.': oneOf('A1001', 'A1002'),
			'Item Description': oneOf('Door Lock DL-20', 'Door Lock DL-30'),
			'Mfr Serial No.': id('DL20-'),
			'IoT Path': device('ZXCVBN1234', 'd'),
			'Dlv. Date': oneOf('01.02.2026', '02.02.2026'),
			Qty: () => 1,
		},
		{
			CustomerId: 'BP Code',
			CustomerDeviceNo: 'Mfr Serial No.',
			DeviceId: 'IoT Path',
			ProductName: 'Item Description',
		},
	],
	[
		'a warehouse, whose Partner is a name',
		{
			'External ID': (index) => `__export__.stock_lot_${index}`,
			Partner: oneOf('Azure Interior', 'Deco Addict'),
			'Partner/Reference': id('AZ'),
			'Lot/Serial Number': id('LOT'),
			Product: oneOf('Smart Lock', 'Smart Bell'),
			'Tencent device': device('ASDFGH2345', 'dev'),
		},
		{
			CustomerId: 'Partner/Reference',
			CustomerDeviceNo: 'Lot/Serial Number',
			DeviceId: 'Tencent device',
			ProductName: 'Product',
		},
	],
	[
		'a board of tenants, with an empty column of phones',
		{
			Name: (index) => `Harbour View ${index}B`,
			'Tenant code': id('T-'),
			'Phone Number': () => '',
			'Smart lock (full name)': device('9ABCDE1234', 'front-door-'),
			'Lock S/N': id('HV-88'),
			Hardware: oneOf('Front Door Lock G2', 'Front Door Lock G3'),
			'Install week': () => '2026-W07',
		},
		{
			CustomerId: 'Tenant code',
			CustomerDeviceNo: 'Lock S/N',
			DeviceId: 'Smart lock (full name)',
			ProductName: 'Hardware',
		},
		'digits',
	],
	[
		'owners that have an id and a phone',
		{
			业主档案号: id('YZ'),
			业主: oneOf('王五', '李四'),
			手机: mobile,
			云平台标识: device('LOCKPRD01A', 'lk_'),
			机身号: id('YG55'),
			锁型: oneOf('指纹锁A3', '人脸锁F1'),
		},
		{ CustomerId: '业主档案号', CustomerDeviceNo: '机身号', DeviceId: '云平台标识', ProductName: '锁型' },
		'digits',
	],
	[
		'a database view whose DeviceId is in two columns',
		{
			cust_code: (index) => `cu${index >> 1}`,
			sn: id('A0'),
			product_key: oneOf('Z9Y8X7W6V5', 'Q9Y8X7W6V5'),
			device_name: (index) => `node-${index}`,
			product_title: oneOf('Gateway G2', 'Sensor S1'),
			bind_at: day,
		},
		{
			CustomerId: 'cust_code',
			CustomerDeviceNo: 'sn',
			DeviceId: 'product_key/device_name',
			ProductName: 'product_title',
		},
	],
];

describe('Automatic mapping reads the words and the cells of', () => {
	test.each(EXPORTS)('%s', (_what, columns, fields, phoneIds = 'refuse') => {
		expect(mapped(rowsOf(columns), phoneIds)).toEqual(fields);
		// Also with a subtotal, a header or a note between the rows.
		const between = Object.fromEntries(
			Object.keys(columns).map((name, nth) => [name, nth === 1 ? '合计' : '']),
		);
		expect(mapped([...rowsOf(columns), between], phoneIds)).toEqual(fields);
	});
});

test('If the name of a column fits, it is enough that more than half of its cells fit', () => {
	const messy = (good: (index: number) => unknown, bad: string) => (index: number) =>
		index % 4 === 3 ? bad : good(index);
	const rows = rowsOf({
		'Tenant ref': messy(id('T'), 'T0041 (old)'),
		'Lock serial': messy(id('HV'), '5 户'),
		'Lock path': messy(device('9ABCDE1234', 'front-'), 'https://iot/9ABCDE1234/front-9'),
		'Lock model': messy(oneOf('G2', 'G2', 'G3'), '2026-03-01'),
		'Moved in': day,
	});
	expect(mapped(rows)).toEqual({
		CustomerId: 'Tenant ref',
		CustomerDeviceNo: 'Lock serial',
		DeviceId: 'Lock path',
		ProductName: 'Lock model',
	});
	// Without a fitting name, all cells have to fit.
	const path = rows.map(({ 'Lock path': cell, ...otherCells }) => ({ ...otherCells, X: cell }));
	expect(typeof mapped(path)).toBe('string');
});

const SURE = {
	序列号: id('SN'),
	设备ID: device('LOCK01', 'c'),
	产品名称: oneOf('门锁'),
};

describe('An unclear column is not taken', () => {
	test.each<[what: string, columns: Columns, candidates: string, PhoneIds?]>([
		[
			'two columns with the words',
			{ 业主代号: id('A'), 租户代码: id('B') },
			"'业主代号' and '租户代码' may hold it",
		],
		[
			'two columns with the words, though phones are ids',
			{ 业主代号: id('A'), 租户代码: id('B'), 手机号: mobile },
			"'手机号' may hold it",
			'digits',
		],
		['phones if they are not ids', { 联系方式: mobile }, 'No'],
		[
			'two columns of phones',
			{ 甲方号码: mobile, 乙方号码: mobile },
			"'甲方号码' and '乙方号码' may hold it",
			'digits',
		],
		['a word alone', { 业主: oneOf('王伟', '李娜') }, "'业主' may hold it"],
		[
			'an id of a record and one of a person',
			{ 'Record ID - Contact': id('6001'), 'Policyholder #': id('PH'), 'Phone Number': () => '' },
			"'Record ID - Contact' and 'Policyholder #' may hold it",
			'digits',
		],
		['numbers of contracts', { 合同号: id('HT') }, 'No'],
		['dates', { 客户号: id('K'), 用户登记号: day, 用户号段: () => '1.5' }, '客户号'],
	])('%s', (_what, columns, candidates, phoneIds = 'refuse') => {
		const found = mapped(rowsOf({ ...columns, ...SURE }), phoneIds);
		if (typeof found !== 'string') {
			expect(found['CustomerId']).toBe(candidates);
		} else if (candidates === 'No') {
			expect(found).not.toContain('may hold');
		} else {
			expect(found).toContain(candidates);
		}
	});

	test.each<[what: string, parts: Columns]>([
		[
			'article numbers beside names of devices',
			{ product_code: oneOf('DL-20', 'DL-30'), device_name: id('node-') },
		],
		[
			'two columns of ProductIds',
			{ product_key: () => 'Z9Y8X7W6V5', product_id_2: () => 'Z9Y8X7W6V5', lock_name: id('n') },
		],
		['product lines that look like ProductIds', { product_line: () => 'Z9Y8X7W6V5', lock_name: id('n') }],
		['keys that are not names of devices', { product_key: () => 'Z9Y8X7W6V5', owner_name: id('n') }],
		['names that repeat', { product_key: () => 'Z9Y8X7W6V5', lock_name: oneOf('front', 'back') }],
	])('%s are no DeviceIds', (_what, parts) => {
		const { 设备ID: _, ...otherColumns } = SURE;
		expect(typeof mapped(rowsOf({ 客户编号: id('K'), ...otherColumns, ...parts }))).toBe('string');
	});

	test.each([
		[1, false],
		[2, true],
	])('Parts of DeviceIds are recognized in %d rows: %j', (count, areRecognized) => {
		const { 设备ID: _, ...otherColumns } = SURE;
		const parts = { product_key: () => 'Z9Y8X7W6V5', lock_name: id('n') };
		const found = mapped(rowsOf({ 客户编号: id('K'), ...otherColumns, ...parts }, count));
		expect(typeof found !== 'string').toBe(areRecognized);
	});

	test.each<[what: string, cell: (index: number) => unknown]>([
		['rooms', (index) => `A${index}/${1201 + index}`],
		['months', (index) => `${index + 1}/2024`],
		['switches', oneOf('on/off', 'off/on')],
		['one remark', () => 'LOCK01/c1'],
	])('%s are no DeviceIds', (_what, cell) => {
		const { 设备ID: _, ...otherColumns } = SURE;
		expect(typeof mapped(rowsOf({ 客户编号: id('K'), ...otherColumns, 其他: cell }))).toBe('string');
	});
});

describe('The hint', () => {
	test('names the candidates if their names are words', () => {
		const rows = rowsOf({ 业主代号: id('A'), 租户代码: id('B'), ...SURE });
		expect(hintOf(rows)).toContain("'业主代号' and '租户代码' may hold it");
	});

	test('names a column by its position if its name may be a value of the rows', () => {
		const rows = rowsOf({ '13800138000': mobile, 张三: mobile, ...SURE });
		expect(hintOf(rows, 'digits')).toContain('Column 1 and column 2 may hold it');
		expect(hintOf(rows, 'digits')).not.toMatch(/138|张三/);
	});

	test('says that the header is in a later row', () => {
		const header = {
			'2024 年设备台账': '业主代号',
			__EMPTY: '机身码',
			__EMPTY_1: '平台路径',
			__EMPTY_2: '型号',
		};
		const data = (index: number) => ({
			'2024 年设备台账': `YZ${index}`,
			__EMPTY: `ZK${index}`,
			__EMPTY_1: `LOCK01/c${index}`,
			__EMPTY_2: 'K20',
		});
		const rows = [
			{ '2024 年设备台账': '制表：张三' },
			header,
			...Array.from({ length: 8 }, (_, nth) => data(nth)),
		];
		expect(hintOf(rows)).toMatch(/^Row 2 looks like the header, line 3 of the file or a later one/);
		expect(mapped(rows)).toMatch(/^Row 2 looks like the header/);
	});

	test.each([
		['a CSV with a title', '', '备注'],
		['a workbook with a title', '__EMPTY', '备注'],
		['a list with one name', '__EMPTY_1', ''],
	])('says that the first line may be a title: %s', (_, unnamed, cell) => {
		const rows = Array.from({ length: 8 }, (_row, nth) => ({
			'客户设备清单 2026-12': `KH${nth}`,
			[unnamed]: cell,
		}));
		expect(hintOf(rows)).toMatch(/^Only one column has a name: if the first line of the file is a title/);
		expect(mapped(rows)).toMatch(/^Only one column has a name/);
	});

	test.each([
		['the only column has the name of a field', { 客户编号: 'KH1' }],
		['the only column holds objects', { body: { customer: 'KH1' } }],
		['two columns have names', { 甲: 'KH1', 乙: '2' }],
	])('says nothing of a title if %s', (_, row) => {
		expect(mapped([row, row])).not.toContain('title');
	});

	test('says that a file in GBK was read as UTF-8', () => {
		const rows = Array.from({ length: 8 }, (_, nth) => ({
			'\uFFFD\u037B\uFFFD\uFFFD\uFFFD': `KH${nth}`,
			'\uFFFD\u8C78\uFFFD\uFFFD\uFFFD\u043A\uFFFD': `SN${nth}`,
			'\uFFFD\u8C78ID': `P/D${nth}`,
			'\uFFFD\uFFFD\u01B7\uFFFD\uFFFD\uFFFD\uFFFD': '\uFFFD\uFFFD',
		}));
		expect(hintOf(rows)).toMatch(/^The column names have broken characters: save the file as UTF-8/);
		expect(mapped(rows)).toMatch(/^The column names have broken characters/);
	});

	test.each([';', '\t', '|'])('says that the file was read with another delimiter than %j', (delimiter) => {
		const header = ['客户编号', '设备序列号', '设备ID', '产品名称'].join(delimiter);
		const rows = Array.from({ length: 8 }, (_, nth) => ({
			[header]: [`KH${nth}`, `SN${nth}`, `P/D${nth}`, '门锁'].join(delimiter),
		}));
		expect(hintOf(rows)).toMatch(/^All columns seem to be in one: enter the delimiter of the file/);
		expect(mapped(rows)).toMatch(/^All columns seem to be in one/);
	});
});

test('A column Customer with names is taken only if there is no other', () => {
	const customer = oneOf('Acme Ltd', 'Globex Ltd');
	const beside = mapped(rowsOf({ Customer: customer, 'Customer Ref': id('C'), ...SURE }));
	expect(beside).toMatchObject({ CustomerId: 'Customer Ref' });
	expect(mapped(rowsOf({ Customer: customer, ...SURE }))).toMatchObject({ CustomerId: 'Customer' });
	expect(mapped(rowsOf({ Customer: id('C'), 'Customer Ref': id('R'), ...SURE }))).toMatchObject({
		CustomerId: 'Customer',
	});
});

test('Clear fields stay mapped automatically if a user maps the unclear field by hand', () => {
	const rows = rowsOf({ 业主代号: id('A'), 租户代码: id('B'), ...SURE });
	const byHand = {
		...automatic(),
		isAutomatic: false,
		valuesByField: { CustomerId: '={{ $json["租户代码"] }}' },
	};
	expect(mapFields(byHand, rows)).toEqual({
		CustomerId: path('租户代码'),
		CustomerDeviceNo: path('序列号'),
		DeviceId: path('设备ID'),
		ProductName: path('产品名称'),
	});
	// If nothing is mapped, nobody has looked at the mapping.
	expect(() => mapFields({ ...byHand, valuesByField: {} }, rows)).toThrow(NotSendable);
});

test('A column that a user mapped by hand is not taken for another field', () => {
	const rows = rowsOf({ 客户编号: id('K'), ...SURE });
	const byHand = {
		...automatic(),
		isAutomatic: false,
		valuesByField: { ProductName: '={{ $json["序列号"] }}' },
	};
	expect(() => mapFields(byHand, rows)).toThrow(NotSendable);
});

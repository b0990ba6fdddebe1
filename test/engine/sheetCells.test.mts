import { describe, expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNothingLost } from './invariants.mts';
import { runOperation } from './operationRun.mts';
import { errorOf, linksOf, push, row } from './pushRun.mts';

const onError = 'continueErrorOutput' as const;

async function pushed(rows: IDataObject[], rowHandling: IDataObject = {}) {
	const simulator = await runSimulator();
	const result = await push(rows, simulator, { onError, rowHandling });
	// What splitting comes to is told by the tests themselves.
	if (rowHandling.severalDevices !== 'split') expectNothingLost(result, rows, simulator);
	const message = String(errorOf(result.error[0] ?? { json: {} })?.message ?? '');
	return { ...result, bindings: simulator.bindings, message, hint: result.hints[0]?.message };
}

describe('A cell that is not one device is refused and says what it holds:', () => {
	test.each<[field: string, cell: string, why: string]>([
		['DeviceId', 'LOCK01/roof,roof2', "holds 2 devices ('LOCK01/roof' and 'roof2')"],
		['DeviceId', 'CAM01/hall1、hall2', "holds 2 devices ('CAM01/hall1' and 'hall2')"],
		['DeviceId', 'LOCK01/a，LOCK01/b；LOCK01/c', "holds 3 devices ('LOCK01/a', 'LOCK01/b' and 'LOCK01/c')"],
		['DeviceId', 'LOCK01/a;b', 'holds 2 devices'],
		['DeviceId', 'LOCK01/a\nLOCK01/b', 'holds 2 devices'],
		['DeviceId', 'LOCK01/a\r\nb', 'holds 2 devices'],
		['DeviceId', 'LOCK01、CAM01/a', 'holds 2 devices'],
		['DeviceId', 'LOCK01/a,', 'begins or ends with a separator: remove it'],
		['CustomerDeviceNo', 'SN1,SN2', "holds 2 serial numbers ('SN1' and 'SN2')"],
		['CustomerDeviceNo', 'SN1\nSN2', 'holds 2 serial numbers'],
		['DeviceId', 'LOCK01/无', "has the DeviceName '无', which stands for no value"],
		['DeviceId', 'LOCK01/-', "has the DeviceName '-', which has no letter and no digit"],
		['DeviceId', 'N/A/a', 'is not ProductId/DeviceName'],
		['DeviceId', '无/a', "has the ProductId '无', which stands for no value"],
		['DeviceId', 'LOCK01/合计', "has the DeviceName '合计', which is the word of a summary row"],
		['DeviceId', 'LOCK01 /a', 'has a space beside "/"'],
		['DeviceId', 'LOCK01/ a', 'has a space beside "/"'],
		['CustomerDeviceNo', '无', "is '无', which stands for no value"],
		['CustomerDeviceNo', '/', 'has no letter and no digit'],
		['ProductName', '无', "is '无', which stands for no value"],
		['ProductName', '合计', 'is the word of a summary row'],
	])('%s %j', async (field, cell, why) => {
		const { bindings, message } = await pushed([row('a', 1), { ...row('a', 2), [field]: cell }, row('b', 3)]);
		expect([...bindings.keys()]).toEqual(['b']);
		expect(message).toContain(`[row 2] '${field}' ${why}`);
	});

	test('but names of other characters pass: what the documentation says of them is said for another API', async () => {
		const names = ['hall 1', '大门', 'a.b', 'a+b', 'a(1)', 'a|b'];
		const { bindings } = await pushed(names.map((name) => row('a', `LOCK01/${name}`)));
		expect(bindings.get('a')?.map(({ DeviceId }) => DeviceId)).toEqual(names.map((name) => `LOCK01/${name}`));
	});
});

describe('Several Devices in a Cell: Split', () => {
	const split = { severalDevices: 'split' };
	const cells = (DeviceId: string, CustomerDeviceNo: string, others: IDataObject = {}) => ({
		...row('a', DeviceId),
		CustomerDeviceNo,
		...others,
	});

	test.each<[DeviceId: string, CustomerDeviceNo: string, pairs: string[]]>([
		['LOCK01/c,d', 'S1,S2', ['LOCK01/c S1', 'LOCK01/d S2']],
		['LOCK01/c、LOCK02/d；e', 'S1 ， S2\nS3', ['LOCK01/c S1', 'LOCK02/d S2', 'LOCK02/e S3']],
		['LOCK01/c\nLOCK01/d', 'S1\nS2', ['LOCK01/c S1', 'LOCK01/d S2']],
		['LOCK01/c,\r\nd，', 'S1;S2;', ['LOCK01/c S1', 'LOCK01/d S2']],
		['LOCK01/c', 'S1', ['LOCK01/c S1']],
	])('pairs %j with %j', async (DeviceId, CustomerDeviceNo, pairs) => {
		const { bindings, error } = await pushed([cells(DeviceId, CustomerDeviceNo), row('b', 3)], split);
		expect(error).toEqual([]);
		expect(bindings.get('a')?.map((one) => `${one.DeviceId} ${one.CustomerDeviceNo}`)).toEqual(pairs);
	});

	test.each<[DeviceId: string, CustomerDeviceNo: string, why: string, others?: IDataObject]>([
		['LOCK01/c,d', 'S1', "'DeviceId' holds 2 devices, and CustomerDeviceNo 1 serial number"],
		['LOCK01/c', 'S1,S2', "'DeviceId' holds 1 device, and CustomerDeviceNo 2 serial numbers"],
		['LOCK01/c,d', 'S1,S2,S3', "'DeviceId' holds 2 devices, and CustomerDeviceNo 3 serial numbers"],
		['LOCK01/c,,d', 'S1,S2,S3', "'DeviceId' has an empty place between two separators"],
		['LOCK01/c,d', 'S1,,S2', "'CustomerDeviceNo' has an empty place between two separators"],
		['LOCK01/c\n\nd', 'S1,S2', "'DeviceId' has an empty place between two separators"],
		['c,LOCK01/d', 'S1,S2', "'DeviceId' is not ProductId/DeviceName"],
		['LOCK01/c,无', 'S1,S2', "'DeviceId' has the DeviceName '无'"],
		['LOCK01/c,d', 'S1,无', "'CustomerDeviceNo' is '无'"],
		[
			'LOCK01/c,d',
			'S1,S2',
			"'ProductName' holds as many names as there are devices",
			{ ProductName: '锁、灯' },
		],
	])('refuses %j with %j', async (DeviceId, CustomerDeviceNo, why, others = {}) => {
		const rows = [cells(DeviceId, CustomerDeviceNo, others), row('b', 3)];
		const { bindings, error, message } = await pushed(rows, split);
		expect([...bindings.keys()]).toEqual(['b']);
		expect(error.map(linksOf)).toEqual([[0]]);
		expect(message).toContain(`[row 1] ${why}`);
	});

	test('sends none of the devices of a row of which one is refused, also with Send the Valid Devices', async () => {
		const rows = [cells('P/1,2', 'S1,S2'), row('b', 'P/2'), row('b', 'P/3'), row('a', 'P/4')];
		const { success, error, bindings } = await pushed(rows, { ...split, invalidRows: 'sendValid' });
		const bound = [...bindings].map(([id, devices]) => [id, devices.map(({ DeviceId }) => DeviceId)]);
		expect(bound).toEqual([
			['a', ['P/4']],
			['b', ['P/3']],
		]);
		expect([...success, ...error].map(linksOf)).toEqual([[3], [2], [0], [1]]);
	});

	test('keeps one item for the row, in each form of output', async () => {
		const simulator = await runSimulator();
		const rows = [cells('LOCK01/c,d', 'S1,S2'), row('a', 9)];
		for (const outputItemPer of ['request', 'row', 'run']) {
			const result = await push(rows, simulator, { onError, rowHandling: split, options: { outputItemPer } });
			const links = result.success.map(linksOf);
			expect(links).toEqual(outputItemPer === 'row' ? [[0], [1]] : [[0, 1]]);
			expect(result.error).toEqual([]);
		}
		expect(simulator.bindings.get('a')).toHaveLength(3);
	});
});

describe('Rows that are no devices', () => {
	const blank = { CustomerId: '', CustomerDeviceNo: null, DeviceId: ' \u3000', ProductName: '\u200b' };

	test('that are blank in all mapped fields are left out and counted, and stop nothing', async () => {
		const simulator = await runSimulator();
		const rows = [row('a', 1), { ...blank, remark: '以上已核对' }, row('a', 2), {}];
		for (const operation of ['push', 'sync']) {
			const { success, hints, failure } = await push(rows, simulator, { operation });
			expect(failure).toBeUndefined();
			expect(success.map(linksOf)).toEqual([[0, 2]]);
			expect(hints[0]?.message).toContain('2 blank rows left out');
		}
		expect(simulator.bindings.get('a')).toHaveLength(2);
	});

	test('are left out also where a field is a fixed text, or put together of columns that are blank', async () => {
		const simulator = await runSimulator();
		const rows = [
			{ 客户: 'a', 产品: 'LOCK01', 设备: 'roof', 序列号: 'S1', 名称: '' },
			{ 客户: '', 产品: '', 设备: null, 序列号: ' ', 名称: '' },
		];
		const columns = {
			CustomerId: '={{ $json["客户"] }}',
			CustomerDeviceNo: '={{ $json.序列号 }}',
			DeviceId: "={{ $json['产品'] }}/{{ $json['设备'] }}",
			ProductName: "={{ $json['名称'] || '智能门锁' }}",
		};
		for (const ProductName of [columns.ProductName, '智能门锁']) {
			const { failure, hints } = await push(rows, simulator, { columns: { ...columns, ProductName } });
			expect(failure).toBeUndefined();
			expect(hints[0]?.message).toBe('1 customer, 1 device pushed; 1 blank row left out');
		}
		expect(simulator.bindings.get('a')).toEqual([
			{ CustomerDeviceNo: 'S1', DeviceId: 'LOCK01/roof', ProductName: '智能门锁' },
		]);
	});

	test('alone send nothing and say so', async () => {
		const { success, error, hint } = await pushed([{ ...blank }, { ...blank }]);
		expect([...success, ...error]).toEqual([]);
		expect(hint).toContain('2 blank rows left out');
	});

	test.each([
		'合计',
		'总计',
		'小计',
		'Total',
		'TOTAL:',
		'合计：15',
		'合 计',
		'小计 3 台',
		'Grand Total',
		'本页合计',
	])('because they sum up are placeholders: %s', async (word) => {
		const rows = [row('a', 1), { CustomerId: word, CustomerDeviceNo: 15, DeviceId: '', ProductName: '' }];
		for (const unusualCustomerIds of ['refuse', 'allow']) {
			const { bindings, error, message } = await pushed(rows, { unusualCustomerIds });
			expect([...bindings.keys()]).toEqual(['a']);
			expect(error.map(linksOf)).toEqual([[1]]);
			expect(message).toContain(`[row 2] 'CustomerId' is the word of a summary row`);
		}
	});
});

describe('Phone Numbers as IDs', () => {
	const PHONES = [
		'137 1234 5678',
		'137-1234-5678',
		'+8613712345678',
		'+86 137 1234 5678',
		'0086-137-1234-5678',
		'(+86)13712345678',
		'86-13712345678',
		'１３７ １２３４ ５６７８',
	];
	const ADVICE = "choose Digits Only under 'Phone Numbers as IDs', which makes it '13712345678'";

	test.each(PHONES)('%s is refused by default, and no advice says to allow it', async (phone) => {
		for (const unusualCustomerIds of ['refuse', 'allow']) {
			const { bindings, message } = await pushed([row('a', 1), row(phone, 2)], { unusualCustomerIds });
			expect([...bindings.keys()]).toEqual(['a']);
			expect(message).toContain(ADVICE);
			expect(message).not.toMatch(/allow/i);
		}
	});

	test('The customer of the same digits is withheld with it', async () => {
		const { bindings } = await pushed([row('13712345678', 1), row('137-1234-5678', 2), row('b', 3)]);
		expect([...bindings.keys()]).toEqual(['b']);
	});

	test('Digits Only makes one customer of all spellings, in Push, Sync and Customer: Create', async () => {
		const rowHandling = { phoneIds: 'digits' };
		const spellings = [...PHONES, '13712345678', 13712345678, '8613712345678'];
		const rows = spellings.map((phone, index) => row(phone as string, index));
		const { bindings, error } = await pushed(rows, rowHandling);
		expect(error).toEqual([]);
		expect([...bindings].map(([id, devices]) => [id, devices.length])).toEqual([
			['13712345678', rows.length],
		]);

		const simulator = await runSimulator({ keepBodies: true });
		await push([row('+86 137 1234 5678', 1)], simulator, { operation: 'sync', rowHandling });
		await runOperation(simulator, {
			operation: 'customer.create',
			parameters: { customerId: '+86 137 1234 5678', phoneNumber: '1' },
			options: { phoneIds: 'digits' },
			onError,
		});
		expect(simulator.requests.map(({ CustomerId }) => CustomerId)).toEqual(['13712345678', '13712345678']);
	});

	test.each([
		['+1 415-555-2671', '14155552671'],
		['010-12345678', '01012345678'],
		['0755 8601 3388', '075586013388'],
	])('Digits Only keeps the country code of other countries, and landlines: %s', async (phone, id) => {
		const { bindings } = await pushed([row(phone, 1)], { phoneIds: 'digits' });
		expect([...bindings.keys()]).toEqual([id]);
	});

	test.each(['2021-0001-2345', 'user-137-1234-5678', '137.12', '12-34'])(
		'%s is no phone number',
		async (id) => {
			const { message } = await pushed([row(id, 1)], { phoneIds: 'digits' });
			expect(message).not.toContain('Phone');
			const { bindings } = await pushed([row(id, 1)], { phoneIds: 'digits', unusualCustomerIds: 'allow' });
			expect([...bindings.keys()]).toEqual([id]);
		},
	);
});

describe('Map Automatically', () => {
	const GOOD = { 客户编号: 'a', 设备序列号: 'S1', 设备ID: 'LOCK01/roof', 产品名称: '智能门锁' };
	const renamed = (from: string, to: string) =>
		Object.fromEntries(Object.entries(GOOD).map(([name, value]) => [name === from ? to : name, value]));

	test.each<[usual: string, names: string[]]>([
		[
			'客户编号',
			[
				'客户编号',
				'客户ID',
				'客户 id',
				'客户号',
				'客户编码',
				'用户ID',
				'用户编号',
				'CustomerId',
				'customer_id',
			],
		],
		[
			'设备序列号',
			['设备序列号', '序列号', 'SN', 'S/N', '设备SN', 'SN码', '厂商设备编号', 'customer device no'],
		],
		['设备ID', ['设备ID', '设备 id', '平台设备ID', '平台设备编号', 'DeviceId', 'device-id']],
		['产品名称', ['产品名称', '产品名', '商品名称', 'productName']],
	])('takes the usual names of %s', async (usual, names) => {
		for (const name of names) {
			const simulator = await runSimulator();
			const { failure } = await push([renamed(usual, name)], simulator);
			expect([name, failure?.message]).toEqual([name, undefined]);
			expect(simulator.bindings.get('a')).toEqual([
				{ CustomerDeviceNo: 'S1', DeviceId: 'LOCK01/roof', ProductName: '智能门锁' },
			]);
		}
	});

	test.each<[usual: string, unclear: string, field: string]>([
		['客户编号', '客户', 'CustomerId'],
		['客户编号', '客户名称', 'CustomerId'],
		['设备ID', '设备编号', 'DeviceId'],
		['设备ID', '设备名称', 'DeviceId'],
		['设备序列号', '设备编号', 'CustomerDeviceNo'],
		['产品名称', '产品', 'ProductName'],
		['产品名称', '产品型号', 'ProductName'],
	])('refuses what is unclear by its name: %s as %s', async (usual, unclear, field) => {
		const simulator = await runSimulator();
		const { failure } = await push([renamed(usual, unclear)], simulator);
		expect(failure?.message).toContain(`No column fits ${field} for sure.`);
		expect(failure?.message).toContain(`'${unclear}' may hold it`);
		expect(simulator.requests).toEqual([]);
	});

	test('refuses two columns that fit, and prefers the exact name', async () => {
		const simulator = await runSimulator();
		const two = await push([{ ...GOOD, SN: 'S2' }], simulator);
		expect(two.failure?.message).toContain('More than one column fits CustomerDeviceNo.');
		const exact = await push([{ ...GOOD, CustomerDeviceNo: 'S3' }], simulator);
		expect(exact.failure).toBeUndefined();
		expect(simulator.bindings.get('a')?.[0]?.CustomerDeviceNo).toBe('S3');
	});
});

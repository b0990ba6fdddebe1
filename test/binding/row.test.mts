import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkDeviceId, whyNoDevice } from '../../nodes/TencentCloudIot/binding/devices';
import { FIELDS, RowReader, type MappedField } from '../../nodes/TencentCloudIot/binding/row';
import { deepFreeze } from '../support/deepFreeze.mts';
import { readRow } from '../support/rows.mts';

type RowRules = ConstructorParameters<typeof RowReader>[0];

type Cells = Readonly<Partial<Record<MappedField, unknown>>>;

const good = {
	CustomerId: 'user_1',
	CustomerDeviceNo: 'SN-0001',
	DeviceId: 'ProductABC/Device001',
	ProductName: 'Smart Lock',
};

const read = (cells: Cells, itemIndex = 4) => readRow(itemIndex, (field) => cells[field], 'allow');
const findingsOf = (cells: Cells) => read(cells).findings.map(({ field, text }) => `${field} ${text}`);

const FULL_WIDTH = 'DeviceId has full-width characters: type them in half width, e.g. ProductABC/Device001';
const foreign = (what: string) =>
	`DeviceId has ${what}, and Tencent allows letters, digits, _ and - (and : in a DeviceName): correct it`;
const NOT_AN_ID = 'DeviceId is not ProductId/DeviceName with exactly one "/": e.g. ProductABC/Device001';

describe('A row', () => {
	test('whose cells can all be used is a customer and a device', () => {
		const { CustomerId, ...device } = good;
		expect(read(good)).toEqual({
			...{ itemIndex: 4, kind: 'own', customerId: CustomerId, device, findings: [], candidates: [] },
			...{ claimed: [], unmapped: new Map() },
		});
	});

	test('has its numbers as text and its spaces trimmed', () => {
		expect(
			read({ CustomerId: 7, CustomerDeviceNo: 42n, DeviceId: ' P/D\u3000', ProductName: '烟感' }),
		).toEqual({
			itemIndex: 4,
			kind: 'own',
			customerId: '7',
			candidates: [],
			device: { CustomerDeviceNo: '42', DeviceId: 'P/D', ProductName: '烟感' },
			claimed: [],
			unmapped: new Map(),
			findings: [],
		});
	});

	test('has a finding for each cell that cannot be used, in the order of the fields', () => {
		expect(findingsOf({ DeviceId: 'x', ProductName: true })).toEqual([
			'CustomerId is missing: fill this column',
			'CustomerDeviceNo is missing: fill this column',
			NOT_AN_ID,
			'ProductName is a yes/no value, not a text: map a column that holds text',
		]);
	});

	test.each(FIELDS)('names itself and the field %s in its finding', (field) => {
		const { findings } = read({ ...good, [field]: ' ' }, 11);
		expect(findings).toEqual([{ itemIndex: 11, field, text: 'is empty: fill this column' }]);
	});

	test.each<[customerId: unknown]>([[undefined], [null], [''], [' '], [1.5], [true], [['a']], ['a\nb']])(
		'has no owner when its CustomerId is %j',
		(CustomerId) => {
			const row = read({ ...good, CustomerId });
			expect(row.customerId).toBeUndefined();
			expect(row.findings).toHaveLength(1);
		},
	);

	test('belongs to its customer also when its device cannot be used', () => {
		expect(read({ CustomerId: 'user_1' })).toMatchObject({ customerId: 'user_1', findings: { length: 3 } });
	});

	test.each<[customerId: unknown, candidate: string | undefined]>([
		['user\u200b_1', 'user_1'],
		[{ id: 7 }, '7'],
		['\u3164', undefined],
		[[[[['user_1']]]], undefined],
		[new Date(0), undefined],
		[false, undefined],
	])('whose CustomerId is damaged, %j, is invalid and has the candidate %s', (CustomerId, candidate) => {
		const { customerId, candidates, findings } = read({ ...good, CustomerId });
		expect(customerId).toBeUndefined();
		expect(candidates[0]).toEqual(candidate === undefined ? undefined : { id: candidate });
		expect(findings).toMatchObject([{ field: 'CustomerId' }]);
	});
});

describe('A DeviceId', () => {
	test.each([
		'P/D',
		'ProductABC/Device001',
		'P-1_a/D-1_a:2',
		'7/8',
		':'.padStart(48, 'P').replace('PP', 'P/'),
	])('%j is one', (id) => {
		expect(read({ ...good, DeviceId: id })).toMatchObject({ device: { DeviceId: id }, findings: [] });
	});

	test.each([
		['Device001', NOT_AN_ID],
		['/Device001', NOT_AN_ID],
		['ProductABC/', NOT_AN_ID],
		['ProductABC/ ', NOT_AN_ID],
		['a/b/c', NOT_AN_ID],
		['a//b', NOT_AN_ID],
		['a\\b', NOT_AN_ID],
		['ProductABC／Device001', FULL_WIDTH],
		['ＰroductABC/Device001', FULL_WIDTH],
		['ProductABC/Device\u30001', FULL_WIDTH],
		['ProductABC/Device００１', FULL_WIDTH],
		['ＡＢＣ', FULL_WIDTH],
		['P/D.1', foreign("'.'")],
		['锁/yb_1', foreign("'锁'")],
		['P/a+b', foreign("'+'")],
		['P/a b', foreign('a space')],
		['P:1/a', foreign("':'")],
		[`P/${'a'.repeat(49)}`, 'DeviceId has a DeviceName of more than 48 characters: correct it'],
		['/', 'DeviceId has no letter and no digit: fill it in'],
		['N/A', "DeviceId is 'N/A', which stands for no value: fill it in"],
		['#N/A', 'DeviceId is the formula error #N/A: correct the sheet'],
		['P/undefined', "DeviceId has 'undefined', which stands for no value: correct where it comes from"],
	])('%j is none, and is never made one silently', (DeviceId, finding) => {
		expect(findingsOf({ ...good, DeviceId })).toEqual([finding]);
		expect(`DeviceId ${checkDeviceId(DeviceId.trim())}`).toBe(finding);
	});

	test.each(['CustomerDeviceNo', 'ProductName'] as const)('has rules that do not hold for %s', (field) => {
		expect(findingsOf({ ...good, [field]: '／ ＡＢ' })).toEqual([]);
	});
});

describe('A cell whose expression cannot be evaluated', () => {
	test.each<[thrown: unknown, why: string]>([
		[new Error('no such column'), 'no such column'],
		['text', 'text'],
		[undefined, 'undefined'],
	])('is a finding of its field with the reason: %s', (thrown, why) => {
		const row = readRow(
			2,
			(field) => {
				if (field === 'ProductName') throw thrown;
				return good[field];
			},
			'refuse',
		);
		expect(row).toMatchObject({
			customerId: 'user_1',
			findings: [{ itemIndex: 2, field: 'ProductName', text: `could not be evaluated: ${why}` }],
		});
		expect(row).not.toHaveProperty('isNameless');
	});
});

test('What was usable in the row before is checked again where less is allowed, or in another field.', () => {
	const cells = (id: string) => (field: string) => (field === 'DeviceId' ? 'P/D' : id);
	expect(readRow(0, cells('a-b'), 'allow').findings).toEqual([]);
	expect(readRow(1, cells('a-b'), 'refuse').findings).toMatchObject([{ itemIndex: 1, field: 'CustomerId' }]);
	expect(readRow(2, (field) => (field === 'CustomerId' ? 'a' : 'P/D'), 'allow').findings).toEqual([]);
	expect(readRow(3, () => 'P', 'allow').findings).toMatchObject([{ itemIndex: 3, field: 'DeviceId' }]);
});

test('Unusual ids are invalid unless they are allowed, and are their own candidates', () => {
	const cells = (field: MappedField) => ({ ...good, CustomerId: '张伟' })[field];
	expect(readRow(0, cells, 'allow')).toMatchObject({ customerId: '张伟', findings: [] });
	expect(readRow(0, cells, 'refuse')).toMatchObject({
		customerId: undefined,
		candidates: [{ id: '张伟' }],
		findings: [{ field: 'CustomerId' }],
	});
});

test('Reading asks for each field once', () => {
	const asked: MappedField[] = [];
	readRow(
		0,
		(field) => {
			asked.push(field);
			return good[field];
		},
		'refuse',
	);
	expect(asked).toEqual(['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName']);
});

test('Whatever the cells hold, a row is read, and is good only if all four can be sent', () => {
	const cell = fc.oneof(fc.anything(), fc.string({ unit: 'binary' }), fc.constantFrom('P/D', 'a', 7, null));
	const cells = fc.record({
		CustomerId: cell,
		CustomerDeviceNo: cell,
		DeviceId: fc.oneof(cell, fc.constant('P/D')),
		ProductName: cell,
	});
	fc.assert(
		fc.property(cells, (anything) => {
			for (const { customerId, device, findings, parts } of [read(deepFreeze(anything))].flat()) {
				const texts = [customerId ?? '', device.CustomerDeviceNo, device.DeviceId, device.ProductName];
				const isWhole = parts === undefined && texts.every((text) => text !== '');
				expect(findings.length === 0).toBe(isWhole);
				if (isWhole) expect(device.DeviceId).toMatch(/^[^/]+\/[^/]+$/);
			}
		}),
		{ numRuns: 500 },
	);
});

describe('A cell that cannot be used says what it holds:', () => {
	test.each<[field: MappedField, cell: string, why: string]>([
		['DeviceId', 'LOCK01/roof,roof2', "holds 2 devices ('LOCK01/roof' and 'roof2')"],
		['DeviceId', 'CAM01/hall1、hall2', "holds 2 devices ('CAM01/hall1' and 'hall2')"],
		['DeviceId', 'LOCK01/a，LOCK01/b；LOCK01/c', "holds 3 devices ('LOCK01/a', 'LOCK01/b' and 'LOCK01/c')"],
		['DeviceId', 'LOCK01/a;b', 'holds 2 devices'],
		['DeviceId', 'LOCK01/a\nLOCK01/b', 'holds 2 devices'],
		['DeviceId', 'LOCK01/a\r\nb', 'holds 2 devices'],
		['DeviceId', 'LOCK01、CAM01/a', 'holds 2 devices'],
		['DeviceId', 'LOCK01/a,', 'begins or ends with a separator: remove it'],
		['DeviceId', '[object Object]/D1', "has '[object Object]', which stands for no value"],
		['CustomerDeviceNo', 'SN1,SN2', "holds 2 serial numbers ('SN1' and 'SN2')"],
		['CustomerDeviceNo', 'SN1\nSN2', 'holds 2 serial numbers'],
		['CustomerDeviceNo', '无', "is '无', which stands for no value"],
		['CustomerDeviceNo', '#REF!', 'is the formula error #REF!'],
		['CustomerDeviceNo', 'SN-undefined', "has 'undefined', which stands for no value"],
		['CustomerDeviceNo', '/', 'has no letter and no digit'],
		['CustomerDeviceNo', '8.61234E+14', "is a number in a spreadsheet's scientific notation"],
		['CustomerDeviceNo', '="00123"', 'is a formula'],
		['CustomerDeviceNo', "'00123", 'stands in quotation marks'],
		['CustomerDeviceNo', '123.0', 'is a number with decimals'],
		['DeviceId', 'P/8.61234E+14', "has the DeviceName '8.61234E+14', which is a number in a spreadsheet's"],
		['DeviceId', '8.61234E+14/P', "has the ProductId '8.61234E+14', which is a number in a spreadsheet's"],
		['DeviceId', '="P/1"', `has the ProductId '="P', which is a formula`],
		['DeviceId', 'P/="00123"', 'has the DeviceName \'="00123"\', which is a formula'],
		['DeviceId', "P/'123", "has the DeviceName ''123', which stands in quotation marks"],
		['DeviceId', 'P/123.0', "has the DeviceName '123.0', which is a number with decimals"],
		['ProductName', 'a\u200db', 'has the invisible character U+200D'],
		['ProductName', '锁\ufe0f', 'has the invisible character U+FE0F'],
		['CustomerDeviceNo', 'S❤\ufe0f1', 'has the invisible character U+FE0F'],
		['ProductName', '[object Object]', "has '[object Object]', which stands for no value"],
		['ProductName', '{{ $json.product }}', "has '{{', which stands for no value"],
		['ProductName', '暂无', "is '暂无', which stands for no value"],
		['ProductName', '合计', 'is the word of a summary row'],
	])('%s %j', (field, cell, why) => {
		expect(findingsOf({ ...good, [field]: cell })).toEqual([expect.stringContaining(`${field} ${why}`)]);
	});

	test.each([
		'门锁❤\ufe0f',
		'👨\u200d👩\u200d👧 home',
		'1\ufe0f\u20e3 lock',
		'👍🏽 lock',
		'🏳\ufe0f\u200d🌈 x',
	])('and a ProductName may have an emoji: %s', (ProductName) => {
		expect(read({ ...good, ProductName })).toMatchObject({ findings: [], device: { ProductName } });
	});

	test.each<[what: string, cell: unknown]>([
		['an object with a text for toString', { toString: 'x', valueOf: 'y' }],
		['an object without a prototype', Object.create(null)],
		['a list within a list', [[[]]]],
		['a date of no day', new Date(NaN)],
	])('%s', (_, cell) => {
		for (const field of FIELDS) expect(findingsOf({ ...good, [field]: cell })).toHaveLength(1);
	});
});

describe('A row whose cells are split', () => {
	const rules: RowRules = { unusualCustomerIds: 'allow', severalDevices: 'split', phoneIds: 'refuse' };
	const split = (cells: Cells) => new RowReader(rules).read(4, (field) => cells[field]);
	const two = { ...good, DeviceId: 'A/1,2', CustomerDeviceNo: 's1,s2' };

	test('is a row for each device', () => {
		expect(split(two)).toEqual([
			expect.objectContaining({
				customerId: 'user_1',
				device: { DeviceId: 'A/1', CustomerDeviceNo: 's1', ProductName: 'Smart Lock' },
			}),
			expect.objectContaining({ customerId: 'user_1', device: expect.objectContaining({ DeviceId: 'A/2' }) }),
		]);
	});

	test.each<[DeviceId: string, CustomerDeviceNo: string, pairs: string[]]>([
		['LOCK01/c、LOCK02/d；e', 'S1 ， S2\nS3', ['LOCK01/c S1', 'LOCK02/d S2', 'LOCK02/e S3']],
		['LOCK01/c,\r\nd，', 'S1;S2;', ['LOCK01/c S1', 'LOCK01/d S2']],
		['LOCK01/c', 'S1', ['LOCK01/c S1']],
	])('pairs %j with %j', (DeviceId, CustomerDeviceNo, pairs) => {
		const rows = [split({ ...good, DeviceId, CustomerDeviceNo })].flat();
		expect(rows.map(({ device }) => `${device.DeviceId} ${device.CustomerDeviceNo}`)).toEqual(pairs);
	});

	test.each<[DeviceId: string, CustomerDeviceNo: string, why: string]>([
		['LOCK01/c\n\nd', 'S1,S2', 'DeviceId has an empty place between two separators'],
		['c,LOCK01/d', 'S1,S2', 'DeviceId is not ProductId/DeviceName'],
		['LOCK01/c,无', 'S1,S2', "DeviceId has the DeviceName '无'"],
		['LOCK01/c,d', 'S1,无', "CustomerDeviceNo is '无'"],
	])('is refused with %j and %j', (DeviceId, CustomerDeviceNo, why) => {
		const row = [split({ ...good, DeviceId, CustomerDeviceNo })].flat()[0]!;
		expect(row.findings.map(({ field, text }) => `${field} ${text}`)).toContainEqual(
			expect.stringContaining(why),
		);
	});

	test('has as many as the cell holds', () => {
		const list = (prefix: string) =>
			Array.from({ length: 500 }, (_, index) => `${prefix}${index}`).join(', ');
		expect(split({ ...good, DeviceId: list('A/device'), CustomerDeviceNo: list('SN-') })).toHaveLength(500);
	});

	test('is one row with the finding where the cells do not fit', () => {
		const row = split({ ...two, CustomerDeviceNo: 's1' });
		expect(row).toMatchObject({ customerId: 'user_1', findings: [{ itemIndex: 4, field: 'DeviceId' }] });
	});

	test('is one row with all findings where a device cannot be used, and all devices that it names', () => {
		const row = split({ ...two, DeviceId: 'A/1,B//2', ProductName: '' });
		expect(row).toMatchObject({ customerId: 'user_1', claimed: ['A/1', 'A/1'] });
		expect([row].flat()[0]?.findings.length).toBeGreaterThan(1);
	});

	test('is refused without the advice to split it where another field cannot be read', () => {
		const [row] = [
			new RowReader(rules).read(4, (field) => {
				if (field === 'ProductName') throw new Error('no such column');
				return two[field];
			}),
		].flat();
		expect(row!.findings[1]!.text).toMatch(/^holds 2 devices .*: give each a row of its own$/);
	});

	test('is read as it is where a field cannot be read', () => {
		const failing = new RowReader(rules).read(4, (field) => {
			if (field === 'DeviceId') throw new Error('no such column');
			return good[field];
		});
		expect(failing).toMatchObject({ customerId: 'user_1', findings: [{ field: 'DeviceId' }] });
	});
});

const SPLIT = 'Several Devices in a Cell → Split';

test.each<[mends: Array<string | undefined>, cells: Cells, rules?: Partial<RowRules>]>([
	[[], {}],
	[[SPLIT, SPLIT], { CustomerDeviceNo: '1,2', DeviceId: 'P/1,2' }],
	[[SPLIT, SPLIT, undefined], { CustomerDeviceNo: '1,2', DeviceId: 'P/1,2', ProductName: '-' }],
	[[undefined], { DeviceId: 'P/1,2' }],
	[[undefined, SPLIT], { CustomerDeviceNo: '1,无', DeviceId: 'P/1,2' }],
	[[undefined], { CustomerDeviceNo: '1,2' }],
	[[undefined], { CustomerId: '13712345678 13812345678' }],
	[['Phone Numbers as IDs → Digits Only'], { CustomerId: '+86 137 1234 5678' }],
	[['Phone Numbers as IDs → Digits Only', undefined], { CustomerId: '+86 137 1234 5678', DeviceId: 'x' }],
	[['Unusual Customer IDs → Allow'], { CustomerId: 'a-b' }],
	[[undefined], { CustomerId: 'a-b' }, { unusualCustomerIds: 'allow' }],
	[[undefined], { CustomerId: '1.2E+15' }],
	[[undefined], { DeviceId: 'x' }],
])('Options of Row Handling that would mend what is wrong: %j in %j.', (mends, cells, rules = {}) => {
	const refusing: RowRules = { phoneIds: 'refuse', severalDevices: 'refuse', unusualCustomerIds: 'refuse' };
	const row = new RowReader({ ...refusing, ...rules }).read(0, (field) => ({ ...good, ...cells })[field]);
	expect([row].flat().flatMap(({ findings }) => findings.map(({ mend }) => mend))).toEqual(mends);
});

test.each<[value: string | undefined, cells: Cells]>([
	['8.61234E+14', { CustomerDeviceNo: '8.61234E+14' }],
	['CAM01-d20', { DeviceId: ' CAM01-d20 ' }],
	['1.5', { CustomerDeviceNo: 1.5 }],
	['P D', { DeviceId: 'P\t\u202eD' }],
	[`${'x'.repeat(64)}…`, { DeviceId: 'x'.repeat(900) }],
	[undefined, { DeviceId: ' ' }],
	[undefined, { DeviceId: true }],
	[undefined, { DeviceId: '无' }],
	[undefined, { CustomerDeviceNo: '1,2' }],
])('What stands in a cell is quoted, cut and in one line, unless the text quotes it: %j.', (value, cells) => {
	expect(read({ ...good, ...cells }).findings[0]!.value).toBe(value);
});

describe('What is wrong within a DeviceId', () => {
	test.each([
		['无/Device001', "has the ProductId '无', which stands for no value: fill it in"],
		['ProductABC/NULL', "has 'NULL', which stands for no value: correct where it comes from"],
		['ProductABC/无', "has the DeviceName '无', which stands for no value: fill it in"],
		['ProductABC/--', "has the DeviceName '--', which has no letter and no digit: fill it in"],
		['ProductABC/合计', "has the DeviceName '合计', which is the word of a summary row: remove the row"],
		['P/1,P/2', 'holds several devices: give one'],
	])('is said of %s', (deviceId, why) => {
		expect(checkDeviceId(deviceId)).toBe(why);
	});

	test('is said whatever was usable before', () => {
		expect(whyNoDevice('P/无', 'P/1')).toBe("has the DeviceName '无', which stands for no value: fill it in");
		expect(whyNoDevice('无/1', 'P/1')).toBe("has the ProductId '无', which stands for no value: fill it in");
		expect(whyNoDevice('P/1', 'P/2')).toBeUndefined();
	});
});

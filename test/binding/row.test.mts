import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
	lacksOnlyProductName,
	isWithoutDevice,
	NO_CANDIDATES,
	type MappedField,
	type Row,
} from '../../nodes/TencentCloudIot/binding/row';
import { RowReader } from '../../nodes/TencentCloudIot/binding/rowReader';
import { anyCharacter } from '../support/anyCharacter.mts';
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

/** Reads cells, and throws at one of them. */
const throwing = (at: MappedField, cells: Cells, thrown: unknown) => (field: MappedField) => {
	if (field === at) {
		throw thrown;
	}
	return cells[field];
};

describe('A row', () => {
	test('with valid cells has a customer and a device', () => {
		const { CustomerId, ...device } = good;
		expect(read(good)).toEqual({
			itemIndex: 4,
			kind: 'own',
			customerId: CustomerId,
			device,
			findings: [],
			readCandidates: NO_CANDIDATES,
			namedDeviceIds: [],
			readUnmappedCells: expect.any(Function),
		});
	});

	test('has numbers as text and spaces trimmed', () => {
		const cells = { CustomerId: 7, CustomerDeviceNo: 42n, DeviceId: ' P/D\u3000', ProductName: '烟感' };
		const device = { CustomerDeviceNo: '42', DeviceId: 'P/D', ProductName: '烟感' };
		expect(read(cells)).toMatchObject({ customerId: '7', device, findings: [] });
	});

	test.each<[customerId: unknown, candidate: string | undefined]>([
		['user\u200b_1', 'user_1'],
		[{ id: 7 }, '7'],
		['\u3164', undefined],
		[[[[['user_1']]]], undefined],
		[new Date(0), undefined],
		[false, undefined],
	])('whose CustomerId is damaged, %j, is invalid and has the candidate %s', (CustomerId, candidate) => {
		const { customerId, readCandidates: candidates, findings } = read({ ...good, CustomerId });
		expect(customerId).toBeUndefined();
		expect(candidates()[0]).toEqual(candidate === undefined ? undefined : { id: candidate });
		expect(findings).toMatchObject([{ field: 'CustomerId' }]);
	});
});

describe('A cell whose expression cannot be evaluated', () => {
	test.each<[thrown: unknown, why: string]>([
		[new Error('no such column'), 'no such column'],
		['text', 'text'],
		[undefined, 'undefined'],
	])('is a finding of its field with the reason: %s', (thrown, why) => {
		const row = readRow(2, throwing('ProductName', good, thrown), 'refuse');
		expect(row).toMatchObject({
			customerId: 'user_1',
			findings: [{ itemIndex: 2, field: 'ProductName', code: 'notEvaluated', facts: { message: why } }],
		});
		expect(lacksOnlyProductName(row)).toBe(false);
	});

	test('for its CustomerId ends the block of the customer above, because the rows below may belong to anybody', () => {
		const row = readRow(2, throwing('CustomerId', good, new Error('no such node')), 'refuse');
		expect(row).toMatchObject({ kind: 'between', customerId: undefined, namedDeviceIds: [good.DeviceId] });
	});
});

test('A value that was valid in the previous row is checked again with stricter options or in another field.', () => {
	const cells = (id: string) => (field: string) => (field === 'DeviceId' ? 'P/D' : id);
	expect(readRow(0, cells('a-b'), 'allow').findings).toEqual([]);
	expect(readRow(1, cells('a-b'), 'refuse').findings).toMatchObject([{ itemIndex: 1, field: 'CustomerId' }]);
	expect(readRow(2, (field) => (field === 'CustomerId' ? 'a' : 'P/D'), 'allow').findings).toEqual([]);
	expect(readRow(3, () => 'P', 'allow').findings).toMatchObject([{ itemIndex: 3, field: 'DeviceId' }]);
});

test('A row that repeats the header has no owner, and only that finding', () => {
	const rules = { phoneIds: 'refuse', unusualCustomerIds: 'refuse', severalDevices: 'refuse' } as const;
	const row = new RowReader(rules).readHeader(4, (field) =>
		field === 'DeviceId' ? '设备/ID' : 'CustomerId',
	);
	const nobodys = {
		kind: 'between',
		customerId: undefined,
		readCandidates: NO_CANDIDATES,
		namedDeviceIds: [],
	};
	expect(row).toMatchObject({ ...nobodys, findings: [{ field: 'CustomerId', code: 'columnName' }] });
});

test('A row with any cells is read, and is good only if all four can be sent', () => {
	const cell = fc.oneof(
		fc.anything(),
		fc.string({ unit: anyCharacter }),
		fc.constantFrom('P/D', 'a', 7, null),
	);
	const cells = fc.record({
		CustomerId: cell,
		CustomerDeviceNo: cell,
		DeviceId: fc.oneof(cell, fc.constant('P/D')),
		ProductName: cell,
	});
	fc.assert(
		fc.property(cells, (anything) => {
			for (const { customerId, device, findings, deviceRows } of [read(deepFreeze(anything))].flat()) {
				const texts = [customerId ?? '', device.CustomerDeviceNo, device.DeviceId, device.ProductName];
				const isWhole = deviceRows === undefined && texts.every((text) => text !== '');
				expect(findings.length === 0).toBe(isWhole);
				if (isWhole) {
					expect(device.DeviceId).toMatch(/^[^/]+\/[^/]+$/);
				}
			}
		}),
		{ numRuns: 500 },
	);
});

describe('A row whose cells are split', () => {
	const rules: RowRules = { unusualCustomerIds: 'allow', severalDevices: 'split', phoneIds: 'refuse' };
	const split = (cells: Cells) => new RowReader(rules).read(4, (field) => cells[field]);
	const two = { ...good, DeviceId: 'A/1,2', CustomerDeviceNo: 's1,s2' };

	test.each<[DeviceId: string, CustomerDeviceNo: string, pairs: string[]]>([
		['LOCK01/c、LOCK02/d；e', 'S1 ， S2\nS3', ['LOCK01/c S1', 'LOCK02/d S2', 'LOCK02/e S3']],
		['LOCK01/c,\r\nd，', 'S1;S2;', ['LOCK01/c S1', 'LOCK01/d S2']],
		['、LOCK01/c、d', '\n;S1;S2', ['LOCK01/c S1', 'LOCK01/d S2']],
		['LOCK01/c', 'S1', ['LOCK01/c S1']],
	])('pairs %j with %j', (DeviceId, CustomerDeviceNo, pairs) => {
		const rows = [split({ ...good, DeviceId, CustomerDeviceNo })].flat();
		expect(rows.map(({ device }) => `${device.DeviceId} ${device.CustomerDeviceNo}`)).toEqual(pairs);
	});

	test.each<[DeviceId: string, CustomerDeviceNo: string, field: MappedField, code: string]>([
		['LOCK01/c\n\nd', 'S1,S2', 'DeviceId', 'emptyPlace'],
		['A/a,A/b,A/c', '1,,3', 'CustomerDeviceNo', 'emptyPlace'],
		['A/a,A/b', '1', 'DeviceId', 'uneven'],
		['A/a', '1,2', 'DeviceId', 'uneven'],
		['c,LOCK01/d', 'S1,S2', 'DeviceId', 'notDeviceId'],
		['LOCK01/c,无', 'S1,S2', 'DeviceId', 'part'],
		['LOCK01/c,d', 'S1,无', 'CustomerDeviceNo', 'placeholder'],
	])('is refused with %j and %j', (DeviceId, CustomerDeviceNo, field, code) => {
		const [row] = [split({ ...good, DeviceId, CustomerDeviceNo })].flat();
		expect(row!.findings).toContainEqual(expect.objectContaining({ field, code }));
	});

	test('is refused if it has as many names as devices', () => {
		const row = split({ ...two, ProductName: 'Lock,Camera' });
		expect(row).toMatchObject({ findings: [{ field: 'ProductName', code: 'severalNames' }] });
	});

	test('is one row with a finding if the cells do not fit together', () => {
		const row = split({ ...two, CustomerDeviceNo: 's1' });
		expect(row).toMatchObject({ customerId: 'user_1', findings: [{ itemIndex: 4, field: 'DeviceId' }] });
		const [damaged] = [split({ ...two, CustomerId: '="a"', CustomerDeviceNo: 's1' })].flat();
		expect(damaged!.findings.map(({ field }) => field)).toEqual(['CustomerId', 'DeviceId']);
	});

	test('is one row with all findings and all its devices if a device is invalid', () => {
		const row = split({ ...two, DeviceId: 'A/1,B//2', ProductName: '' });
		expect(row).toMatchObject({ customerId: 'user_1', namedDeviceIds: ['A/1', 'A/1'] });
		expect([row].flat()[0]?.findings.length).toBeGreaterThan(1);
	});

	test('is refused without the advice to split it if another field cannot be read', () => {
		const [row] = [new RowReader(rules).read(4, throwing('ProductName', two, 'x'))].flat();
		expect(row!.findings[1]).toMatchObject({ code: 'several' });
		expect(row!.findings[1]).not.toHaveProperty('mend');
	});

	test('is not split if a field cannot be read', () => {
		const failing = new RowReader(rules).read(4, throwing('DeviceId', good, 'x'));
		expect(failing).toMatchObject({ customerId: 'user_1', findings: [{ field: 'DeviceId' }] });
	});
});

test('A row with an empty entry and an invalid device does not count as a row without a device, which could be left out', () => {
	const rules = { phoneIds: 'refuse', unusualCustomerIds: 'refuse', severalDevices: 'split' } as const;
	const rowOf = (DeviceId: string[], CustomerDeviceNo: string[], ProductName: string[]) => {
		const cells = { CustomerId: 'a', DeviceId, CustomerDeviceNo, ProductName };
		return new RowReader(rules).read(0, (field) => cells[field]) as Row;
	};
	expect(isWithoutDevice(rowOf(['', 'no slash'], ['', '2'], ['', 'Lock']))).toBe(false);
	expect(isWithoutDevice(rowOf([], [], []))).toBe(true);
});

test.each([
	[' user_1\u3000', 'user_1'],
	[7, '7'],
	['+86 137 1234 5678', '13712345678'],
	[`${' '.repeat(300)}user_1`, 'user_1'],
])('The id of a row that can be used is read alone as with its row: %j', (CustomerId, id) => {
	const reader = new RowReader({
		phoneIds: 'digits',
		unusualCustomerIds: 'refuse',
		severalDevices: 'refuse',
	});
	const cells = { ...good, CustomerId };
	expect(reader.read(0, (field) => cells[field])).toMatchObject({ customerId: id, findings: [] });
	expect(reader.readUsableId(() => CustomerId)).toBe(id);
});

test('Blanks after a device are trimmed and not taken for a list of devices, however many there are', () => {
	const cells = { ...good, DeviceId: `ProductABC/Device001${'\n'.repeat(40_000)}` };
	expect(read(cells)).toMatchObject({ device: { DeviceId: 'ProductABC/Device001' }, findings: [] });
	const [finding] = read({ ...good, DeviceId: `${'\n'.repeat(40_000)}Device001` }).findings;
	expect(finding).toMatchObject({ code: 'notDeviceId', value: 'Device001' });
});

const texts = (count: number, prefix: string) =>
	Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const TOO_MANY = 10_001;

test.each<[scene: string, cells: Cells, findings: string[], namedDevices: number]>([
	[
		'with too many devices',
		{
			DeviceId: texts(TOO_MANY, 'P/D'),
			CustomerDeviceNo: texts(TOO_MANY, 'S'),
			ProductName: texts(TOO_MANY, 'L'),
		},
		['CustomerDeviceNo tooMany', 'DeviceId tooMany', 'ProductName tooMany'],
		10_000,
	],
	[
		'with more numbers than devices, and too many',
		{ DeviceId: texts(2, 'P/D'), CustomerDeviceNo: texts(TOO_MANY, 'S') },
		['CustomerDeviceNo tooMany'],
		0,
	],
	[
		'with several devices and a name that is too long',
		{ DeviceId: texts(2, 'P/D'), CustomerDeviceNo: texts(2, 'S'), ProductName: 'x'.repeat(100_000) },
		['ProductName tooLong'],
		0,
	],
	[
		'with a DeviceId that is too long',
		{ DeviceId: `P/1,P/2${'x'.repeat(100_000)}` },
		['DeviceId tooLong'],
		1,
	],
])('A row %s has a finding for what was cut, not for uneven lists', (_, cells, findings, namedDevices) => {
	for (const severalDevices of ['refuse', 'split'] as const) {
		const reader = new RowReader({ phoneIds: 'refuse', severalDevices, unusualCustomerIds: 'refuse' });
		const row = reader.read(4, (field) => ({ ...good, ...cells })[field]) as Row;
		expect(row.findings.map(({ field, code }) => `${field} ${code}`)).toEqual(findings);
		expect(row.findings.every(({ itemIndex }) => itemIndex === 4)).toBe(true);
		expect(severalDevices === 'split' ? row.namedDeviceIds.length : namedDevices).toBe(namedDevices);
	}
});

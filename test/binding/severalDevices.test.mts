import { describe, expect, test } from '@jest/globals';
import { splitDevices, whyList } from '../../nodes/TencentCloudIot/binding/devices';
import { RowReader, type Row } from '../../nodes/TencentCloudIot/binding/row';

const ProductName = 'Lock';

describe('Cells that list devices are split into pairs', () => {
	test.each([
		['a comma', 'LOCK01/a,LOCK01/b', '1,2'],
		['an enumeration comma', 'LOCK01/a、LOCK01/b', '1、2'],
		['a line break', 'LOCK01/a\nLOCK01/b', '1\r\n2'],
		['marks at the ends of lines', 'LOCK01/a,\nLOCK01/b;', '1；\n2；'],
		['an entry without a product', 'LOCK01/a,b', '1,2'],
	])('at %s', (_, DeviceId, CustomerDeviceNo) => {
		expect(splitDevices({ DeviceId, CustomerDeviceNo, ProductName })).toEqual([
			{ DeviceId: 'LOCK01/a', CustomerDeviceNo: '1', ProductName },
			{ DeviceId: 'LOCK01/b', CustomerDeviceNo: '2', ProductName },
		]);
	});

	test('each entry with the product of the entry before it', () => {
		const devices = splitDevices({ DeviceId: 'A/1,2,B/3,4', CustomerDeviceNo: 'a,b,c,d', ProductName });
		expect(devices).toEqual(
			['A/1', 'A/2', 'B/3', 'B/4'].map((DeviceId, index) => ({
				DeviceId,
				CustomerDeviceNo: 'abcd'[index],
				ProductName,
			})),
		);
	});

	test('but cells without a separator are not', () => {
		expect(splitDevices({ DeviceId: 'LOCK01/a', CustomerDeviceNo: 1, ProductName })).toBeUndefined();
	});
});

describe('Cells that do not fit each other are refused', () => {
	test.each([
		['DeviceId', 'LOCK01/a,,LOCK01/b', '1,2,3', 'Lock', 'has an empty place between two separators'],
		['CustomerDeviceNo', 'A/a,A/b,A/c', '1,,3', 'Lock', 'has an empty place between two separators'],
		['DeviceId', 'A/a,A/b', '1', 'Lock', 'holds 2 devices and CustomerDeviceNo 1 serial number'],
		['DeviceId', 'A/a', '1,2', 'Lock', 'holds 1 device and CustomerDeviceNo 2 serial numbers'],
		['DeviceId', ',', '1', 'Lock', 'holds 0 devices and CustomerDeviceNo 1 serial number'],
		['ProductName', 'A/a,A/b', '1,2', 'Lock,Camera', 'holds as many names as there are devices'],
	])('in %s: %s with %s', (field, DeviceId, CustomerDeviceNo, name, text) => {
		const misfit = splitDevices({ DeviceId, CustomerDeviceNo, ProductName: name });
		expect(misfit).toEqual({ field, text: expect.stringContaining(text) });
	});
});

describe('A cell that lists devices is refused with what it holds', () => {
	test.each([
		['DeviceId', 'A/a,A/b', "holds 2 devices ('A/a' and 'A/b')"],
		['CustomerDeviceNo', '1、2、3、4、5、6', 'holds 6 serial numbers'],
		['DeviceId', 'A/a,', 'begins or ends with a separator: remove it'],
	] as const)('in %s: %s', (field, cell, text) => {
		expect(whyList(field, cell)).toContain(text);
	});

	test('and only its first five entries are named', () => {
		expect(whyList('DeviceId', '1,2,3,4,5,6')).toContain("'5', …)");
	});

	test.each([
		['nothing', undefined],
		['a number', 7],
		['one device', 'A/a'],
	])('but %s is none', (_, cell) => {
		expect(whyList('DeviceId', cell)).toBeUndefined();
	});
});

test('A row that lists nothing and a device that cannot be used is none without a device: it would be left out', () => {
	const rules = { phoneIds: 'refuse', unusualCustomerIds: 'refuse', severalDevices: 'split' } as const;
	const rowOf = (DeviceId: string[], number: string[], name: string[]) => {
		const cells = { CustomerId: 'a', DeviceId, CustomerDeviceNo: number, ProductName: name };
		return new RowReader(rules).read(0, (field) => cells[field]) as Row;
	};
	expect(rowOf(['', 'no slash'], ['', '2'], ['', 'Lock']).isWithoutDevice).toBeUndefined();
	expect(rowOf([], [], []).isWithoutDevice).toBe(true);
});

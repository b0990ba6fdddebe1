import { describe, expect, test } from '@jest/globals';
import { group, inShort, type Cells } from '../support/rows.mts';
import { because, ELSEWHERE } from '../../nodes/TencentCloudIot/messages/findings';
import { withoutPause } from '../support/withoutPause.mts';
import { ofRows } from '../../nodes/TencentCloudIot/messages/text';

/** The finding of a device that is also under another customer, in that row. */
const shared = (itemIndex: number, customer: string, row: number, value: string) => ({
	itemIndex,
	field: 'DeviceId',
	value,
	...because('shared', { customer: ofRows(customer), row: ELSEWHERE.row(row) }),
});

describe('The same device twice for one customer', () => {
	test.each<[what: string, deviceNo: string, product: string]>([
		['another number', '2', 'Lock'],
		['another product', '1', 'Lamp'],
		['another number and product', '2', 'Lamp'],
	])('with %s is a contradiction: all its rows are bad, and name one another', (_what, no, product) => {
		const grouped = group([
			['x', 'P/9'],
			['a', 'P/1'],
			['a', 'P/1', no, product],
			['a', 'P/1'],
		]);
		expect(inShort(grouped).customers[1]).toEqual({
			customerId: 'a',
			devices: [],
			bad: [2, 1, 3],
		});
		expect(grouped.customers[1]?.findings).toEqual(
			[
				[2, 1],
				[1, 2],
				[3, 2],
			].map(([itemIndex, row]) => ({
				itemIndex,
				field: 'DeviceId',
				value: 'P/1',
				...because('described', { other: ELSEWHERE.row(row!) }),
			})),
		);
	});
});

describe('The same device under two customers', () => {
	const table = [
		['a', 'P/1'],
		['a', 'P/2'],
		['b', 'P/2'],
		['a', 'P/2'],
		['c', 'P/3'],
		['c', 'P/2'],
	] as const;

	test('is refused for each of them in each of its rows, with the place of the other', () => {
		const grouped = group(table);
		expect(inShort(grouped).customers).toEqual([
			{ customerId: 'a', devices: [['P/1', 0]], bad: [1, 3] },
			{ customerId: 'b', devices: [], bad: [2] },
			{ customerId: 'c', devices: [['P/3', 4]], bad: [5] },
		]);
		expect(grouped.customers.map(({ findings }) => findings)).toEqual([
			[1, 3].map((itemIndex) => shared(itemIndex, 'b', 2, 'P/2')),
			[shared(2, 'a', 1, 'P/2')],
			[shared(5, 'a', 1, 'P/2')],
		]);
	});

	test.each<[what: string, id: unknown, product: unknown]>([
		['another fault', 'b', null],
		['a damaged CustomerId', 'b\u0007', 'Lock'],
		['both', 'b\u0007', null],
	])('is refused also where the row of one of them has %s', (_what, id, product) => {
		const grouped = group([
			['a', 'P/1'],
			['a', 'P/2'],
			[id, 'P/1', '1', product],
		]);
		expect(inShort(grouped).customers).toEqual([
			{ customerId: 'a', devices: [['P/2', 1]], bad: [0] },
			{ customerId: 'b', devices: [], bad: [2] },
		]);
		const [a, b] = grouped.customers;
		expect(a?.findings).toEqual([shared(0, 'b', 2, 'P/1')]);
		expect(b?.findings.at(-1)).toEqual(shared(2, 'a', 0, 'P/1'));
	});

	test.each<[what: string, deviceId: unknown, product: unknown]>([
		['a list', 'P/9,P/1', 'Lock'],
		['a list without its product', 'P/9、1', 'Lock'],
		['a list of a row with another fault', 'P/9;P/1', null],
		['a formula', '="P/1"', 'Lock'],
		['full-width characters', 'Ｐ／１', 'Lock'],
		['a remark beside it', '(P/1) 旧', 'Lock'],
		['an invisible character', 'P/\u200b1', 'Lock'],
		['a space beside the slash', 'P / 1', 'Lock'],
	])('is refused also where the row of one of them names it in %s', (_what, deviceId, product) => {
		const grouped = group([
			['a', 'P/1'],
			['b', deviceId, '1', product],
		]);
		const [a, b] = grouped.customers;
		expect(inShort(grouped).customers.map(({ devices }) => devices)).toEqual([[], []]);
		expect(a?.findings).toEqual([shared(0, 'b', 1, 'P/1')]);
		expect(b?.findings.at(-1)).toEqual(shared(1, 'a', 0, 'P/1'));
	});

	test('is refused for both customers that have it even if the row of a third customer has another fault', () => {
		const grouped = group([
			['a', 'P/1'],
			['c', 'P/1', null],
			['b', 'P/1'],
			['c', 'P/2'],
		]);
		expect(inShort(grouped).customers).toEqual([
			{ customerId: 'a', devices: [], bad: [0] },
			{ customerId: 'c', devices: [['P/2', 3]], bad: [1] },
			{ customerId: 'b', devices: [], bad: [2] },
		]);
		expect(grouped.customers[1]?.findings).toHaveLength(2);
	});
});

test('Customers and devices in rows are counted once, valid or not, with the number of devices of each ProductName', () => {
	const rows: Cells[] = [
		['a', 'P/1'] as const,
		['a', 'P/1'] as const,
		['b', 'P/2'] as const,
		['b', 'no slash'] as const,
		['', 'P/3', '1', 'Lamp'] as const,
		['', 'P/1'] as const,
	];
	const deviceCountByProduct = new Map([
		['Lock', 2],
		['Lamp', 1],
	]);
	expect(withoutPause(group(rows).countNamedDevices())).toMatchObject({
		deviceCount: 3,
		deviceCountByProduct,
		unreadableDeviceRowCount: 1,
	});
});

import { describe, expect, test } from '@jest/globals';
import { group, inShort } from '../support/rows.mts';

describe('The same device twice for one customer', () => {
	test('is sent once, and both rows stay linked', () => {
		expect(
			inShort(
				group([
					['a', 'P/1'],
					['a', 'P/2'],
					['a', 'P/1'],
					['a', ' P/1 '],
				]),
			),
		).toEqual({
			customers: [
				{
					customerId: 'a',
					devices: [
						['P/1', 0, 2, 3],
						['P/2', 1],
					],
					bad: [],
				},
			],
			ownerless: [],
		});
	});

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
				[2, 'row 2'],
				[1, 'row 3'],
				[3, 'row 3'],
			].map(([itemIndex, other]) => ({
				itemIndex,
				field: 'DeviceId',
				text: `names a device that ${other} describes differently: keep one of them`,
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

	test('is refused at each of them, in each of its rows, with where the other is', () => {
		const grouped = group(table);
		expect(inShort(grouped).customers).toEqual([
			{ customerId: 'a', devices: [['P/1', 0]], bad: [1, 3] },
			{ customerId: 'b', devices: [], bad: [2] },
			{ customerId: 'c', devices: [['P/3', 4]], bad: [5] },
		]);
		const text = (id: string, row: number) =>
			`is also under customer '${id}' in row ${row}: keep one of them`;
		expect(grouped.customers.map(({ findings }) => findings)).toEqual([
			[1, 3].map((itemIndex) => ({ itemIndex, field: 'DeviceId', text: text('b', 3) })),
			[{ itemIndex: 2, field: 'DeviceId', text: text('a', 2) }],
			[{ itemIndex: 5, field: 'DeviceId', text: text('a', 2) }],
		]);
	});

	test('is sent for each of them where that is allowed', () => {
		expect(inShort(group(table, 'allow')).customers).toEqual([
			{
				customerId: 'a',
				devices: [
					['P/1', 0],
					['P/2', 1, 3],
				],
				bad: [],
			},
			{ customerId: 'b', devices: [['P/2', 2]], bad: [] },
			{
				customerId: 'c',
				devices: [
					['P/3', 4],
					['P/2', 5],
				],
				bad: [],
			},
		]);
	});

	test('of whom one row is bad anyway is no longer shared', () => {
		expect(
			inShort(
				group([
					['a', 'P/1'],
					['b', 'P/1', null],
				]),
			).customers,
		).toEqual([
			{ customerId: 'a', devices: [['P/1', 0]], bad: [] },
			{ customerId: 'b', devices: [], bad: [1] },
		]);
	});
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CountEntries, missedProducts, productsOf } from '../../nodes/TencentCloudIot/sync/entries/rowCounts';

const counts = new CountEntries('account');
const ofOther = new CountEntries('another account');
const one = { customers: 304, devices: 5000, products: 20 };

describe('The counts of an account in its state', () => {
	test('are read as they were written', () => {
		const any = fc.record({
			customers: fc.nat(2_000_000),
			devices: fc.nat(60_000_000),
			products: fc.nat(200),
		});
		fc.assert(
			fc.property(any, (written) => {
				const there = new Set(counts.of(written));
				expect(counts.read(there)).toEqual(written);
				expect(there.has(counts.same(written))).toBe(true);
			}),
		);
	});

	test('are unknown where one of the three is', () => {
		const all = counts.of(one);
		for (const missing of all.slice(1))
			expect(counts.read(new Set(all.filter((entry) => entry !== missing)))).toBeUndefined();
		expect(counts.read(new Set())).toBeUndefined();
	});

	test('have 11, 13 and 4 digits of four entries each', () => {
		expect(counts.all).toHaveLength(4 * (11 + 13 + 4));
		expect(new Set([...counts.all, ...ofOther.all]).size).toBe(2 * counts.all.length);
		expect(counts.of(one)).toHaveLength(1 + 11 + 13 + 4);
	});

	test('are other ones where any of them, or the account, is another one', () => {
		const others = [
			{ ...one, customers: 305 },
			{ ...one, devices: 5001 },
			{ ...one, products: 19 },
		];
		const all = [counts.same(one), ofOther.same(one), ...others.map((other) => counts.same(other))];
		expect(new Set(all).size).toBe(5);
	});
});

describe('The product names of the rows', () => {
	const devices = (count: number, name = (index: number) => `Lock ${index}`) =>
		Array.from({ length: count }, (_, index) => ({ ProductName: name(index) }));

	test('are counted over all customers, and left to the next run from 20 devices on', () => {
		const products = productsOf([devices(20, () => 'Lock'), devices(19, () => 'Lamp'), [], devices(1)]);
		expect([...products]).toEqual([
			['Lock', 20],
			['Lamp', 19],
			['Lock 0', 1],
		]);
		expect(missedProducts(products)).toEqual(['Lock']);
		expect(missedProducts(productsOf([devices(10, () => 'A'), devices(11, () => 'A')]))).toEqual(['A']);
	});

	test('are no product lines where there are more than 200', () => {
		expect(productsOf([devices(200)]).size).toBe(200);
		expect(productsOf([devices(201)]).size).toBe(0);
		expect(productsOf([devices(150), devices(51, (index) => `Lamp ${index}`)]).size).toBe(0);
	});
});

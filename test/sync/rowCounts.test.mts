import { describe, expect, test } from '@jest/globals';
import { missedProducts, productsOf } from '../../nodes/TencentCloudIot/sync/state/baseline';

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

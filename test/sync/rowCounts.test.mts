import { expect, test } from '@jest/globals';
import { missedProducts } from '../../nodes/TencentCloudIot/sync/safetyChecks';

test('Product names with 20 devices are left to the next run; not that of names that cannot be used, nor more than 200', () => {
	const products = new Map([
		['Lock', 20],
		['Lamp', 19],
		['', 40],
	]);
	expect(missedProducts(products)).toEqual(['Lock']);
	const many = (count: number) => new Map(Array.from({ length: count }, (_, index) => [`Lock ${index}`, 20]));
	expect(missedProducts(many(200))).toHaveLength(200);
	expect(missedProducts(many(201))).toEqual([]);
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BitSet } from '../../nodes/TencentCloudIot/input/bitSet';

test('A set of bits has exactly the numbers that were added', () => {
	const limit = 128;
	fc.assert(
		fc.property(fc.uniqueArray(fc.nat({ max: limit - 1 })), (added) => {
			const bitSet = new BitSet(limit);
			for (const number of added) {
				bitSet.add(number);
			}
			const found = Array.from({ length: limit }, (_, number) => number).filter((number) =>
				bitSet.has(number),
			);
			expect(found).toEqual(added.toSorted((a, b) => a - b));
		}),
	);
});

import { expect, test } from '@jest/globals';
import { shippedExpressions } from './regularExpressions.mts';
import { ALL_LENGTHS, excessesOf } from './searchTime.mts';

test('The time of every search in what is shipped grows with the length of the text alone, up to a hundred thousand characters of it.', () => {
	expect(excessesOf(shippedExpressions(), ALL_LENGTHS)).toEqual([]);
}, 300_000);

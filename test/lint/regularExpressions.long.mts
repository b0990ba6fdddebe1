import { expect, test } from '@jest/globals';
import { shippedExpressions } from './regularExpressions.mts';
import { ALL_LENGTHS, excessesOf } from './searchTime.mts';

test('The search time of every shipped regular expression grows linearly with the text, up to a hundred thousand characters.', () => {
	expect(excessesOf(shippedExpressions(), ALL_LENGTHS)).toEqual([]);
}, 300_000);

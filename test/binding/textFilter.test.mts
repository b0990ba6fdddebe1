import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TextFilter } from '../../nodes/TencentCloudIot/binding/textFilter';

function filterOf(wanted: readonly string[]): TextFilter {
	const filter = new TextFilter();
	for (const text of wanted) {
		filter.add(text);
	}
	return filter;
}

test('Every wanted text passes, whatever its case and characters', () => {
	const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 12 }));
	fc.assert(
		fc.property(fc.array(text), (texts) => {
			const filter = filterOf(texts);
			const lowerCaseFilter = filterOf(texts.map((wanted) => wanted.toLowerCase()));
			expect(texts.filter((wanted) => !filter.mayBeWanted(wanted))).toEqual([]);
			expect(texts.filter((wanted) => !lowerCaseFilter.mayBeWanted(wanted))).toEqual([]);
		}),
		{ numRuns: 1_000 },
	);
});

test.each([
	['an ASCII letter', 'LOCK-K', 'lock-k'],
	['the Kelvin sign, whose small letter is an ASCII k', 'LOCK-\u212A', 'lock-k'],
	['the dotted capital I, whose small letter has two characters', 'LOCK-\u0130', 'lock-i\u0307'],
])('A text that is wanted in lower case passes with %s', (_, text, lowerCase) => {
	expect(text.toLowerCase()).toBe(lowerCase);
	expect(filterOf([lowerCase]).mayBeWanted(text)).toBe(true);
});

test('Nearly all other texts of a series are filtered out', () => {
	const numbers = Array.from({ length: 100_000 }, (_, index) => `SN-${String(index).padStart(6, '0')}`);
	const isWanted = (_: string, index: number) => index % 20 === 0;
	const filter = filterOf(numbers.filter(isWanted));
	const passing = numbers.filter((number, index) => !isWanted(number, index) && filter.mayBeWanted(number));
	expect(passing.length).toBeLessThan(1_000);
});

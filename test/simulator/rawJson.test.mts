import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rawChildren } from '../../simulator/rawJson.mts';
import { anyCharacter } from '../support/anyCharacter.mts';

const container = fc.oneof(
	fc.dictionary(fc.string({ unit: anyCharacter }), fc.jsonValue()),
	fc.array(fc.jsonValue()),
	fc.dictionary(fc.constantFrom('\\', '"', '\\"', '{', ']', ',', ': '), fc.constantFrom('\\"', '\\\\', '}')),
);

test('Every child of any JSON text is returned by name, with the text that JSON.stringify wrote for it', () => {
	fc.assert(
		fc.property(container, fc.constantFrom('', ' ', '\t'), (value, indent) => {
			// Compared with what was written, not with JSON.parse, which in V8 13.6 can read the member name
			// "\"" as a backslash once it has seen an object of the same shape with that name.
			const written = Object.entries(value).map(([name, child]) => [
				name,
				JSON.stringify(child, null, indent).replaceAll('\n', `\n${indent}`),
			]);
			expect(rawChildren(`\n${JSON.stringify(value, null, indent)}\n`)).toEqual(written);
		}),
	);
});

test('Spacing, escapes and the notation of numbers are preserved', () => {
	expect(rawChildren('{ "a\\u0062" : [ 1.0 ,2e3 ] ,"c":"\\u00e9\\\\", "d" : -0 }')).toEqual([
		['ab', '[ 1.0 ,2e3 ]'],
		['c', '"\\u00e9\\\\"'],
		['d', '-0'],
	]);
});

test('A value nested a hundred thousand levels deep is skipped without recursion', () => {
	const deep = '['.repeat(100_000) + ']'.repeat(100_000);
	expect(rawChildren(`{"deep":${deep},"next":1}`)).toEqual([
		['deep', deep],
		['next', '1'],
	]);
});

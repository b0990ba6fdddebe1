import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rawChildren } from '../../simulator/rawJson.mts';
import { anyCharacter } from '../support/anyCharacter.mts';

const container = fc.oneof(
	fc.dictionary(fc.string({ unit: anyCharacter }), fc.jsonValue()),
	fc.array(fc.jsonValue()),
	fc.dictionary(fc.constantFrom('\\', '"', '\\"', '{', ']', ',', ': '), fc.constantFrom('\\"', '\\\\', '}')),
);

test('Every child of any JSON text is given by name, with the text JSON.stringify wrote for it', () => {
	fc.assert(
		fc.property(container, fc.constantFrom('', ' ', '\t'), (value, indent) => {
			// Held against what was written, not against JSON.parse, which in V8 13.6 can take the member name
			// "\"" for a backslash once it has seen an object of the same shape with that name.
			const written = Object.entries(value).map(([name, child]) => [
				name,
				JSON.stringify(child, null, indent).replaceAll('\n', `\n${indent}`),
			]);
			expect(rawChildren(`\n${JSON.stringify(value, null, indent)}\n`)).toEqual(written);
		}),
	);
});

test('Spacing, escapes and the spelling of numbers stay as they were sent', () => {
	expect(rawChildren('{ "a\\u0062" : [ 1.0 ,2e3 ] ,"c":"\\u00e9\\\\", "d" : -0 }')).toEqual([
		['ab', '[ 1.0 ,2e3 ]'],
		['c', '"\\u00e9\\\\"'],
		['d', '-0'],
	]);
});

test('A value nested a hundred thousand deep is passed over without recursion', () => {
	const deep = '['.repeat(100_000) + ']'.repeat(100_000);
	expect(rawChildren(`{"deep":${deep},"next":1}`)).toEqual([
		['deep', deep],
		['next', '1'],
	]);
});

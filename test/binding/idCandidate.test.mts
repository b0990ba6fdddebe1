import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OwnerIndex } from '../../nodes/TencentCloudIot/binding/owners';
import { idCandidatesOf } from '../../nodes/TencentCloudIot/binding/readings';
import { MEANT } from '../support/customerIds.mts';

/** The ids that are candidates of each cell. */
function candidatesAmong(cells: readonly unknown[], ids: readonly string[]): string[][] {
	const candidates = cells.map((cell) => idCandidatesOf(cell));
	const index = new OwnerIndex(new Map(ids.map((id) => [id, id])));
	index.announce(candidates.flat());
	expect([...index.lookUp()]).toEqual([]);
	return candidates.map((ofCell) =>
		[...new Set(index.findOwners(ofCell).flatMap((found) => [...found]))].sort(),
	);
}

/** The ids that are candidates of a cell. */
const candidates = (cell: unknown, ...ids: string[]) => candidatesAmong([cell], ids)[0]!;

describe('A broken character means one lost character or none:', () => {
	test.each<[cell: string, ids: string[], expected: string[]]>([
		['user_\uFFFD', ['user_', 'user_1', 'user_12', 'use'], ['user_', 'user_1']],
		['\uFFFD\uFFFDer_1', ['user_1', 'er_1', 'xer_1', 'super_1', 'er_12'], ['er_1', 'user_1', 'xer_1']],
		['u\uFFFD\uFFFDr_1', ['user_1', 'ur_1', 'usser_1', 'user_2'], ['ur_1', 'user_1']],
		[
			'\ud83duser_1\udc4d',
			['user_1', 'xuser_1', 'user_10', 'xuser_10', 'user_100'],
			['user_1', 'user_10', 'xuser_1', 'xuser_10'],
		],
		['a\uFFFDb\uFFFDc', ['abc', 'axbxc', 'axyzc', 'axyyzc', 'xbc'], ['abc', 'axbxc', 'axyzc']],
		['\uFFFD_\uFFFD', ['a_b', '_'], []],
		['张\uFFFD\uFFFD', ['张', '张伟', '张三丰', '李伟'], ['张', '张三丰', '张伟']],
	])('%j', (cell, ids, expected) => {
		expect(candidates(cell, ...ids)).toEqual(expected.toSorted());
	});
});

test('The candidates of a number with more than 15 digits are the ids with the same first 15 digits or the same numeric value', () => {
	const ids = [
		'9007199254740992',
		'9007199254740993',
		'9007199254740994',
		'09007199254740993',
		'x9007199254740993',
	];
	expect(candidates(Number('9007199254740993'), ...ids)).toEqual([
		'09007199254740993',
		'9007199254740992',
		'9007199254740993',
		'9007199254740994',
	]);
	expect(candidates(1234567890123450, '1234567890123457', '123456789012345', '1234567890123467')).toEqual([
		'1234567890123457',
	]);
	expect(candidates(1e300, ...ids)).toEqual([]);
	expect(candidates(-(2 ** 60), '1152921504606846976')).toEqual([]);
});

test.each<[what: string, cell: unknown]>([
	['an invisible character', 'user\u200b_1'],
	['a control character', 'user\u0007_1'],
	['a line break', 'user_\n1'],
	['a second line', 'user_1\nVIP'],
	['a broken character too many', 'user_1\uFFFD'],
	['half a character', '\ud83duser_1'],
	['half a character in the middle', 'us\udc00er_1'],
	['a list with the id', ['user_1']],
	['a list of texts as some tables have it', [{ text: 'user_1', type: 'text' }]],
])('A damaged cell that still shows a customer has that customer as its candidate: %s', (_, cell) => {
	expect(candidates(cell, 'other', 'user_1', 'another')).toEqual(['user_1']);
});

test.each([['\uFFFD\uFFFD'], [true], [NaN], [[]]])('%j has no candidate', (cell) => {
	expect(candidates(cell, '1', 'true', 'NaN')).toEqual([]);
});

test('The candidates of a number in scientific notation are exactly the ids that it may be', () => {
	const ids = ['1234567890123456', '1234571111111111', '1234579999999999', '123457', '12345678901234567'];
	expect(candidates('1.23457E+15', ...ids)).toEqual(['1234567890123456', '1234571111111111']);
});

test.each(MEANT)('%s has customer %s as its only candidate', (cell, id) => {
	expect(candidates(cell, 'other', id, 'another')).toEqual([id]);
});

test.each<[what: string, cell: unknown, ids: string[], expected: string[]]>([
	['its visible characters', '\u200b user_1\u2060 ', ['user_1', ' user_1'], ['user_1']],
	['itself and the text between signs', '--a--', ['a', '-a', 'a-', '--a--'], ['--a--', 'a']],
	['the text between quotation marks', '""$(a)""', ['$(a)', '"$(a)"', 'a)'], ['$(a)']],
	[
		'the digits of a phone number, as others write it',
		'+86 137-1234-5678',
		['13712345678', '8613712345678', '+8613712345678'],
		['13712345678', '8613712345678'],
	],
	[
		'each run of characters, alone and with the runs after it',
		'a  b,c',
		['a', 'b', 'ab', 'bc', 'abc', 'ac'],
		['a', 'ab', 'abc', 'b', 'bc'],
	],
	['an id with a sign in it, next to other texts', 'x A-B 张三', ['A-B', 'B 张三 x'], ['A-B']],
	['parts between control characters, trimmed', 'a \u0007 b', ['a', 'b', 'ab', 'a '], ['a', 'ab', 'b']],
	['an id and another text after a tab', 'a_1\tV', ['a_1', 'a_1V', 'V', 'a'], ['V', 'a', 'a_1', 'a_1V']],
	['the text in quotes after an equals sign', '="$(x)', ['$(x)'], ['$(x)']],
	['the text in typographic quotes', '“$(x)”', ['$(x)'], ['$(x)']],
	['the text next to a placeholder', '__a__undefined', ['__a__', '_a_', 'a'], ['__a__', '_a_', 'a']],
	['none of a word for a missing value', 'N/A', ['N', 'A', 'N/A'], []],
	['none of a fraction', 1.5, ['1.5', '1', '5'], []],
	['none of a value that is not a number', Infinity, ['Infinity'], []],
	['a number for a number', 7, ['7', '07'], ['7']],
	[
		'none of a number with something around it',
		2 ** 60,
		['1152921504606846976x', 'x1152921504606846976'],
		[],
	],
	['none of a text that is too long', 'a'.repeat(257), ['a'.repeat(257)], []],
	['itself up to the longest id', 'a'.repeat(256), ['a'.repeat(256)], ['a'.repeat(256)]],
	['the intact part if too much is lost', `a${'\uFFFD'.repeat(33)}`, ['a', 'ab'], ['a']],
	['those that fit up to that length', `a${'\uFFFD'.repeat(32)}`, ['a', 'ab'], ['a', 'ab']],
	['members of a record', Object.assign(Object.create(null), { id: 'a' }), ['a'], ['a']],
	[
		'none of an instance of a class',
		new (class Id {
			id = 'a';
		})(),
		['a'],
		[],
	],
])('The candidates of a cell are %s', (_what, cell, ids, expected) => {
	expect(candidates(cell, ...ids)).toEqual(expected.toSorted());
});

test('Cells of different types do not affect each other', () => {
	const ids = ['a', 'ab', '1234', '1152921504606846976', 'abc1', 'b'];
	const cells = [
		2 ** 60,
		'1.2E+3',
		'1.234E+3',
		'a\uFFFD',
		'\uFFFDb',
		'\uFFFDb\uFFFD1',
		'a undefined',
		'\uFFFD2\uFFFD4',
	];
	expect(candidatesAmong(cells, ids)).toEqual([
		['1152921504606846976'],
		['1234'],
		['1234'],
		['a', 'ab'],
		['ab', 'b'],
		['abc1', 'b'],
		['a'],
		['1234'],
	]);
});

test.each<[cell: string, ids: string[], expected: string[]]>([
	['1.2E+3', ['1200', '1249', '1250', '1149', '1150', '120', '12000'], ['1150', '1200', '1249']],
	['1E+3', ['1000', '1499', '950', '1500', '100'], ['1000', '1499', '950']],
	['1,25E+3', ['1250', '1254', '1255'], ['1250', '1254']],
	['A1.25e+3', ['A1250', '1250', 'B1250', 'A125'], ['A1250']],
	['1E+3x', ['1000', '1E', '3x'], ['1E', '3x']],
	['A_12E+3', ['A_12000', 'A_1', '2000', 'A_12'], []],
])('%s has each number as a candidate that is rounded to it', (cell, ids, expected) => {
	expect(candidates(cell, ...ids)).toEqual(expected.toSorted());
});

const ids = fc.string({ unit: fc.constantFrom('a', 'b', '1', '_', '张'), minLength: 1, maxLength: 8 });
const readableIds = ids.filter((id) => /[ab1张]/.test(id));

/** A text with inserted or replaced characters. */
const damage = (damaging: fc.Arbitrary<string>, isReplacing: boolean) =>
	fc.tuple(readableIds, fc.nat(), damaging).map(([id, at, by]) => {
		const place = at % (id.length + 1);
		return { id, cell: id.slice(0, place) + by + id.slice(place + (isReplacing ? by.length : 0)) };
	});
const broken = fc.string({ unit: fc.constantFrom('\uFFFD', '\udfff'), minLength: 1, maxLength: 3 });
const unseen = fc.string({
	unit: fc.constantFrom('\u200b', '\u0007', '\n', '\u2028', '\ufe0f'),
	minLength: 1,
	maxLength: 3,
});

test('An id stays a candidate of a cell in which characters were inserted or replaced, as long as some are left', () => {
	const damaged = fc.oneof(damage(broken, false), damage(broken, true), damage(unseen, false));
	fc.assert(
		fc.property(damaged, fc.array(ids), ({ id, cell }, otherIds) => {
			fc.pre(/[ab1张]/.test(cell));
			expect(candidates(cell, ...otherIds, id)).toContain(id);
		}),
		{ numRuns: 2_000 },
	);
});

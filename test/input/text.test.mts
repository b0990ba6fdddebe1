import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkText, textOfCell } from '../../nodes/TencentCloudIot/input/text';
import { anyCharacter } from '../support/anyCharacter.mts';

describe('A usable cell', () => {
	test.each<[text: string, cells: unknown[]]>([
		[
			'user_1024',
			['user_1024', '  user_1024 \t\r\n', '\u00a0user_1024\u00a0', '\u3000user_1024', '\ufeffuser_1024'],
		],
		...['x', '1e5', 'a  b', '烟感 一号', 'é e\u0301', 'lamp 😀', 'ＡＢ', '__proto__'].map(
			(it): [string, string[]] => [it, [it]],
		),
		['0', [0, -0, '0']],
		['5', [5.0, 5n]],
		['-7', [-7]],
		['999999999999999', [999_999_999_999_999]],
		['-999999999999999', [-999_999_999_999_999]],
		['9007199254740991', [9007199254740991n]],
		['12345678901234567890', [12345678901234567890n]],
	])('is the unchanged text: %s', (text, cells) => {
		for (const cell of cells) {
			expect(checkText(cell)).toEqual({ text, why: undefined });
		}
	});
});

describe('An unusable cell', () => {
	test.each<[code: string, cells: unknown[]]>([
		['missing', [undefined, null]],
		['empty', ['', ' \t\n\u00a0\u3000\ufeff', '\u200b']],
		['notWhole', [1.5, 1e-9, NaN, Infinity]],
		['inexact', [10 ** 15, -(10 ** 15), 2 ** 53, Number('12345678901234567890'), 1e21]],
		['broken', ['a\ud83d', '\ude00a', 'a\ufffdb']],
		['control', ['a\nb', 'a\tb', 'a\u0000', '\u001b[31m', 'a\u007fb', 'a\u0085b', 'a\u2028b', 'a\u2029b']],
		['tooLong', ['x'.repeat(1001)]],
	])('is refused: %s', (code, cells) => {
		for (const cell of cells) {
			expect(checkText(cell)).toMatchObject({ text: '', why: { code } });
		}
	});

	test.each<[type: string, cells: unknown[]]>([
		['boolean', [true, false]],
		['list', [['a'], []]],
		['date', [new Date(0)]],
		['object', [{ a: 1 }, Object.create(null), Object('a')]],
		['function', [() => 'a']],
		['symbol', [Symbol('a')]],
	])('is reported with its type: %s', (type, cells) => {
		for (const cell of cells) {
			expect(checkText(cell)).toEqual({ text: '', why: { code: 'notText', facts: { type } } });
		}
	});

	// Unicode calls the last three default-ignorable, but not format characters.
	test.each([...'\u200b\u00ad\u{e0041}\u200d\ufeff\u202e\u2066\ufe0f\u3164\u180b'])(
		'names the invisible character: %j',
		(character) => {
			const codePoint = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
			expect(checkText(`a${character}\u200bb`).why).toEqual({ code: 'invisible', facts: { codePoint } });
		},
	);
});

test.each<[cell: unknown, text: string]>([
	[' a ', ' a '],
	[7, '7'],
	[true, 'true'],
	[undefined, 'undefined'],
	[['a', 1], 'a,1'],
	[{ a: 1 }, '[object Object]'],
	[{ toString: {} }, '?'],
	[[{ toString: {} }], '?'],
])('Any cell has a text for comparisons: that of %j is %j', (cell, text) => {
	expect(textOfCell(cell)).toBe(text);
});

test('Any cell is either refused with a reason or is clean text', () => {
	const values = fc.oneof(
		fc.string({ unit: anyCharacter }),
		fc.string(),
		fc.anything(),
		fc.double(),
		fc.bigInt(),
	);
	fc.assert(
		fc.property(values, (value) => {
			const { text, why } = checkText(value);
			expect(text === '').toBe(why !== undefined);
			if (why !== undefined) {
				return;
			}
			expect(checkText(text)).toEqual({ text, why });
			expect(text.isWellFormed()).toBe(true);
			expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
			expect(text).toBe(typeof value === 'string' ? value.trim() : BigInt(value as bigint).toString());
		}),
		{ numRuns: 500 },
	);
});

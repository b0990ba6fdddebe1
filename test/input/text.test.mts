import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkText } from '../../nodes/TencentCloudIot/input/text';

const MISSING = 'is missing: fill this column';
const EMPTY = 'is empty: fill this column';
const BROKEN = 'has a broken character: export the file as UTF-8';
const CONTROL = 'has a control character: remove line breaks and tabs';
const TOO_LARGE = 'is a number too large to be exact: export this column as text';
const NOT_WHOLE = 'is not a whole number: export this column as text';
const typed = (type: string) => `is ${type}, not a text: map a column that holds text`;

describe('A cell that can be used', () => {
	test.each<[what: string, value: unknown, text: string]>([
		['plain text', 'user_1024', 'user_1024'],
		['one character', 'x', 'x'],
		['leading zeros', '007', '007'],
		['zeros only', '000', '000'],
		['text that looks like a number', '1e5', '1e5'],
		['text that looks like nothing', 'null', 'null'],
		['spaces within', 'a  b', 'a  b'],
		['spaces around', '  a b \t\r\n', 'a b'],
		['a no-break space around', '\u00a0a\u00a0', 'a'],
		['an ideographic space around', '\u3000a\u3000', 'a'],
		['a byte order mark before', '\ufeffa', 'a'],
		['Chinese', '烟感 一号', '烟感 一号'],
		['accents, composed or not', 'é e\u0301', 'é e\u0301'],
		['emoji', 'lamp 😀', 'lamp 😀'],
		['full-width characters', 'ＡＢ', 'ＡＢ'],
		['names of members of every object', '__proto__', '__proto__'],
		['zero', 0, '0'],
		['minus zero', -0, '0'],
		['a whole number', 1024, '1024'],
		['a whole number written with a point', 5.0, '5'],
		['a negative number', -7, '-7'],
		['the largest exact number', Number.MAX_SAFE_INTEGER, '9007199254740991'],
		['the smallest exact number', Number.MIN_SAFE_INTEGER, '-9007199254740991'],
		['a bigint', 12345678901234567890n, '12345678901234567890'],
	])('is text as it stands: %s', (_what, value, text) => {
		expect(checkText(value)).toEqual({ text, finding: undefined });
	});
});

describe('A cell that cannot be used', () => {
	test.each<[what: string, value: unknown, finding: string]>([
		['undefined', undefined, MISSING],
		['null', null, MISSING],
		['empty', '', EMPTY],
		['blanks', ' \t\n\u00a0\u3000\ufeff', EMPTY],
		['a float', 1.5, NOT_WHOLE],
		['a tiny number', 1e-9, NOT_WHOLE],
		['NaN', NaN, NOT_WHOLE],
		['infinity', Infinity, NOT_WHOLE],
		['a number over 2^53', 2 ** 53, TOO_LARGE],
		['a phone number with more digits than are exact', Number('12345678901234567890'), TOO_LARGE],
		['1e21', 1e21, TOO_LARGE],
		['true', true, typed('a yes/no value')],
		['false', false, typed('a yes/no value')],
		['a list', ['a'], typed('a list')],
		['a list of nothing', [], typed('a list')],
		['a date', new Date(0), typed('a date')],
		['an object', { a: 1 }, typed('a value of type object')],
		['an object without a prototype', Object.create(null), typed('a value of type object')],
		['a boxed text', Object('a'), typed('a value of type object')],
		['a function', () => 'a', typed('a value of type function')],
		['a symbol', Symbol('a'), typed('a value of type symbol')],
		['a lone high surrogate', 'a\ud83d', BROKEN],
		['a lone low surrogate', '\ude00a', BROKEN],
		['what a reader puts for bytes that it cannot read', 'a\ufffdb', BROKEN],
		['a line break within', 'a\nb', CONTROL],
		['a tab within', 'a\tb', CONTROL],
		['NUL', 'a\u0000', CONTROL],
		['escape', '\u001b[31m', CONTROL],
		['delete', 'a\u007fb', CONTROL],
		['a C1 character', 'a\u0085b', CONTROL],
		['a line separator within', 'a\u2028b', CONTROL],
		['a paragraph separator within', 'a\u2029b', CONTROL],
	])('is refused with what to do: %s', (_what, value, finding) => {
		expect(checkText(value)).toEqual({ text: '', finding });
	});

	// Unicode calls the last three default-ignorable, but not format characters.
	test.each<[what: string, value: string, name: string]>([
		['a zero-width space', 'a\u200bb', 'U+200B'],
		['a soft hyphen', 'a\u00adb', 'U+00AD'],
		['a tag character', 'a\u{e0041}b', 'U+E0041'],
		['the first of several', 'a\u2060\u200bb', 'U+2060'],
		['a zero-width space at the end', 'a\u200b', 'U+200B'],
		['a zero-width joiner', 'a\u200db', 'U+200D'],
		['a byte order mark within', 'a\ufeffb', 'U+FEFF'],
		['a combining grapheme joiner', 'a\u034fb', 'U+034F'],
		['a direction mark', 'a\u200fb', 'U+200F'],
		['a direction override', 'a\u202eb', 'U+202E'],
		['a direction isolate', 'a\u2066b', 'U+2066'],
		['a variation selector', 'a\ufe0fb', 'U+FE0F'],
		['a Hangul filler', 'a\u3164b', 'U+3164'],
		['a Mongolian vowel separator of the second kind', 'a\u180bb', 'U+180B'],
	])('names the invisible character: %s', (_what, value, name) => {
		const finding = `has the invisible character ${name}: type the value anew`;
		expect(checkText(value)).toEqual({ text: '', finding });
	});
});

test.each<[value: unknown, finding: string]>([
	[null, 'is missing: fill this field'],
	[' ', 'is empty: fill this field'],
	[1.5, 'is not a whole number: export this field as text'],
])('A field of the node that cannot be used is called a field: %j', (value, finding) => {
	expect(checkText(value, 'field')).toEqual({ text: '', finding });
});

test('Whatever a cell holds, it is either refused with a reason or text without surprises', () => {
	const values = fc.oneof(
		fc.string({ unit: 'binary' }),
		fc.string(),
		fc.anything(),
		fc.double(),
		fc.bigInt(),
	);
	fc.assert(
		fc.property(values, (value) => {
			const { text, finding } = checkText(value);
			expect(text === '').toBe(finding !== undefined);
			if (finding !== undefined) return expect(finding).toMatch(/^(is|has) .+: .+$/);
			expect(text).toBe(text.trim());
			expect(text.isWellFormed()).toBe(true);
			expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
			expect(text).toBe(typeof value === 'string' ? value.trim() : BigInt(value as bigint).toString());
		}),
		{ numRuns: 500 },
	);
});

test('What was checked once is the same when it is checked again', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (value) => {
			const once = checkText(value);
			if (once.finding === undefined) expect(checkText(once.text)).toEqual(once);
		}),
	);
});

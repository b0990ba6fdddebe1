import { expect, test } from '@jest/globals';
import { regularExpressionsIn, shippedExpressions } from './regularExpressions.mts';
import { excessesOf, SHORT_LENGTHS } from './searchTime.mts';

// test:long tests up to a hundred thousand characters.
test('The search time of every shipped regular expression grows linearly with the text, up to ten thousand characters.', () => {
	const found = shippedExpressions();
	expect(found.length).toBeGreaterThan(50);
	expect(excessesOf(found, SHORT_LENGTHS)).toEqual([]);
}, 300_000);

test.each([
	['msg of an envelope', String.raw`/^\s*(ok|success|succeeded|成功)?\s*$/i`],
	['a missing parameter in Chinese', String.raw`/必选参数缺失\s*[:：]?\s*([\w.]+)/u`],
	['quotation marks around an id', String.raw`/["'‘’“”]+$/gu`],
	['one of several values', String.raw`/应为 (.+) 之一/u`],
	['digits at the end', String.raw`/^(.*?)(\d+)$/u`],
])('A regular expression that once froze the process is found: %s.', (_, literal) => {
	const found = regularExpressionsIn('put/back.ts', `export const EXPRESSION = ${literal};`);
	expect(excessesOf(found, SHORT_LENGTHS)).toEqual([
		expect.stringMatching(/^put\/back\.ts:1 .* times at \d+$/),
	]);
});

test.each([
	['a literal', 'const a = /x+/g;'],
	['one created with new', "const a = new RegExp(['x', '+'].join(''), 'g');"],
	['one created without new', "const a = RegExp('x+', 'g');"],
])('Each regular expression is collected: %s.', (_, source) => {
	expect(regularExpressionsIn('a.ts', source)).toEqual([{ where: 'a.ts:1', expression: /x+/g }]);
});

test('A string that is searched for as a regular expression is collected.', () => {
	expect(regularExpressionsIn('a.ts', "text.match('x+')")).toEqual([{ where: 'a.ts:1', expression: /x+/ }]);
});

test.each([
	['built from a value', 'const make = (text: string) => new RegExp(text);', 'at run time'],
	['built by RegExp under another name', 'const Made = RegExp;', 'passes RegExp on'],
])('A regular expression that cannot be collected fails: %s.', (_, source, message) => {
	expect(() => regularExpressionsIn('a.ts', source)).toThrow(message);
});

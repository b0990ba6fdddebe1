import { expect, test } from '@jest/globals';
import { regularExpressionsIn, shippedExpressions } from './regularExpressions.mts';
import { excessesOf, SHORT_LENGTHS } from './searchTime.mts';

// test:long goes up to a hundred thousand.
test('The time of every search in what is shipped grows with the length of the text alone, up to ten thousand characters of it.', () => {
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
])('An expression that froze the process is found: %s.', (_, literal) => {
	const found = regularExpressionsIn('put/back.ts', `export const EXPRESSION = ${literal};`);
	expect(excessesOf(found)).toEqual([expect.stringMatching(/^put\/back\.ts:1 .* times at \d+$/)]);
});

test.each([
	['a literal', 'const a = /x+/g;'],
	['one that is made', "const a = new RegExp(['x', '+'].join(''), 'g');"],
	['one that is made without new', "const a = RegExp('x+', 'g');"],
])('Each one is collected: %s.', (_, source) => {
	expect(regularExpressionsIn('a.ts', source)).toEqual([{ where: 'a.ts:1', expression: /x+/g }]);
});

test('A text that is searched for as an expression is one.', () => {
	expect(regularExpressionsIn('a.ts', "text.match('x+')")).toEqual([{ where: 'a.ts:1', expression: /x+/ }]);
});

test.each([
	['made of a value', 'const make = (text: string) => new RegExp(text);', 'at run time'],
	['made by RegExp under another name', 'const Made = RegExp;', 'hands RegExp on'],
])('What cannot be collected fails: %s.', (_, source, message) => {
	expect(() => regularExpressionsIn('a.ts', source)).toThrow(message);
});

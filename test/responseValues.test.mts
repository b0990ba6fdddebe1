import { expect, test } from '@jest/globals';
import { parseJsonText, pick } from '../nodes/TencentCloudIot/responseValues';

test.each<[unknown, unknown]>([
	['{"a":1}', { a: 1 }],
	['7', 7],
	['not JSON', 'not JSON'],
	['', ''],
	[undefined, undefined],
	[{ a: 1 }, { a: 1 }],
	[
		'{"id":1234567890123456789,"n":[-9007199254740993,1.5]}',
		{ id: '1234567890123456789', n: ['-9007199254740993', 1.5] },
	],
	['{"a":"\\u202eb\\u0000"}', { a: ' b ' }],
])('The JSON text %j comes out as %j', (text, value) => {
	expect(parseJsonText(text)).toEqual(value);
});

test('Only what was asked for comes out of a record, and no text that deceives the eye or fills the memory', () => {
	const record = {
		Name: 'a\u202etxt\u200b',
		Long: 'x'.repeat(20_000),
		Deep: { list: ['\u0007', 1, null, true] },
		Other: 'secret',
	};
	expect(pick(record, ['Name', 'Long', 'Deep', 'Missing'])).toEqual({
		Name: 'a txt ',
		Long: `${'x'.repeat(9_999)}…`,
		Deep: { list: [' ', 1, null, true] },
	});
});

test('What lies too deep to be walked through is cut', () => {
	const deep = `${'['.repeat(1_000)}${']'.repeat(1_000)}`;
	expect(JSON.stringify(parseJsonText(deep))).toBe(`${'['.repeat(32)}"…"${']'.repeat(32)}`);
});

test.each([
	['levels', '['.repeat(1_001) + ']'.repeat(1_001)],
	['lists', `[${'[],'.repeat(50_000)}0]`],
])('A JSON text of more %s than an answer may have stays a text, and is cut like one', (_, text) => {
	expect(parseJsonText(text)).toBe(text.length > 10_000 ? `${text.slice(0, 9_999)}…` : text);
});

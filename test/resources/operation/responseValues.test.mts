import { expect, test } from '@jest/globals';
import {
	parseJsonText,
	pick,
	withIsoTimes,
} from '../../../nodes/TencentCloudIot/resources/operation/responseValues';

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
])('The JSON text %j is output as %j', (text, value) => {
	expect(parseJsonText(text)).toEqual(value);
});

test('Only the requested members of a record are output, without deceptive characters and cut to a safe length', () => {
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

test('Members that are nested too deeply are cut', () => {
	const deep = `${'['.repeat(1_000)}${']'.repeat(1_000)}`;
	expect(JSON.stringify(parseJsonText(deep))).toBe(`${'['.repeat(32)}"…"${']'.repeat(32)}`);
});

test.each([
	['levels', '['.repeat(1_001) + ']'.repeat(1_001)],
	['lists', `[${'[],'.repeat(50_000)}0]`],
])('A JSON text of more %s than a response may have stays text, and is cut like text', (_, text) => {
	expect(parseJsonText(text)).toBe(text.length > 10_000 ? `${text.slice(0, 9_999)}…` : text);
});

test.each([
	['Asia/Shanghai', '2023-11-15T06:13:20.000+08:00'],
	['America/New_York', '2023-11-14T17:13:20.000-05:00'],
	['Asia/Kolkata', '2023-11-15T03:43:20.000+05:30'],
	['UTC', '2023-11-14T22:13:20.000Z'],
	// A zone that n8n does not know.
	['Mars/Olympus', '2023-11-14T22:13:20.000Z'],
])('A Unix time is also output as text in the zone %s', (timezone, CreateTimeISO) => {
	const record = { CreateTime: 1_700_000_000 };
	expect(withIsoTimes(record, ['CreateTime'], timezone)).toEqual({ ...record, CreateTimeISO });
});

test.each([0, -1, null, 'never', 1e18, NaN])('A value that is not a time gets no text: %j', (CreateTime) => {
	const record = { CreateTime };
	expect(withIsoTimes(record, ['CreateTime'], 'UTC')).toEqual(record);
});

import { expect, test } from '@jest/globals';
import { toUnixMs } from '../../nodes/TencentCloudIot/input/dateTime';
import { checkJsonText } from '../../nodes/TencentCloudIot/input/text';

const itself: { self?: object } = {};
itself.self = itself;

const utc = Date.UTC(2026, 0, 31, 8, 0, 0);

test.each<[unknown, string, number | undefined]>([
	['2026-01-31T08:00:00Z', 'Asia/Shanghai', utc],
	['2026-01-31T16:00:00+08:00', 'UTC', utc],
	['2026-01-31T16:00:00.000+0800', 'UTC', utc],
	['2026-01-31T16:00:00 +0800', 'UTC', utc],
	['2026-01-31 16:00 +08:00', 'UTC', utc],
	['2026-01-31 16:00', 'Asia/Shanghai', utc],
	[' 2026-01-31T16:00:00 ', 'Asia/Shanghai', utc],
	['2026-01-31', 'UTC', utc - 8 * 3_600_000],
	['2026-07-01T00:00:00', 'America/New_York', Date.UTC(2026, 6, 1, 4)],
	['2026-03-08T03:30:00', 'America/New_York', Date.UTC(2026, 2, 8, 7, 30)],
	['2026-11-01T00:30:00', 'America/New_York', Date.UTC(2026, 10, 1, 4, 30)],
	['1969-12-31T23:59:59.5', 'UTC', -500],
	[new Date(utc), 'UTC', utc],
	[{ toMillis: () => utc }, 'UTC', utc],
	[new Date(NaN), 'UTC', undefined],
	['2026-13-31', 'UTC', undefined],
	['2026-02-30', 'UTC', undefined],
	['2026-02-29T08:00:00Z', 'UTC', undefined],
	['2026-04-31 08:00+08:00', 'UTC', undefined],
	['2028-02-29', 'UTC', Date.UTC(2028, 1, 29)],
	[{ toMillis: () => ({ toString: 'x' }) }, 'UTC', undefined],
	['2026-01-31T24:00:00', 'UTC', undefined],
	['2026-01-31 24:00', 'UTC', undefined],
	['2026-01-31T24:00:00Z', 'UTC', undefined],
	['2026-01-31T24:00:00.000+0800', 'UTC', undefined],
	['31.01.2026', 'UTC', undefined],
	['', 'UTC', undefined],
	[utc, 'UTC', undefined],
	[String(utc), 'UTC', undefined],
	[null, 'UTC', undefined],
	[true, 'UTC', undefined],
])('The moment %j in %s is %j', (value, timezone, ms) => {
	expect(toUnixMs(value, timezone)).toBe(ms);
});

test.each<[unknown, string]>([
	[{ a: [1] }, '{"a":[1]}'],
	[' {"a": 12345678901234567890}\n', '{"a": 12345678901234567890}'],
])('%j is sent as the text %j', (value, text) => {
	expect(checkJsonText(value)).toEqual({ text, finding: undefined });
});

test.each<[unknown, RegExp]>([
	['{a:1}', /^is not JSON/],
	['[1]', /^is a list, not a JSON object/],
	['"x"', /^is a value of type string, not a JSON object/],
	['null', /^is missing/],
	[undefined, /^is missing/],
	[itself, /^holds a value that JSON has no form for/],
	[7, /not a JSON object/],
	['', /^is not JSON/],
	['{"a":"\ud800"}', /^has a broken character/],
])('%p is no text of a JSON object', (value, finding) => {
	expect(checkJsonText(value)).toEqual({ text: '', finding: expect.stringMatching(finding) });
});

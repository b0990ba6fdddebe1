import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
	hasInexactNumber,
	isInexact,
	readJson,
} from '../../nodes/TencentCloudIot/service/response/exactJson';

const valueOf = (text: string) => (readJson(text) as { value: unknown }).value;

describe('JSON with numbers that JavaScript cannot represent exactly', () => {
	test.each<[string, unknown]>([
		['9007199254740993', '9007199254740993'],
		['-9007199254740993', '-9007199254740993'],
		['18446744073709551615', '18446744073709551615'],
		['[9007199254740992,9007199254740991]', [9007199254740992, 9007199254740991]],
		['{"12345678901234567":1}', { '12345678901234567': 1 }],
		[
			'{"a":"id 12345678901234567","b":12345678901234567}',
			{ a: 'id 12345678901234567', b: '12345678901234567' },
		],
		[
			'{"a":"\\"12345678901234567\\\\","b":[1e400,-1E+999]}',
			{ a: '"12345678901234567\\', b: ['1e400', '-1E+999'] },
		],
		['[0.12345678901234567890,1e300,-0]', [0.12345678901234568, 1e300, -0]],
		['[1e999]', ['1e999']],
		['[999999999999999,9999999999999999]', [999999999999999, '9999999999999999']],
	])('%s', (text, value) => {
		expect(valueOf(text)).toEqual(value);
	});

	test('is distinguished from JSON without them', () => {
		expect(hasInexactNumber('{"a":12345678901234567}')).toBe(true);
		expect(hasInexactNumber('{"a":"12345678901234567","b":12345678901234560}')).toBe(false);
	});

	test.each([
		[2 ** 53, true],
		[-(2 ** 53), true],
		[2 ** 53 - 1, false],
		[0.1, false],
		[Infinity, true],
		[NaN, true],
	])('has an inexact %d: %s', (number, isIt) => {
		expect(isInexact(number)).toBe(isIt);
	});

	test('is read unchanged, whatever its content', () => {
		const digits = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String);
		const member = fc.oneof(digits, fc.json());
		fc.assert(
			fc.property(fc.array(member), (members) => {
				const parsed = valueOf(`[${members.join(',')}]`) as unknown[];
				members.forEach((text, index) => {
					if (/^-?\d+$/.test(text) && text !== '-0') {
						expect(String(parsed[index])).toBe(text);
					} else {
						expect(parsed[index]).toEqual(JSON.parse(text));
					}
				});
			}),
		);
	});

	test.each(['{"a":1', '', '{a:1}', '[1,]'])('%j is not JSON', (text) => {
		expect(() => valueOf(text)).toThrow(SyntaxError);
	});

	test('is read in one pass, however it is built', () => {
		const hostile = `["${'\\"1234567890123456'.repeat(200_000)}",12345678901234567]`;
		expect((valueOf(hostile) as unknown[])[1]).toBe('12345678901234567');
	});
});

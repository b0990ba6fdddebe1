import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aboutDuration, counted, countedOf, maskPhones } from '../../nodes/TencentCloudIot/messages/words';

test('A number has the right form of its noun', () => {
	expect([0, 1, 2, 20_000].map((count) => counted(count, 'row'))).toEqual([
		'0 rows',
		'1 row',
		'2 rows',
		'20,000 rows',
	]);
	expect([countedOf(2, 3, 'row'), countedOf(1200, 1300, 'row'), countedOf(3, 3, 'row')]).toEqual([
		'2 of 3 rows',
		'1,200 of 1,300 rows',
		'3 rows',
	]);
});

test.each([
	[0, 'about 1 s'],
	[1499, 'about 1 s'],
	[45_000, 'about 45 s'],
	[99_499, 'about 99 s'],
	[99_500, 'about 2 min'],
	[17 * 60_000, 'about 17 min'],
	[99 * 60_000, 'about 99 min'],
	[100 * 60_000, 'about 1.7 h'],
	[8.3 * 3_600_000, 'about 8.3 h'],
])('%d ms are %s', (ms, text) => {
	expect(aboutDuration(ms)).toBe(text);
});

describe('Text that may be a phone number is masked', () => {
	test.each([
		['13800138000', '138****8000'],
		['138-0013-8000', '138****8000'],
		['138 0013 8000', '138****8000'],
		['+8613800138000', '+861****8000'],
		['user_13800138000_1', 'user_138****8000_1'],
		['1380013', '138****'],
		['13800138', '138****8'],
		['138001', '138001'],
		['13800138000 13900139000', '138****9000'],
		['a1b2c3d4e5f6g7h8', 'a1b2c3d4e5f6g7h8'],
		['LOCK01/c0417', 'LOCK01/c0417'],
	])('%s: %s', (text, masked) => {
		expect(maskPhones(text)).toBe(masked);
	});

	test('so no text keeps seven digits in a row', () => {
		const part = fc.constantFrom('0', '1', '38', '0013', ' ', '-', '/', 'x', '客户');
		fc.assert(
			fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
				const masked = maskPhones(parts.join(''));
				expect(masked).not.toMatch(/\d(?:[ -]?\d){6,}/);
				expect(maskPhones(masked)).toBe(masked);
			}),
		);
	});
});

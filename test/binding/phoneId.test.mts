import { expect, test } from '@jest/globals';
import { normalizeCustomerId } from '../../nodes/TencentCloudIot/binding/ids';
import { phoneAsId, phoneDigits } from '../../nodes/TencentCloudIot/binding/phone';

/** By hand: the spellings of each number, separated by `|`, and what is no phone number. */
const SPELLINGS: ReadonlyArray<[digits: string | undefined, spellings: string]> = [
	[
		'13712345678',
		'13712345678|137-1234-5678|137 1234 5678|137 1234.5678|137.1234.5678|137–1234–5678|1371234 5678|137 12345678|+86 137 1234 5678|+8613712345678|+86-137-1234-5678|+86 13712345678|(+86)13712345678|(+86) 137 1234 5678|(86)137-1234-5678|86-13712345678|86 137 1234 5678|8613712345678|0086-13712345678|0086 137 1234 5678|008613712345678|+ 86 137 1234 5678|+86 (0)137 1234 5678|(0)137 1234 5678|＋８６　１３７１２３４５６７８|１３７ １２３４ ５６７８| 13712345678 |137\u00a01234\u00a05678',
	],
	[
		'075586013388',
		'(0755) 8601 3388|0755-86013388|0755 8601 3388|86075586013388|+86 755 8601 3388|+86-755-86013388|+86 (755) 8601 3388|0086 755 86013388',
	],
	[
		'01012345678',
		'010-12345678|(010)12345678|010 1234 5678|+86 10 1234 5678|+86 010 1234 5678|+86 (0)10 1234 5678|8601012345678',
	],
	['02155551234', '021-5555-1234|0086 21-5555 1234|+86 21 55551234'],
	['03118601338', '+86 311 8601 338|0311-8601338|0311 860 1338'],
	['4008001234', '+86 400 800 1234|+864008001234'],
	[
		'14155552671',
		'+1 (415) 555-2671|+14155552671|+1 415 555 2671|001 415 555 2671|+1-415-555-2671|+1.415.555.2671',
	],
	['442079460958', '0044 20 7946 0958|+44 (0)20 7946 0958|+44 20 7946 0958'],
	['493012345678', '+49 30 12345678|+49 (0)30 12345678'],
	['33142685300', '+33 1 42 68 53 00'],
	['85223456789', '+852 2345 6789|(+852) 23456789'],
	[
		undefined,
		'12345678|12712345678|1371234567|137123456789|x13712345678|13712345678x|8612345678901|00755|07551234567890|+0123456789|+1234567|+1234567890123456|442079460958|2021-0001-2345|user-137-1234-5678|137.12|137.12345678|12-34|user_1||+86 137 1234 5678 (2)|137 1234 5678 2|137 1234 56 78|1371234567-8|137-1234-5678-2|021-1234567-8|01012345678.0|13712345678.0|13712345678①|13712345678²|13712345678 转2|137 1234 5678 张三|13712345678/13812345678|13712345678 13812345678|+86 137 1234 5678 12|+1 415 555 2671 8|+1 415 555 26711|+44 20 7946 0958 2|(13712345678)|tel:13712345678|4008001234|+86 12345|137--|+86|+66 2 123 4567 8|2155551234',
	],
];

test('Of 100 spellings those of phone numbers are their digits, and no further group, bracket or sign is part of one', () => {
	const all = SPELLINGS.flatMap(([digits, spellings]) =>
		spellings.split('|').map((text) => [text, digits] as const),
	);
	expect(all.length).toBeGreaterThan(100);
	expect(all.map(([text]) => [text, phoneAsId(text)])).toEqual(all);
});

test('The digits of a cell are those that are dialled, with the country code where it has one', () => {
	const cells = [' +86 137-1234-5678 ', 13712345678, '+86', ['13712345678'], undefined];
	expect(cells.map(phoneDigits)).toEqual(['8613712345678', '13712345678', ...Array(3).fill(undefined)]);
});

test('The spellings of a phone number are one CustomerId where the user says so, and other ids stay as they are', () => {
	const idOf = (text: string, phoneIds: 'digits' | 'refuse') =>
		normalizeCustomerId(text, { phoneIds, unusualCustomerIds: 'refuse' });
	expect(idOf('+86 137-1234-5678', 'digits')).toBe('13712345678');
	expect(idOf('+86 137-1234-5678', 'refuse')).toBe('+86 137-1234-5678');
	expect(idOf('user_1', 'digits')).toBe('user_1');
});

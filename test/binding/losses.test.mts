import { describe, expect, test } from '@jest/globals';
import { hasLetterOrDigit } from '../../nodes/TencentCloudIot/input/text';
import { type Loss, lossesOf } from '../../nodes/TencentCloudIot/binding/losses';

/** The ids that may be the lost one. */
function meant(losses: readonly Loss[], ids: readonly string[]): string[] {
	return ids.filter((id) => losses.some(({ matchKeyOf, matchKey }) => matchKeyOf(id) === matchKey));
}

describe('The original of a damaged text', () => {
	test.each<[text: string, meant: string[], notMeant: string[]]>([
		['1.23457E+15', ['1234567890123456', '1234570000000000'], ['1234590000000000', '123457', 'x']],
		['1,23457E+15', ['1234567890123456'], ['1234590000000000']],
		['1.8612345678E10', ['18612345678'], ['18612345679', '1']],
		['1E+15', ['1000000000000000', '1400000000000000'], ['1600000000000000']],
		['C_1.2e+15', ['C_1234567890123456'], ['1234567890123456', 'D_1234567890123456', 'C_1300000000000000']],
		['KH�001', ['KH1001', 'KH001'], ['KH12001', 'KH0011', 'KH1002']],
		['�H0001', ['KH0001', 'H0001'], ['KKH0001']],
		['KH000�', ['KH0001', 'KH000'], ['KH00011']],
		['KH���', ['KH123', 'KH'], ['KH1234']],
		['K�H�1', ['KxHy1', 'Kabc1', 'K1'], ['Kabcd1']],
	])('%s', (text, ids, otherIds) => {
		expect(meant(lossesOf(text), [...ids, ...otherIds])).toEqual(ids);
	});

	test.each(['user_1', '1.5E-05', 'xE+5', '�', '��-', `a${'�'.repeat(33)}`])(
		'%j: nothing is lost, or too much',
		(text) => {
			expect(lossesOf(text)).toEqual([]);
		},
	);

	test('may have each of the numbers in it rounded, up to 16', () => {
		expect(lossesOf('1.2E+15, 1.3E+15')).toHaveLength(2);
		expect(lossesOf('1.2E+15 '.repeat(20))).toHaveLength(16);
	});

	test('has one form for each number of kept digits, and each broken text has its own form', () => {
		const formsOf = (...texts: string[]) => texts.flatMap(lossesOf).map(({ lossKind }) => lossKind);
		expect(formsOf('1.2E+15', '3.4E+15', '1.23E+15')).toEqual(['rounded-1', 'rounded-1', 'rounded-2']);
		expect(new Set(formsOf('KH�1', 'KH�2'))).toHaveProperty('size', 2);
	});
});

describe('The original of a rounded number', () => {
	test('is any number with the same numeric value', () => {
		const ids = ['9007199254740993', '9007199254740992', '9007199254740995'];
		const [rounded] = lossesOf(9007199254740992);
		expect(meant([rounded!], ids)).toEqual(ids.slice(0, 2));
	});

	test('is any number of the same length with the same first 15 digits', () => {
		const ids = ['1234567890123456', '01234567890123456', '1234567890123459', '1234567890124456'];
		const otherIds = ['12345678901234567', 'x1234567890123456', '', '0'];
		const [, truncated] = lossesOf(1234567890123450);
		expect(meant([truncated!], [...ids, ...otherIds])).toEqual(ids.slice(0, 3));
	});
});

test('A letter or a digit of any script is a character of an id, signs are not', () => {
	expect(['a', '7', '锁', '٠'].every(hasLetterOrDigit)).toBe(true);
	expect(['', '-', '�', ' /.'].some(hasLetterOrDigit)).toBe(false);
});

import { expect, test } from '@jest/globals';
import { checkCustomerId, normalizeCustomerId, type IdRules } from '../../nodes/TencentCloudIot/binding/ids';
import { phoneAsId } from '../../nodes/TencentCloudIot/binding/phone';

test.each([
	['13712345678', '13712345678'],
	['137-1234-5678', '13712345678'],
	['137 1234.5678', '13712345678'],
	['(0755) 8601 3388', '075586013388'],
	['+86 137 1234 5678', '13712345678'],
	['0086-13712345678', '13712345678'],
	['8613712345678', '13712345678'],
	['86075586013388', '075586013388'],
	['+86 755 8601 3388', '075586013388'],
	['+86 10 1234 5678', '01012345678'],
	['0086 21-5555 1234', '02155551234'],
	['+86 010 1234 5678', '01012345678'],
	['+86 400 800 1234', '4008001234'],
	['+86 311 8601 338', '03118601338'],
	['＋８６　１３７１２３４５６７８', '13712345678'],
	['１３７ １２３４ ５６７８', '13712345678'],
	['+8613712345678', '13712345678'],
	['(+86)13712345678', '13712345678'],
	['86-13712345678', '13712345678'],
	['010-12345678', '01012345678'],
	['+1 (415) 555-2671', '14155552671'],
	['0044 20 7946 0958', '442079460958'],
	['+49 30 12345678', '493012345678'],
	['+44 (0)20 7946 0958', '442079460958'],
	['+86 (0)137 1234 5678', '13712345678'],
	['(0)137 1234 5678', '13712345678'],
	// Of 30 characters, and of 31.
	[`+1 (415) 555${'-'.repeat(14)}2671`, '14155552671'],
	[`+1 (415) 555${'-'.repeat(15)}2671`, undefined],
])('Of the phone number %s the digits are %s', (text, digits) => {
	expect(phoneAsId(text)).toBe(digits);
});

test.each([
	'12345678',
	'12712345678',
	'1371234567',
	'137123456789',
	'x13712345678',
	'13712345678x',
	'8612345678901',
	'00755',
	'07551234567890',
	'+0123456789',
	'+1234567',
	'+1234567890123456',
	'442079460958',
	'2021-0001-2345',
	'user-137-1234-5678',
	'137.12',
	'12-34',
	'user_1',
	'',
])('No phone number is %j', (text) => {
	expect(phoneAsId(text)).toBeUndefined();
});

const rules = (
	phoneIds: IdRules['phoneIds'],
	unusualCustomerIds: IdRules['unusualCustomerIds'] = 'refuse',
): IdRules => ({
	phoneIds,
	unusualCustomerIds,
});

test('The spellings of a phone number are one CustomerId where the user says so, and other ids stay as they are', () => {
	expect(normalizeCustomerId('+86 137-1234-5678', rules('digits'))).toBe('13712345678');
	expect(normalizeCustomerId('+86 137-1234-5678', rules('refuse'))).toBe('+86 137-1234-5678');
	expect(normalizeCustomerId('user_1', rules('digits'))).toBe('user_1');
});

test.each(['refuse', 'allow'] as const)(
	'A phone number with other characters is no CustomerId where unusual ones are to %s, and the advice names the option',
	(unusualCustomerIds) => {
		expect(checkCustomerId('137-1234-5678', rules('refuse', unusualCustomerIds))).toBe(
			"is a phone number with other characters than digits: choose Digits Only under 'Phone Numbers as IDs', which makes it '13712345678'",
		);
		expect(checkCustomerId('13712345678', rules('refuse', unusualCustomerIds))).toBeUndefined();
	},
);

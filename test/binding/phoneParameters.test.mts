import { textsOf } from '../support/findingTexts.mts';
import { expect, test } from '@jest/globals';
import { createCustomer } from '../../nodes/TencentCloudIot/resources/customer/create.operation';
import { readItem } from '../support/readItem.mts';

const read = (phoneNumber: string, countryCode: string) =>
	readItem(createCustomer, { customerId: 'c1', phoneNumber, countryCode });

test.each([
	['13800138000', '86', '86', '13800138000'],
	['+8613800138000', '86', '86', '13800138000'],
	['+86 138-0013-8000', '86', '86', '13800138000'],
	['0086 13800138000', '+86', '86', '13800138000'],
	['＋86 13800138000', '', '86', '13800138000'],
	['+1 (415) 555-0100', '', '1', '4155550100'],
	['+7 912 345-67-89', '7', '7', '9123456789'],
	['+44 (0)20 7946 0958', '', '44', '2079460958'],
	['+852 2123 4567', '852', '852', '21234567'],
	['+998 90 123 45 67', '', '998', '901234567'],
	['020 7946 0958', '0044', '44', '02079460958'],
	['137 1234 5678', '86', '86', '13712345678'],
	['１３７１２３４５６７８', '86', '86', '13712345678'],
	['415.555.0100', '1', '1', '4155550100'],
])(
	'The phone number %j with the country code %j is sent in the documented form',
	(phone, code, CountryCode, PhoneNumber) => {
		expect(read(phone, code)).toMatchObject({ parameters: { CountryCode, PhoneNumber }, findings: [] });
	},
);

const NO_PHONE = 'Phone Number is not a phone number: give it like +8613800138000';

test.each([
	[
		'+1 415 555 0100',
		'86',
		'Phone Number begins with the country code 1, and Country Code is 86: correct one of them',
	],
	['+86', '', NO_PHONE],
	['+86 1371234567', '', NO_PHONE],
	['1234567 7654321', '86', 'Phone Number has two phone numbers: give one'],
	['+0138 0013 8000', '', NO_PHONE],
	['+86 call me', '86', NO_PHONE],
	['12-2-1502', '49', NO_PHONE],
	[
		'13800138000',
		'',
		'Country Code is empty: fill it in, or give the phone number with it, e.g. +8613800138000',
	],
	// The 0 of an empty column, and codes of no country.
	...['CN', '0', '00', '000', '123', '210'].map((code): [string, string, string] => [
		'13800138000',
		code,
		'Country Code is not a country code: give digits, e.g. 86',
	]),
	['0', '86', NO_PHONE],
	['12345', '86', NO_PHONE],
	['12345', '852', NO_PHONE],
	...[
		'1.38E+10',
		'无',
		'="13800138000"',
		"'13800138000",
		'13800138000.0',
		'13800138000/13900139000',
		'13800138000 13900139000',
		'13800138000、13900139000',
		'138001380001380013800',
		'ext. 12',
		'undefined',
	].map((phone): [string, string, string] => [phone, '86', 'Phone Number ']),
])('The phone number %j with the country code %j is refused', (phone, code, why) => {
	const { findings } = read(phone, code);
	expect(textsOf(findings)).toEqual([expect.stringContaining(why)]);
});

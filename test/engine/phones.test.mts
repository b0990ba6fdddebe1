import { describe, expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { ownParameters, runOperation } from './operationRun.mts';
import { errorOf } from './pushRun.mts';

const onError = 'continueErrorOutput' as const;

async function create(phoneNumber: string, countryCode?: string) {
	const simulator = await runSimulator({ keepBodies: true });
	const parameters = { customerId: 'c1', phoneNumber, ...(countryCode !== undefined && { countryCode }) };
	const result = await runOperation(simulator, { operation: 'customer.create', parameters, onError });
	return { ...result, sent: ownParameters(simulator)[0] };
}

describe('A phone number is sent as Tencent wants it:', () => {
	test.each([
		['13800138000', undefined, '86', '13800138000'],
		['+8613800138000', undefined, '86', '13800138000'],
		['+86 138-0013-8000', '86', '86', '13800138000'],
		['0086 13800138000', '+86', '86', '13800138000'],
		['＋86 13800138000', '', '86', '13800138000'],
		['+1 (415) 555-0100', '', '1', '4155550100'],
		['+7 912 345-67-89', '7', '7', '9123456789'],
		['+44 (0)20 7946 0958', '', '44', '2079460958'],
		['+852 2123 4567', '852', '852', '21234567'],
		['+998 90 123 45 67', '', '998', '901234567'],
		['020 7946 0958', '0044', '44', '02079460958'],
		['137 1234 5678', undefined, '86', '13712345678'],
		['137-1234-5678', undefined, '86', '13712345678'],
		['１３７１２３４５６７８', undefined, '86', '13712345678'],
		['415.555.0100', '1', '1', '4155550100'],
	])('%j with the country code %j.', async (phone, code, CountryCode, PhoneNumber) => {
		const { sent, error } = await create(phone, code);
		expect(error.map(errorOf)).toEqual([]);
		expect(sent).toMatchObject({ CountryCode, PhoneNumber });
	});

	test.each([
		[
			'+1 415 555 0100',
			'86',
			"'Phone Number' begins with the country code 1, and 'Country Code' is 86: correct one of them",
		],
		['+86', '', "'Phone Number' is not a phone number: give it like +8613800138000"],
		['+0138 0013 8000', '', "'Phone Number' is not a phone number: give it like +8613800138000"],
		['+86 call me', '86', "'Phone Number' is not a phone number: give it like +8613800138000"],
		[
			'13800138000',
			'',
			"'Country Code' is empty: fill this field, or give the phone number with it, e.g. +8613800138000",
		],
		...[
			'1.38E+10',
			'无',
			'="13800138000"',
			"'13800138000",
			'13800138000.0',
			'13800138000/13900139000',
			'13800138000 13900139000',
			'13800138000、13900139000',
			'1234567 7654321',
			'138001380001380013800',
			'ext. 12',
			'undefined',
		].map((phone): [string, string, string] => [phone, '86', "'Phone Number' "]),
		['13800138000', 'CN', "'Country Code' is not a country code: give digits, e.g. 86"],
	])('but not %j with %j.', async (phone, code, told) => {
		const { sent, error } = await create(phone, code);
		expect(sent).toBeUndefined();
		expect(errorOf(error[0]!)?.message).toContain(told);
		expect(errorOf(error[0]!)?.reasons).toHaveLength(1);
	});

	test('also where customers are looked for by it.', async () => {
		const simulator = await runSimulator({
			keepBodies: true,
			customers: [{ CustomerId: 'c1', CountryCode: '86', PhoneNumber: '13800138000' }],
		});
		const find = async (filters: object) =>
			await runOperation(simulator, {
				operation: 'customer.getMany',
				parameters: { filters: { ...filters } },
			});
		expect((await find({ phoneNumber: '+8613800138000' })).success).toHaveLength(1);
		expect((await find({ countryCode: '+86' })).success).toHaveLength(1);
		expect(ownParameters(simulator)).toMatchObject([
			{ CountryCode: '86', PhoneNumber: '13800138000' },
			{ CountryCode: '86' },
		]);
	});
});

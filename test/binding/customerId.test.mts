import { describe, expect, test } from '@jest/globals';
import { checkCustomerId } from '../../nodes/TencentCloudIot/binding/ids';
import { besidesPlaceholders, whyNoId, whyPlaceholder } from '../../nodes/TencentCloudIot/input/placeholder';
import { GOOD, NO_IDS, UNUSUAL } from '../support/customerIds.mts';

const REFUSE = { unusualCustomerIds: 'refuse', phoneIds: 'refuse' } as const;
const ALLOW = { ...REFUSE, unusualCustomerIds: 'allow' } as const;

describe('A CustomerId', () => {
	test.each(GOOD)('%s is one', (id) => {
		expect([checkCustomerId(id, REFUSE), checkCustomerId(id, ALLOW)]).toEqual([undefined, undefined]);
	});

	test.each(NO_IDS)('%s is none, also where unusual ones are allowed', (id, cause) => {
		expect(checkCustomerId(id, REFUSE)).toContain(cause);
		expect(checkCustomerId(id, ALLOW)).toBe(checkCustomerId(id, REFUSE));
	});

	test.each(UNUSUAL)('%s is one where unusual ones are allowed, and the advice says so', (id, cause) => {
		const advice = ": correct it, or allow it under 'Unusual Customer IDs'";
		expect(checkCustomerId(id, REFUSE)).toBe(cause + advice);
		expect(checkCustomerId(id, ALLOW)).toBeUndefined();
	});
});

describe('What stands for no value', () => {
	test.each<[text: string, why: string]>([
		['#REF!', 'is the formula error #REF!: correct the sheet'],
		['a undefined', "has 'undefined', which stands for no value: correct where it comes from"],
	])('is none in any column: %s', (text, why) => {
		expect(whyPlaceholder(text)).toBe(why);
		expect(whyNoId(text)).toBe(why);
	});

	test.each<[text: string, why: string]>([
		['无', "is '无', which stands for no value: fill it in"],
		['--', 'has no letter and no digit: fill it in'],
		['小计：3 台', 'is the word of a summary row: remove the row'],
		['Total', 'is the word of a summary row: remove the row'],
	])('is none of an id or a name: %s', (text, why) => {
		expect(whyPlaceholder(text)).toBeUndefined();
		expect(whyNoId(text)).toBe(why);
	});

	test.each(['Total1', '小计算器', '合计达', 'totally'])(
		'is not what only begins like a summary row: %s',
		(text) => {
			expect(whyNoId(text)).toBeUndefined();
		},
	);

	test.each([
		'合计',
		'总计',
		'小计',
		'Total',
		'TOTAL:',
		'合计：15',
		'合 计',
		'小计 3 台',
		'Grand Total',
		'本页合计',
	])('is no CustomerId as the word of a summary row: %s', (word) => {
		for (const rules of [REFUSE, ALLOW])
			expect(checkCustomerId(word, rules)).toContain('is the word of a summary row');
	});

	test('is none within an id either', () => {
		expect(whyPlaceholder('a null')).toBeUndefined();
		expect(whyNoId('a null')).toBe("has 'null', which stands for no value: correct where it comes from");
	});

	test.each<[text: string, others: string[]]>([
		['user_1undefined', ['user_1', '']],
		['null, user_1 #N/A', ['', ', user_1 ', '']],
		['N/A', []],
		['null', []],
	])('may have something beside it: %s', (text, others) => {
		expect(besidesPlaceholders(text)).toEqual(others);
	});
});

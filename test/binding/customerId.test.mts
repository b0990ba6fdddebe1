import { describe, expect, test } from '@jest/globals';
import { checkCustomerId } from '../../nodes/TencentCloudIot/binding/customerId';
import { besidesPlaceholders, whyNoId, whyPlaceholder } from '../../nodes/TencentCloudIot/input/placeholder';
import { GOOD, NO_IDS, UNUSUAL } from '../support/customerIds.mts';

describe('A CustomerId', () => {
	test.each(GOOD)('%s is one', (id) => {
		expect([checkCustomerId(id, 'refuse'), checkCustomerId(id, 'allow')]).toEqual([undefined, undefined]);
	});

	test.each(NO_IDS)('%s is none, also where unusual ones are allowed', (id, cause) => {
		expect(checkCustomerId(id, 'refuse')).toContain(cause);
		expect(checkCustomerId(id, 'allow')).toBe(checkCustomerId(id, 'refuse'));
	});

	test.each(UNUSUAL)('%s is one where unusual ones are allowed, and the advice says so', (id, cause) => {
		const advice = ": correct it, or allow it under 'Unusual Customer IDs'";
		expect(checkCustomerId(id, 'refuse')).toBe(cause + advice);
		expect(checkCustomerId(id, 'allow')).toBeUndefined();
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
		['a null', "has 'null', which stands for no value: correct where it comes from"],
		['无', "is '无', which stands for no value: fill in the id"],
		['--', 'has no letter and no digit: fill in the id'],
	])('is none of an id: %s', (text, why) => {
		expect(whyPlaceholder(text)).toBeUndefined();
		expect(whyNoId(text)).toBe(why);
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

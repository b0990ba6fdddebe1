import { describe, expect, test } from '@jest/globals';
import { describe as inWords } from '../../nodes/TencentCloudIot/service/outcome';
import {
	isChecked,
	tooFewCustomers,
	tooManyChanges,
	type Numbers,
} from '../../nodes/TencentCloudIot/sync/safetyChecks';
import { expectReadable } from '../support/wording.mts';

const named = (count: number) =>
	Array.from({ length: count }, (_, index) => ({ customerId: `user_${index}` }));
const numbers = (changes: Partial<Numbers> = {}): Numbers => ({
	customers: 1000,
	known: 1000,
	stopAbove: 50,
	...changes,
});

test.each<[Partial<Numbers>, boolean]>([
	[{}, true],
	[{ known: 100 }, true],
	[{ known: 99 }, false],
	[{ stopAbove: 99 }, true],
	[{ stopAbove: 100 }, false],
	[{ stopAbove: 0 }, true],
])('Whether rows are compared: %j → %j', (changes, isCompared) => {
	expect(isChecked(numbers(changes))).toBe(isCompared);
});

describe('Too few customers', () => {
	test.each<[Partial<Numbers>, boolean]>([
		[{ customers: 500 }, false],
		[{ customers: 499 }, true],
		[{ customers: 3, known: 18_000 }, true],
		[{ customers: 0 }, true],
		[{ customers: 1001 }, false],
		[{ customers: 999, stopAbove: 0 }, true],
		[{ customers: 1000, stopAbove: 0 }, false],
		[{ customers: 1, stopAbove: 100 }, false],
		[{ customers: 10, known: 99 }, false],
		[{ customers: 10, known: 100 }, true],
	])('%j → %j', (changes, isStopped) => {
		expect(tooFewCustomers(numbers(changes), named(3), []) !== undefined).toBe(isStopped);
	});

	test('are reported with counts, three of them, and how to let it pass', () => {
		const failure = tooFewCustomers(numbers({ customers: 4, known: 18_000 }), named(4), [])!;
		expectReadable(failure);
		expect(failure).toMatchObject({
			code: 'TOO_FEW_CUSTOMERS',
			outcome: 'NOT_SENT',
			retry: 'never',
			scope: 'run',
		});
		expect(inWords(failure)).toBe(
			'The rows hold 4 customers and those of the last run held 18000: more than 50 % are missing. Nothing was sent.',
		);
		expect(failure.advice).toBe(
			"In the rows: 'user_0', 'user_1', 'user_2'. Sync needs all customers in one run; push a few of them with the operation Push. If this is meant, run it once with 'Stop Above' at 100 or 'Send' at Every Customer. Otherwise correct the rows or the columns and run it again: the sync state is unchanged",
		);
	});

	test('are reported of one as of one', () => {
		const few = tooFewCustomers(numbers({ customers: 1 }), named(1), [])!;
		expect(few.reason).toMatch(/^The rows hold 1 customer and those of/);
		const withheld = tooFewCustomers(numbers({ customers: 0 }), [], ['a'])!;
		expect(withheld.reason).toMatch(/^The rows hold 1 customer, 1 of them withheld, /);
		const many = tooManyChanges(numbers({ customers: 60, stopAbove: 1 }), { judged: 60, changed: named(1) })!;
		expect(many.reason).toContain(' is new or changed:');
	});

	test('are reported also when there are none', () => {
		const failure = tooFewCustomers(numbers({ customers: 0 }), [], [])!;
		expectReadable(failure);
		expect(failure.advice).toMatch(/^Sync needs/);
	});

	test('are distinguished from those that are withheld', () => {
		const failure = tooFewCustomers(numbers({ customers: 70, known: 150 }), named(70), ['a', 'b', 'c', 'd'])!;
		expectReadable(failure);
		expect(failure.reason).toBe(
			'The rows hold 74 customers, 4 of them withheld, and those of the last run held 150: more than 50 % are missing or withheld.',
		);
		expect(failure.advice).toMatch(/^Withheld: 'a', 'b', 'c'. A Dry Run says why. Sync needs/);
	});
});

describe('Too many changes', () => {
	test.each<[changed: number, judged: number, Partial<Numbers>, boolean]>([
		[500, 1000, {}, false],
		[501, 1000, {}, true],
		[1, 1000, { stopAbove: 0 }, true],
		[0, 1000, { stopAbove: 0 }, false],
		[1000, 1000, { stopAbove: 100 }, false],
		[1000, 1000, { known: 99 }, false],
		[20, 20, {}, true],
		[19, 19, {}, false],
		[251, 500, {}, true],
		[250, 500, {}, false],
	])('%i of %i with %j → %j', (changed, judged, changes, isStopped) => {
		const failure = tooManyChanges(numbers(changes), { judged, changed: named(changed) });
		expect(failure !== undefined).toBe(isStopped);
	});

	test('are reported with counts, three of them, and how to let it pass', () => {
		const failure = tooManyChanges(numbers(), { judged: 1000, changed: named(996) })!;
		expectReadable(failure);
		expect(failure).toMatchObject({
			code: 'TOO_MANY_CHANGES',
			outcome: 'NOT_SENT',
			retry: 'never',
			scope: 'run',
		});
		expect(inWords(failure)).toBe(
			"Of 1000 customers 996 are new or changed: more than the 50 % of 'Stop Above'. Nothing was sent.",
		);
		expect(failure.advice).toBe(
			"Among them: 'user_0', 'user_1', 'user_2'. Sync needs all customers in one run, not in parts. If this is meant, run it once with 'Stop Above' at 100 or 'Send' at Every Customer. Otherwise correct the rows or the columns and run it again: the sync state is unchanged",
		);
	});

	test('are called an estimate when not all customers were compared', () => {
		const failure = tooManyChanges(numbers({ customers: 18_000 }), { judged: 500, changed: named(312) })!;
		expectReadable(failure);
		expect(failure.reason).toBe(
			"Of 18000 customers 500 were compared, and of these 312 are new or changed: more than the 50 % of 'Stop Above'.",
		);
	});
});

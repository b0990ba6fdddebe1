import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
	BaselineEntries,
	copiesOf,
	isSampled,
	sampleSize,
} from '../../nodes/TencentCloudIot/sync/state/baseline';

const copy = new BaselineEntries('closed 0', 'account');
const otherCopy = new BaselineEntries('closed 1', 'account');
const ofOther = new BaselineEntries('closed 0', 'another account');
const one = { customers: 304, withheld: 12, leftOut: 30, devices: 5000, products: 20 };

describe('The counts of a baseline', () => {
	test('are read as they were written', () => {
		const any = fc.record({
			customers: fc.nat(2_000_000),
			withheld: fc.nat(2_000_000),
			leftOut: fc.nat(2_000_000),
			devices: fc.nat(60_000_000),
			products: fc.nat(200),
		});
		fc.assert(
			fc.property(any, (written) => {
				const there = new Set(copy.encode(written));
				expect(copy.decode(there)).toEqual(written);
				expect(there.has(copy.same(written))).toBe(true);
			}),
		);
	});

	test('are unknown where a digit of one of them is missing, or there are two', () => {
		const [, ...digits] = copy.encode(one);
		for (const missing of digits)
			expect(copy.decode(new Set(digits.filter((entry) => entry !== missing)))).toBeUndefined();
		expect(copy.decode(new Set(copy.digits))).toBeUndefined();
		expect(copy.decode(new Set())).toBeUndefined();
	});

	test('are those of any account', () => {
		expect(ofOther.decode(new Set(copy.encode(one)))).toEqual(one);
		expect(ofOther.same(one)).toBe(copy.same(one));
	});

	test('are other ones where any of them is another one', () => {
		const others = [
			{ ...one, customers: 305 },
			{ ...one, withheld: 11 },
			{ ...one, leftOut: 31 },
			{ ...one, devices: 5001 },
			{ ...one, products: 19 },
		];
		expect(new Set([one, ...others].map((counts) => copy.same(counts))).size).toBe(6);
	});
});

/** Everything that a copy may have. */
const allOf = (of: BaselineEntries) => [
	of.account,
	of.spent('sample'),
	of.spent('unknown'),
	of.accepted('fingerprint'),
	of.unknown('fingerprint'),
	of.product('Lock'),
	of.same(one),
	...of.digits,
];

test('No two copies share an entry: what one run has queried of its copy says nothing of the next', () => {
	const copies = (['closed', 'a', 'b'] as const).flatMap((set) => copiesOf(set, 'account'));
	const all = copies.flatMap(allOf);
	expect(new Set(all).size).toBe(all.length);
});

test('The account and the product names of a baseline are those of its account', () => {
	expect(ofOther.account).not.toBe(copy.account);
	expect(ofOther.product('Lock')).not.toBe(copy.product('Lock'));
	expect(otherCopy.accepted('fingerprint')).not.toBe(copy.accepted('fingerprint'));
});

describe('A sample of the customers', () => {
	const ids = (count: number, name = 'user') =>
		Array.from({ length: count }, (_, index) => `${name}_${index}`);

	test.each([
		[1, 500],
		[200_000, 500],
		[400_000, 250],
		[5_000_000, 100],
	])('of %i is as large as taking it back allows: %i', (customers, size) => {
		expect(sampleSize(customers)).toBe(size);
	});

	test('has every customer where there are no more than it may have', () => {
		expect(ids(500).every((id) => isSampled(id, 500))).toBe(true);
	});

	test('is the same for both runs, as far as both have them: that of more customers is a part of that of fewer', () => {
		fc.assert(
			fc.property(fc.string(), fc.nat(2_000_000), fc.nat(2_000_000), (id, some, more) => {
				const [few, many] = [Math.min(some, more), Math.max(some, more)];
				if (isSampled(id, many)) expect(isSampled(id, few)).toBe(true);
			}),
			{ numRuns: 2000 },
		);
	});

	test.each(['user', '1380013800', '客户', 'a@example.com '])(
		'has its size within a fifth, whatever ids look like: %s',
		(name) => {
			for (const count of [5000, 50_000]) {
				const { length } = ids(count, name).filter((id) => isSampled(id, count));
				expect(Math.abs(length - 500)).toBeLessThan(100);
			}
		},
	);
});

test('What stands in a baseline never changes: every later version recognises it', () => {
	expect([
		copy.account,
		copy.spent('sample'),
		copy.accepted('fingerprint'),
		copy.unknown('known'),
		copy.product('Smart Lock'),
		...copy.encode({ customers: 100, withheld: 0, leftOut: 0, devices: 500, products: 20 }).slice(0, 2),
		...['user_1024', '13800138000', '客户一'].map((id) => String(isSampled(id, 1000))),
	]).toMatchInlineSnapshot(`
		[
		  "S92CBKYinhvpmZmMqmf_H5qcywbtGO7fwS2mfvjxSz4",
		  "Ri2LXaHiD_rSk6-KPtFLxWrzhNIy1r-7AV548rx3rQ4",
		  "JEzI0kR6_t1VCHP2yM8aJ16StKBj0A4dohY6yaxG_vA",
		  "z0Wtb-6aWSQwqZXTycg2GI-YfiZGBKNSvp9zgfS_sjM",
		  "vV-BCCWFGbmZpaZUyjyM9U3YWO5Z_y5Ge-yTn00tZdk",
		  "1hHLVizLcV3yXv2QGwMjfvWeBU1A37ECfLC2wFHT2vc",
		  "qXTn-1KvOoITzXiqy0jU9UAN-v6g_ThmWqcEaN-ws2g",
		  "true",
		  "true",
		  "true",
		]
	`);
});

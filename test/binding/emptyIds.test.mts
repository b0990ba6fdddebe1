import { describe, expect, test } from '@jest/globals';
import { CustomerGroups } from '../../nodes/TencentCloudIot/binding/customers';
import type { EmptyIds } from '../../nodes/TencentCloudIot/binding/emptyIds';
import { group, inShort, rowsOf, type Cells } from '../support/rows.mts';

const grouped = (table: readonly Cells[], mode: EmptyIds = 'automatic') => {
	const rows = group(table, 'refuse', mode);
	return { ...inShort(rows), remarks: rows.remarks, rows };
};
const customer = (customerId: string, devices: Array<[string, ...number[]]>, bad: number[] = []) => ({
	customerId,
	devices,
	bad,
});
const FILL_IN =
	"fill it in, or choose under 'Empty CustomerId' whose it is: Take It From the Row Above, or Nobody's";

/** Ids that repeat from row to row: this many, of one customer. */
const repeating = (count: number): Cells[] =>
	Array.from({ length: count + 1 }, (_, index): Cells => ['z', `P/z${index}`]);

describe('Where an id comes once and empty ones follow', () => {
	const merged: Cells[] = [
		['a', 'P/1'],
		['', 'P/2'],
		['', 'P/3'],
		['b', 'P/4'],
	];

	test('the table looks like merged cells: each empty one withholds the customer above', () => {
		const { customers, ownerless, remarks, rows } = grouped(merged);
		expect(customers).toEqual([customer('a', [['P/1', 0]], [1, 2]), customer('b', [['P/4', 3]])]);
		expect(ownerless).toEqual([]);
		expect(remarks).toEqual(['2 rows without a CustomerId look like merged cells']);
		const text = `is empty, which looks like merged cells (customer 'a' in row 1): ${FILL_IN}`;
		expect(rows.customers[0]!.findings).toEqual(
			[1, 2].map((itemIndex) => ({ itemIndex, field: 'CustomerId', text })),
		);
	});

	test('they take the id of the row above where the user says so', () => {
		const { customers, remarks } = grouped(merged, 'above');
		expect(customers).toEqual([
			customer('a', [
				['P/1', 0],
				['P/2', 1],
				['P/3', 2],
			]),
			customer('b', [['P/4', 3]]),
		]);
		expect(remarks).toEqual(['2 rows without a CustomerId took that of the row above']);
	});

	test("they are nobody's where the user says so", () => {
		const { customers, ownerless, remarks } = grouped(merged, 'nobody');
		expect(customers).toEqual([customer('a', [['P/1', 0]]), customer('b', [['P/4', 3]])]);
		expect(ownerless).toEqual([1, 2]);
		expect(remarks).toEqual(["2 rows without a CustomerId are nobody's"]);
	});

	test('a row with another fault keeps it, whosever it is', () => {
		const table: Cells[] = [
			['a', 'P/1'],
			['', 'x'],
		];
		const fields = (mode: EmptyIds) =>
			grouped(table, mode).rows.customers[0]!.findings.map(({ field }) => field);
		expect(fields('automatic')).toEqual(['CustomerId', 'DeviceId']);
		expect(fields('above')).toEqual(['DeviceId']);
	});

	test('an id that cannot be used itself is that of the rows below it, too', () => {
		const table: Cells[] = [
			['a\u200b', 'P/1'],
			['', 'P/2'],
		];
		for (const mode of ['automatic', 'above'] as const) {
			const { customers, rows } = grouped(table, mode);
			expect(customers).toEqual([customer('a', [], [0, 1])]);
			expect(rows.customers[0]!.findings[1]!.text).toBe(
				`is empty, which looks like merged cells (row 1): ${FILL_IN}`,
			);
		}
	});

	test("below an id that nothing is known of they are nobody's", () => {
		const table: Cells[] = [
			[false, 'P/1'],
			['', 'P/2'],
		];
		for (const mode of ['automatic', 'above'] as const) {
			const { ownerless, remarks } = grouped(table, mode);
			expect(ownerless).toEqual([0, 1]);
			expect(remarks).toEqual(["1 row without a CustomerId is nobody's"]);
		}
	});
});

describe('Where ids repeat from row to row', () => {
	test("an empty one is nobody's", () => {
		const { customers, ownerless, remarks } = grouped([
			['a', 'P/1'],
			['a', 'P/2'],
			['', 'P/3'],
		]);
		expect(customers).toEqual([
			customer('a', [
				['P/1', 0],
				['P/2', 1],
			]),
		]);
		expect(ownerless).toEqual([2]);
		expect(remarks).toEqual(["1 row without a CustomerId is nobody's"]);
	});

	test.each([
		[9, [1], 'looks like merged cells'],
		[10, [], "is nobody's"],
	])('%d of them to one that is followed decide', (repeats, bad, what) => {
		// That of one customer repeats once, however often it comes.
		const others = Array.from({ length: repeats }, (_, index): Cells[] => [
			[`c${index}`, `P/${index}a`],
			[`c${index}`, `P/${index}b`],
		]);
		const { customers, remarks } = grouped([['a', 'P/1'], ['', 'P/2'], ...others.flat()]);
		expect(customers[0]).toEqual(customer('a', [['P/1', 0]], bad));
		expect(remarks).toEqual([`1 row without a CustomerId ${what}`]);
	});

	test('one customer counts once, however often its id comes', () => {
		const { remarks } = grouped([['a', 'P/1'], ['', 'P/2'], ...repeating(30)]);
		expect(remarks).toEqual(['1 row without a CustomerId looks like merged cells']);
	});
});

describe('What stands in the place of a CustomerId', () => {
	test("is null for devices in stock of a database: they are nobody's", () => {
		const table: Cells[] = [
			['a', 'P/1'],
			[null, 'P/2'],
		];
		expect(grouped(table)).toMatchObject({
			ownerless: [1],
			remarks: ["1 row without a CustomerId is nobody's"],
		});
		expect(grouped(table, 'above').customers).toEqual([
			customer('a', [
				['P/1', 0],
				['P/2', 1],
			]),
		]);
	});

	test.each(['automatic', 'nobody'] as const)(
		'is a mark for the same as above, which withholds the customer: %s',
		(mode) => {
			const { customers, remarks, rows } = grouped(
				[
					['a', 'P/1'],
					['a', 'P/2'],
					['同上', 'P/3'],
				],
				mode,
			);
			expect(customers).toEqual([
				customer(
					'a',
					[
						['P/1', 0],
						['P/2', 1],
					],
					[2],
				),
			]);
			expect(remarks).toEqual(['1 row without a CustomerId looks like merged cells']);
			expect(rows.customers[0]!.findings[0]!.text).toBe(
				`stands for the row above (customer 'a' in row 2): ${FILL_IN}`,
			);
		},
	);

	test.each(['automatic', 'above', 'nobody'] as const)(
		"is nothing in the first row: it is nobody's, whatever the user chose: %s",
		(mode) => {
			const { customers, ownerless } = grouped(
				[
					['', 'P/1'],
					['a', 'P/2'],
				],
				mode,
			);
			expect(customers).toEqual([customer('a', [['P/2', 1]])]);
			expect(ownerless).toEqual([0]);
		},
	);

	test('is a remark: the rows below it may be of the customer above it, who is withheld', () => {
		const table: Cells[] = [
			['a', 'P/1'],
			['N/A', '', '', ''],
			['', 'P/2'],
		];
		const { customers, ownerless, rows } = grouped(table);
		expect(customers).toEqual([customer('a', [['P/1', 0]], [2])]);
		expect(ownerless).toEqual([1]);
		expect(rows.customers[0]!.findings[0]!.text).toBe(
			`is empty, which looks like merged cells (row 2): ${FILL_IN}`,
		);
	});

	test('is nothing in a blank row, which is left out, and the word of a sum, which is refused', () => {
		const groups = new CustomerGroups('automatic');
		const rows = rowsOf([
			['a', 'P/1'],
			['', ''],
			['合计', '', '', ''],
			['', ''],
		]);
		for (const row of rows) groups.add(row.kind === 'empty' ? { ...row, kind: 'blank' } : row);
		const { remarks, ...others } = groups.finish('refuse');
		expect(inShort({ ...others, remarks })).toEqual({
			customers: [customer('a', [['P/1', 0]])],
			ownerless: [2],
		});
		expect(remarks).toEqual(['2 blank rows left out']);
	});
});

test('Of a table with nothing empty nothing is remarked', () => {
	expect(grouped([['a', 'P/1']]).remarks).toEqual([]);
});

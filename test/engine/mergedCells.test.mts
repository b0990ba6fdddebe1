import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNothingLost } from './invariants.mts';
import { errorOf, linksOf, push, row } from './pushRun.mts';

const onError = 'continueErrorOutput' as const;
const MERGED = 'which looks like merged cells';

/** A row whose CustomerId is of any type, or not there. */
function at(CustomerId: unknown, device: number | string): IDataObject {
	const made = row(CustomerId as string, device);
	if (CustomerId === undefined) delete made.CustomerId;
	return made;
}

const boundTo = async (rows: IDataObject[], rowHandling: IDataObject = {}) => {
	const simulator = await runSimulator();
	const result = await push(rows, simulator, { onError, rowHandling });
	expectNothingLost(result, rows, simulator);
	const bound = Object.fromEntries(
		[...simulator.bindings].map(([id, devices]) => [id, devices.map(({ DeviceId }) => DeviceId)]),
	);
	return { ...result, bound, hint: result.hints[0]?.message };
};

describe.each([
	['empty', ''],
	['blank', ' \u00a0\u3000'],
	['missing', undefined],
	['invisible', '\u200b'],
])('Where each CustomerId comes once and %s ones follow,', (_what, none) => {
	test('they withhold the customer of the row above, and the item says why', async () => {
		const rows = [at('a', 1), at(none, 2), at(none, 3), at('b', 4), at('c', 5), at(none, 6)];
		const { bound, error, hint } = await boundTo(rows);
		expect(bound).toEqual({ b: ['P/D4'] });
		expect(error.map(linksOf)).toEqual([
			[0, 1, 2],
			[4, 5],
		]);
		expect(errorOf(error[0]!)).toMatchObject({ CustomerId: 'a', outcome: 'NOT_SENT', code: 'INVALID_ROWS' });
		expect(errorOf(error[0]!)?.message).toContain(
			`[row 2] 'CustomerId' is empty, ${MERGED} (customer 'a' in row 1)`,
		);
		expect(hint).toContain('3 rows without a CustomerId look like merged cells');
	});

	test('they take it from there where the user says so, and the hint counts them', async () => {
		const rows = [at('a', 1), at(none, 2), at(none, 3), at('b', 4), at('c', 5), at(none, 6)];
		const { bound, error, hint } = await boundTo(rows, { emptyCustomerId: 'above' });
		expect(error).toEqual([]);
		expect(bound).toEqual({ a: ['P/D1', 'P/D2', 'P/D3'], b: ['P/D4'], c: ['P/D5', 'P/D6'] });
		expect(hint).toContain('3 rows without a CustomerId took that of the row above');
	});

	test("they are nobody's where the user says so", async () => {
		const { bound, error, hint } = await boundTo([at('a', 1), at(none, 2)], { emptyCustomerId: 'nobody' });
		expect(bound).toEqual({ a: ['P/D1'] });
		expect(error.map(linksOf)).toEqual([[1]]);
		expect(hint).toContain("1 row without a CustomerId is nobody's");
	});
});

describe('Nobody is withheld for rows without a CustomerId', () => {
	test.each<[string, IDataObject[]]>([
		['where ids repeat from row to row', [at('a', 1), at('a', 2), at('', 3), at('b', 4), at('b', 5)]],
		['that stand at the top', [at('', 1), at('a', 2), at('a', 3), at('b', 4)]],
		['that stand at the end', [at('a', 1), at('b', 2), at('b', 3), at('', 4), at('', 5)]],
		['whose value is null', [at('a', 1), at(null, 2), at('b', 3), at(null, 4)]],
	])('%s', async (_what, rows) => {
		const { bound, error, hint } = await boundTo(rows);
		const named = rows.filter(({ CustomerId }) => CustomerId);
		expect(Object.values(bound).flat()).toEqual(named.map(({ DeviceId }) => DeviceId));
		expect(error.every((item) => errorOf(item)?.CustomerId === undefined)).toBe(true);
		expect(hint).toMatch(/rows? without a CustomerId (is|are) nobody's/);
	});
});

describe('What stands in between does not hide merged cells:', () => {
	test.each<[string, IDataObject[]]>([
		['a blank row', [{ CustomerId: '', CustomerDeviceNo: '', DeviceId: '', ProductName: '' }]],
		['a summary row', [{ CustomerId: '小计', CustomerDeviceNo: 1, DeviceId: '', ProductName: '' }]],
		[
			'a summary row with its word in another column',
			[{ CustomerId: '', ProductName: '合计', DeviceId: '' }],
		],
		['a remark in the place of an id', [{ CustomerId: '备注：已核对', DeviceId: '' }]],
		["a device in stock of a database's dialect", [at(null, 9)]],
	])('%s', async (_what, between) => {
		const rows = [at('a', 1), ...between, at('', 2), ...between, at('', 3), at('b', 4)];
		const { bound } = await boundTo(rows);
		expect(bound).toEqual({ b: ['P/D4'] });
	});

	test('a customer with several merged blocks, and one that is written in each row', async () => {
		const rows = [at('a', 1), at('', 2), at('b', 3), at('b', 4), at('a', 5), at('a', 6), at('', 7)];
		const { bound } = await boundTo(rows);
		expect(bound).toEqual({ b: ['P/D3', 'P/D4'] });
	});

	test('an id that cannot be used itself', async () => {
		const rows = [at('13800138000', 1), at('138 0013 8000', 2), at('', 3), at('b', 4)];
		expect((await boundTo(rows)).bound).toEqual({ b: ['P/D4'] });
		expect((await boundTo(rows, { emptyCustomerId: 'above' })).bound).toEqual({ b: ['P/D4'] });
	});

	test('a mark for the same as above, whatever the user chose', async () => {
		const rows = [at('a', 1), at('a', 2), at('同上', 3), at('〃', 4), at('b', 5)];
		expect((await boundTo(rows)).bound).toEqual({ b: ['P/D5'] });
		expect((await boundTo(rows, { emptyCustomerId: 'nobody' })).bound).toEqual({ b: ['P/D5'] });
		expect((await boundTo(rows, { emptyCustomerId: 'above' })).bound).toEqual({
			a: ['P/D1', 'P/D2', 'P/D3', 'P/D4'],
			b: ['P/D5'],
		});
	});
});

test('A merged row with another fault withholds its customer as well', async () => {
	const rows = [at('a', 1), { ...at('', 2), DeviceId: '' }, at('b', 3)];
	expect((await boundTo(rows)).bound).toEqual({ b: ['P/D3'] });
	expect((await boundTo(rows, { emptyCustomerId: 'above' })).bound).toEqual({ b: ['P/D3'] });
});

test('Sync decides in the same way', async () => {
	const simulator = await runSimulator();
	const rows = [at('a', 1), at('', 2), at('b', 3)];
	await push(rows, simulator, { onError, operation: 'sync' });
	expect([...simulator.bindings.keys()]).toEqual(['b']);
});

interface Block {
	id: string;
	devices: number;
}

const blocks = fc.uniqueArray(
	fc.record({ id: fc.constantFrom(...'abcdefgh'), devices: fc.integer({ min: 1, max: 4 }) }),
	{
		selector: ({ id }) => id,
		minLength: 1,
		maxLength: 6,
	},
);
/** Rows that are no devices, by where they stand. */
const noise = fc.array(
	fc.record({
		at: fc.nat(20),
		row: fc.constantFrom<IDataObject>(
			{ CustomerId: '', DeviceId: '' },
			{ CustomerId: '合计', CustomerDeviceNo: '3', DeviceId: '' },
			{ CustomerId: '', ProductName: '小计', DeviceId: '' },
		),
	}),
	{ maxLength: 4 },
);
const withNoise = (rows: IDataObject[], added: Array<{ at: number; row: IDataObject }>) =>
	added.reduce((all, { at: place, row: one }) => all.toSpliced(Math.min(place, all.length), 0, one), rows);

/** The rows of blocks, and which devices each customer really has. */
function sheetOf(list: readonly Block[], idOf: (id: string, index: number) => unknown) {
	let device = 0;
	const truth: Record<string, string[]> = {};
	const rows = list.flatMap(({ id, devices }) =>
		Array.from({ length: devices }, (_, index) => {
			device++;
			(truth[id] ??= []).push(`P/D${device}`);
			return at(idOf(id, index), device);
		}),
	);
	return { rows, truth };
}

async function expectNoWrongSet(
	rows: IDataObject[],
	truth: Record<string, string[]>,
	rowHandling: IDataObject = {},
) {
	const { bound } = await boundTo(rows, rowHandling);
	for (const [id, devices] of Object.entries(bound))
		expect([id, devices.toSorted()]).toEqual([id, truth[id]!.toSorted()]);
	return bound;
}

const emptyIds = fc.constantFrom<unknown>('', ' ', undefined);

test('Of a merged sheet no set is wrong and said to be OK, and with the row above each is right', async () => {
	await fc.assert(
		fc.asyncProperty(blocks, noise, emptyIds, async (list, added, none) => {
			const { rows, truth } = sheetOf(list, (id, index) => (index === 0 ? id : none));
			await expectNoWrongSet(withNoise(rows, added), truth);
			const above = await expectNoWrongSet(withNoise(rows, added), truth, { emptyCustomerId: 'above' });
			expect(Object.keys(above).sort()).toEqual(Object.keys(truth).sort());
		}),
		{ numRuns: 40 },
	);
});

test('Of a table with devices in stock no set is wrong and said to be OK, in whatever order its rows stand', async () => {
	await fc.assert(
		fc.asyncProperty(
			blocks,
			fc.array(fc.tuple(fc.nat(20), fc.oneof(emptyIds, fc.constant(null))), { maxLength: 5 }),
			fc.infiniteStream(fc.nat(1000)),
			async (list, stock, keys) => {
				const { rows, truth } = sheetOf(list, (id) => id);
				const inOrder = rows.map((one) => ({ one, key: keys.next().value! })).sort((a, b) => a.key - b.key);
				const shuffled = inOrder.map(({ one }) => one);
				for (const table of [rows, shuffled]) {
					const added = stock.map(([place, none], index) => ({ at: place, row: at(none, `S/${index}`) }));
					await expectNoWrongSet(withNoise(table, added), truth);
				}
			},
		),
		{ numRuns: 30 },
	);
});

test('Of a sheet that is merged for some customers and filled in for others no set is wrong and said to be OK', async () => {
	await fc.assert(
		fc.asyncProperty(
			blocks,
			fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
			async (list, isFilled) => {
				const filled = new Map(list.map(({ id }, index) => [id, isFilled[index]]));
				const { rows, truth } = sheetOf(list, (id, index) => (index === 0 || filled.get(id) ? id : ''));
				await expectNoWrongSet(rows, truth);
			},
		),
		{ numRuns: 40 },
	);
});

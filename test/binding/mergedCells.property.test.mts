import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CustomerGroups } from '../../nodes/TencentCloudIot/binding/customers';
import { finish, inShort, rowsOf, type Cells, type EmptyIdMode } from '../support/rows.mts';

/** The devices of each customer that is sent. A customer with an invalid row is not sent. */
function boundOf(table: readonly Cells[], mode: EmptyIdMode = 'automatic'): Record<string, string[]> {
	const groups = new CustomerGroups(mode);
	for (const [index, row] of rowsOf(table, 'refuse').entries()) {
		const isBlank = table[index]!.every((cell) => cell === '');
		groups.add(isBlank ? { ...row, kind: 'blank' } : row);
	}
	const sent = inShort(finish(groups)).customers.filter(({ bad }) => bad.length === 0);
	return Object.fromEntries(
		sent.map(({ customerId, devices }) => [customerId, devices.map(([id]) => String(id))]),
	);
}

interface Block {
	id: string;
	devices: number;
}

const blocks = fc.uniqueArray(
	fc.record({ id: fc.constantFrom(...'abcdefgh'), devices: fc.integer({ min: 1, max: 4 }) }),
	{ selector: ({ id }) => id, minLength: 1, maxLength: 6 },
);

interface Added {
	at: number;
	row: Cells;
}

const withNoise = (table: Cells[], added: readonly Added[]) =>
	added.reduce((rows, { at, row }) => rows.toSpliced(Math.min(at, rows.length), 0, row), table);

/** The rows of blocks, and the true devices of each customer. */
function sheetOf(list: readonly Block[], idOf: (id: string, index: number) => unknown) {
	let device = 0;
	const truth: Record<string, string[]> = {};
	const table = list.flatMap(({ id, devices }) =>
		Array.from({ length: devices }, (_, index): Cells => {
			device++;
			truth[id] ??= [];
			truth[id].push(`P/${device}`);
			return [idOf(id, index), `P/${device}`];
		}),
	);
	return { table, truth };
}

function expectNoWrongSet(table: Cells[], truth: Record<string, string[]>, mode?: EmptyIdMode) {
	const bound = boundOf(table, mode);
	const trueSets = Object.keys(bound).map((id) => [id, truth[id]!.toSorted()]);
	expect(Object.entries(bound).map(([id, devices]) => [id, devices.toSorted()])).toEqual(trueSets);
	return bound;
}

const emptyIds = fc.constantFrom<unknown>('', ' ', undefined);
const numRuns = 500;

test('A table with devices in stock gives no wrong set, in any order of its rows', () => {
	const stocks = fc.array(fc.tuple(fc.nat(20), fc.oneof(emptyIds, fc.constant(null))), { maxLength: 5 });
	fc.assert(
		fc.property(blocks, stocks, fc.infiniteStream(fc.nat(1000)), (list, stock, keys) => {
			const { table, truth } = sheetOf(list, (id) => id);
			const keyed = table.map((row) => ({ row, key: keys.next().value! }));
			const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ row }) => row);
			const added = stock.map(([at, none], index): Added => ({ at, row: [none, `S/${index}`] }));
			for (const rows of [table, shuffled]) {
				expectNoWrongSet(withNoise(rows, added), truth);
			}
		}),
		{ numRuns },
	);
});

test('A sheet with merged cells for some customers and filled cells for others gives no wrong set', () => {
	const filling = fc.array(fc.boolean(), { minLength: 6, maxLength: 6 });
	fc.assert(
		fc.property(blocks, filling, (list, isFilled) => {
			const filled = new Map(list.map(({ id }, index) => [id, isFilled[index]]));
			const { table, truth } = sheetOf(list, (id, index) => (index === 0 || filled.get(id) ? id : ''));
			expectNoWrongSet(table, truth);
		}),
		{ numRuns },
	);
});

/** A list of unique ids of which at most one in ten is lost, and one of merged cells, with the true devices of each customer. */
const listsWithLost = fc.record({
	count: fc.integer({ min: 12, max: 60 }),
	lost: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 5 }),
});

test('In a list of unique ids with lost ids, no device goes to a neighbour, and no advised option would do that', () => {
	fc.assert(
		fc.property(
			listsWithLost,
			fc.constantFrom<EmptyIdMode>('automatic', 'above', 'nobody'),
			({ count, lost }, mode) => {
				const places = new Set(lost.slice(0, Math.floor(count / 12)).map((place) => place % count));
				const table = Array.from(
					{ length: count },
					(_, index): Cells => [places.has(index) ? '' : `KH${1000 + index}`, `P/${index}`],
				);
				const groups = new CustomerGroups(mode);
				for (const row of rowsOf(table, 'refuse')) {
					groups.add(row);
				}
				const { customers, ownerlessRows } = finish(groups);
				for (const { customerId, devices } of customers) {
					expect([table, customerId, devices.length]).toEqual([table, customerId, 1]);
				}
				const advised = [...customers, ...ownerlessRows].flatMap(({ findings }) =>
					findings.flatMap(({ mend }) => mend ?? []),
				);
				expect([table, advised]).toEqual([table, []]);
			},
		),
		{ numRuns },
	);
});

test('In a sheet with merged cells, the advised option gives each customer its own devices', () => {
	let advised = 0;
	fc.assert(
		fc.property(blocks, (list) => {
			const { table, truth } = sheetOf(list, (id, index) => (index === 0 ? id : ''));
			const groups = new CustomerGroups('automatic');
			for (const row of rowsOf(table, 'refuse')) {
				groups.add(row);
			}
			const isAdvised = finish(groups).customers.some(({ findings }) =>
				findings.some(({ mend }) => mend === 'above'),
			);
			if (isAdvised) {
				advised++;
				const bound = boundOf(table, 'above');
				expect([table, Object.keys(bound).toSorted()]).toEqual([table, Object.keys(truth).toSorted()]);
			}
			expectNoWrongSet(table, truth, 'above');
		}),
		{ numRuns },
	);
	expect(advised).toBeGreaterThan(numRuns / 2);
});

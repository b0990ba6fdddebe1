import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { itemIndexesOf } from '../../nodes/TencentCloudIot/binding/customer';
import { group, inShort, rowsOf, type Cells, type GroupedRows } from '../support/rows.mts';

const SHARED = fc.constantFrom('refuse' as const, 'allow' as const);

/** Damaged ids and their candidates among the other ids. Without a candidate, the row may still show an id of its own. */
const DAMAGED = new Map<unknown, { candidates: readonly string[]; shows?: string }>([
	['a\u0007', { candidates: ['a'], shows: 'a' }],
	['b\uFFFD', { candidates: ['b', 'b2'] }],
	['\ud83dconstructo\uFFFD', { candidates: ['constructor'] }],
	['c\u200bd', { candidates: [], shows: 'cd' }],
	[[7], { candidates: ['7'], shows: '7' }],
]);

/** Tables of few customers and devices, so that ids repeat, with some bad cells. */
const tables: fc.Arbitrary<Cells[]> = fc.array(
	fc.tuple(
		fc.constantFrom<unknown>(
			'a',
			'A',
			'b',
			'__proto__',
			'constructor',
			7,
			'7',
			' 7 ',
			'07',
			null,
			'',
			'b2',
			...DAMAGED.keys(),
		),
		fc.constantFrom<unknown>('P/1', 'P/2', 'P/3', ' P/1', '__proto__/x', 'none', 1.5),
		fc.constantFrom<unknown>('1', '1', '2'),
		fc.constantFrom<unknown>('Lock', 'Lock', 'Lamp', true),
	),
	{ maxLength: 25 },
);

const anyTables = fc.array(fc.tuple(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), fc.jsonValue()), {
	maxLength: 8,
});

/** The rows in the result, in any order. */
function placesOf({ customers, ownerlessRows }: GroupedRows): number[] {
	const ofCustomers = customers.flatMap(({ devices, invalidItemIndexes }) => [
		...devices.flatMap(itemIndexesOf),
		...invalidItemIndexes,
	]);
	return [...ofCustomers, ...ownerlessRows.map(({ itemIndex }) => itemIndex)].sort((a, b) => a - b);
}

test('Arbitrary JSON in the cells causes no exception and loses no row', () => {
	fc.assert(
		fc.property(anyTables, SHARED, (table, sharedDevices) => {
			expect(placesOf(group(table, sharedDevices))).toEqual([...table.keys()]);
		}),
		// A record with a column that has the name of an Object method.
		{ examples: [[[[false, ',', { toString: {} }, '']], 'refuse']] },
	);
});

test('A bad row has at least one finding, and a good row has none', () => {
	fc.assert(
		fc.property(tables, SHARED, (table, sharedDevices) => {
			for (const { devices, findings, invalidItemIndexes } of group(table, sharedDevices).customers) {
				const found = new Set(findings.map(({ itemIndex }) => itemIndex));
				expect(invalidItemIndexes.filter((row) => !found.has(row))).toEqual([]);
				expect(new Set(invalidItemIndexes).size).toBe(invalidItemIndexes.length);
				const good = devices.flatMap(itemIndexesOf);
				expect(good.filter((row) => found.has(row))).toEqual([]);
			}
		}),
	);
});

interface NaiveRow {
	itemIndex: number;
	owners: readonly string[];
	isGood: boolean;
	device: { DeviceId: string };
}

/** The owner of each row, by the table above. */
function ownedRows(table: readonly Cells[]): NaiveRow[] {
	const rows = rowsOf(table);
	const customerIds = new Set(rows.flatMap(({ customerId }) => customerId ?? []));
	return rows.map(({ itemIndex, customerId, device, findings }) => {
		const { candidates = [], shows } = DAMAGED.get(table[itemIndex]![0]) ?? {};
		const found =
			customerId === undefined ? [...customerIds].filter((id) => candidates.includes(id)) : [customerId];
		// A row without a device has no owner unless other rows name its customer.
		const isData = String(table[itemIndex]![1]).includes('/');
		const owners = found.length > 0 || shows === undefined || !isData ? found : [shows];
		return { itemIndex, owners, isGood: findings.length === 0, device };
	});
}

/** The expected groups, computed row by row with nested loops. */
function naively(table: readonly Cells[], sharedDevices: 'refuse' | 'allow'): ReturnType<typeof inShort> {
	const rows = ownedRows(table);
	const isNamed = (other: NaiveRow, { device }: NaiveRow) => other.device.DeviceId === device.DeviceId;
	const good = rows.filter((row) => row.isGood);
	const ofOwner = (row: NaiveRow) => good.filter((other) => isNamed(other, row) && isSameOwner(other, row));
	const isSameOwner = (other: NaiveRow, row: NaiveRow) => other.owners.includes(row.owners[0]!);
	const isContradicted = (row: NaiveRow) =>
		ofOwner(row).some((other) => JSON.stringify(other.device) !== JSON.stringify(row.device));
	// A row that contradicts the first one of its customer does not count as an owner of the device.
	const isCounted = (row: NaiveRow) =>
		!row.isGood || JSON.stringify(ofOwner(row)[0]?.device) === JSON.stringify(row.device);
	const isShared = (row: NaiveRow) =>
		sharedDevices === 'refuse' &&
		rows.some(
			(other) =>
				isNamed(other, row) && other.owners.length > 0 && isCounted(other) && !isSameOwner(other, row),
		);
	const sent = good.filter((row) => !isShared(row) && !isContradicted(row));
	const shown = (row: NaiveRow) =>
		row.isGood || DAMAGED.get(table[row.itemIndex]![0]) === undefined ? 0 : 1;
	const ids = [...rows].sort((a, b) => shown(a) - shown(b)).flatMap(({ owners }) => owners);
	const customers = [...new Set(ids)].map((customerId) => {
		const rowsOfCustomer = sent.filter(({ owners }) => owners[0] === customerId);
		const devices = [...new Set(rowsOfCustomer.map(({ device }) => device.DeviceId))];
		const rowsOf = (id: string) => rowsOfCustomer.filter(({ device }) => device.DeviceId === id);
		return {
			customerId,
			devices: devices.map((id) => [id, ...rowsOf(id).map(({ itemIndex }) => itemIndex)]),
			bad: rows
				.filter((row) => row.owners[0] === customerId && !sent.includes(row))
				.map(({ itemIndex }) => itemIndex),
		};
	});
	const ownerless = rows.filter(({ owners }) => owners.length === 0);
	return { customers, ownerless: ownerless.map(({ itemIndex }) => itemIndex) };
}

test('Grouping in one pass agrees with grouping row by row', () => {
	fc.assert(
		fc.property(tables, SHARED, (table, sharedDevices) => {
			const grouped = inShort(group(table, sharedDevices));
			// Rows of shared devices are refused at the end, so the order of bad rows does not matter.
			for (const { bad } of grouped.customers) {
				bad.sort((a, b) => a - b);
			}
			expect(grouped).toEqual(naively(table, sharedDevices));
		}),
		{ numRuns: 500 },
	);
});

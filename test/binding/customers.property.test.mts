import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GroupedRows } from '../../nodes/TencentCloudIot/binding/customers';
import { group, inShort, rowsOf, type Cells } from '../support/rows.mts';

const SHARED = fc.constantFrom('refuse' as const, 'allow' as const);

/** Tables of few customers and devices, so that the same ones meet, with bad cells among them. */
const tables: fc.Arbitrary<Cells[]> = fc.array(
	fc.tuple(
		fc.constantFrom<unknown>('a', 'b', '__proto__', 'constructor', 7, '7', null, ''),
		fc.constantFrom<unknown>('P/1', 'P/2', 'P/3', ' P/1', '__proto__/x', 'none', 1.5),
		fc.constantFrom<unknown>('1', '1', '2'),
		fc.constantFrom<unknown>('Lock', 'Lock', 'Lamp', true),
	),
	{ maxLength: 25 },
);

const anyTables = fc.array(fc.tuple(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), fc.jsonValue()), {
	maxLength: 8,
});

/** Where each row ended, in any order. */
function placesOf({ customers, ownerless }: GroupedRows): number[] {
	const ofCustomers = customers.flatMap(({ devices, badItemIndexes }) => [
		...devices.flatMap(({ itemIndexes }) => itemIndexes),
		...badItemIndexes,
	]);
	return [...ofCustomers, ...ownerless.map(({ itemIndex }) => itemIndex)].sort((a, b) => a - b);
}

test('Every row ends in exactly one place: with a device, among the bad rows of its customer, or with nobody', () => {
	fc.assert(
		fc.property(tables, SHARED, (table, sharedDevices) => {
			expect(placesOf(group(table, sharedDevices))).toEqual([...table.keys()]);
		}),
		{ numRuns: 500 },
	);
});

test('Arbitrary JSON in the cells throws nothing and loses no row', () => {
	fc.assert(
		fc.property(anyTables, SHARED, (table, sharedDevices) => {
			expect(placesOf(group(table, sharedDevices))).toEqual([...table.keys()]);
		}),
	);
});

test('A bad row has at least one finding, and no good row has any', () => {
	fc.assert(
		fc.property(tables, SHARED, (table, sharedDevices) => {
			for (const { findings, badItemIndexes } of group(table, sharedDevices).customers) {
				const found = new Set(findings.map(({ itemIndex }) => itemIndex));
				expect(found).toEqual(new Set(badItemIndexes));
				expect(new Set(badItemIndexes).size).toBe(badItemIndexes.length);
			}
		}),
	);
});

/** What grouping has to come to, found row by row with nested loops. */
function naively(table: readonly Cells[], sharedDevices: 'refuse' | 'allow'): ReturnType<typeof inShort> {
	const rows = rowsOf(table);
	const owned = rows.filter(({ customerId }) => customerId !== undefined);
	const ids = owned.map(({ customerId }) => customerId!);
	const firstOf = ({ customerId, device: { DeviceId } }: (typeof rows)[number]) =>
		owned.find(
			(row) => row.customerId === customerId && row.findings.length === 0 && row.device.DeviceId === DeviceId,
		);
	const good = owned.filter((row) => {
		const first = firstOf(row);
		return row.findings.length === 0 && JSON.stringify(first?.device) === JSON.stringify(row.device);
	});
	const isShared = (row: (typeof rows)[number]) =>
		sharedDevices === 'refuse' &&
		good.some(
			(other) => other.device.DeviceId === row.device.DeviceId && other.customerId !== row.customerId,
		);
	const isContradicted = (row: (typeof rows)[number]) =>
		owned.some(
			(other) =>
				other.customerId === row.customerId &&
				other.findings.length === 0 &&
				other.device.DeviceId === row.device.DeviceId &&
				JSON.stringify(other.device) !== JSON.stringify(row.device),
		);
	const sent = good.filter((row) => !isShared(row) && !isContradicted(row));
	const customers = ids
		.filter((id, index) => ids.indexOf(id) === index)
		.map((customerId) => {
			const own = sent.filter((row) => row.customerId === customerId);
			const devices = own.map(({ device }) => device.DeviceId);
			return {
				customerId,
				devices: devices
					.filter((id, index) => devices.indexOf(id) === index)
					.map((id) => [
						id,
						...own.filter(({ device }) => device.DeviceId === id).map(({ itemIndex }) => itemIndex),
					]),
				bad: owned
					.filter((row) => row.customerId === customerId && !sent.includes(row))
					.map(({ itemIndex }) => itemIndex),
			};
		});
	const ownerless = rows.filter(({ customerId }) => customerId === undefined);
	return { customers, ownerless: ownerless.map(({ itemIndex }) => itemIndex) };
}

test('Grouping in one pass agrees with grouping row by row', () => {
	fc.assert(
		fc.property(tables, SHARED, (table, sharedDevices) => {
			const grouped = inShort(group(table, sharedDevices));
			// Rows of shared devices are refused at the end, so that the order of bad rows says nothing.
			for (const { bad } of grouped.customers) bad.sort((a, b) => a - b);
			expect(grouped).toEqual(naively(table, sharedDevices));
		}),
		{ numRuns: 500 },
	);
});

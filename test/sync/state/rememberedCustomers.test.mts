import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runInTurns } from '../../../nodes/TencentCloudIot/input/pausing';
import type { NamedDevices } from '../../../nodes/TencentCloudIot/service/devices';
import {
	RememberedCustomers,
	hasSameRows,
	type CustomersToRemember,
} from '../../../nodes/TencentCloudIot/sync/state/rememberedCustomers';
import { HASHES } from './syncRuns.mts';

/** A customer with clean rows: an id, what its cells have, and the ProductNames of its devices. */
interface CleanRows {
	id: string;
	/** Undefined for cells without a digest. */
	cells: string | undefined;
	products: readonly string[];
}

const cleanRows: fc.Arbitrary<CleanRows[]> = fc.uniqueArray(
	fc.record({
		id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
		cells: fc.constantFrom('1', '2', undefined),
		products: fc.array(fc.constantFrom('Lock', 'Gateway', ''), { minLength: 1, maxLength: 4 }),
	}),
	{ selector: ({ id }) => id, maxLength: 6 },
);

const customerOf = ({ id, cells, products }: CleanRows) => {
	const devices = products.map((ProductName, index) => ({
		DeviceId: `P/${id}${cells}${index}`,
		CustomerDeviceNo: `${index}`,
		ProductName,
	}));
	return {
		customerId: id,
		key: HASHES.customerHash(id),
		fingerprint: HASHES.fingerprint(id, devices),
		fullSet: { devices },
	};
};

/** A digest has 12 characters, like each hash of the state; different ids never have the same digest. */
const digestOf = ({ id, cells, products }: CleanRows) =>
	cells === undefined ? undefined : HASHES.customerHash(`${id} ${cells} ${products.join()}`);

/** The devices of some rows by product, counted one by one. */
function countOf(rows: readonly CleanRows[]): NamedDevices {
	const deviceCountByProduct = new Map<string, number>();
	for (const name of rows.flatMap((each) => each.products)) {
		deviceCountByProduct.set(name, (deviceCountByProduct.get(name) ?? 0) + 1);
	}
	return { deviceCount: rows.flatMap((each) => each.products).length, deviceCountByProduct };
}

const setOf = ({ id, cells }: CleanRows) => `set of ${id}${cells ?? '-'}`;

/** The plan of a run; some of its customers are remembered from the run before. */
async function plan(
	rows: readonly CleanRows[],
	remembered?: RememberedCustomers,
): Promise<CustomersToRemember> {
	const customers = new Map(rows.map((each) => [each.id, { rowsDigest: digestOf(each) }]));
	const rememberedIndexes =
		remembered === undefined
			? rows.map(() => undefined)
			: await runInTurns(remembered.findRememberedIndexes(customers.values()));
	return {
		remembered,
		rememberedIndexes,
		rowsByCustomer: customers,
		fullSetDigests: rows.map(setOf),
	};
}

async function rememberedOf(
	rows: readonly CleanRows[],
	remembered?: RememberedCustomers,
): Promise<RememberedCustomers> {
	return await runInTurns(
		RememberedCustomers.make(await plan(rows, remembered), rows.map(customerOf), countOf(rows)),
	);
}

describe('Remembered customers', () => {
	test('returns what it stored of each customer whose cells are the same, and of no other', async () => {
		await fc.assert(
			fc.asyncProperty(cleanRows, cleanRows, cleanRows, async (first, second, third) => {
				// As in a run, the second run remembers some customers of the first one.
				const remembered = await rememberedOf(second, await rememberedOf(first));
				expect([remembered.customerCount, remembered.namedDevices]).toEqual([
					second.length,
					{ ...countOf(second), invalidDeviceIds: [] },
				]);
				const { rememberedIndexes } = await plan(third, remembered);
				const found = rememberedIndexes.map((index) => [
					remembered.keyAt(index),
					remembered.fingerprintAt(index),
					remembered.fullSetDigestsAt(index),
					remembered.productCountsAt(index),
				]);
				const expected = third.map((rows) => {
					const before = second.find(
						(each) => digestOf(rows) !== undefined && digestOf(each) === digestOf(rows),
					);
					if (before === undefined) {
						return [undefined, undefined, undefined, undefined];
					}
					const { key, fingerprint } = customerOf(before);
					return [key, fingerprint, setOf(before), countOf([before]).deviceCountByProduct];
				});
				expect(found).toEqual(expected);
				const isJudged = (_: unknown, index: number) => rememberedIndexes[index] === undefined;
				expect(remembered.countDevices(rememberedIndexes, countOf(third.filter(isJudged)))).toEqual(
					countOf(third),
				);
			}),
		);
	});

	test('is the same for a run with exactly its customers, in any order', async () => {
		const rows: CleanRows[] = ['a', 'b', 'c'].map((id) => ({ id, cells: '1', products: ['Lock'] }));
		const [a, b, c] = rows as [CleanRows, CleanRows, CleanRows];
		const remembered = await rememberedOf(rows);
		const isSameFor = async (...customers: CleanRows[]) => hasSameRows(await plan(customers, remembered));
		expect(await isSameFor(a, b, c)).toBe(true);
		expect(await isSameFor(c, a, b)).toBe(true);
		expect(await isSameFor(a, b)).toBe(false);
		expect(await isSameFor(a, b, c, { ...a, id: 'd' })).toBe(false);
		expect(await isSameFor(a, b, { ...c, cells: '2' })).toBe(false);
		expect(hasSameRows(await plan([]))).toBe(false);
	});
});

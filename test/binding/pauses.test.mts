import { expect, test } from '@jest/globals';
import { columnClues } from '../../nodes/TencentCloudIot/binding/columnClues';
import { CustomerGroups } from '../../nodes/TencentCloudIot/binding/customers';
import type { Pausing } from '../../nodes/TencentCloudIot/input/pausing';
import { mapFields } from '../../nodes/TencentCloudIot/input/mapping';
import type { Row } from '../../nodes/TencentCloudIot/binding/row';
import { rowsOf, type Cells } from '../support/rows.mts';

/** Counts reads since the last pause, and the most reads between two pauses. */
class Looks {
	#sincePause = 0;
	most = 0;

	/** The same object, which counts each read of a member. */
	counted<Counted extends object>(object: Counted): Counted {
		const get = (target: Counted, name: string | symbol): unknown => {
			this.#sincePause += 1;
			return Reflect.get(target, name);
		};
		return new Proxy(object, { get });
	}

	/** Runs a pass to its end. */
	during<Result>(pass: Pausing<Result>): Result {
		this.#sincePause = 0;
		for (;;) {
			const step = pass.next();
			this.most = Math.max(this.most, this.#sincePause);
			this.#sincePause = 0;
			if (step.done === true) {
				return step.value;
			}
		}
	}
}

/** Passes pause after a few rows, each of which is read some dozens of times. A pass without a pause reads each row of a sheet at least once. */
const MAX_READS = 1_500;
const ROWS = 2_000;

const OPTIONS = [
	['automatic', 'refuse'],
	['above', 'leaveOut'],
] as const;

const SHEETS: ReadonlyArray<[what: string, cells: (index: number) => Cells]> = [
	['good rows', (index) => [`KH${index}`, `P/${index}`]],
	['rows without a device', (index) => [`KH${index}`, '', '', '']],
	['rows without a device of one customer', () => ['KH0', '', '', '']],
	['a device of two owners each', (index) => [`KH${index}`, `P/${index >> 1}`]],
	['a device of all owners', (index) => [`KH${index}`, 'P/1']],
	['one device, described in many ways', (index) => ['KH0', 'P/1', `SN-${index}`]],
	['ProductIds in two spellings', (index) => [`KH${index}`, `${index % 2 ? 'a' : 'A'}${index >> 1}/d`]],
	['ids that hold others', (index) => [index % 2 ? `KH${index - 1}_1` : `KH${index}`, `P/${index}`]],
	['ids that are damaged', (index) => [`1.${10_000 + index}E+15`, `P/${index}`]],
	['ids with several readings', (index) => [`KH${index} KH${index + 1}`, `P/${index}`]],
	['rows without an id, each after one with an id', (index) => [index % 2 ? '' : `KH${index}`, `P/${index}`]],
	['rows without a name of the product', (index) => [`KH${index}`, `P/${index}`, 'SN', index ? '' : 'Lock']],
	['totals', () => ['合计', '', '', '']],
];

test.each(SHEETS)('Passes over rows pause after a few rows: %s', (_what, cells) => {
	for (const [emptyIds, rowsWithoutDevice] of OPTIONS) {
		const looks = new Looks();
		const groups = new CustomerGroups(emptyIds, rowsWithoutDevice);
		for (const row of rowsOf(Array.from({ length: ROWS }, (_, index) => cells(index)))) {
			groups.add(looks.counted<Row>({ ...row, device: looks.counted(row.device) }));
		}
		looks.during(looks.during(groups.finish('refuse')).countNamedDevices());
		expect(looks.most).toBeLessThan(MAX_READS);
	}
});

test('Passes over columns pause after a few columns', () => {
	const columns = Array.from({ length: 2_000 }, (_, index) => `column ${index}`);
	const rows = columns.map((column) => ({ [column]: 'x', [`${column}, too`]: 'y' }));
	let pauses = 0;
	const clues = columnClues('digits');
	const pass = mapFields({ fields: Object.keys(clues), clues, isAutomatic: true, valuesByField: {} }, rows);
	expect(() => {
		while (pass.next().done !== true) {
			pauses += 1;
		}
	}).toThrow();
	// Each column is read by its name and, for each of four fields, by its cells, eight at a time.
	expect(pauses).toBeGreaterThanOrEqual((5 * 2 * 2_000) / 8);
});

test('Counting the cells of waiting rows pauses after some thousands of cells', () => {
	const columnCount = 3_000;
	const unmapped = Object.fromEntries(
		Array.from({ length: columnCount }, (_, index) => [`column ${index}`, 'x']),
	);
	const ids = [...Array<string>(40).fill('a'), ''];
	let cellsSincePause = 0;
	const groups = new CustomerGroups('automatic');
	for (const row of rowsOf(ids.map((id, index): Cells => [id, `P/${index}`, '1', 'Lock', unmapped]))) {
		const readUnmappedCells = (itemIndex: number) => {
			cellsSincePause += columnCount;
			return row.readUnmappedCells(itemIndex);
		};
		groups.add({ ...row, readUnmappedCells });
	}
	let most = 0;
	const pass = groups.finish('refuse');
	for (let isDone = false; !isDone; most = Math.max(most, cellsSincePause)) {
		cellsSincePause = 0;
		isDone = pass.next().done === true;
	}
	expect(most).toBeGreaterThan(0);
	expect(most).toBeLessThan(20_000);
});

import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { costOf, type Cost } from '../support/growth.mts';
import { pushedSheet } from '../support/pushedSheet.mts';

export const FIELDS = ['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'] as const;

/** A sheet of any size, and the options under which it is pushed. */
export interface Sheet {
	rows: (size: number) => IDataObject[];
	rowHandling?: IDataObject;
	isMappedByName?: boolean;
}

const VALUES = Object.fromEntries(FIELDS.map((field) => [field, `={{ $json["${field}"] }}`]));

export function listOf<Entry>(length: number, entry: (index: number) => Entry): Entry[] {
	return Array.from({ length }, (_, index) => entry(index));
}

/** Valid rows of customers with one device each, with some cells replaced. */
export function rowsWith(size: number, cells: (index: number) => IDataObject): IDataObject[] {
	return listOf(size, (index) => ({
		CustomerId: `KH${index}`,
		CustomerDeviceNo: `SN-${index}`,
		DeviceId: `LOCK01/d${index}`,
		ProductName: 'Lock',
		...cells(index),
	}));
}

export function rowWith(cells: IDataObject): IDataObject[] {
	return rowsWith(1, () => cells);
}

/** A text in one of many spellings: each bit of the index makes a letter a capital or not. */
export function spelling(index: number): string {
	const isCapital = (bit: number) => (index >> bit) % 2 === 1;
	return listOf(16, (bit) => String.fromCharCode((isCapital(bit) ? 65 : 97) + bit)).join('');
}

export async function push({ rowHandling = {}, isMappedByName = false }: Sheet, rows: IDataObject[]) {
	const values = isMappedByName ? undefined : VALUES;
	// A sheet that is refused as a whole is still read.
	return await pushedSheet(rows, values, rowHandling).catch((cause: unknown) => cause);
}

/** Smaller costs cannot be distinguished from noise. */
const LEAST: Cost = { operations: 20_000, allocatedMb: 1, cpuMs: 20 };

/** Linear work gives two; a list that is copied for each entry gives four. */
const MOST_TIMES = 3;

/** Repeats the measurement if it may have been disturbed by the machine or a function that was just compiled. */
const LOOKS = 3;

/** Expects that a sheet of twice the size takes less than three times the operations, memory and time. */
export async function expectLinear(sheet: Sheet, size: number): Promise<void> {
	const once = sheet.rows(size);
	const twice = sheet.rows(2 * size);
	let tooMuch: string[] = [];
	for (let look = 0; look < LOOKS; look++) {
		const small = await costOf(() => push(sheet, once));
		const large = await costOf(() => push(sheet, twice));
		tooMuch = (Object.keys(LEAST) as Array<keyof Cost>)
			.filter((cost) => large[cost] > MOST_TIMES * Math.max(small[cost], LEAST[cost]))
			.map((cost) => `${cost}: ${small[cost]} at ${size}, ${large[cost]} at twice as much`);
		if (tooMuch.length === 0) {
			return;
		}
	}
	expect(tooMuch).toEqual([]);
}

/** Characters at which a parser may stop, backtrack or count. */
const PIECES = [
	'a',
	'7',
	'王',
	' ',
	'\u3000',
	'\t',
	'\n',
	'\r',
	',',
	'，',
	';',
	'、',
	'/',
	'-',
	'_',
	'.',
	':',
	'=',
	'+',
	'(',

	'"',
	"'",
	'#',
	'#A',
	'%',
	'\uFF11',
	'\uFF0F',
	'\uFFFD',
	'\ud800',
	'\u200b',
	'\uFE0F',
	'\uFDFA',
	'👨\u200d👩',

	'a/b,',
	'a b ',
	'a-',
	'1,',
	'1.',
	'.0',
	'1E+9 ',
	'86 ',
	'13712345678 ',
	'+86 ',
	'null ',
	'undefined',
	'[object a',
	'合计',
	'小计：',
	'KH1_',
	'ID=',
	'{"a":',
	'同上',
	'\u0301',
	'K\uFFFD',
];

const piece = fc.constantFrom(...PIECES);

/** A cell with at least as many characters as the sheet has rows. */
const longCell = fc.record({
	field: fc.constantFrom(...FIELDS),
	before: fc.array(piece, { maxLength: 3 }),
	repeated: fc.array(piece, { minLength: 1, maxLength: 2 }),
	after: fc.array(piece, { maxLength: 3 }),
	form: fc.constantFrom('text', 'list', 'object', 'list of lists'),
});

/** The cell of a field, by the index of its row. */
const CELLS: ReadonlyArray<(index: number) => IDataObject[string]> = [
	(index) => `LOCK01/d${index}`,
	(index) => `LOCK01/d${index},e${index}`,
	(index) => `${spelling(index)}/d`,
	(index) => `KH${index}`,
	(index) => `KH-${index}`,
	(index) => `KH${index} 王五`,
	(index) => `KH${index >> 1}`,
	(index) => `KH${index},KH${index + 1}`,
	(index) => [`KH${index}`, `KH${index + 1}`],
	(index) => `1.${10_000 + index}E+15`,
	(index) => `K\uFFFD${index % 20}`,
	(index) => 13_700_000_000 + index,
	(index) => (index % 2 === 0 ? `KH${index}` : ''),
	(index) => (index === 0 ? 'KH0' : ''),
	(index) => (index === 0 ? 'KH0' : '同上'),
	() => 'KH0',
	() => 'LOCK01/d0',
	() => 'Lock',
	() => null,
	() => '',
	() => '合计',
	() => 'a b c d e f g h i j k l m n o p',
];

const ROW_HANDLING = fc.record({
	emptyCustomerId: fc.constantFrom('automatic', 'nobody', 'above'),
	emptyProductName: fc.constantFrom('refuse', 'sameProduct'),
	invalidRows: fc.constantFrom('withhold', 'sendValid'),
	phoneIds: fc.constantFrom('refuse', 'digits'),
	rowsWithoutDevice: fc.constantFrom('refuse', 'leaveOut'),
	sharedDevices: fc.constantFrom('refuse', 'allow'),
	severalDevices: fc.constantFrom('refuse', 'split'),
	unusualCustomerIds: fc.constantFrom('refuse', 'allow'),
});

/** Any sheet that is large in one direction: its cells, its rows, or its columns. */
export const anySheet: fc.Arbitrary<{ sheet: Sheet; size: number; what: unknown }> = fc.oneof(
	fc.tuple(longCell, ROW_HANDLING).map(([cell, rowHandling]) => ({
		sheet: { rows: withCell(cell), rowHandling },
		size: 8_000,
		what: cell,
	})),
	fc
		.tuple(fc.tuple(...FIELDS.map(() => fc.nat(CELLS.length - 1))), ROW_HANDLING)
		.map(([kinds, rowHandling]) => ({
			sheet: { rows: withKinds(kinds), rowHandling },
			size: 500,
			what: kinds,
		})),
	fc
		.tuple(fc.array(piece, { maxLength: 2 }), fc.nat(20), fc.boolean(), ROW_HANDLING)
		.map(([name, filled, isMappedByName, rowHandling]) => ({
			sheet: { rows: withColumns(name.join(''), filled), isMappedByName, rowHandling },
			size: 1_000,
			what: name,
		})),
);

type LongCell = typeof longCell extends fc.Arbitrary<infer Cell> ? Cell : never;

function withCell({ field, before, repeated, after, form }: LongCell): Sheet['rows'] {
	return (size) => {
		const unit = repeated.join('');
		const many = Math.ceil(size / unit.length);
		if (form === 'text') {
			return rowWith({ [field]: before.join('') + unit.repeat(many) + after.join('') });
		}
		const members = listOf(many, (index) => `${unit}${index}`);
		const list = form === 'list of lists' ? [[members], members] : members;
		return rowWith({ [field]: form === 'object' ? { ...members } : list });
	};
}

function withKinds(kinds: readonly number[]): Sheet['rows'] {
	return (size) =>
		rowsWith(size, (index) =>
			Object.fromEntries(FIELDS.map((field, nth) => [field, CELLS[kinds[nth]!]!(index)])),
		);
}

/** Rows of many columns without a field, some of them empty and without an id. */
function withColumns(name: string, filled: number): Sheet['rows'] {
	return (size) =>
		rowsWith(4, (index) => {
			const cells = listOf(size, (nth) => [`${name}${nth}`, nth % 20 < filled ? `x${index}` : '']);
			const id = index % 2 === 1 ? { CustomerId: '' } : {};
			return { ...id, ...Object.fromEntries(cells) };
		});
}

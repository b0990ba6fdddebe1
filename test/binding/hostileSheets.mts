import type { IDataObject } from 'n8n-workflow';
import { FIELDS, listOf, rowsWith, rowWith, spelling, type Sheet } from './growth.mts';

/** What is hostile about a sheet, and the sheet, with the given number of bytes or a little less. */
export type HostileSheet = readonly [what: string, sheet: Sheet];

/** Characters at which a parser may stop, backtrack or count. */
const REPEATED = [
	'a',
	' ',
	'\n',
	'a b ',
	',',
	'a/b,',
	'/',
	'-',
	'_',
	'=',
	'"',
	'.0',
	'1,',
	'#A',
	'{"a":',
	'KH1_',
	'王',
	'合计',
	'\uFDFA',
	'\uFFFD',
	'\u200b',
	'\u0301',
	'+86 13712345678 ',
];

function bytesOf(text: string): number {
	return Buffer.byteLength(text);
}

/** The text, repeated until it has this many bytes. */
function filledWith(text: string, bytes: number): string {
	return text.repeat(Math.floor(bytes / bytesOf(text)));
}

const SPLIT = { severalDevices: 'split' };

/** All bytes are in one cell. */
const LONG_CELLS: readonly HostileSheet[] = FIELDS.flatMap((field) =>
	REPEATED.map(
		(text): HostileSheet => [
			`a ${field} of ${JSON.stringify(text)}`,
			{ rows: (bytes) => rowWith({ [field]: filledWith(text, bytes) }), rowHandling: SPLIT },
		],
	),
);

/** A record with this many members after the first ones. */
function recordOf(count: number, value: string, first: IDataObject = {}): IDataObject {
	const record = { ...first };
	for (let index = 0; index < count; index++) {
		record[`c${index}`] = value;
	}
	return record;
}

/** Bytes of a member of a list, of an empty one, of a device in four lists, and of a column, each with its comma. */
const MEMBER = 10;
const EMPTY_MEMBER = 3;
const DEVICE = 40;
const COLUMN = 16;
/** Bytes of an ordinary row. */
const ROW = 90;

const MEMBERS: ReadonlyArray<[what: string, cell: (bytes: number) => IDataObject[string]]> = [
	['list', (bytes) => listOf(bytes / MEMBER, (index) => `x${index}`)],
	['list of empty texts', (bytes) => listOf(bytes / EMPTY_MEMBER, () => '')],
	['list of empty lists', (bytes) => listOf(bytes / EMPTY_MEMBER, () => [])],
	['list in lists', (bytes) => [[listOf(bytes / MEMBER, (index) => `x${index}`)]]],
	['record', (bytes) => recordOf(bytes / COLUMN, 'x')],
	['record of empty texts', (bytes) => recordOf(bytes / COLUMN, '')],
];

/** The latest cell. It is reused for four fields in a row, because making it takes up to a second. */
let lastCell: { kind: string; bytes: number; cell: IDataObject[string] } | undefined;

/** One cell with a member for every few bytes. */
const MANY_MEMBERS: readonly HostileSheet[] = MEMBERS.flatMap(([kind, makeCell]) => {
	const cellOf = (bytes: number) => {
		if (lastCell?.kind !== kind || lastCell.bytes !== bytes) {
			lastCell = { kind, bytes, cell: makeCell(bytes) };
		}
		return lastCell.cell;
	};
	return FIELDS.map(
		(field): HostileSheet => [
			`a ${field} that is a ${kind}`,
			{ rows: (bytes) => rowWith({ [field]: cellOf(bytes) }) },
		],
	);
});

const DEVICE_LISTS: readonly HostileSheet[] = [
	[
		'lists of devices in all fields',
		{
			rows: (bytes) =>
				rowWith(
					Object.fromEntries(FIELDS.map((field) => [field, listOf(bytes / DEVICE, (index) => `P/${index}`)])),
				),
			rowHandling: SPLIT,
		},
	],
	...['x', '王', '\n '].map(
		(text): HostileSheet => [
			`a list of names beside a product of ${JSON.stringify(text)}`,
			{
				rows: (bytes) => [
					{
						客户编号: 'KH1',
						序列号: 'SN1',
						产品名称: 'Lock',
						产品ID: filledWith(text, bytes),
						设备名称: listOf(20_000, (index) => `d${index}`),
					},
				],
				isMappedByName: true,
			},
		],
	),
];

function isEven(index: number): boolean {
	return index % 2 === 0;
}

const ROWS: ReadonlyArray<[what: string, cells: (index: number) => IDataObject, rowHandling?: IDataObject]> =
	[
		['that are good', () => ({})],
		['of one customer', () => ({ CustomerId: 'KH0' })],
		[
			'without a device',
			() => ({ CustomerDeviceNo: '', DeviceId: '', ProductName: '' }),
			{ rowsWithoutDevice: 'leaveOut' },
		],
		['without anything', () => ({ CustomerId: '', CustomerDeviceNo: '', DeviceId: '', ProductName: '' })],
		[
			'of ProductIds in two spellings',
			(index) => ({ DeviceId: `${isEven(index) ? 'a' : 'A'}${index >> 1}/d` }),
		],
		['of one ProductId in many spellings', (index) => ({ DeviceId: `${spelling(index)}/d` })],
		['of one device of all', () => ({ DeviceId: 'P/1' })],
		['of one device, described in many ways', () => ({ CustomerId: 'KH0', DeviceId: 'P/1' })],
		['whose ids have lost characters', (index) => ({ CustomerId: `K\uFFFD${index % 20}` })],
		['whose ids have lost digits', (index) => ({ CustomerId: `1.${10_000 + index}E+15` })],
		['whose ids have many readings', (index) => ({ CustomerId: `a${index} b c d e f g h i j k` })],
		['whose ids have signs', (index) => ({ CustomerId: `KH-${index}` })],
		['whose ids may have signs', (index) => ({ CustomerId: `KH-${index}` }), { unusualCustomerIds: 'allow' }],
		['whose ids hold others', (index) => ({ CustomerId: isEven(index) ? `KH${index}` : `KH${index - 1}_1` })],
		[
			'with a merged cell',
			(index) => ({ CustomerId: index === 0 ? 'KH0' : '' }),
			{ emptyCustomerId: 'above' },
		],
		['that repeat the one above', (index) => ({ CustomerId: index === 0 ? 'KH0' : '同上' })],
		['that are totals', () => ({ CustomerId: '合计', DeviceId: '' })],
		[
			'without a product',
			(index) => ({ ProductName: index === 0 ? 'Lock' : '' }),
			{ emptyProductName: 'sameProduct' },
		],
		[
			'that list devices',
			(index) => ({ CustomerDeviceNo: `a${index},b${index}`, DeviceId: `P/a${index},b${index}` }),
			SPLIT,
		],
	];

const MANY_ROWS: readonly HostileSheet[] = ROWS.map(([kind, cells, rowHandling = {}]) => [
	`rows ${kind}`,
	{ rows: (bytes) => rowsWith(bytes / ROW, cells), rowHandling },
]);

const [GOOD_ROW = {}] = rowWith({});

/** For each way of mapping columns: a row with most of the columns, a row with nothing else, and many columns altogether. */
const MANY_COLUMNS: readonly HostileSheet[] = [false, true].flatMap((isMappedByName): HostileSheet[] => {
	const way = isMappedByName ? 'mapped by name' : 'mapped by hand';
	return [
		[
			`a row of many columns, ${way}`,
			{ rows: (bytes) => [recordOf(bytes / COLUMN, 'x', GOOD_ROW)], isMappedByName },
		],
		[
			`a row of many columns without an id, ${way}`,
			{
				rows: (bytes) => [GOOD_ROW, recordOf(bytes / COLUMN, 'x', { ...GOOD_ROW, CustomerId: '' })],
				isMappedByName,
				rowHandling: { emptyCustomerId: 'above' },
			},
		],
		[
			`only columns without a field, ${way}`,
			{ rows: (bytes) => [recordOf(bytes / COLUMN, 'x')], isMappedByName },
		],
		[
			`another column in each row, ${way}`,
			{ rows: (bytes) => rowsWith(bytes / ROW, (index) => ({ [`c${index}`]: 'x' })), isMappedByName },
		],
		[
			`names of columns of megabytes, ${way}`,
			{ rows: (bytes) => [{ [filledWith('\uFDFA', bytes)]: 'KH1' }], isMappedByName },
		],
	];
});

/** Sheets that may keep a parser busy, as large as the largest request that n8n accepts, and larger. */
export const HOSTILE_SHEETS: readonly HostileSheet[] = [
	...LONG_CELLS,
	...MANY_MEMBERS,
	...DEVICE_LISTS,
	...MANY_ROWS,
	...MANY_COLUMNS,
];

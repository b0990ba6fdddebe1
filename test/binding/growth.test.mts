import { describe, test } from '@jest/globals';
import { expectLinear, listOf, rowsWith, rowWith, spelling, type Sheet } from './growth.mts';

/** Sheets that once took quadratic time or memory, with their sizes. */
const ONCE_QUADRATIC: ReadonlyArray<[what: string, size: number, sheet: Sheet]> = [
	[
		'a DeviceId of a long ProductId and names without one',
		4_000,
		{ rows: (size) => rowWith({ DeviceId: `${'p'.repeat(size)}/x${',b'.repeat(size)}` }) },
	],
	[
		'the same with split lists',
		4_000,
		{
			rows: (size) =>
				rowWith({
					DeviceId: `${'p'.repeat(size)}/x${',b'.repeat(size)}`,
					CustomerDeviceNo: listOf(size + 1, String).join(','),
				}),
			rowHandling: { severalDevices: 'split' },
		},
	],
	[
		'rows of one customer without a device, which are left out',
		1_500,
		{
			rows: (size) =>
				rowsWith(size, () => ({ CustomerId: 'KH1', CustomerDeviceNo: '', DeviceId: '', ProductName: '' })),
			rowHandling: { rowsWithoutDevice: 'leaveOut' },
		},
	],
	[
		'ProductIds in two spellings each',
		1_000,
		{ rows: (size) => rowsWith(size, (index) => ({ DeviceId: `${index % 2 ? 'a' : 'A'}x${index >> 1}/d` })) },
	],
	[
		'one ProductId in many spellings',
		3_000,
		{ rows: (size) => rowsWith(size, (index) => ({ DeviceId: `${spelling(index)}/d` })) },
	],
	[
		'a CustomerId that is a list of texts',
		4_000,
		{ rows: (size) => rowWith({ CustomerId: listOf(size, (index) => `x-${index} a`) }) },
	],
	[
		'devices of one customer in lists, whose CustomerId is also a list',
		1_000,
		{
			rows: (size) =>
				rowWith({
					CustomerId: listOf(size, (index) => `x${index}`),
					CustomerDeviceNo: listOf(size, String),
					DeviceId: listOf(size, (index) => `P/${index}`),
					ProductName: listOf(size, () => 'Lock'),
				}),
		},
	],
	[
		'one device of many owners, and rows that may be anybody’s',
		500,
		{
			rows: (size) =>
				rowsWith(2 * size, (index) => ({
					DeviceId: 'P/1',
					CustomerId: index < size ? `KH${index}` : 'KH\uFFFD',
				})),
		},
	],
	[
		'rows without an id after one with many readings',
		500,
		{
			rows: (size) =>
				rowsWith(size, (index) => ({ CustomerId: index === 0 ? 'a b c d e f g h i j k l m n o p' : '' })),
		},
	],
];

// test:long draws random sheets.
describe('A sheet of twice the size takes less than three times the operations, memory and time: ', () => {
	test.each(ONCE_QUADRATIC)('%s', async (_what, size, sheet) => {
		await expectLinear(sheet, size);
	});
});

import { describe, test } from '@jest/globals';
import { expectLinear, listOf, rowsWith, rowWith, spelling, type Sheet } from './growth.mts';

/** Sheets that took the square of the time or of the memory, and how large they are. */
const MET: ReadonlyArray<[what: string, size: number, sheet: Sheet]> = [
	[
		'a DeviceId of a long ProductId and names without one',
		4_000,
		{ rows: (size) => rowWith({ DeviceId: `${'p'.repeat(size)}/x${',b'.repeat(size)}` }) },
	],
	[
		'the same where lists are split',
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
		'devices of one customer in lists, whose CustomerId is a list as well',
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
		'rows without an id behind one that has many readings',
		500,
		{
			rows: (size) =>
				rowsWith(size, (index) => ({ CustomerId: index === 0 ? 'a b c d e f g h i j k l m n o p' : '' })),
		},
	],
];

// test:long draws sheets of any make.
describe('Twice as much takes less than three times the operations, the memory and the time: ', () => {
	test.each(MET)('%s', async (_what, size, sheet) => {
		await expectLinear(sheet, size);
	});
});

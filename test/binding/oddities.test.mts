import { expect, test } from '@jest/globals';
import { group, type Cells } from '../support/rows.mts';

const remarksOf = (table: readonly Cells[]) => group(table).remarks;

test('20,000 different devices cause no remark, and two alike devices among them cause one', () => {
	const many = Array.from(
		{ length: 20_000 },
		(_, index): Cells => [`c${index}`, `P/Dev${index}`, `SN${index}`],
	);
	expect(remarksOf(many)).toEqual([]);
	const alike: Cells[] = [...many, ['x', 'P/dEV777', 'sn 1'], ['y', 'P/other', 'SN12345']];
	expect(remarksOf(alike)).toEqual([
		"rows 778 and 20001 name DeviceIds that differ from another customer's only in case",
		'rows 12346 and 20002 give several devices the same CustomerDeviceNo',
	]);
});

test('Two customers whose ids differ only in case cause a remark if both are pushed', () => {
	const table: Cells[] = [
		['YZ0006', 'P/1'],
		['YZ0007', 'P/2'],
		['yz0006', 'P/3'],
	];
	expect(remarksOf(table)).toEqual(['rows 1 and 3 name CustomerIds that differ only in case']);
	expect(remarksOf([...table, ['yz0006', 'no device']])).toEqual([
		'rows 1 and 3 name CustomerIds that differ only in case',
	]);
	expect(
		remarksOf([
			['YZ0006', 'P/1'],
			['yz0006', 'no device'],
		]),
	).toEqual([]);
});

test('A remark names alike rows in the order of the sheet, whichever were found first', () => {
	const table: Cells[] = [
		['a', 'P/x'],
		['b', 'P/y'],
		['c', 'P/Y'],
		['d', 'P/X'],
	];
	expect(remarksOf(table)).toEqual([
		"rows 1, 2, 3 and 4 name DeviceIds that differ from another customer's only in case",
	]);
});

test('Two customers whose ids differ only in leading zeros, which a spreadsheet drops, cause a remark', () => {
	const table: Cells[] = [
		['00123', 'P/1'],
		['124', 'P/2'],
		[123, 'P/3'],
		['0', 'P/4'],
		['000', 'P/5'],
		['K0123', 'P/6'],
		['K123', 'P/7'],
	];
	expect(remarksOf(table)).toEqual(['rows 1, 3, 4 and 5 name CustomerIds that differ only in leading zeros']);
});

test.each<[what: string, table: Cells[]]>([
	[
		'one customer whose DeviceIds differ only in case',
		[
			['a', 'P/x'],
			['a', 'P/X'],
		],
	],
	[
		'numbers that differ only in case',
		[
			['a', 'P/1', 'sn1'],
			['b', 'P/2', 'SN1'],
		],
	],
	[
		'a device that an export repeats',
		[
			['a', 'P/1', '1'],
			['a', 'P/1', '1'],
		],
	],
])('Nothing is said of %s', (_, table) => {
	expect(remarksOf(table)).toEqual([]);
});

import { expect, test } from '@jest/globals';
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRows } from '../../start/rows.mts';
import { temporaryFolder } from '../support/temporaryFolder.mts';
import { temporaryCsv } from './temporaryCsv.mts';

// The library with which the workbook reader unzips.
const { unzipSync, zipSync, strFromU8, strToU8 } = createRequire(
	createRequire(import.meta.url).resolve('read-excel-file/node'),
)('fflate') as {
	unzipSync(zip: Uint8Array): Record<string, Uint8Array>;
	zipSync(files: Record<string, Uint8Array>): Uint8Array;
	strFromU8(bytes: Uint8Array): string;
	strToU8(text: string): Uint8Array;
};

/** Encoded as in Windows' code page 936; the last has a character of four bytes that only GB18030 has. */
const GB18030_HEX: Readonly<Record<string, string>> = {
	客户编号: 'bfcdbba7b1e0bac5',
	产品名称: 'b2fac6b7c3fbb3c6',
	门锁: 'c3c5cbf8',
	烟感𠮷: 'd1ccb8d09534b235',
};

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const gb18030 = (text: string) =>
	Buffer.concat(
		text
			.split(new RegExp(`(${Object.keys(GB18030_HEX).join('|')})`))
			.map((part) => (part in GB18030_HEX ? bytes(GB18030_HEX[part]!) : Buffer.from(part, 'ascii'))),
	);

const encodings: Readonly<Record<string, (text: string) => Buffer>> = {
	'UTF-8': (text) => Buffer.from(text),
	'UTF-8 with a BOM': (text) => Buffer.from(`\ufeff${text}`),
	'UTF-16LE': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
	GB18030: gb18030,
};

const header = ['客户编号', 'SN', '产品名称'];
const values = [
	['A1', '007', '门锁'],
	['A2', '', '烟感𠮷'],
];
const table = (delimiter: string, newline = '\r\n') =>
	[header, ...values, []].map((line) => line.join(delimiter)).join(newline);
const rows = values.map((line) => Object.fromEntries(header.map((name, index) => [name, line[index]])));

const folder = temporaryFolder();
const read = async (content: Uint8Array | string) => await readRows(temporaryCsv(content));
const refusal = async (file: string) => {
	const error = await readRows(file).catch((thrown: unknown) => thrown as Error);
	return 'message' in error ? error.message.replace(/rows-\d+/, 'rows') : undefined;
};

test.each(
	Object.entries(encodings).flatMap(([encoding, encode]) =>
		[',', ';', '\t'].map((delimiter) => [encoding, delimiter, encode] as const),
	),
)('CSV in %s, separated by %j', async (_, delimiter, encode) => {
	for (const newline of ['\r\n', '\n', '\r']) {
		expect(await read(encode(table(delimiter, newline)))).toEqual({ header, rows });
	}
});

test('Quoted values keep their delimiters, quotation marks and line breaks, and short rows lack their last columns', async () => {
	const text = 'a; b ;;c\n"1;1";"say ""x""";-;"two\nlines"\n\n3\n';
	expect(await read(text)).toEqual({
		header: ['a', 'b', 'c'],
		rows: [{ a: '1;1', b: 'say "x"', c: 'two\nlines' }, { a: '3' }],
	});
});

test.each<[string, string | Uint8Array, RegExp]>([
	['nothing', '', /^rows\.csv has no rows below its column names\.$/],
	['only column names', `\ufeff${table(',').split('\r')[0]}\r\n\r\n`, /^rows\.csv has no rows/],
	['a column twice', 'a,b,a\n1,2,3\n', /^rows\.csv has the column a more than once: rename one of them\.$/],
	[
		'a row with too many values',
		'a,b\n1,2\n1,2,3\n',
		/^rows\.csv is no CSV file: the first row below line 2 has more values than there are columns: put those with a separator within quotation marks\.$/,
	],
	[
		"Excel's line",
		'sep=;\na;b\n1;2\n',
		/^rows\.csv begins with Excel's line "sep=": remove that line, and keep the column names\.$/,
	],
	[
		'an unclosed quotation mark',
		'a,b\n1,"2\n2"\n\n3,"4\n5,6\n',
		/^rows\.csv is no CSV file: the first row below line 3 has a quotation mark that is never closed\.$/,
	],
	[
		'a byte that is invalid in all encodings',
		Buffer.concat([gb18030(table(',')), bytes('ff0a')]),
		/^rows\.csv is neither UTF-8 nor GB18030 text: save it again as \.xlsx or as CSV UTF-8\.$/,
	],
	['half a UTF-16 unit', encodings['UTF-16LE']!(table(',')).subarray(0, -1), /^rows\.csv is neither UTF-8/],
	['UTF-16 without a BOM', Buffer.from('a,b\n', 'utf16le'), /^rows\.csv is no text file: save it again/],
])('CSV with %s is refused with a sentence', async (_, content, sentence) => {
	expect(await refusal(temporaryCsv(content))).toMatch(sentence);
});

test('A file that cannot be read is refused with a sentence', async () => {
	expect(await refusal('/nowhere/x.csv')).toBe('Cannot read /nowhere/x.csv: there is no such file.');
	expect(await refusal(folder)).toBe(`Cannot read ${folder}: it is a folder.`);
});

/** The workbook of the examples with its sheet changed. */
function workbook(name: string, change: (sheet: string) => string): string {
	const files = unzipSync(readFileSync('examples/messy-devices.xlsx'));
	const [path = ''] = Object.keys(files).filter((file) => /sheet1\.xml$/.test(file));
	const file = join(folder, name);
	writeFileSync(file, zipSync({ ...files, [path]: strToU8(change(strFromU8(files[path]!))) }));
	return file;
}

test('The first sheet of a workbook is read with its empty cells and rows, and with its numbers as plain digits', async () => {
	const { header: names, rows: found } = await readRows('examples/messy-devices.xlsx');
	expect(names.slice(0, 3)).toEqual(['序号', '客户编号', '客户姓名']);
	expect(found).toHaveLength(29);
	expect(found[1]).toMatchObject({ 序号: '2', 客户编号: '', 设备序列号: 'SN-0002', 产品名称: '' });
	expect(Object.values(found[8]!).join('')).toBe('');
	expect(found[9]).toMatchObject({ 客户编号: '13900139000' });
	const file = workbook('exponents.XLSX', (sheet) => sheet.replaceAll('>13900139000<', '>1.3900139E10<'));
	expect((await readRows(file)).rows[9]).toMatchObject({ 客户编号: '13900139000' });
});

test("A formula's error is empty, and a date is its number of days, as in n8n's Extract from File", async () => {
	const cell = /<c r="([A-Z]+\d+)"[^>]*><v>13900139000<\/v><\/c>/;
	const file = workbook('error.xlsx', (sheet) => sheet.replace(cell, '<c r="$1" t="e"><v>#N/A</v></c>'));
	expect((await readRows(file)).rows[9]).toMatchObject({ 客户编号: '' });
	const dated = workbook('date.xlsx', (sheet) =>
		sheet.replace(cell, '<c r="$1" t="d"><v>2024-01-01</v></c>'),
	);
	expect((await readRows(dated)).rows[9]).toMatchObject({ 客户编号: '45292' });
});

test('A file that is not a workbook is refused with a sentence', async () => {
	const file = join(folder, 'text.xlsx');
	writeFileSync(file, 'a,b\n1,2\n');
	expect(await refusal(file)).toBe('text.xlsx is no Excel workbook: save it again as .xlsx or as CSV UTF-8.');
});

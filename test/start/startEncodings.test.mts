import { expect, test } from '@jest/globals';
import { readCrmRows } from '../../start/crmRows.mts';
import { DEFAULT_COLUMNS } from '../../start/fields.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import type { SyncJson } from './startRun.mts';
import { start, startJson } from './startRun.mts';
import { temporaryCsv } from './temporaryCsv.mts';

/** As Windows' code page 936 has them; the last has a character that only GB18030 has, in four bytes. */
const GB18030_HEX: Readonly<Record<string, string>> = {
	客户编号: 'bfcdbba7b1e0bac5',
	设备序列号: 'c9e8b1b8d0f2c1d0bac5',
	设备ID: 'c9e8b1b84944',
	产品名称: 'b2fac6b7c3fbb3c6',
	门锁: 'c3c5cbf8',
	烟感𠮷: 'd1ccb8d09534b235',
};

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const utf16le = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const gb18030 = (text: string) =>
	Buffer.concat(
		text
			.split(new RegExp(`(${Object.keys(GB18030_HEX).join('|')})`))
			.map((part) => (part in GB18030_HEX ? bytes(GB18030_HEX[part]!) : Buffer.from(part, 'ascii'))),
	);
const utf8 = (text: string) => Buffer.from(text);

const encodings = {
	'UTF-8': utf8,
	'UTF-8 with a BOM': (text: string) => utf8(`\ufeff${text}`),
	'UTF-16LE': utf16le,
	'UTF-16BE': (text: string) => utf16le(text).swap16(),
	GB18030: gb18030,
};

const names = Object.values(DEFAULT_COLUMNS);
const values = [
	['A1', '007', 'P/D1', '门锁'],
	['A2', '008', 'P/D2', '烟感𠮷'],
];
const table = (separator: string, newline = '\r\n') =>
	[names, ...values, []].map((line) => line.join(separator)).join(newline);
const rows = values.map((line) => Object.fromEntries(names.map((name, index) => [name, line[index]])));

function read(content: Uint8Array | string) {
	const { rows, readAs } = readCrmRows(temporaryCsv(content));
	return { rows, readAs };
}
const refusal = (content: Uint8Array | string) => {
	try {
		read(content);
	} catch (error) {
		return (error as Error).message.replace(/rows-\d+/, 'rows');
	}
	return undefined;
};

test.each(
	Object.entries(encodings).flatMap(([encoding, encode]) =>
		[',', ';', '\t'].map((separator) => [encoding, separator, encode] as const),
	),
)('%s, separated by %j', (encoding, separator, encode) => {
	const readAs = `${encoding.split(' ')[0]}, separated by ${separator === '\t' ? 'tab' : separator}`;
	for (const newline of ['\r\n', '\n', '\r']) {
		expect(read(encode(table(separator, newline)))).toEqual({ readAs, rows });
	}
	// Whatever else would have been seen in the column names.
	expect(read(encode(`sep=${separator}\r\n${table(separator)}`))).toEqual({ readAs, rows });
});

test.each([
	['sep=|\r\n', '|', '|'],
	['SEP=;\n', ';', ';'],
	['sep=\t\r\n', '\t', 'tab'],
])('The line %j says what separates, and is no row', (line, separator, told) => {
	expect(read(line + table(separator))).toEqual({ readAs: `UTF-8, separated by ${told}`, rows });
});

test.each([
	['commas in quoted names', '"remark, of a, customer, or, two";', 'x;', ';'],
	['commas in names without quotes', 'a, b, c, d, e, f;', 'x;', ';'],
	['a semicolon in a name', '"one; two",', 'x,', ','],
	['a line break in a name', '"one;\ntwo;;;;;"\t', 'x\t', 'tab'],
])('A file with %s is separated by what gives the wanted columns', (_, name, value, told) => {
	const separator = told === 'tab' ? '\t' : told;
	const [header, ...lines] = table(separator, '\n').trim().split('\n');
	const found = read([name + header, ...lines.map((line) => value + line)].join('\n'));
	expect(found.readAs).toBe(`UTF-8, separated by ${told}`);
	expect(found.rows).toMatchObject(rows);
});

test.each([
	[
		'one column',
		'客户编号\nA1\n',
		/^rows\.csv has one column only, 客户编号: its first line has no comma, semicolon/,
	],
	[
		'one column of its own',
		'sep=;\n客户编号,设备ID\n',
		/read as UTF-8, separated by ;, it has 客户编号,设备ID\.$/,
	],
	['a row with too much', `sep=;\n${table(';', '\n')}A3;1;P/D;x;y\n`, /line 5 has 5 values.*separator \(;\)/],
	[
		'GB18030 with a broken byte',
		Buffer.concat([gb18030(table(',')), bytes('ff0a')]),
		/^rows\.csv is neither UTF-8 nor GB18030 text: nothing was sent; save the file again as "CSV UTF-8"\.$/,
	],
	[
		'UTF-8 cut within a character',
		utf8(table(',')).subarray(0, -3),
		/^Line 3 of rows\.csv holds bytes that are no UTF-8:/,
	],
	[
		'UTF-8 cut in the middle',
		Buffer.concat([utf8(table(',')).subarray(0, -3), utf8('\n')]),
		/^Line 3 of rows\.csv holds/,
	],
	[
		'a broken byte below a BOM',
		Buffer.concat([utf8('\ufeffa,b\n1,'), bytes('ff')]),
		/^Line 2 of rows\.csv holds bytes that are no UTF-8:/,
	],
	[
		'half a UTF-16 unit',
		utf16le(table('\t')).subarray(0, -1),
		/^Line 3 of rows\.csv holds bytes that are no UTF-16LE:/,
	],
	[
		'a lone UTF-16 surrogate',
		utf16le('a\tb\n1\t\ud842\n'),
		/^Line 2 of rows\.csv holds bytes that are no UTF-16LE:/,
	],
	['UTF-16 without a BOM', Buffer.from('a,b\n', 'utf16le'), /^rows\.csv is no text file:/],
	[
		'a workbook',
		bytes('504b03041400060008000000210061626364'),
		/^rows\.csv is no text file: nothing was sent;/,
	],
])('Refused: %s', (_, content, sentence) => {
	expect(refusal(content)).toMatch(sentence);
});

test('What Excel saves in Chinese Windows is pushed as it was typed', async () => {
	const bindings = [
		['A1', [{ CustomerDeviceNo: '007', DeviceId: 'P/D1', ProductName: '门锁' }]],
		['A2', [{ CustomerDeviceNo: '008', DeviceId: 'P/D2', ProductName: '烟感𠮷' }]],
	];
	for (const [content, told] of [
		[gb18030(table(',')), 'Read as GB18030, separated by ,'],
		[gb18030(table(';')), 'Read as GB18030, separated by ;'],
		[utf16le(table('\t')), 'Read as UTF-16LE, separated by tab'],
	] as const) {
		const simulator = await runSimulator();
		const args = ['--rows', temporaryCsv(content), '--endpoint', simulator.endpoint];
		const { exitCode, stderr } = await start(args);
		expect(exitCode).toBe(0);
		expect(stderr.split('\n')[0]).toBe(told);
		expect([...simulator.bindings]).toEqual(bindings);
	}
});

test('Of what cannot be read nothing is sent', async () => {
	const simulator = await runSimulator();
	const file = temporaryCsv(utf8(table(',')).subarray(0, -3));
	const { exitCode, stdout, stderr } = await start(['--rows', file, '--endpoint', simulator.endpoint]);
	expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
	expect(stderr).toMatch(/^Line 3 of .*: nothing was sent; save the file again as "CSV UTF-8"\.\n$/);
	expect(simulator.requests).toEqual([]);
});

test('--sync reads the same files', async () => {
	const { exitCode, report } = await startJson<SyncJson>([
		'--sync',
		'--rows',
		temporaryCsv(gb18030(table(';'))),
	]);
	expect(exitCode).toBe(0);
	expect(report.runs.map(({ requests }) => requests)).toEqual([2, 0, 2]);
});

import { expect, test } from '@jest/globals';
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { temporaryFolder } from '../support/temporaryFolder.mts';
import { start, startJson } from './startRun.mts';

// What the reader unzips with.
const { zipSync, strToU8 } = createRequire(createRequire(import.meta.url).resolve('read-excel-file/node'))(
	'fflate',
) as { zipSync(files: Record<string, Uint8Array>): Uint8Array; strToU8(text: string): Uint8Array };

const folder = temporaryFolder();

/** A cell with a text, a number as Excel writes it, or nothing. */
type Cell = string | { number: string } | null;

const xml = (text: string) => strToU8(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${text}`);
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';

function workbook(rows: ReadonlyArray<readonly Cell[]>): string {
	const cells = (row: readonly Cell[], y: number) =>
		row.map((cell, x) => {
			const place = `${String.fromCharCode(65 + x)}${y + 1}`;
			if (cell === null) return '';
			if (typeof cell !== 'string') return `<c r="${place}"><v>${cell.number}</v></c>`;
			return `<c r="${place}" t="inlineStr"><is><t>${cell}</t></is></c>`;
		});
	const data = rows.map((row, y) => `<row r="${y + 1}">${cells(row, y).join('')}</row>`).join('');
	const sheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
	const file = join(folder, `rows-${Math.random()}.XLSX`);
	writeFileSync(
		file,
		zipSync({
			'[Content_Types].xml': xml(
				`<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${sheet}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${sheet}.worksheet+xml"/></Types>`,
			),
			'_rels/.rels': xml(
				`<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
			),
			'xl/workbook.xml': xml(
				`<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="客户" sheetId="1" r:id="r1"/></sheets></workbook>`,
			),
			'xl/_rels/workbook.xml.rels': xml(
				`<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
			),
			'xl/worksheets/sheet1.xml': xml(
				`<worksheet xmlns="${MAIN}"><sheetData>${data}</sheetData></worksheet>`,
			),
		}),
	);
	return file;
}

const names = ['客户编号', '设备序列号', '设备ID', '产品名称', '备注'];

test('The first sheet of an .xlsx file is pushed, its numbers digit by digit', async () => {
	const simulator = await runSimulator();
	const file = workbook([
		names,
		['user_1', { number: '13812345678' }, 'P/D1', '门锁', null],
		['user_2', { number: '1.3812345679E10' }, 'P/D2', '烟感', { number: '3.5' }],
	]);
	const { exitCode } = await startJson(['--rows', file, '--endpoint', simulator.endpoint]);
	expect(exitCode).toBe(0);
	expect([...simulator.bindings]).toEqual([
		['user_1', [{ CustomerDeviceNo: '13812345678', DeviceId: 'P/D1', ProductName: '门锁' }]],
		['user_2', [{ CustomerDeviceNo: '13812345679', DeviceId: 'P/D2', ProductName: '烟感' }]],
	]);
});

test.each([
	[
		'without a column',
		() => workbook([names.slice(1), ['SN', 'P/D1', '门锁', '']]),
		/has no column 客户编号/,
	],
	['without rows', () => workbook([names]), /has no rows below its column names/],
	[
		'that is a text',
		() => {
			const file = join(folder, 'text.xlsx');
			writeFileSync(file, 'a,b\n1,2\n');
			return file;
		},
		/text\.xlsx is no Excel workbook: save it again/,
	],
	[
		'that is not there',
		() => join(folder, 'none.xlsx'),
		/^Cannot read .*none\.xlsx: there is no such file\.\n$/,
	],
])('A workbook %s is refused with 2 and a sentence', async (_, file, sentence) => {
	const { exitCode, stderr } = await start(['--rows', file()]);
	expect([exitCode, stderr]).toEqual([2, expect.stringMatching(sentence)]);
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';
import { pushedSheet } from '../support/pushedSheet.mts';

/** A sheet as people keep it: the cells of a customer are merged over the rows of its devices. */
const HEADER = [
	'序号',
	'客户编号',
	'客户姓名',
	'联系地址',
	'设备序列号',
	'产品ID',
	'设备名',
	'产品名称',
	'备注',
] as const;
type Column = (typeof HEADER)[number];
type Line = Partial<Record<Column, string | number>>;

const VALUES = {
	CustomerId: '={{ $json["客户编号"] }}',
	CustomerDeviceNo: '={{ $json["设备序列号"] }}',
	DeviceId: '={{ $json["产品ID"] }}/{{ $json["设备名"] }}',
	ProductName: '={{ $json["产品名称"] }}',
};

/** Lines between rows of data. */
const BETWEEN: readonly Line[] = [
	Object.fromEntries(HEADER.map((name) => [name, name])),
	{
		客户编号: 'CustomerId',
		设备序列号: 'CustomerDeviceNo',
		产品ID: 'ProductId',
		设备名: 'DeviceName',
		产品名称: 'ProductName',
	},
	{ 客户编号: '小计', 设备名: '2台' },
	{ 序号: '小计', 设备序列号: '小计', 设备名: 2 },
	{ 客户编号: '合计：3', 产品名称: '3' },
	{ 客户编号: 'KH1000 汇总', 设备名: '3' },
	{ 客户编号: 'KH1000', 设备序列号: '小计', 设备名: '3台' },
	{ 客户编号: 'VIP' },
	{ 客户编号: 2024 },
	{ 客户编号: '备注：以下为二期' },
	{ 产品ID: '小计', 设备名: '4台' },
];

/** Lines among the rows of a customer. */
type Among = { at: number; line: Line | 'blank' | 'noted' };

type Part =
	| {
			kind: 'customer';
			devices: number;
			inCell: boolean;
			between: Among[];
	  }
	| { kind: 'nameless'; devices: number }
	| { kind: 'between'; line: Line }
	| { kind: 'blank' };

const FIRST: Part = { kind: 'customer', devices: 1, inCell: false, between: [] };

const few = (weight: number, arbitrary: fc.Arbitrary<Part>) => ({ weight, arbitrary });
const between = fc.constantFrom(...BETWEEN);
const parts: fc.Arbitrary<Part[]> = fc.array(
	fc.oneof(
		few(
			12,
			fc.record({
				kind: fc.constant('customer' as const),
				devices: fc.integer({ min: 1, max: 4 }),
				inCell: fc.integer({ min: 0, max: 5 }).map((number) => number === 0),
				between: fc.oneof(
					{ weight: 6, arbitrary: fc.constant<Among[]>([]) },
					{
						weight: 1,
						arbitrary: fc.array<Among>(
							fc.record({
								at: fc.integer({ min: 1, max: 4 }),
								line: fc.oneof(between, fc.constant('blank' as const), fc.constant('noted' as const)),
							}),
							{ minLength: 1, maxLength: 2 },
						),
					},
				),
			}),
		),
		few(1, fc.record({ kind: fc.constant('nameless' as const), devices: fc.integer({ min: 1, max: 2 }) })),
		few(2, fc.record({ kind: fc.constant('between' as const), line: between })),
		few(1, fc.constant({ kind: 'blank' as const })),
	),
	{ minLength: 1, maxLength: 12 },
);

/** Lines without data within the block of a customer. */
const WITHIN = { blank: { 序号: 0 }, noted: { 备注: '以下为二期' } };

/** The lines of a sheet, and the true devices of each customer. */
function sheetOf(list: readonly Part[]) {
	const lines: Line[] = [];
	const truth: Record<string, string[]> = {};
	let count = 0;
	const device = (): [name: string, line: Line] => {
		count += 1;
		const name = `d${count}`;
		const note = count % 5 === 0 ? { 备注: '夜间补装' } : {};
		return [
			name,
			{ 设备序列号: `SN-${count}`, 产品ID: 'LOCK01', 设备名: name, 产品名称: '智能门锁', ...note },
		];
	};
	for (const [index, part] of list.entries()) {
		if (part.kind === 'between') {
			lines.push(part.line);
		}
		if (part.kind === 'blank') {
			lines.push({ 序号: lines.length + 1 });
		}
		if (part.kind === 'nameless') {
			for (let nth = 0; nth < part.devices; nth++) {
				const customer = nth === 0 ? { 客户姓名: `无号${index}`, 联系地址: `地址${index}` } : {};
				const [, cells] = device();
				lines.push({ ...customer, ...cells });
			}
		}
		if (part.kind !== 'customer') {
			continue;
		}
		const id = `KH${1000 + index}`;
		for (let nth = 0; nth < part.devices; nth++) {
			for (const { line } of nth === 0 ? [] : part.between.filter(({ at }) => at === nth)) {
				lines.push(typeof line === 'string' ? WITHIN[line] : line);
			}
			const [name, cells] = device();
			truth[id] ??= [];
			truth[id].push(`LOCK01/${name}`);
			const customer = nth === 0 ? { 客户编号: id, 客户姓名: `姓名${index}`, 联系地址: `地址${index}` } : {};
			if (!part.inCell) {
				lines.push({ ...customer, ...cells });
			} else {
				const [second, cellsOfSecond] = device();
				truth[id].push(`LOCK01/${second}`);
				const both = {
					设备名: `${name}、${second}`,
					设备序列号: `${cells.设备序列号}、${cellsOfSecond.设备序列号}`,
				};
				lines.push({ ...customer, ...cells, ...both });
			}
		}
	}
	return { lines: lines.map((line, index) => ({ 序号: index + 1, ...line })), truth };
}

/** The customers that a person reading down the sheet would be sure about. */
function clearOf(lines: readonly Line[]): Set<string> {
	const clear = new Set<string>();
	let finger: string | undefined;
	let isSure = false;
	for (const line of lines) {
		const {
			客户编号: id = '',
			客户姓名: name = '',
			产品ID: product = '',
			设备名: device = '',
			备注: note = '',
		} = line;
		const isDevice = /^LOCK\d+$/.test(String(product)) && /^d\d/.test(String(device));
		if (isDevice && /^KH\d{4}$/.test(String(id))) {
			finger = String(id);
			isSure = true;
			clear.add(finger);
		} else if (isDevice) {
			if (!isSure || name !== '') {
				clear.delete(finger ?? '');
			}
			if (name !== '') {
				isSure = false;
			}
		} else if ([id, product, device, note, line.设备序列号 ?? ''].some((cell) => cell !== '')) {
			isSure = false;
		}
	}
	return clear;
}

const asRows = (lines: readonly Line[], isFilled: boolean): IDataObject[] =>
	lines.map((line) =>
		isFilled ? { ...Object.fromEntries(HEADER.map((name) => [name, ''])), ...line } : { ...line },
	);

test.each(['above', 'automatic'])(
	'In 500 sheets as people keep them, no customer is sent with an incomplete set: %s',
	async (emptyCustomerId) => {
		const seen = { clear: 0, sent: 0 };
		await fc.assert(
			fc.asyncProperty(parts, fc.boolean(), async (list, isFilled) => {
				const { lines, truth } = sheetOf([FIRST, ...list]);
				const rowHandling = { emptyCustomerId, severalDevices: 'split' };
				const { sent } = await pushedSheet(asRows(lines, isFilled), VALUES, rowHandling);
				for (const [id, devices] of Object.entries(sent)) {
					expect([id, devices]).toEqual([id, truth[id]?.toSorted()]);
				}
				const clear = [...clearOf(lines)];
				seen.clear += clear.length;
				seen.sent += clear.filter((id) => sent[id] !== undefined).length;
			}),
			{ numRuns: 500 },
		);
		// Automatic withholds customers with merged cells.
		expect(seen.sent / seen.clear).toBeGreaterThan(emptyCustomerId === 'above' ? 0.9 : 0.2);
	},
);

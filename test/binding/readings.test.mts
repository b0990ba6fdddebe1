import { describe, expect, test } from '@jest/globals';
import { pushedSheet } from '../support/pushedSheet.mts';
import { textsOf } from '../support/findingTexts.mts';

type Line = Record<string, unknown>;

const VALUES = {
	CustomerId: '={{ $json.id }}',
	CustomerDeviceNo: '={{ $json.sn }}',
	DeviceId: '={{ $json.device }}',
	ProductName: '={{ $json.name }}',
};

/** Rows of these ids, each with a device of its own. */
const rowsOf = (...ids: unknown[]): Line[] =>
	ids.map((id, index) => ({ id, sn: `S${index}`, device: `P/${index}`, name: 'Lock' }));

async function pushed(
	rows: Line[],
	rowHandling: Record<string, string> = {},
	values: Line | undefined = VALUES,
) {
	const { sent, withheld, remarks } = await pushedSheet(rows as never, values as never, rowHandling);
	const findings = withheld.flatMap((customer) => customer.findings);
	return { sent, findings, remarks, ids: Object.keys(sent), texts: textsOf(findings) };
}

const OPTIONS = [
	{},
	{ phoneIds: 'digits' },
	{ unusualCustomerIds: 'allow' },
	{ phoneIds: 'digits', unusualCustomerIds: 'allow' },
];
const ALLOW = { unusualCustomerIds: 'allow' };
const DIGITS = { phoneIds: 'digits' };

describe('A cell that names a customer next to another text withholds that customer:', () => {
	test.each([
		['KH0001', 'KH0001_王五'],
		['KH0001', '王五_KH0001'],
		['KH0001', 'KH0001_（VIP）'],
		['13712345678', '13712345678_王五'],
		['KH0001', 'KH0001_VIP'],
		['__proto__', '__proto___VIP'],
		['KH0001', 'KH0001＿VIP'],
		['138-0013-8000', '13800138000_VIP'],
		['138-0013-8000', 'VIP_138-0013-8000'],
		['13800138000', '138_0013_8000'],
		['01012345678', '+86 10 1234 5678 王五'],
	])('%s of %s, whatever the options', async (id, cell) => {
		for (const options of OPTIONS) {
			expect((await pushed(rowsOf(id, cell, 'z'), options)).ids).toEqual(['z']);
		}
	});

	test.each([
		['C-1019', 'C - 1019'],
		['C-1019', 'C—1019'],
		['C-1019', 'C-1019-VIP'],
		['C-1019', 'C-1019_王五'],
		['C-1019', 'ID=C-1019'],
		['wang@qq.com', 'wang @qq.com'],
		['wang@qq.com', 'mailto:wang@qq.com'],
	])('%s of %s, where unusual ids are allowed', async (id, cell) => {
		expect((await pushed(rowsOf(id, cell, 'z'), ALLOW)).ids).toEqual(['z']);
	});

	test.each(['ID=C-1019', 'mailto:wang@qq.com'])(
		'%s is no customer of its own, and Allow is not advised',
		async (cell) => {
			const { ids, findings } = await pushed(rowsOf(cell, 'z'));
			expect([ids, findings[0]!.mend]).toEqual([['z'], undefined]);
			expect((await pushed(rowsOf(cell, 'z'), ALLOW)).ids).toEqual(['z']);
		},
	);
});

describe('Digits Only', () => {
	test.each(['00123 2024-01-01', '00215 12-2-1502', '001 2024010112', '0312 12-2-1502', '0852 20240101'])(
		'does not take %s for a phone number and is not advised',
		async (cell) => {
			const { ids, findings } = await pushed(rowsOf(cell, 'z'));
			expect([ids, findings[0]!.mend]).toEqual([['z'], undefined]);
			expect((await pushed(rowsOf(cell, 'z'), DIGITS)).ids).toEqual(['z']);
		},
	);
});

describe('An empty id', () => {
	const unique = rowsOf(...Array.from({ length: 300 }, (_, index) => `KH${1000 + index}`));
	const lost = unique.map((row, index) => (index === 150 ? { ...row, id: undefined } : row));
	test.each(['automatic', 'above'])(
		'in a list of unique ids affects only its own row: %s',
		async (emptyCustomerId) => {
			const { sent, findings } = await pushed(lost, { emptyCustomerId });
			expect(Object.keys(sent)).toHaveLength(299);
			expect(sent.KH1149).toEqual(['P/149']);
			expect(findings.map(({ itemIndex, mend }) => [itemIndex, mend])).toEqual([[150, undefined]]);
		},
	);

	const nested = { ...VALUES, CustomerId: '={{ $json.Account.Id }}' };
	const records = rowsOf('a', 'b', 'c', 'd').map(({ id, ...row }, index) => ({
		...row,
		Account: index % 2 === 0 ? { Id: id } : null,
	}));
	test.each(['automatic', 'above'])(
		'of a record whose account is null has no owner: %s',
		async (emptyCustomerId) => {
			const { sent, findings } = await pushed(records, { emptyCustomerId }, nested);
			expect(sent).toEqual({ a: ['P/0'], c: ['P/2'] });
			expect(findings.map(({ mend }) => mend)).toEqual([undefined, undefined]);
		},
	);
});

test('A number with sixteen digits is not an id, because a workbook keeps only fifteen', async () => {
	const ids = [1234567890123450, 1234567890123450, 1234567890123460];
	const { ids: sent, texts } = await pushed(rowsOf(...ids, 123456789012345));
	expect(sent).toEqual(['123456789012345']);
	expect(texts).toEqual(
		Array(3).fill('CustomerId is a number too large to be exact: export it as text') as string[],
	);
	expect((await pushed(rowsOf('1234567890123457', 1234567890123450, 'z'))).ids).toEqual(['z']);
});

test('The column whose name has a BOM is taken', async () => {
	const rows = rowsOf('a').map(({ id, ...row }) => ({ '\uFEFF客户编号': id, ...row }));
	const values = { ...VALUES, CustomerId: '={{ $json["客户编号"] }}' };
	expect((await pushed(rows, {}, values)).ids).toEqual(['a']);
});

describe('If DeviceId is built from two columns', () => {
	const values = { ...VALUES, DeviceId: '={{ $json["产品ID"] }}/{{ $json["设备名称"] }}' };
	const line = (id: string, 产品ID: unknown, 设备名称: unknown, sn: unknown = '1'): Line => ({
		id,
		sn,
		产品ID,
		设备名称,
		name: id === '' && 产品ID === '' ? '' : 'Lock',
	});
	test.each<[product: string, name: string]>([
		['', '合计'],
		['', '2 台'],
		['', '合计：2 台'],
		['', 'Total'],
		['合计', ''],
		['合计', '2 台'],
		['P', '合计'],
		['P', '2 台'],
		['2台', ''],
	])('the total %j/%j withholds nobody', async (product, name) => {
		const rows = [line('a', 'P', 'd1'), line('b', 'P', 'd2'), line('', product, name, '')];
		for (const emptyCustomerId of ['automatic', 'above', 'nobody']) {
			const { ids, texts } = await pushed(rows, { emptyCustomerId }, values);
			expect([ids, texts]).toEqual([['a', 'b'], ['DeviceId is in a summary row: remove the row']]);
		}
	});

	test.each(['d1,d2', 'd1\nd2', 'd1、d2'])('the names %j are devices of the same product', async (names) => {
		const { sent } = await pushed([line('a', 'P', names, names)], { severalDevices: 'split' }, values);
		expect(sent).toEqual({ a: ['P/d1', 'P/d2'] });
	});

	test('names in an array are devices of the same product, too', async () => {
		const rows = [{ ...line('a', 'P', ['d1', 'd2'], ['1', '2']), name: ['Lock', 'Lock'] }];
		expect((await pushed(rows, {}, values)).sent).toEqual({ a: ['P/d1', 'P/d2'] });
	});
});

test.each(['KH-00101', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'])('Allow is advised for %s', async (id) => {
	const { findings } = await pushed(rowsOf(id));
	expect(findings.map(({ mend }) => mend)).toEqual(['allow']);
	expect((await pushed(rowsOf(id), ALLOW)).ids).toEqual([id]);
});

describe('A look-alike', () => {
	test.each([
		['КН0001', 'U+041A'],
		['\u041aH0001', 'U+041A'],
		['KH٠١', 'U+0660'],
		['KH0001\u200b', 'U+200B'],
		['ＫH0001', 'U+FF2B'],
	])('%s is refused by name, and Allow is not advised', async (cell, sign) => {
		for (const options of OPTIONS) {
			const { ids, texts, findings } = await pushed(rowsOf(cell, 'z'), options);
			expect([ids, findings[0]!.mend]).toEqual([['z'], undefined]);
			expect(texts[0]).toContain(sign);
		}
	});

	test.each([
		['KH0001', 'a Cyrillic letter', '\u041aH0001'],
		['KH1', 'a letter in full width', 'ＫH1'],
		['KH1', 'an Arabic digit', 'KH\u0661'],
		['KH1', 'a bold digit, the first ten of fifty mathematical digits in a row', 'KH\u{1d7cf}'],
		['KH1', 'a monospace digit, the last ten of them', 'KH\u{1d7f7}'],
	])('withholds the customer that it means: %s with %s', async (id, _what, cell) => {
		expect((await pushed(rowsOf(id, cell, 'z'), ALLOW)).ids).toEqual(['z']);
	});
});

test('DeviceIds that differ only in case and repeated numbers cause remarks', async () => {
	const rows = rowsOf('a', 'b', 'c', 'c');
	rows[0]!.device = 'P/Cam1';
	rows[1]!.device = 'P/cam1';
	rows[3]!.sn = 'S2';
	const { ids, remarks } = await pushed(rows);
	expect(ids).toEqual(['a', 'b', 'c']);
	expect(remarks).toEqual([
		"rows 1 and 2 name DeviceIds that differ from another customer's only in case",
		'rows 3 and 4 give several devices the same CustomerDeviceNo',
	]);
});

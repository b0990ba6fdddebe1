import { describe, expect, test } from '@jest/globals';
import { CustomerGroups } from '../../nodes/TencentCloudIot/binding/customers';
import { because, ELSEWHERE, type Why } from '../../nodes/TencentCloudIot/messages/findings';
import { finish, group, inShort, rowsOf, type Cells, type EmptyIdMode } from '../support/rows.mts';
import { ofCase } from '../../nodes/TencentCloudIot/messages/text';
import { wordsOfFact } from '../support/texts.mts';

const MODES = ['automatic', 'above', 'nobody'] as const;

/** A table in short: `a 1 2 !3` is a customer with devices in rows 1 and 2 and the bad row 3. Rows without an owner come last. */
function grouped(table: readonly Cells[], mode: EmptyIdMode = 'automatic') {
	const rows = group(table, 'refuse', mode);
	const { customers, ownerless } = inShort(rows);
	const numbers = (indexes: readonly unknown[], mark = '') =>
		indexes.map((index) => ` ${mark}${Number(index) + 1}`).join('');
	const whose = customers.map(({ customerId, devices, bad }) => {
		return customerId + numbers(devices.flatMap(([, ...itemIndexes]) => itemIndexes)) + numbers(bad, '!');
	});
	const findings = rows.customers.flatMap((customer) => customer.findings);
	if (ownerless.length > 0) {
		whose.push(`nobody${numbers(ownerless)}`);
	}
	return {
		whose: whose.join(', '),
		codes: findings.map(({ code, facts }) =>
			[code, facts?.['column'] === undefined ? [] : wordsOfFact(facts['column'])].flat().join(' '),
		),
		findings,
		remarks: rows.remarks,
	};
}

/** Rows of these ids, each with a device of its own. */
const ofIds = (...ids: unknown[]) => ids.map((id, index): Cells => [id, `P/${index}`]);

describe('The owner of a row without a CustomerId:', () => {
	const merged = ['a', '', '', 'b'];
	const repeating = ['a', 'a', '', 'b', 'b'];
	test.each<
		[what: string, ids: unknown[], mode: EmptyIdMode, whose: string, codes: string[], remark: string]
	>([
		[
			'merged cells',
			merged,
			'automatic',
			'a 1 !2 !3, b 4',
			['merged', 'merged'],
			'rows 2 and 3 without a CustomerId look like merged cells',
		],
		[
			'merged cells',
			merged,
			'above',
			'a 1 2 3, b 4',
			[],
			'rows 2 and 3 without a CustomerId took that of the row above',
		],
		[
			'merged cells',
			merged,
			'nobody',
			'a 1, b 4, nobody 2 3',
			[],
			"rows 2 and 3 without a CustomerId are nobody's",
		],
		[
			'an id that cannot be used',
			['a\u200b', ''],
			'automatic',
			'a !1 !2',
			['invisible', 'unusable'],
			'row 2 without a CustomerId looks like merged cells',
		],
		[
			'an id that cannot be used',
			['a\u200b', ''],
			'above',
			'a !1 !2',
			['invisible', 'unusable'],
			'row 2 without a CustomerId looks like merged cells',
		],
		[
			'an id that nothing is known of',
			[false, ''],
			'automatic',
			'nobody 1 2',
			[],
			"row 2 without a CustomerId is nobody's",
		],
		[
			'an id that nothing is known of',
			[false, ''],
			'above',
			'nobody 1 2',
			[],
			"row 2 without a CustomerId is nobody's",
		],
		[
			'an id that nothing is known of, where ids repeat',
			['a', 'a', false, ''],
			'automatic',
			'a 1 2, nobody 3 4',
			[],
			"row 4 without a CustomerId is nobody's",
		],
		[
			'repeating ids',
			repeating,
			'automatic',
			'a 1 2 !3, b 4 5',
			['unclear', 'unclear'],
			"row 3 without a CustomerId may be another customer's",
		],
		[
			'repeating ids',
			repeating,
			'above',
			'a 1 2 !3, b 4 5',
			['unclear', 'unclear'],
			"row 3 without a CustomerId may be another customer's",
		],
		[
			'repeating ids',
			repeating,
			'nobody',
			'a 1 2, b 4 5, nobody 3',
			[],
			"row 3 without a CustomerId is nobody's",
		],
		[
			'the end of repeating ids',
			['a', 'b', 'b', ''],
			'automatic',
			'a 1, b 2 3 !4',
			['unclear'],
			"row 4 without a CustomerId may be another customer's",
		],
		[
			'rows of one customer',
			['a', 'a', '', 'a', 'b'],
			'automatic',
			'a 1 2 4 !3, b 5',
			['within'],
			'row 3 without a CustomerId looks like merged cells',
		],
		[
			'rows of one customer',
			['a', 'a', '', 'a', 'b'],
			'above',
			'a 1 2 3 4, b 5',
			[],
			'row 3 without a CustomerId took that of the row above',
		],
		['a null', ['a', null], 'automatic', 'a 1, nobody 2', [], "row 2 without a CustomerId is nobody's"],
		['a null', ['a', null], 'above', 'a 1 2', [], 'row 2 without a CustomerId took that of the row above'],
		['the first row', ['', 'a'], 'above', 'a 2, nobody 1', [], "row 1 without a CustomerId is nobody's"],
		[
			'the first row of repeating ids',
			['', 'a', 'a'],
			'automatic',
			'a 2 3 !1',
			['unclear'],
			"row 1 without a CustomerId may be another customer's",
		],
		[
			'a mark',
			['a', 'a', '同上'],
			'automatic',
			'a 1 2 !3',
			['same'],
			'row 3 without a CustomerId looks like merged cells',
		],
		[
			'a mark',
			['a', 'a', '同上'],
			'nobody',
			'a 1 2 !3',
			['same'],
			'row 3 without a CustomerId looks like merged cells',
		],
		[
			'a mark',
			['同上', 'a', 'a'],
			'automatic',
			'a 2 3, nobody 1',
			[],
			"row 1 without a CustomerId is nobody's",
		],
		[
			'ids that cannot be used',
			['z', 'z', 'a\u200b', '', 'b\u200b'],
			'automatic',
			'z 1 2, a !3 !4, b !5',
			['invisible', 'unclear', 'invisible'],
			"row 4 without a CustomerId may be another customer's",
		],
		[
			'a mark',
			['a', 'a', '同上'],
			'above',
			'a 1 2 3',
			[],
			'row 3 without a CustomerId took that of the row above',
		],
	])('of %s, %j with %s', (_, ids, mode, whose, codes, remark) => {
		expect(grouped(ofIds(...ids), mode)).toMatchObject({ whose, codes, remarks: [remark] });
	});

	test('the findings name the rows and customers, and the option that would mend them', () => {
		const of = (customer: string, row: number) => ofCase(ELSEWHERE.customer(customer, row));
		const found = (itemIndex: number, why: Why) => ({ itemIndex, field: 'CustomerId', ...why });
		const [first] = grouped(ofIds(...merged)).findings;
		expect(first).toEqual(found(1, because('merged', { above: of('a', 0) }, 'above')));
		const [second] = grouped(ofIds(...repeating)).findings;
		const owners = ELSEWHERE.either({ above: of('a', 1), below: of('b', 3) });
		expect(second).toEqual(found(2, because('unclear', { owners })));
		const [, third] = grouped(ofIds('a\u200b', '')).findings;
		expect(third).toEqual(found(1, because('unusable', { above: ELSEWHERE.row(0) })));
	});

	test('a row without a device has no owner if ids repeat', () => {
		expect(grouped(ofIds(...repeating).with(2, ['', '', '3台', ''])).whose).toBe('a 1 2, b 4 5, nobody 3');
	});

	test('a row keeps its other finding, whoever its owner is', () => {
		const table: Cells[] = [
			['a', 'P/1'],
			['', 'x'],
		];
		expect(grouped(table).codes).toEqual(['merged', 'notDeviceId']);
		expect(grouped(table, 'above').codes).toEqual(['notDeviceId']);
	});

	test.each([
		[5, 'look like merged cells'],
		[4, "may be another customer's"],
	])('%d ids that are followed for each that repeats look merged', (followed, remark) => {
		const merged = Array.from({ length: followed }, (_, index) => [`c${index}`, '']).flat();
		// The id of one customer counts as one repetition, however often it occurs.
		const { remarks } = grouped(ofIds(...Array<string>(30).fill('z'), ...merged));
		expect(remarks.join()).toContain(remark);
	});

	test.each([
		[1, 1, 'looks like merged cells'],
		[1, 2, "may be another customer's"],
		[1, 9, "may be another customer's"],
		[1, 10, "is nobody's"],
		[2, 6, 'look like merged cells'],
		[2, 7, "may be another customer's"],
		[2, 19, "may be another customer's"],
		[2, 20, "are nobody's"],
	])('of %d ids above empty cells and %d with a single row each: %s', (followed, single, remark) => {
		const merged = Array.from({ length: followed }, (_, index) => [`c${index}`, '']).flat();
		const singles = Array.from({ length: single }, (_, index) => `s${index}`);
		const { remarks, whose } = grouped(ofIds(...merged, ...singles));
		expect(remarks.join()).toContain(remark);
		expect(whose).toContain(remark.includes('nobody') ? 'c0 1,' : 'c0 1 !2,');
	});

	test.each([
		['has a name, like every customer', 11, { 客户姓名: '张伟' }, "is nobody's"],
		['has no name, which every customer has', 11, {}, "may be another customer's"],
		['has no name, which nine in ten customers have', 10, {}, "may be another customer's"],
		['has no name, which fewer customers have', 9, {}, "is nobody's"],
	])('where an empty id is rare, of a row that %s', (_, namedCount, unmapped, remark) => {
		const [first, ...below] = Array.from({ length: 11 }, (_row, index): Cells => {
			return [`c${index}`, `P/${index}`, '1', 'Lock', index < namedCount ? { 客户姓名: '李娜' } : {}];
		});
		const { remarks, whose } = grouped([first!, ['', 'P/x', '1', 'Lock', unmapped], ...below]);
		expect(remarks).toContain(`row 2 without a CustomerId ${remark}`);
		expect(whose).toContain(remark.includes('nobody') ? 'c0 1,' : 'c0 1 !2,');
	});
});

/** Blank rows: the reader recognizes them by all their columns. */
function withBlanks(table: readonly Cells[], mode: EmptyIdMode) {
	const groups = new CustomerGroups(mode);
	for (const row of rowsOf(table)) {
		groups.add(row.kind === 'empty' && row.namedDeviceIds.length === 0 ? { ...row, kind: 'blank' } : row);
	}
	const rows = finish(groups);
	return { ...inShort(rows), remarks: rows.remarks };
}

describe('A row without data ends the block of the customer above:', () => {
	const BETWEEN: Array<[string, Cells]> = [
		['a header', ['客户编号', '设备ID', '设备序列号', '产品名称']],
		['a header of usable ids', ['CustomerId', 'DeviceId', 'CustomerDeviceNo', 'ProductName']],
		['a subtotal with its count in place of the device', ['小计', '2台', '', '']],
		['a subtotal', ['', '', '', '小计']],
		['a subtotal of the id above', ['a 汇总', '3', '', '']],
		['a subtotal beside the id above', ['a', '3台', '小计', '']],
		['a remark of letters', ['VIP', '', '', '']],
		['a remark of digits', [2024, '', '', '']],
		['no value', ['N/A', '', '', '']],
		['a row whose device cannot be read', ['c', 'Device001']],
		['a row that says that there is no device', ['c', 'N/A']],
	];

	test.each(BETWEEN)('%s; the customer above is withheld, with the row in between', (_, between) => {
		const table = [...ofIds('a', '', '', '', 'b', '')].with(1, between);
		for (const [mode, b] of [
			['automatic', 'b 5 !6'],
			['above', 'b 5 6'],
		] as const) {
			const { whose, codes, findings } = grouped(table, mode);
			expect(whose.split(', ')).toEqual(expect.arrayContaining(['a 1 !3 !4', b]));
			expect(codes.filter((code) => code === 'between')).toHaveLength(2);
			const above = ofCase(ELSEWHERE.customer('a', 0));
			expect(findings).toContainEqual(
				expect.objectContaining(because('between', { row: ELSEWHERE.row(1), above })),
			);
		}
		const { whose } = grouped([['a', 'P/1'], ['', 'P/2'], between, ['b', 'P/3']], 'above');
		expect(whose.split(', ')).toEqual(expect.arrayContaining(['a 1 2', 'b 4']));
	});

	test('a ditto mark below it has no owner', () => {
		for (const mode of MODES) {
			expect(
				grouped(
					[
						['a', 'P/1'],
						['VIP', ''],
						['同上', 'P/2'],
					],
					mode,
				).whose,
			).toContain('a 1 !3');
		}
	});

	test('its id is not a customer, unless it may be one without a device', () => {
		expect(
			grouped(
				[
					['客户/编号', ''],
					['c7', ''],
				],
				'above',
			).whose,
		).toBe('c7 !2, nobody 1');
		const groups = new CustomerGroups('above');
		for (const row of rowsOf([['客户编号', '设备ID']], 'refuse')) {
			groups.add(row);
		}
		expect(inShort(finish(groups))).toEqual({ customers: [], ownerless: [0] });
	});

	test('a row with neither device nor id withholds the customer above and ends its block', () => {
		expect(
			grouped(
				[
					['a', 'P/1'],
					['', 'SN-1'],
					['', 'P/2'],
				],
				'above',
			).whose,
		).toBe('a 1 !2 !3');
	});

	test('a blank row does not end the block, except one with words in another column', () => {
		const bad = (unmapped: Record<string, unknown>) => {
			const table: Cells[] = [
				['a', 'P/1'],
				['', '', '', '', unmapped],
				['', 'P/2'],
			];
			return withBlanks(table, 'above').customers.flatMap((customer) => customer.bad);
		};
		expect(bad({ 序号: 12 })).toEqual([]);
		for (const 备注 of ['以下为库存', '2期', '第2']) {
			expect(bad({ 序号: 12, 备注 })).toEqual([2]);
		}
	});

	test('a blank row is left out, and a sum row is refused', () => {
		const table: Cells[] = [
			['a', 'P/1'],
			['', ''],
			['合计', '', '', ''],
			['', ''],
		];
		expect(withBlanks(table, 'automatic')).toEqual({
			customers: [{ customerId: 'a', devices: [['P/1', 0]], bad: [] }],
			ownerless: [2],
			remarks: ['2 rows without a device or a CustomerId were left out'],
		});
	});
});

describe('A row without a CustomerId that describes another customer', () => {
	const row = (id: unknown, device: string, unmapped: Record<string, unknown>): Cells => {
		return [id, device, '1', 'Lock', unmapped];
	};
	const two = (first: Record<string, unknown>, second: Record<string, unknown>, id = '') =>
		grouped([row('a', 'P/1', first), row(id, 'P/2', second)], 'above').codes;

	test('is refused and withholds the customer above; rows below it may belong to either', () => {
		const table = [
			row('a', 'P/1', { 序号: 1, 客户姓名: '张伟', 地址: '深圳' }),
			row('', 'P/2', { 序号: 2, 客户姓名: '李娜', 地址: '广州' }),
			row('', 'P/3', { 序号: 3 }),
			row('b', 'P/4', { 序号: 4, 客户姓名: '王芳', 地址: '上海' }),
			row('', 'P/5', { 序号: 5 }),
		];
		expect(grouped(table, 'above')).toMatchObject({
			whose: 'a 1 !2 !3, b 4 5',
			codes: ['ownColumn 客户姓名', 'between'],
		});
		expect(grouped(table).codes).toContain('ownColumn 客户姓名');
	});

	test('is recognized by a column of any name that is empty in the rows without a CustomerId', () => {
		const table = [
			row('a', 'P/1', { Inhaber: 'x', Ort: 1 }),
			row('', 'P/2', { Ort: 2 }),
			row('b', 'P/3', { Inhaber: 'y', Ort: 3 }),
			row('', 'P/4', { Inhaber: 'y', Ort: 4 }),
		];
		expect(grouped(table, 'above')).toMatchObject({
			whose: 'a 1 2, b 3 !4',
			codes: ['ownColumn Inhaber'],
		});
	});

	test.each([
		['most customers have', 3, ['ownColumn Hinweis']],
		['most customers leave empty, too', 2, []],
	])('is known by a column that %s', (_, filledCount, codes) => {
		const customerRows = ['a', 'b', 'c', 'd', 'e'].map((id, index) =>
			row(id, `P/${id}`, index < filledCount ? { Hinweis: `x${index}` } : {}),
		);
		const rowsOfE = Array.from({ length: 9 }, (_row, index) => row('', `P/${index}`, {}));
		const table = [...customerRows, ...rowsOfE, row('', 'P/last', { Hinweis: 'y' })];
		expect(grouped(table, 'above').codes).toEqual(codes);
	});

	test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
		['a number in each row', { 序号: 1 }, { 序号: 2 }],
		['the name of the row above again', { 姓名: '张伟' }, { 姓名: ' 张伟 ' }],
		['a date in each row', { 安装日期: '2026-01-05' }, { 安装日期: '2026-01-06' }],
		['a value that the row above lacks, too', { 姓名: '张伟' }, { 姓名: '张伟', 备注: '夜间补装' }],
	])('is not one with %s', (_, first, second) => {
		expect(two(first, second)).toEqual([]);
	});

	test.each(['姓名', '联系电话', '客户手机号', '地址', 'customer_name', 'Phone Number', '用户编号'])(
		'is recognized by the column %s if no row leaves it empty',
		(column) => {
			expect(two({ [column]: 'x' }, { [column]: 'y' })).toEqual([`ownColumn ${column}`]);
		},
	);

	test.each(['设备名', '产品名称', '安装位置', '备注', '编号'])(
		'is not recognized by the column %s',
		(column) => {
			expect(two({ [column]: 'x' }, { [column]: 'y' })).toEqual([]);
		},
	);

	test('belongs to the row above if it has a ditto mark', () => {
		expect(two({ 姓名: 'x' }, { 姓名: 'y' }, '同上')).toEqual([]);
	});
});

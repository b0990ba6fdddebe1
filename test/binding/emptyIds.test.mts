import { describe, expect, test } from '@jest/globals';
import { CustomerGroups } from '../../nodes/TencentCloudIot/binding/customers';
import { because } from '../../nodes/TencentCloudIot/messages/findings';
import { group, inShort, rowsOf, type Cells, type EmptyIds } from '../support/rows.mts';

const grouped = (table: readonly Cells[], mode: EmptyIds = 'automatic') => {
	const rows = group(table, 'refuse', mode);
	return { ...inShort(rows), remarks: rows.remarks, rows };
};
const customer = (customerId: string, devices: Array<[string, ...number[]]>, bad: number[] = []) => ({
	customerId,
	devices,
	bad,
});
const field = 'CustomerId';
/** The customer of the first row, as findings name it. */
const above = because('ofCustomer', { customer: 'a', row: 0 });

describe('Where an id comes once and empty ones follow', () => {
	const merged: Cells[] = [
		['a', 'P/1'],
		['', 'P/2'],
		['', 'P/3'],
		['b', 'P/4'],
	];

	test('the table looks like merged cells: each empty one withholds the customer above', () => {
		const { customers, ownerless, remarks, rows } = grouped(merged);
		expect(customers).toEqual([customer('a', [['P/1', 0]], [1, 2]), customer('b', [['P/4', 3]])]);
		expect(ownerless).toEqual([]);
		expect(remarks).toEqual(['rows 2 and 3 without a CustomerId look like merged cells']);
		expect(rows.customers[0]!.findings).toEqual(
			[1, 2].map((itemIndex) => ({ itemIndex, field, ...because('merged', { above }, 'above') })),
		);
	});

	test('they take the id of the row above where the user says so', () => {
		const { customers, remarks } = grouped(merged, 'above');
		expect(customers).toEqual([
			customer('a', [
				['P/1', 0],
				['P/2', 1],
				['P/3', 2],
			]),
			customer('b', [['P/4', 3]]),
		]);
		expect(remarks).toEqual(['rows 2 and 3 without a CustomerId took that of the row above']);
	});

	test("they are nobody's where the user says so", () => {
		const { customers, ownerless, remarks } = grouped(merged, 'nobody');
		expect(customers).toEqual([customer('a', [['P/1', 0]]), customer('b', [['P/4', 3]])]);
		expect(ownerless).toEqual([1, 2]);
		expect(remarks).toEqual(["rows 2 and 3 without a CustomerId are nobody's"]);
	});

	test('a row with another fault keeps it, whosever it is', () => {
		const table: Cells[] = [
			['a', 'P/1'],
			['', 'x'],
		];
		const fields = (mode: EmptyIds) =>
			grouped(table, mode).rows.customers[0]!.findings.map(({ field }) => field);
		expect(fields('automatic')).toEqual(['CustomerId', 'DeviceId']);
		expect(fields('above')).toEqual(['DeviceId']);
	});

	test('an id that cannot be used itself is that of the rows below it, too', () => {
		const table: Cells[] = [
			['a\u200b', 'P/1'],
			['', 'P/2'],
		];
		for (const mode of ['automatic', 'above'] as const) {
			const { customers, rows } = grouped(table, mode);
			expect(customers).toEqual([customer('a', [], [0, 1])]);
			const why = because('unusable', { above: because('ofRow', { row: 0 }) });
			expect(rows.customers[0]!.findings[1]).toEqual({ itemIndex: 1, field, ...why });
		}
	});

	test("below an id that nothing is known of they are nobody's", () => {
		const table: Cells[] = [
			[false, 'P/1'],
			['', 'P/2'],
		];
		for (const mode of ['automatic', 'above'] as const) {
			const { ownerless, remarks } = grouped(table, mode);
			expect(ownerless).toEqual([0, 1]);
			expect(remarks).toEqual(["row 2 without a CustomerId is nobody's"]);
		}
	});
});

describe('Where ids repeat from row to row', () => {
	const repeating: Cells[] = [
		['a', 'P/1'],
		['a', 'P/2'],
		['', 'P/3'],
		['b', 'P/4'],
		['b', 'P/5'],
	];

	test.each(['automatic', 'above'] as const)('an empty one withholds both neighbours: %s', (mode) => {
		const { customers, remarks, rows } = grouped(repeating, mode);
		const [a, b] = customers;
		expect([a!.bad, b!.bad]).toEqual([[2], []]);
		const owners = because('either', {
			above: because('ofCustomer', { customer: 'a', row: 1 }),
			below: because('ofCustomer', { customer: 'b', row: 3 }),
		});
		for (const { findings } of rows.customers)
			expect(findings).toEqual([{ itemIndex: 2, field, ...because('unclear', { owners }) }]);
		expect(remarks).toEqual(["row 3 without a CustomerId may be another customer's"]);
	});

	test("one without a device is nobody's", () => {
		const table = repeating.with(2, ['', '', '3台', '']);
		expect(grouped(table)).toMatchObject({ customers: [{ bad: [] }, { bad: [] }], ownerless: [2] });
	});

	test.each([
		[5, 'look like merged cells'],
		[4, "may be another customer's"],
	])('%d that are followed for each of them look merged', (followed, what) => {
		const merged = Array.from({ length: followed }, (_, index): Cells[] => [
			[`c${index}`, `P/${index}a`],
			['', `P/${index}b`],
		]);
		// That of one customer repeats once, however often it comes.
		const others = Array.from({ length: 30 }, (_, index): Cells => ['z', `P/z${index}`]);
		const { remarks } = grouped([...others, ...merged.flat()]);
		expect(remarks.join()).toContain(what);
	});
});

describe('What stands in the place of a CustomerId', () => {
	test("is null for devices in stock of a database: they are nobody's", () => {
		const table: Cells[] = [
			['a', 'P/1'],
			[null, 'P/2'],
		];
		expect(grouped(table)).toMatchObject({
			ownerless: [1],
			remarks: ["row 2 without a CustomerId is nobody's"],
		});
		expect(grouped(table, 'above').customers).toEqual([
			customer('a', [
				['P/1', 0],
				['P/2', 1],
			]),
		]);
	});

	test.each(['automatic', 'nobody'] as const)(
		'is a mark for the same as above, which withholds the customer: %s',
		(mode) => {
			const { customers, remarks, rows } = grouped(
				[
					['a', 'P/1'],
					['a', 'P/2'],
					['同上', 'P/3'],
				],
				mode,
			);
			expect(customers).toEqual([
				customer(
					'a',
					[
						['P/1', 0],
						['P/2', 1],
					],
					[2],
				),
			]);
			expect(remarks).toEqual(['row 3 without a CustomerId looks like merged cells']);
			expect(rows.customers[0]!.findings[0]).toMatchObject({ code: 'same', mend: 'above' });
		},
	);

	test.each(['automatic', 'above', 'nobody'] as const)(
		"is nothing in the first row: it is nobody's, whatever the user chose: %s",
		(mode) => {
			const { customers, ownerless } = grouped(
				[
					['', 'P/1'],
					['a', 'P/2'],
				],
				mode,
			);
			expect(customers).toEqual([customer('a', [['P/2', 1]])]);
			expect(ownerless).toEqual([0]);
		},
	);

	test('is nothing in a blank row, which is left out, and the word of a sum, which is refused', () => {
		const groups = new CustomerGroups('automatic');
		const rows = rowsOf([
			['a', 'P/1'],
			['', ''],
			['合计', '', '', ''],
			['', ''],
		]);
		for (const row of rows) groups.add(row.kind === 'empty' ? { ...row, kind: 'blank' } : row);
		const { remarks, ...others } = groups.finish('refuse');
		expect(inShort({ ...others, remarks })).toEqual({
			customers: [customer('a', [['P/1', 0]])],
			ownerless: [2],
		});
		expect(remarks).toEqual(['2 rows without a device and a CustomerId left out']);
	});
});

test('Of a table with nothing empty nothing is remarked', () => {
	expect(grouped([['a', 'P/1']]).remarks).toEqual([]);
});

describe('A row that is no data ends what belongs to the row above:', () => {
	const ended = (mode: EmptyIds, between: Cells) =>
		grouped([['a', 'P/1'], between, ['', 'P/2'], ['', 'P/3'], ['b', 'P/4'], ['', 'P/5']], mode);
	const BETWEEN: Array<[string, Cells]> = [
		['a header', ['客户编号', '设备ID', '设备序列号', '产品名称']],
		['a header of usable ids', ['CustomerId', 'DeviceId', 'CustomerDeviceNo', 'ProductName']],
		['a subtotal whose count stands in the place of the device', ['小计', '2台', '', '']],
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
		for (const mode of ['automatic', 'above'] as const) {
			const { customers, rows, remarks } = ended(mode, between);
			expect(customers).toContainEqual(customer('a', [['P/1', 0]], [2, 3]));
			const [isFilled, its] = mode === 'above' ? [true, 'took that of the row above'] : [false, 'looks like'];
			const b: Parameters<typeof customer> = isFilled
				? ['b', [['P/4', 4], ['P/5', 5]]] // prettier-ignore
				: ['b', [['P/4', 4]], [5]];
			expect(customers).toContainEqual(customer(...b));
			expect(remarks.join()).toContain(`row 6 without a CustomerId ${its}`);
			expect(remarks).toContain("rows 3 and 4 without a CustomerId may be another customer's");
			expect(rows.customers.find(({ customerId }) => customerId === 'a')!.findings).toEqual(
				[2, 3].map((itemIndex) => ({
					itemIndex,
					field,
					...because('between', { row: 1, above }),
				})),
			);
		}
	});

	test.each(BETWEEN)('%s; nobody is withheld where no row below is without an id', (_, between) => {
		const { customers } = grouped([['a', 'P/1'], ['', 'P/2'], between, ['b', 'P/3']], 'above');
		expect(customers.filter(({ bad }) => bad.length === 0)).toEqual([
			customer('a', [['P/1', 0], ['P/2', 1]]), // prettier-ignore
			customer('b', [['P/3', 3]]),
		]);
	});

	test('a mark for the same as above stands for nobody below it', () => {
		for (const mode of ['automatic', 'above', 'nobody'] as const) {
			const { customers } = grouped([['a', 'P/1'], ['VIP', ''], ['同上', 'P/2']], mode); // prettier-ignore
			expect(customers).toContainEqual(customer('a', [['P/1', 0]], [2]));
		}
	});

	test('its id is no customer, unless it may be one without a device', () => {
		const { customers, ownerless } = grouped([['客户/编号', ''], ['c7', '']], 'above'); // prettier-ignore
		expect([customers.map(({ customerId }) => customerId), ownerless]).toEqual([['c7'], [0]]);
		const strict = rowsOf([['客户编号', '设备ID']], 'refuse');
		const groups = new CustomerGroups('above');
		for (const row of strict) groups.add(row);
		expect(inShort(groups.finish('refuse'))).toEqual({ customers: [], ownerless: [0] });
	});

	test('a row without a device that has no id either withholds the customer above, and ends it', () => {
		const { customers } = grouped([['a', 'P/1'], ['', 'SN-1'], ['', 'P/2']], 'above'); // prettier-ignore
		expect(customers).toEqual([customer('a', [['P/1', 0]], [1, 2])]);
	});

	test('a blank row does not, but for one with words in another column', () => {
		const blank = (unmapped: Record<string, unknown>) => {
			const groups = new CustomerGroups('above');
			for (const row of rowsOf([['a', 'P/1'], ['', '', '', '', unmapped], ['', 'P/2']])) // prettier-ignore
				groups.add(row.device.DeviceId === '' ? { ...row, kind: 'blank' } : row);
			return inShort(groups.finish('refuse')).customers;
		};
		expect(blank({ 序号: 2 })).toEqual([customer('a', [['P/1', 0], ['P/2', 2]])]); // prettier-ignore
		expect(blank({ 备注: '以下为库存' })).toEqual([customer('a', [['P/1', 0]], [2])]);
	});
});

describe('A row that has no CustomerId and tells of a customer of its own', () => {
	const own = (column: string) => `ownColumn ${column}`;
	const bad = (table: Cells[], mode: EmptyIds = 'above') => {
		const { customers, rows, remarks } = grouped(table, mode);
		return {
			customers,
			remarks,
			texts: rows.customers.flatMap(({ findings }) =>
				findings.map(({ code, facts }) => `${code} ${String(facts?.column ?? '')}`.trim()),
			),
		};
	};
	const row = (id: unknown, device: string, unmapped: Record<string, unknown>): Cells => [
		...[id, device, undefined, undefined, unmapped],
	] as unknown as Cells; // prettier-ignore

	test('is refused, and withholds the customer above; rows below it may be of either', () => {
		const table = [
			row('a', 'P/1', { 序号: 1, 客户姓名: '张伟', 地址: '深圳' }),
			row('', 'P/2', { 序号: 2, 客户姓名: '李娜', 地址: '广州' }),
			row('', 'P/3', { 序号: 3 }),
			row('b', 'P/4', { 序号: 4, 客户姓名: '王芳', 地址: '上海' }),
			row('', 'P/5', { 序号: 5 }),
		];
		const { customers, remarks, texts } = bad(table);
		expect(customers).toEqual([
			customer('a', [['P/1', 0]], [1, 2]),
			customer('b', [['P/4', 3], ['P/5', 4]]), // prettier-ignore
		]);
		expect(texts).toEqual([own('客户姓名'), 'between']);
		expect(remarks).toEqual([
			'row 5 without a CustomerId took that of the row above',
			"rows 2 and 3 without a CustomerId may be another customer's",
		]);
		expect(bad(table, 'automatic').texts).toContain(own('客户姓名'));
	});

	test('is known by a column of any name that is empty where the CustomerId is', () => {
		const table = [
			row('a', 'P/1', { Inhaber: 'x', Ort: 1 }),
			row('', 'P/2', { Ort: 2 }),
			row('b', 'P/3', { Inhaber: 'y', Ort: 3 }),
			row('', 'P/4', { Inhaber: 'y', Ort: 4 }),
		];
		const { customers, texts } = bad(table);
		expect(customers).toEqual([
			customer('a', [['P/1', 0], ['P/2', 1]]), // prettier-ignore
			customer('b', [['P/3', 2]], [3]),
		]);
		expect(texts).toEqual([own('Inhaber')]);
	});

	test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
		['a number in each row', { 序号: 1 }, { 序号: 2 }],
		['the name of the row above again', { 姓名: '张伟' }, { 姓名: ' 张伟 ' }],
		['a date in each row', { 安装日期: '2026-01-05' }, { 安装日期: '2026-01-06' }],
		['what the row above has not either', { 姓名: '张伟' }, { 姓名: '张伟', 备注: '夜间补装' }],
	])('is not one with %s', (_, first, second) => {
		expect(bad([row('a', 'P/1', first), row('', 'P/2', second)]).customers).toEqual([
			customer('a', [['P/1', 0], ['P/2', 1]]), // prettier-ignore
		]);
	});

	test.each([
		'姓名',
		'联系电话',
		'客户手机号',
		'家庭地址'.slice(2),
		'customer_name',
		'Phone Number',
		'用户编号',
	])('is known by the column %s where no row leaves it empty', (column) => {
		const table = [row('a', 'P/1', { [column]: 'x' }), row('', 'P/2', { [column]: 'y' })];
		expect(bad(table).texts).toEqual([own(column)]);
	});

	test.each(['设备名', '产品名称', '安装位置', '备注', '编号'])('is not known by the column %s', (column) => {
		const table = [row('a', 'P/1', { [column]: 'x' }), row('', 'P/2', { [column]: 'y' })];
		expect(bad(table).texts).toEqual([]);
	});

	test('is of the row above with a mark that says so', () => {
		const table = [row('a', 'P/1', { 姓名: 'x' }), row('同上', 'P/2', { 姓名: 'y' })];
		expect(bad(table).texts).toEqual([]);
	});
});

import { textsOf } from '../support/findingTexts.mts';
import { describe, expect, test } from '@jest/globals';
import { pushedSheet } from '../support/pushedSheet.mts';
import { showsPart } from '../support/texts.mts';

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

async function pushed(rows: Line[], values: Line = {}, rowHandling: Record<string, string> = {}) {
	const { sent, withheld } = await pushedSheet(rows as never, { ...VALUES, ...values } as never, rowHandling);
	const found = withheld.flatMap(({ findings }) => textsOf(findings));
	return { sent: Object.keys(sent), found };
}

const ALONE = 'enter only the ID, or push the two in separate runs if both are IDs';

describe('An id with additional text has no owner, and its customer is withheld:', () => {
	const OPTIONS = [
		{},
		{ phoneIds: 'digits' },
		{ unusualCustomerIds: 'allow' },
		{ phoneIds: 'digits', unusualCustomerIds: 'allow' },
	];
	test.each([
		['13712345678', '137 1234 5678 张三'],
		['02112345678', '021-12345678-8'],
		['01012345678', '01012345678.0'],
		['01012345678', '+86 10 1234 5678 家'],
		['KH0001', '客户KH0001'],
		['A', 'A,B'],
		['B', 'A,B'],
	])('%s of %s', async (id, cell) => {
		for (const options of OPTIONS) {
			expect((await pushed(rowsOf(id, cell, 'z'), {}, options)).sent).toEqual(['z']);
		}
	});

	test('an allowed unusual id contains another customer only if rows name that customer', async () => {
		const allow = { unusualCustomerIds: 'allow' };
		const ids = ['f81d4fae-7dec-11d0', 'a@b.cn', '张伟', 'KH1-2'];
		expect((await pushed(rowsOf(...ids), {}, allow)).sent).toEqual(ids);
		const { sent, found } = await pushed(rowsOf('KH1', 'z', 'KH1-2', 'KH1-2'), {}, allow);
		expect(sent).toEqual(['z']);
		expect(found).toContain(`CustomerId holds 'KH1', which is another customer: ${ALONE}`);
	});

	test.each([
		['a space', 'T-0041 (old)'],
		["'%'", '12.5%'],
		["'-'", 'a.b-'],
		["'#'", '#a.b'],
		["'.'", 'a-b..c'],
		["'.'", 'été.'],
		["'='", 'a-b=c'],
	])('the finding names %s, which is not allowed there, of %s', async (character, id) => {
		const { found } = await pushed(rowsOf('z', id), {}, { unusualCustomerIds: 'allow' });
		expect(found).toEqual([`CustomerId is more than an ID, as it has ${character}: enter only the ID`]);
	});

	test('if one documented id contains another, neither is pushed, and the finding says what to do', async () => {
		const { sent, found } = await pushed(rowsOf('KH0001', 'z', 'KH0001_1'), {});
		expect(sent).toEqual(['z']);
		expect(found).toContain(`CustomerId holds 'KH0001', which is another customer: ${ALONE}`);
	});
});

describe('A template', () => {
	const user = { CustomerId: '=user_{{ $json.id }}' };
	test.each<[what: string, value: unknown, found: string]>([
		['nothing', undefined, 'CustomerId is missing: fill it in'],
		['a word for no value', '无', 'CustomerId means no value: fill it in'],
		['an object', {}, 'CustomerId is of type object, not a text: map a column that holds text'],
	])('is none where a part is %s', async (_, value, found) => {
		expect(await pushed(rowsOf('1', value), user, { emptyCustomerId: 'nobody' })).toEqual({
			sent: ['user_1'],
			found: [found],
		});
	});

	const device = { DeviceId: '={{ $json.product }}/{{ $json.device }}' };
	const line = (product: unknown, name: unknown): Line => ({
		id: 'a',
		sn: 'S',
		product,
		device: name,
		name: 'Lock',
	});
	test.each<[product: unknown, name: unknown, sent: string[], found: string[]]>([
		['LOCK01  ', ' d1 ', ['a'], []],
		['LOCK01', null, [], ['DeviceId is missing: fill it in']],
		['LOCK01', new Date(0), [], ['DeviceId is of type date, not a text: map a column that holds text']],
		[
			'LOCK01',
			'a/b',
			[],
			['DeviceId is not ProductId/DeviceName with exactly one "/": e.g. ProductABC/Device001'],
		],
	])('of a device trims its parts and refuses what is none: %j/%j', async (product, name, sent, found) => {
		expect(await pushed([line(product, name)], device)).toEqual({ sent, found });
	});

	test.each([device, undefined])(
		'with only empty parts is empty, like that of a customer without a device: %j',
		async (values) => {
			const rows = [
				{ CustomerId: 'a', SN: null, ProductId: null, DeviceName: null, ProductName: null },
				{ CustomerId: 'b', SN: 'S', ProductId: 'LOCK01', DeviceName: '1', ProductName: 'Lock' },
			];
			const byHand = {
				CustomerId: '={{ $json.CustomerId }}',
				CustomerDeviceNo: '={{ $json.SN }}',
				DeviceId: '={{ $json.ProductId }}/{{ $json.DeviceName }}',
				ProductName: '={{ $json.ProductName }}',
			};
			const { sent, withheld } = await pushedSheet(rows, values && byHand, { rowsWithoutDevice: 'leaveOut' });
			expect([sent, withheld]).toEqual([{ b: ['LOCK01/1'] }, []]);
		},
	);
});

describe('A ProductId that differs from another one only in case', () => {
	const of = (...devices: string[]) =>
		devices.map((device, index) => ({ id: `c${index}`, sn: `S${index}`, device, name: 'Lock' }));
	test('is refused, and of two equally frequent spellings neither counts as right', async () => {
		const { sent, found } = await pushed(of('lock01/2', 'LOCK01/1', 'LOCK01/3'));
		expect(sent).toEqual(['c1', 'c2']);
		expect(found).toEqual([
			"DeviceId has a ProductId that differs from 'LOCK01' of row 2 only in case: correct one of them",
		]);
		expect((await pushed(of('LOCK01/1', 'lock01/2'))).sent).toEqual([]);
	});

	test('is not reported if each row with it has another fault', async () => {
		const rows = of('LOCK01/1', 'lock01/2').map((row) => ({ ...row, sn: '' }));
		const empty = 'CustomerDeviceNo is empty: fill it in';
		expect(await pushed(rows)).toEqual({ sent: [], found: [empty, empty] });
	});
});

describe('A customer in a row', () => {
	const lists = (sn: unknown, device: unknown, name: unknown): Line[] => [{ id: 'a', sn, device, name }];
	test('has a device for each index of its lists', async () => {
		const rows = lists(['1', '2'], ['P/1', 'P/2'], ['Lock', 'Camera']);
		const { sent } = await pushedSheet(rows as never, VALUES as never, {});
		expect(sent).toEqual({ a: ['P/1', 'P/2'] });
	});

	test.each<[sn: unknown, device: unknown, name: unknown, found: string]>([
		[
			['1'],
			['P/1', 'P/2'],
			['x', 'y'],
			'DeviceId has a different number of values from the others (DeviceId 2, CustomerDeviceNo 1, P',
		],
		[
			['1', '2'],
			['P/1', 'P/2'],
			['x'],
			'DeviceId has a different number of values from the others (DeviceId 2, CustomerDeviceNo 2, P',
		],
		[
			'1',
			['P/1', 'P/2'],
			'x',
			'DeviceId has a different number of values from the others (DeviceId 2, CustomerDeviceNo 1, ProductN',
		],
		[['1', null], ['P/1', 'P/2'], ['x', 'y'], 'CustomerDeviceNo is missing: fill it in'],
	])('is refused where they do not fit: %j %j %j', async (sn, device, name, found) => {
		const expected = { sent: [], found: [expect.stringContaining(found)] };
		expect(await pushed(lists(sn, device, name))).toEqual(expected);
	});

	test.each([[[]], [[null]]])('has no device if its lists are %j', async (none) => {
		const leaveOut = { rowsWithoutDevice: 'leaveOut' };
		expect(await pushed(lists(none, none, none), {}, leaveOut)).toEqual({ sent: [], found: [] });
	});
});

test('A row without a device whose CustomerId does not come from its columns is refused, not left out as blank', async () => {
	const rows = [...rowsOf('1'), { id: '1', sn: '', device: null, name: ' ' }];
	const values = { ...VALUES, CustomerId: 'a' };
	const { sent, remarks, withheld } = await pushedSheet(rows as never, values, {});
	expect([sent, remarks, withheld.length]).toEqual([{}, [], 1]);
});

describe('Map Automatically takes a column of phone numbers', () => {
	const row = (...names: string[]) => {
		const cells = [...names, 'SN', 'ProductName'].map((name) => [name, '13712345678']);
		return [{ ...Object.fromEntries(cells), DeviceId: 'P/1' }];
	};
	const digits = { phoneIds: 'digits' };
	test('if they are ids and it is the only one', async () => {
		const { sent } = await pushedSheet(row('客户姓名', '客户手机号'), undefined, digits);
		expect(Object.keys(sent)).toEqual(['13712345678']);
		await expect(pushedSheet(row('手机', '电话'), undefined, digits)).rejects.toThrow(
			'More than one column fits CustomerId.',
		);
	});

	test('and does not suggest a column of names if there is one', async () => {
		await expect(pushedSheet(row('客户姓名', '客户手机号'), undefined, {})).rejects.toThrow(
			expect.objectContaining({
				failure: expect.objectContaining({
					advice: showsPart(
						"fields that you leave empty stay mapped automatically. '客户手机号' may hold it.",
					) as unknown,
				}) as unknown,
			}),
		);
	});
});

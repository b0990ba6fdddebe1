import { expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNothingLost } from './invariants.mts';
import { runOperation } from './operationRun.mts';
import { errorOf, linksOf, push, row } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

// One case for each option of Row Handling. test/binding/ has the tables of cells, ids and empty ids.
const onError = 'continueErrorOutput' as const;

async function pushed(rows: IDataObject[], rowHandling: IDataObject = {}) {
	const simulator = await runSimulator();
	const result = await push(rows, simulator, { onError, rowHandling });
	if (rowHandling.severalDevices !== 'split') {
		expectNothingLost(result, rows, simulator);
	}
	const bound = Object.fromEntries(
		[...simulator.bindings].map(([id, devices]) => [id, devices.map(({ DeviceId }) => DeviceId)]),
	);
	const message = String(errorOf(result.error[0] ?? { json: {} })?.message ?? '');
	return { ...result, bound, message, hint: result.hints[0]?.message };
}

/** Runs Customer: Create for each id. @returns the ids that reached the service */
async function createCustomers(ids: string[], options: IDataObject): Promise<unknown[]> {
	const simulator = await runSimulator();
	await runOperation(simulator, {
		operation: 'customer.create',
		parameters: { customerId: '={{ $json.id }}', phoneNumber: '13800138000' },
		rows: ids.map((id) => ({ id })),
		options: { ...options, concurrency: 1 },
		onError,
	});
	return simulator.requests.map(({ CustomerId }) => CustomerId);
}

test('Several Devices in a Cell: the advice for a row withheld because of another row does not mention unusual ids.', async () => {
	const simulator = await runSimulator();
	const listing = (devices: string, numbers: string) => ({ ...row('a', devices), CustomerDeviceNo: numbers });
	const rows = [
		listing('LOCK01/a,b', 'S1,S2'),
		listing('LOCK01/b,c', 'S9,S3'),
		listing('LOCK01/c,d', 'S3,S4'),
	];
	const { error } = await push(rows, simulator, {
		onError,
		rowHandling: { severalDevices: 'split' },
		options: { outputItemPer: 'row' },
	});
	expect(error.map((item) => errorOf(item)?.advice)).toEqual(
		Array.from({ length: 3 }, () => "Correct 'DeviceId' and try again"),
	);
	expect(errorOf(error[2]!)?.message).toMatch(/'LOCK01\/c' is also in row 2, .* Nothing was sent\.$/);
});

test('Several Devices in a Cell: Split makes one item of the row, in each form of output.', async () => {
	const simulator = await runSimulator();
	const rows = [{ ...row('a', 'LOCK01/c,d'), CustomerDeviceNo: 'S1,S2' }, row('a', 9)];
	// A run's report and its records are linked to the first row only.
	const links = { request: [[0, 1]], row: [[0], [1]], run: [[0], [0]] };
	for (const [outputItemPer, linked] of Object.entries(links)) {
		const rowHandling = { severalDevices: 'split' };
		const result = await push(rows, simulator, { onError, rowHandling, options: { outputItemPer } });
		expect(result.success.map(linksOf)).toEqual(linked);
		expect(result.error).toEqual([]);
	}
	const bound = simulator.bindings
		.get('a')
		?.map((binding) => `${binding.DeviceId} ${binding.CustomerDeviceNo}`);
	expect(bound).toEqual(['LOCK01/c S1', 'LOCK01/d S2', 'P/D9 SN-9']);
});

test('Message, hint and items name a device that is under two customers, but not the other devices of its rows.', async () => {
	const listing = (id: string, ...devices: string[]) => ({
		...row(id, devices.join(',')),
		CustomerDeviceNo: devices.map((device) => `SN-${device}`).join(','),
	});
	const rows = [listing('a', 'P/door', 'P/both'), listing('b', 'P/both', 'P/gate', 'P/roof'), row('c', 1)];
	const { error, message, hint } = await pushed(rows, { severalDevices: 'split' });
	expect(message).toMatch(/^\[row 1, .*\] 'DeviceId': 'P\/both' is also under customer 'b' in row 2/);
	expect(hint).toContain("rows 1 and 2: 'DeviceId' is also under customer '…' in another row ('P/both')");
	const reasons = error.map((item) => errorOf(item)?.reasons);
	expect(reasons).toEqual([
		[expect.objectContaining({ row: 1, field: 'DeviceId', value: 'P/both' })],
		[expect.objectContaining({ row: 2, field: 'DeviceId', value: 'P/both' })],
	]);
	expect(`${message} ${hint}`).not.toMatch(/other value|P\/(door|gate|roof)/);

	const { sync } = await syncTimeline();
	const { success, hints } = await sync(
		rows,
		{ outputItemPer: 'run' },
		{ rowHandling: { severalDevices: 'split' } },
	);
	const { Text } = success[0]?.json ?? {};
	expect(Text).toMatch(/'DeviceId': 'P\/both' is also under customer 'b' in row 2/);
	expect(Text).toContain('DeviceId“P/both” 在第 2 行也属于客户“b”');
	expect(hints[0]?.message).toContain("('P/both')");
	expect(`${String(Text)} ${hints[0]?.message}`).not.toMatch(/other value|P\/(door|gate|roof)/);
});

test('A hint shows few digits of what may be a phone number in the name of a device.', async () => {
	const { hint } = await pushed([row('a', 'P/13800138000'), row('b', 'P/13800138000')]);
	expect(hint).toContain("('P/138****8000')");
});

test('Rows that are blank in all mapped fields are left out and counted; a run with only such rows fails with NO_ROWS.', async () => {
	const blank = { CustomerId: '', CustomerDeviceNo: null, DeviceId: ' \u3000', ProductName: '\u200b' };
	const simulator = await runSimulator();
	const rows = [row('a', 1), { ...blank, remark: '以上已核对' }, row('a', 2), {}];
	for (const operation of ['push', 'sync']) {
		const { success, hints, failure } = await push(rows, simulator, { operation });
		expect(failure).toBeUndefined();
		expect(success.map(linksOf)).toEqual([[0, 2]]);
		expect(hints[0]?.message).toContain('2 rows without a device or a CustomerId were left out');
	}
	const alone = await pushed([{ ...blank }, { ...blank }]);
	expect([alone.success, alone.error.map((item) => errorOf(item)?.code)]).toEqual([[], ['NO_ROWS']]);
});

test('Rows of a second sheet with other column names are refused one by one, but a row with only a remark is left out.', async () => {
	const second = { 客户编号: 'b', 序列号: 'SN-2', 设备ID: 'P/D2', 产品名称: 'Lock' };
	const remark = { CustomerId: '', DeviceId: '', 产品名称: '以上已核对' };
	const { success, error, hint } = await pushed([row('a', 1), row('a', 2), second, remark]);
	expect(success.map(linksOf)).toEqual([[0, 1]]);
	expect(error.map((item) => [linksOf(item), errorOf(item)?.code])).toEqual([[[2], 'INVALID_ROWS']]);
	expect(hint).toContain('1 row without a device or a CustomerId was left out');
});

test.each([
	['automatic', { b: ['P/D3'] }, 'row 2 without a CustomerId looks like merged cells'],
	['above', { a: ['P/D1', 'P/D2'], b: ['P/D3'] }, 'row 2 without a CustomerId took that of the row above'],
	['nobody', { a: ['P/D1'], b: ['P/D3'] }, "row 2 without a CustomerId is nobody's"],
])('Empty CustomerId: %s.', async (emptyCustomerId, expected, expectedHint) => {
	const rows = [row('a', 1), row('', 2), row('b', 3)];
	const { bound, hint } = await pushed(rows, { emptyCustomerId });
	expect(bound).toEqual(expected);
	expect(hint).toContain(expectedHint);
	const simulator = await runSimulator();
	await push(rows, simulator, { onError, operation: 'sync', rowHandling: { emptyCustomerId } });
	expect([...simulator.bindings.keys()]).toEqual(Object.keys(expected));
});

test.each([
	[
		'refuse',
		{ b: ['P/D2'] },
		'Row Handling can fix this row: Empty ProductName → Take It From Rows of the Same Product',
	],
	['sameProduct', { a: ['P/D1'], b: ['P/D2'] }, 'row 1 without a ProductName took that of the same product'],
])('Empty ProductName: %s.', async (emptyProductName, expected, expectedHint) => {
	const { bound, hint } = await pushed([{ ...row('a', 1), ProductName: '' }, row('b', 2)], {
		emptyProductName,
	});
	expect(bound).toEqual(expected);
	expect(hint).toContain(expectedHint);
});

test('A message names the customer and the sheet row of an invalid row, but a hint does not.', async () => {
	const rows = [{ ...row('a', '<b>no slash'), row_number: 2 }, row('b', 2)];
	const { message, hint } = await pushed(rows);
	expect(message).toContain("[row 1, a, row_number 2] 'DeviceId': '‹b›no slash' is not ProductId/");
	expect(hint).toContain("<li>row 1: 'DeviceId' is not ProductId/");
});

test('Phone Numbers as IDs: refused by default, and Digits Only makes one customer of all spellings.', async () => {
	const { bound, message, hint } = await pushed([row('a', 1), row('137-1234-5678', 2)]);
	expect(bound).toEqual({ a: ['P/D1'] });
	expect(hint).toContain('Row Handling can fix this row: Phone Numbers as IDs → Digits Only');
	expect(message).toContain('give its digits 13712345678, or choose Phone Numbers as IDs → Digits Only');
	expect(message).not.toMatch(/allow/i);

	const rowHandling = { phoneIds: 'digits' };
	const spellings = [row('+86 137 1234 5678', 1), row('13712345678', 2)];
	const landline = [row('010-12345678', 3), row('+86 10 1234 5678', 4)];
	expect((await pushed([...spellings, ...landline], rowHandling)).bound).toEqual({
		'13712345678': ['P/D1', 'P/D2'],
		'01012345678': ['P/D3', 'P/D4'],
	});
	const simulator = await runSimulator();
	await push(spellings, simulator, { operation: 'sync', rowHandling });
	expect([...simulator.bindings.keys()]).toEqual(['13712345678']);
	expect(await createCustomers(['+86 137 1234 5678'], { phoneIds: 'digits' })).toEqual(['13712345678']);
});

test('Unusual Customer IDs: refused by default, and Allow accepts ids of other vendors, but no placeholders.', async () => {
	const rows = [row('good', 1), row('张伟', 2), row('N/A', 3), row('张伟', 4), row('N/A', 5)];
	const refused = await pushed(rows);
	expect(refused.bound).toEqual({ good: ['P/D1'] });
	expect(refused.message).toContain("[row 2] 'CustomerId': '张伟' has '张', and only letters, digits and _");
	// Rows of one refused id are one item; rows that name nobody are one each.
	expect(refused.error.map((item) => [errorOf(item)?.CustomerId, ...linksOf(item)])).toEqual([
		['张伟', 1, 3],
		[undefined, 2],
		[undefined, 4],
	]);
	const allow = { unusualCustomerIds: 'allow' };
	expect(Object.keys((await pushed(rows, allow)).bound).sort()).toEqual(['good', '张伟']);
	expect(await createCustomers(['张伟', 'N/A'], {})).toEqual([]);
	expect(await createCustomers(['张伟', 'N/A'], allow)).toEqual(['张伟']);
});

test('Nothing is filled in below a row whose CustomerId could not be evaluated: the customer above is withheld', async () => {
	const simulator = await runSimulator();
	const rows = [row('a', 1), row('', 2), row('b', 3), row('unknown', 4), row('', 5), row('c', 6), row('', 7)];
	const columns = {
		CustomerId:
			'={{ $json.CustomerId === "unknown" ? $("No Such Node").first().json.id : $json.CustomerId }}',
		CustomerDeviceNo: '={{ $json.CustomerDeviceNo }}',
		DeviceId: '={{ $json.DeviceId }}',
		ProductName: '={{ $json.ProductName }}',
	};
	const { error } = await push(rows, simulator, {
		columns,
		rowHandling: { emptyCustomerId: 'above' },
		onError: 'continueErrorOutput',
	});
	expect(simulator.requests.map(({ CustomerId }) => CustomerId)).toEqual(['a', 'c']);
	expect(error.map((item) => errorOf(item)?.rows)).toEqual([[3, 5], [4]]);
});

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { startSimulator, type Simulator } from '../../simulator/simulator.mts';
import { runOperation } from './operationRun.mts';
import { errorOf, linksOf, row } from './pushRun.mts';

/** Five rows; the fourth has a typo in its DeviceId. One device and one customer of the service are in no row. */
const ROWS = [
	row('c1', 'P/lock_01', { phone: '13800138000' }),
	row('c1', 'P/lock_02', { phone: '13800138000' }),
	row('c2', 'P/lock_03', { phone: '13800138009' }),
	row('c2', 'P/lock_O4'),
	row('c3', 'P/lock_05'),
];

let simulator: Simulator;
/** The service refuses this Action. */
let refusedAction: string | undefined;
beforeEach(async () => {
	refusedAction = undefined;
	simulator = await startSimulator({
		faults: ({ Action }) => {
			const isRefused = Action === refusedAction;
			return isRefused ? { kind: 'error', Code: 'UnauthorizedOperation', Message: 'm' } : undefined;
		},
		customers: ['c1', 'c2', 'c3', 'c4'].map((CustomerId) => ({
			CustomerId,
			CountryCode: '86',
			PhoneNumber: '13800138000',
		})),
		devices: ['lock_01', 'lock_02', 'lock_03', 'lock_04', 'lock_05', 'stock'].map((DeviceName, index) => ({
			ProductId: 'P',
			DeviceName,
			Status: index === 4 ? 3 : 1,
		})),
		orders: [
			{ CustomerId: 'c1', OrderNo: 'O1', ItemId: 'D-FireInsurance2020', ItemVNO: 'FireBusiness', ItemNum: 1 },
		],
	});
});
afterEach(async () => {
	const reads = ['ServiceGetCustomerList', 'ServiceGetDeviceList', 'ServiceGetOrderList'];
	const written = simulator.requests.filter(({ Action }) => !reads.includes(String(Action)));
	await simulator.close();
	expect(written).toEqual([]);
});

const audit = async (options: IDataObject = {}, rows = ROWS, extraSettings: object = {}) =>
	await runOperation(simulator, {
		operation: 'deviceBinding.audit',
		rows,
		parameters: {
			columns: { mappingMode: 'autoMapInputData', value: null },
			optionalColumns: { phoneNumber: '={{ $json.phone }}' },
		},
		options: { compare: ['customers', 'devices', 'orders'], ...options },
		onError: 'continueErrorOutput',
		...extraSettings,
	});

test('An audit without a list to compare reads nothing and does not claim that there are no differences', async () => {
	const { success, error } = await audit({ compare: [] });
	expect(success).toEqual([]);
	expect(error.map((item) => errorOf(item)?.message)).toEqual([
		"An option cannot be used: 'Compare' is not one of the allowed values: customers, devices, orders. Nothing was sent.",
	]);
	expect(simulator.requests).toEqual([]);
});

test('By default each audit finding is an item with the same columns, linked to its rows', async () => {
	const { success, error, hints } = await audit();
	expect(error).toEqual([]);
	expect(success.map(({ json }) => [json.Code, json.Rows])).toEqual([
		['DEVICE_UNKNOWN', [4]],
		['DEVICE_NEVER_ONLINE', [5]],
		['DEVICE_UNOWNED', []],
		['CUSTOMER_GONE', []],
		['PHONE_DIFFERS', [3]],
		['CUSTOMER_WITHOUT_ORDER', [3, 4]],
		['CUSTOMER_WITHOUT_ORDER', [5]],
	]);
	expect(success[0]!.json).toEqual({
		Code: 'DEVICE_UNKNOWN',
		Label: 'Device unknown to Tencent',
		LabelZh: '设备在腾讯侧不存在',
		ProductId: 'P',
		DeviceId: 'P/lock_O4',
		CustomerId: 'c2',
		CustomerDeviceNo: 'SN-P/lock_O4',
		OrderNo: '',
		List: 'Devices P',
		Nearest: 'P/lock_04',
		Message:
			"Tencent has no device 'P/lock_O4' ('SN-P/lock_O4' of customer 'c2'). It has 'P/lock_04', which no row names.",
		MessageZh: '腾讯云没有设备 P/lock_O4（客户 c2 的 SN-P/lock_O4）。有 P/lock_04，没有任何行提到它。',
		Advice: "Correct 'DeviceId', or create the device at Tencent",
		AdviceZh: '更正 DeviceId，或在腾讯云创建该设备',
		Rows: [4],
	});
	expect(success.map(linksOf)).toEqual([[3], [4], [], [], [2], [2, 3], [4]]);
	// A list that lacks a device or an order is read twice.
	expect(simulator.requests).toHaveLength(5);
	expect(hints.map(({ message }) => message)).toEqual([
		'Audit: 1 device unknown to Tencent; 1 device never activated; 1 device in no row; 1 customer in no row; 1 customer with another phone number; 2 customers without an order; 3 customers, 5 devices, 3 phone numbers and the orders of 3 customers compared. Bindings themselves cannot be read: Tencent may have a device that is not bound',
	]);
});

test('With one item per input row, an unknown device goes to the error output with all rows of its customer', async () => {
	const { success, error } = await audit({ outputItemPer: 'row', compare: ['customers', 'devices'] });
	expect(success.map(({ json }) => [json.Status, json.CustomerId, json.DeviceId])).toEqual([
		['KNOWN', 'c1', 'P/lock_01'],
		['KNOWN', 'c1', 'P/lock_02'],
		['DEVICE_NEVER_ONLINE', 'c3', 'P/lock_05'],
	]);
	expect(error.map(({ json }) => json.error)).toMatchObject([
		{ code: 'DEVICE_UNKNOWN', rows: [3], Nearest: 'P/lock_04' },
		{ code: 'DEVICE_UNKNOWN', rows: [4], Nearest: 'P/lock_04' },
	]);
	expect([...success, ...error].map(linksOf)).toEqual([[0], [1], [4], [2], [3]]);
});

test('With one item per run, a report in two languages sums up the audit and says what no audit can show', async () => {
	const rows = [...ROWS, row('N/A', 'P/x')].map((wholeRow, index) => ({
		...wholeRow,
		row_number: index + 2,
	}));
	const { success, error, hints } = await audit({ outputItemPer: 'run' }, rows);
	const [report, records] = success.map(({ json }) => json);
	expect(success).toHaveLength(2);
	// What its sentences, figures and records say is tested in test/audit/.
	expect(report).toMatchObject({
		Summary: expect.stringMatching(/^Audit: 1 device unknown to Tencent \('P\/lock_O4'\); .* bound\.$/),
		SummaryZh: expect.stringMatching(/^核对结果：1 台设备在腾讯侧不存在（P\/lock_O4）；.*已绑定。$/),
		Complete: false,
		Findings: { Total: 7, DEVICE_UNKNOWN: { Count: 1, First: ['P/lock_O4'] } },
		Requests: 5,
	});
	const [first, ...laterRecords] = JSON.parse(String(records!.Records)) as IDataObject[];
	expect(first).toMatchObject({ Key: 'DEVICE_UNKNOWN P/lock_O4', Unsure: false, Rows: [5] });
	expect(laterRecords.at(-1)).toEqual({ Code: 'ROW_UNUSED', DeviceId: 'P/x' });
	expect(error.map(({ json }) => json.error)).toMatchObject([{ code: 'INVALID_ROWS', rows: [6] }]);
	expect(hints[0]?.message).toContain('; 1 row invalid (not compared)');
});

test('With Stop Workflow an unknown device stops the workflow, and Retry On Fail reads nothing again', async () => {
	const stopped = { onError: undefined, retryOnFail: { maxTries: 3, waitBetweenTries: 1 } };
	const { failure } = await audit({ outputItemPer: 'row' }, ROWS, stopped);
	expect(failure?.message).toBe(
		"[row 4] Tencent has no device 'P/lock_O4' ('SN-P/lock_O4' of customer 'c2'). It has 'P/lock_04', which no row names. Correct 'DeviceId', or create the device at Tencent",
	);
	expect(simulator.requests).toHaveLength(5);
});

test("After 'Longest Run (Minutes)' the audit stops reading and draws no conclusions from lists that it did not read", async () => {
	simulator.setOptions({ latencyMs: 300 });
	const { success } = await audit({ longestRun: 0.003 });
	expect(success.map(({ json }) => [json.Code, json.List])).toEqual(
		expect.arrayContaining([['LIST_INCOMPLETE', 'Devices P']]),
	);
	expect(success.some(({ json }) => json.Code === 'DEVICE_UNKNOWN')).toBe(false);
	expect(simulator.requests).toHaveLength(1);
});

test('Even with Stop Workflow, a refused list does not end the audit: the other lists are compared', async () => {
	refusedAction = 'ServiceGetOrderList';
	const { success, failure } = await audit({}, ROWS, { onError: 'stopWorkflow' });
	expect(failure).toBeUndefined();
	const codes = success.map(({ json }) => json.Code);
	expect(codes).toContain('LIST_INCOMPLETE');
	expect(codes).toEqual(expect.arrayContaining(['CUSTOMER_GONE', 'DEVICE_UNKNOWN', 'DEVICE_UNOWNED']));
	expect(codes).not.toContain('CUSTOMER_WITHOUT_ORDER');
});

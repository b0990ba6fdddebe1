import { expect, test } from '@jest/globals';
import type { INodeParameters } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { runOperation } from './operationRun.mts';
import { errorOf, linksOf } from './pushRun.mts';
import { contents } from './serviceContents.mts';

const onError = 'continueErrorOutput' as const;
const picked = (value: string) => ({ __rl: true, mode: 'id', value });
const device = { productId: 'P', deviceName: picked('D1') };
const value = '={{ $json.value }}';

/** Operation, the parameters with `value` in one of them, what a row has for it, and what is said of it. */
const CASES: Array<[string, INodeParameters, unknown, string]> = [
	[
		'customer.create',
		{ customerId: value, phoneNumber: '1' },
		'a b',
		"'Customer ID' is more than an ID, as it has a space: give the ID alone",
	],
	[
		'customer.create',
		{ customerId: 'c', phoneNumber: value },
		null,
		"'Phone Number' is missing: fill this field",
	],
	['customer.create', { customerId: 'c', phoneNumber: value }, 1.5, "'Phone Number' is not a whole number"],
	['customer.getMany', { limit: value }, 0, "'Limit' is not a whole number of at least 1"],
	['customer.getMany', { returnAll: value }, 'no', "'Return All' is not a yes/no value"],
	[
		'customer.getMany',
		{ filters: { customerId: value } },
		true,
		"'Customer ID' is a yes/no value, not a text",
	],
	[
		'order.create',
		{ customerId: picked('c1'), orderNo: '1', itemNum: value },
		'two',
		"'Item Count' is not a whole number of at least 1: correct it",
	],
	['device.get', { productId: 'P', deviceName: picked(value) }, 'P/D1', '\'Device Name\' has a "/"'],
	['device.control', { ...device, data: value }, '{power:1}', "'Data' is not JSON"],
	['device.control', { ...device, data: value }, [1], "'Data' is a list, not a JSON object"],
	[
		'deviceData.report',
		{ customerId: picked('c1'), deviceId: value, reportTime: '2026-01-01' },
		'P',
		"'Device ID' is not ProductId/DeviceName",
	],
	[
		'deviceData.report',
		{ customerId: picked('c1'), deviceId: 'P/D', reportTime: value },
		1767225600,
		"'Report Time' is not a date and time",
	],
	[
		'deviceData.report',
		{
			customerId: picked('c1'),
			deviceId: 'P/D',
			reportTime: '2026-01-01',
			readings: { reading: [{ subType: 1002, value }] },
		},
		'21,5',
		"'Value' is not a number",
	],
	[
		'deviceData.report',
		{
			customerId: picked('c1'),
			deviceId: 'P/D',
			reportTime: '2026-01-01',
			readings: {},
		},
		null,
		"'Readings' is empty: add at least one",
	],
	// What is nothing makes no value of the text around it.
	[
		'order.create',
		{ customerId: picked('c1'), orderNo: '=2026-{{ $json.value }}' },
		null,
		"'Order Number' is missing: fill this field",
	],
	[
		'deviceData.getLatest',
		{ productId: 'P', deviceName: picked('=lock_{{ $json.value }}') },
		null,
		"'Device Name' is missing: fill this field",
	],
	[
		'deviceData.report',
		{
			customerId: picked('c1'),
			deviceId: 'P/D',
			reportTime: '2026-01-01',
			readings: { reading: [{ subType: 1002, value: '=2{{ $json.value }}' }] },
		},
		null,
		"'Value' is not a number",
	],
	[
		'deviceData.reportState',
		{ deviceId: 'P/D', onlineStatus: value },
		7,
		"'Online Status' is not one of the allowed values: 0, 1, 2",
	],
];

test.each(CASES)(
	'%s says of a row what is wrong with it, and does the others: %j, %j.',
	async (operation, parameters, bad, text) => {
		const simulator = await runSimulator(contents);
		const rows = [{ value: bad as never }];
		const { error, success } = await runOperation(simulator, { operation, parameters, rows, onError });
		expect(simulator.requests).toHaveLength(0);
		expect(success).toEqual([]);
		expect(errorOf(error[0]!)?.message).toContain(`[row 1] ${text}`);
		expect(errorOf(error[0]!)).toMatchObject({ code: 'INVALID_ROWS', outcome: 'NOT_SENT', rows: [1] });
	},
);

test('Bad rows leave by the error branch with their links, and the good ones are done.', async () => {
	const simulator = await runSimulator(contents);
	const result = await runOperation(simulator, {
		operation: 'customer.create',
		parameters: {
			customerId: '={{ $json.id }}',
			phoneNumber: "={{ $json.id === 'c9' ? $('Nobody').item.json.phone : $json.phone }}",
		},
		rows: [
			{ id: 'c8', phone: '1' },
			{ id: '客户', phone: '1' },
			{ id: 'c9', phone: 5 },
			{ id: 'c10', phone: '2' },
		],
		onError,
	});
	expect(result.success.map((item) => [item.json.CustomerId, linksOf(item)])).toEqual([
		['c8', [0]],
		['c10', [3]],
	]);
	expect(result.error.map(linksOf)).toEqual([[1], [2]]);
	expect(errorOf(result.error[1]!)?.message).toContain("[row 3] 'Phone Number' could not be evaluated");
	expect(result.hints[0]?.message).toBe(
		"2 of 4 customers created; 2 rows invalid; row 2: 'Customer ID' has '…', and only letters, digits and _ are documented; row 3: 'Phone Number' could not be evaluated. Correct 'Customer ID' and 'Phone Number' in 2 rows and try again",
	);
});

test('With Stop Workflow nothing is sent when a row cannot be used.', async () => {
	const simulator = await runSimulator(contents);
	const { failure } = await runOperation(simulator, {
		operation: 'customer.create',
		parameters: { customerId: '={{ $json.id }}', phoneNumber: '1' },
		rows: [{ id: 'c8' }, { id: '' }],
	});
	expect(failure?.message).toBe(
		"Nothing was sent: 1 row invalid. [row 2] 'Customer ID' is empty: fill this field. Correct 'Customer ID' and try again",
	);
	expect(simulator.requests).toHaveLength(0);
});

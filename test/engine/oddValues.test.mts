import { expect, test } from '@jest/globals';
import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { runOperation } from './operationRun.mts';
import { runFaultServer } from '../faults/faultServer.mts';
import { speaking } from '../faults/wires.mts';
import { errorOf, push, row } from './pushRun.mts';
import { contents } from './serviceContents.mts';

const onError = 'continueErrorOutput' as const;
const value = '={{ $json.value }}';
const picked = (chosen: string) => ({ __rl: true, mode: 'id', value: chosen });
const PICKED = { productId: 'P', deviceName: picked('D1') };

const itself: IDataObject = {};
itself.self = itself;

/** Operations that take a value of each kind. */
const FIELDS: Array<[operation: string, parameters: INodeParameters, good: string | number]> = [
	['device.get', { productId: 'P', deviceName: picked(value) }, 'D1'],
	[
		'deviceData.getHistory',
		{ ...PICKED, fieldName: 'temperature', startTime: value, endTime: '2026-01-02', limit: 1 },
		'2026-01-01',
	],
	['deviceData.reportState', { deviceId: 'P/D1', onlineStatus: value }, '1'],
	['customer.getMany', { limit: value }, 1],
];

test.each(FIELDS)(
	"%s: an object that holds itself is that item's own finding, and the item beside it is worked on.",
	async (operation, parameters, good) => {
		const simulator = await runSimulator(contents);
		const rows = [{ value: itself }, { value: good }] as IDataObject[];
		const { success, error } = await runOperation(simulator, { operation, parameters, rows, onError });
		expect(error.map((item) => [errorOf(item)?.outcome, errorOf(item)?.code, errorOf(item)?.rows])).toEqual([
			['NOT_SENT', 'INVALID_ROWS', [1]],
		]);
		expect([success.length > 0, simulator.requests.length]).toEqual([
			operation !== 'deviceData.getHistory',
			1,
		]);
	},
);

test("Push: an object that holds itself is its row's own finding.", async () => {
	const simulator = await runSimulator();
	const rows = [row('a', 1, { DeviceId: itself }), row('b', 2)];
	const { success, error } = await push(rows, simulator, { onError });
	expect(error.map((item) => [errorOf(item)?.code, errorOf(item)?.CustomerId])).toEqual([
		['INVALID_ROWS', 'a'],
	]);
	expect(success.map(({ json }) => json.CustomerId)).toEqual(['b']);
});

test.each([{}, { outputItemPer: 'row' }])(
	'An item without json is a blank row, with the options %j.',
	async (options) => {
		const simulator = await runSimulator();
		const rows = [{ json: row('a', 1) }, {}] as INodeExecutionData[];
		const { success, error, hints } = await push(rows as never, simulator, { onError, options });
		expect(success.map(({ json }) => json.CustomerId)).toEqual(['a']);
		expect(error).toEqual([]);
		expect(hints[0]?.message).toContain('1 blank row left out');
	},
);

const HISTORY = {
	...PICKED,
	fieldName: 'temperature',
	startTime: '2026-01-01T00:00:00',
	endTime: '2026-01-02T00:00:00',
	limit: 1,
};

test("A workflow whose settings say DEFAULT has the instance's time zone.", async () => {
	const simulator = await runSimulator(contents);
	const settings = { timezone: 'DEFAULT' };
	const { error, success } = await runOperation(simulator, {
		operation: 'deviceData.getHistory',
		parameters: HISTORY,
		onError,
		settings,
	});
	expect(error.map(errorOf)).toEqual([]);
	expect(success.length).toBeGreaterThanOrEqual(0);
	expect(simulator.requests).toHaveLength(1);
});

test('A time zone that does not exist is named as what is to be corrected.', async () => {
	const simulator = await runSimulator(contents);
	const settings = { timezone: 'Mars/Olympus' };
	const { error } = await runOperation(simulator, {
		operation: 'deviceData.getHistory',
		parameters: HISTORY,
		onError,
		settings,
	});
	expect(errorOf(error[0]!)?.message).toMatch(/'Start Time' names no time zone.*Nothing was sent\./);
});

test('An object that holds itself is no JSON to control a device with, and one with any member names is.', async () => {
	const simulator = await runSimulator(contents);
	const rows = [{ value: itself }, { value: { toString: 'x' } }] as IDataObject[];
	const parameters = { ...PICKED, data: value };
	const { success, error } = await runOperation(simulator, {
		operation: 'device.control',
		parameters,
		rows,
		onError,
	});
	expect(error.map((item) => errorOf(item)?.rows)).toEqual([[1]]);
	expect(success).toHaveLength(1);
});

test('A record of a list that is no record makes the response unclear for its own item, and for no other.', async () => {
	const answer = (RequestId: string) => ({
		Response: { RequestId, Customers: [{ CustomerId: 'c1' }, null], Total: 2 },
	});
	const server = await runFaultServer(speaking(200, answer));
	const simulator = await runSimulator();
	const { success, error } = await runOperation(simulator, {
		operation: 'customer.getMany',
		onError,
		credential: { endpoint: server.endpoint },
	});
	expect(success).toEqual([]);
	expect(error.map((item) => [errorOf(item)?.outcome, errorOf(item)?.code])).toEqual([
		['UNKNOWN', 'UNCLEAR_RESPONSE'],
	]);
});

test('Ids of 100 kB are refused, and reported in few words.', async () => {
	const simulator = await runSimulator();
	const long = 'x'.repeat(100_000);
	const rows = Array.from({ length: 50 }, (_, index) => row(`${long}${index}`, 1));
	const { success, error } = await push(rows, simulator, { onError: 'continueErrorOutput' });
	expect(success).toEqual([]);
	expect(JSON.stringify(error.map(errorOf)).length).toBeLessThan(50_000);
});

test('Whole numbers of 64 bits come out digit by digit, from responses and from JSON texts within them.', async () => {
	const Data = '{"serial":1234567890123456789,"level":[0.5,-9007199254740993]}';
	const device = { DeviceName: 'D1', LoginTime: 0 };
	const answer = (RequestId: string) =>
		JSON.stringify({ Response: { RequestId, Data, Device: device } }).replace(
			'"LoginTime":0',
			'"LoginTime":9007199254740993',
		);
	const server = await runFaultServer(speaking(200, answer));
	const simulator = await runSimulator();
	const credential = { endpoint: server.endpoint };
	const latest = await runOperation(simulator, {
		operation: 'deviceData.getLatest',
		parameters: PICKED,
		credential,
	});
	expect(latest.success[0]?.json.Data).toEqual({
		serial: '1234567890123456789',
		level: [0.5, '-9007199254740993'],
	});
	const got = await runOperation(simulator, { operation: 'device.get', parameters: PICKED, credential });
	expect(got.success[0]?.json.LoginTime).toBe('9007199254740993');
});

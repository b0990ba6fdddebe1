import { expect, test } from '@jest/globals';
import type { OnError } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { runOperation } from './operationRun.mts';
import { errorOf } from './pushRun.mts';
import { contents } from './serviceContents.mts';

const onError = 'continueErrorOutput' as const;
const retryOnFail = { maxTries: 3, waitBetweenTries: 1 };
const picked = (value: string) => ({ __rl: true, mode: 'id', value });
const device = { productId: 'P', deviceName: picked('D1') };
const order = {
	operation: 'order.create',
	parameters: { customerId: picked('c1'), orderNo: '={{ $json.no }}' },
	rows: [{ no: 'O-1' }, { no: 'O-2' }, { no: 'O-3' }],
	options: { concurrency: 1 },
};

test.each([
	['order.create', order.parameters],
	['device.control', { ...device, data: '{"power":1}' }],
	['device.callAction', { ...device, actionId: 'open' }],
])(
	'%s is never sent again when its answer is lost, and says what to look at.',
	async (operation, parameters) => {
		const simulator = await runSimulator({ ...contents, faults: [{ on: 0, kind: 'applyThenReset' }] });
		const result = await runOperation(simulator, { operation, parameters, onError, rows: [{ no: 'O-1' }] });
		expect(simulator.requests).toHaveLength(1);
		expect(errorOf(result.error[0]!)).toMatchObject({ outcome: 'UNKNOWN', attempts: 1 });
		expect(errorOf(result.error[0]!)?.message).toMatch(/It is unclear whether Tencent stored it\.$/);
		expect(errorOf(result.error[0]!)?.advice).toMatch(/before you/);
	},
);

test.each([
	['stopWorkflow', 2],
	['continueErrorOutput', 3],
	['continueRegularOutput', 3],
] as Array<[OnError, number]>)(
	'Retry On Fail does not send an order again that may exist, with %s.',
	async (mode, requests) => {
		const simulator = await runSimulator({ ...contents, faults: [{ on: 1, kind: 'applyThenReset' }] });
		const result = await runOperation(simulator, { ...order, onError: mode, retryOnFail });
		expect(simulator.requests).toHaveLength(requests);
		expect(simulator.state.orders.map(({ OrderNo }) => OrderNo)).toEqual(
			['O-1', 'O-2', 'O-3'].slice(0, requests),
		);
		if (mode === 'stopWorkflow') {
			expect(result.failure?.description).toMatch(/^1 order sent, 1 failed, 1 not tried/);
			expect(result.failure?.description).toContain('it may exist already');
		}
	},
);

test('An unclear order that comes first stays unclear when the engine runs the node again.', async () => {
	const simulator = await runSimulator({ ...contents, faults: [{ on: 0, kind: 'applyThenReset' }] });
	const rows = [{ no: 'O-1' }];
	const result = await runOperation(simulator, { ...order, rows, onError, retryOnFail });
	expect(simulator.requests).toHaveLength(1);
	expect(errorOf(result.error[0]!)).toMatchObject({
		outcome: 'UNKNOWN',
		OrderNo: 'O-1',
		RequestId: simulator.requests[0]?.RequestId,
	});
});

test('A repeatable action is sent again when its answer is lost.', async () => {
	const simulator = await runSimulator({ ...contents, faults: [{ on: 0, kind: 'applyThenReset' }] });
	const parameters = { deviceId: 'P/D1', onlineStatus: 0 };
	const { success } = await runOperation(simulator, { operation: 'deviceData.reportState', parameters });
	expect(success[0]?.json).toMatchObject({ Status: 'OK', Attempts: 2 });
});

test('What an accepted request answered is told again when the engine runs the node again.', async () => {
	const refused = { kind: 'error', Code: 'InvalidParameterValue', Message: 'x', times: 1 } as const;
	const simulator = await runSimulator({ ...contents, faults: [{ on: 1, ...refused }] });
	const { success } = await runOperation(simulator, {
		operation: 'device.callAction',
		parameters: { ...device, actionId: 'open', additionalFields: { inputParams: '={{ { n: $json.n } }}' } },
		rows: [{ n: 1 }, { n: 2 }],
		options: { concurrency: 1 },
		retryOnFail,
	});
	expect(simulator.requests).toHaveLength(3);
	expect(success.map(({ json }) => [json.OutputParams, json.Status, json.AlreadyDone])).toEqual([
		[{ echo: { n: 1 } }, 'done', true],
		[{ echo: { n: 2 } }, 'done', undefined],
	]);
});

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
	'%s is never sent again when its response is lost, and advises what to look up.',
	async (operation, parameters) => {
		const simulator = await runSimulator({ ...contents, faults: [{ on: 0, kind: 'applyThenReset' }] });
		const result = await runOperation(simulator, { operation, parameters, onError, rows: [{ no: 'O-1' }] });
		expect(simulator.requests).toHaveLength(1);
		expect(errorOf(result.error[0]!)).toMatchObject({ outcome: 'UNKNOWN', attempts: 1 });
		expect(errorOf(result.error[0]!)?.message).toMatch(/Tencent may or may not have applied it\.$/);
		expect(errorOf(result.error[0]!)?.advice).toMatch(/before you/);
	},
);

test.each([
	['stopWorkflow', 2],
	['continueErrorOutput', 3],
	['continueRegularOutput', 3],
] as Array<[OnError, number]>)(
	'Retry On Fail does not resend an order that may exist, with %s.',
	async (mode, requests) => {
		const simulator = await runSimulator({ ...contents, faults: [{ on: 1, kind: 'applyThenReset' }] });
		const result = await runOperation(simulator, { ...order, onError: mode, retryOnFail });
		expect(simulator.requests).toHaveLength(requests);
		expect(simulator.state.orders.map(({ OrderNo }) => OrderNo)).toEqual(
			['O-1', 'O-2', 'O-3'].slice(0, requests),
		);
		if (mode === 'stopWorkflow') {
			expect(result.failure?.message).toMatch(
				/^1 of 3 orders created; 1 unclear .*; 1 not sent.*\. \[row 2, O-2; RequestId [\w-]+\] /,
			);
			expect(result.failure?.message).toMatch(
				/it may exist already\. Do not use n8n's Retry, which would repeat this whole execution: send only what/,
			);
		}
	},
);

test('The response of an accepted request is shown again when the engine runs the node again.', async () => {
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

test('An order that may exist is reported even if its number is unusable in the next attempt.', async () => {
	const simulator = await runSimulator({ ...contents, faults: [{ on: 0, kind: 'applyThenReset' }] });
	const orderNo =
		'={{ $execution.customData.get("tried") ? "" : ($execution.customData.set("tried", "yes"), $json.no) }}';
	const parameters = { ...order.parameters, orderNo };
	const run = { ...order, parameters, rows: [{ no: 'O-1' }], onError, retryOnFail };
	const result = await runOperation(simulator, { ...run, expressionEngine: 'legacy' });
	expect(simulator.requests).toHaveLength(1);
	expect(errorOf(result.error[0]!)).toMatchObject({ outcome: 'UNKNOWN', OrderNo: 'O-1' });
});

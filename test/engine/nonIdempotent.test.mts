import { describe, expect, test } from '@jest/globals';
import type { INodeExecutionData, OnError } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { loadTestedNode } from '../support/testedBuild.mts';
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
	'Retry On Fail does not send an order again that may exist, with %s.',
	async (mode, requests) => {
		const simulator = await runSimulator({ ...contents, faults: [{ on: 1, kind: 'applyThenReset' }] });
		const result = await runOperation(simulator, { ...order, onError: mode, retryOnFail });
		expect(simulator.requests).toHaveLength(requests);
		expect(simulator.state.orders.map(({ OrderNo }) => OrderNo)).toEqual(
			['O-1', 'O-2', 'O-3'].slice(0, requests),
		);
		if (mode === 'stopWorkflow') {
			expect(result.failure?.message).toMatch(
				/^1 of 3 orders done, 1 not tried\. Order 'O-\d' \(row \d; RequestId [\w-]+\) is unclear: /,
			);
			expect(result.failure?.message).toMatch(
				/it may exist already\. n8n's Retry of this execution would do all of it again: send only what/,
			);
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

test('An idempotent action is sent again when its response is lost.', async () => {
	const simulator = await runSimulator({ ...contents, faults: [{ on: 0, kind: 'applyThenReset' }] });
	const parameters = { deviceId: 'P/D1', onlineStatus: 0 };
	const { success } = await runOperation(simulator, { operation: 'deviceData.reportState', parameters });
	expect(success[0]?.json).toMatchObject({ Status: 'OK', Attempts: 2 });
});

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

describe('What evaluates to something else at another try', () => {
	/** An expression that is one text at the first try and another one from the second on. */
	const atFirst = (first: string, later: string) =>
		`={{ $execution.customData.get("tried" + $itemIndex) ? ${later} : ($execution.customData.set("tried" + $itemIndex, "yes"), ${first}) }}`;
	const anew = { ...order.parameters, orderNo: '={{ $json.no + "-" + Math.random() }}' };
	const numbersIn = (items: INodeExecutionData[]) =>
		items.map((item) => errorOf(item)?.OrderNo ?? item.json.OrderNo);

	test('is no order of its own.', async () => {
		const simulator = await runSimulator({ ...contents, faults: [{ on: 1, kind: 'applyThenReset' }] });
		const run = { ...order, parameters: anew, onError, retryOnFail };
		const { success, error } = await runOperation(simulator, run);
		expect(simulator.requests).toHaveLength(3);
		expect(numbersIn([...success, ...error]).toSorted()).toEqual(
			simulator.state.orders.map(({ OrderNo }) => OrderNo).toSorted(),
		);
	});

	test('is still an order that may exist when it cannot be used any more.', async () => {
		const simulator = await runSimulator({ ...contents, faults: [{ on: 0, kind: 'applyThenReset' }] });
		const orderNo = atFirst('$json.no', '""');
		const rows = [{ no: 'O-1' }];
		const parameters = { ...order.parameters, orderNo };
		const run = { ...order, parameters, rows, onError, retryOnFail, expressionEngine: 'legacy' as const };
		const result = await runOperation(simulator, run);
		expect(simulator.requests).toHaveLength(1);
		expect(errorOf(result.error[0]!)).toMatchObject({ outcome: 'UNKNOWN', OrderNo: 'O-1' });
	});

	test('reports its order when nothing at all can be sent any more.', async () => {
		const refused = { kind: 'error', Code: 'InvalidParameterValue', Message: 'x' } as const;
		const simulator = await runSimulator({
			...contents,
			faults: [
				{ on: 0, kind: 'applyThenReset' },
				{ on: 1, ...refused },
			],
		});
		const { credentialType, nodeType } = loadTestedNode();
		const execute = nodeType.execute!;
		let tries = 0;
		nodeType.execute = async function () {
			if (++tries > 1) this.getCredentials = async () => await Promise.reject(new Error('no database'));
			return await execute.call(this);
		};
		const run = {
			...order,
			rows: [{ no: 'O-1' }, { no: 'O-2' }],
			onError,
			retryOnFail,
			nodeType,
			credentialType,
		};
		const result = await runOperation(simulator, { ...run, options: { concurrency: 1 } });
		expect(tries).toBe(3);
		expect(result.error.map((item) => [errorOf(item)?.OrderNo, errorOf(item)?.outcome])).toEqual([
			['O-1', 'UNKNOWN'],
			['O-2', 'NOT_SENT'],
		]);
	});
});

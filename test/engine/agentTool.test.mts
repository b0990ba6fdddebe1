import { describe, expect, test } from '@jest/globals';
import type { INodeParameters } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { contents } from './serviceContents.mts';
import { runTool, type ToolRun, type Way } from './toolRun.mts';

const ways: Way[] = ['itself', 'through the engine', 'MCP server'];
const retryOnFail = { maxTries: 3, waitBetweenTries: 1 };
const fromAi = (key: string) => `={{ $fromAI('${key}', 'what it is', 'string') }}`;
const order = {
	operation: 'order.create',
	parameters: { customerId: { __rl: true, mode: 'id', value: 'c1' }, orderNo: fromAi('orderNo') },
} satisfies Partial<ToolRun>;

describe.each(ways)('As a tool called via: %s,', (way) => {
	test("the node carries out the model's call and responds.", async () => {
		const simulator = await runSimulator(contents);
		const answers = await runTool(simulator, { ...order, way, calls: [{ orderNo: 'O-1' }] });
		expect(simulator.state.orders).toMatchObject([{ OrderNo: 'O-1', CustomerId: 'c1' }]);
		expect(answers).toMatchObject([[{ OrderNo: 'O-1', Status: 'OK', Attempts: 1 }]]);
	});

	test('one call orders once even if its response is lost and Retry On Fail is set.', async () => {
		const simulator = await runSimulator({ ...contents, faults: [{ on: 0, kind: 'applyThenReset' }] });
		const run = { ...order, way, calls: [{ orderNo: 'O-1' }], retryOnFail };
		const answers = await runTool(simulator, run);
		expect(simulator.requests).toHaveLength(1);
		expect(JSON.stringify(answers)).toMatch(
			/\[row 1, O-1; RequestId [\w-]+\] .* Tencent may or may not have applied it\./,
		);
	});

	test('a refused order is retried, in each call separately.', async () => {
		const refused = { kind: 'error', Code: 'InvalidParameterValue', Message: 'x', times: 1 } as const;
		const simulator = await runSimulator({ ...contents, faults: [{ on: 0, ...refused }] });
		const calls = [{ orderNo: 'O-1' }, { orderNo: 'O-2' }];
		const answers = await runTool(simulator, { ...order, way, calls, retryOnFail });
		expect(simulator.requests).toHaveLength(3);
		expect(simulator.state.orders.map(({ OrderNo }) => OrderNo).toSorted()).toEqual(['O-1', 'O-2']);
		expect(answers).toMatchObject([[{ OrderNo: 'O-1' }], [{ OrderNo: 'O-2' }]]);
	});

	test('two identical calls place two orders.', async () => {
		const simulator = await runSimulator(contents);
		const calls = [{ orderNo: 'O-1' }, { orderNo: 'O-1' }];
		await runTool(simulator, { ...order, way, calls, retryOnFail });
		expect(simulator.requests).toHaveLength(2);
	});
});

describe.each(ways)('The operations on stored Sync data, as a tool called via: %s:', (way) => {
	const refusal = 'A model may not call this operation';

	test.each<[operation: string, parameters: INodeParameters]>([
		['approvePlan', { planId: fromAi('planId'), decision: 'Approve', by: 'a model' }],
		['confirmNews', {}],
		['forget', { sync: fromAi('sync') }],
	])('a model may not call sync.%s.', async (operation, parameters) => {
		const simulator = await runSimulator(contents);
		const calls = [{ planId: 'q3BzX0yAf9LmK2dV', sync: 'Nightly' }];
		const answers = await runTool(simulator, { way, operation: `sync.${operation}`, parameters, calls });
		expect(JSON.stringify(answers)).toContain(refusal);
	});

	test.each(['getStatus', 'getReceipts'])('a model may call sync.%s.', async (operation) => {
		const simulator = await runSimulator(contents);
		const parameters = { customerId: fromAi('customerId') };
		const calls = [{ customerId: 'c1' }];
		const answers = await runTool(simulator, { way, operation: `sync.${operation}`, parameters, calls });
		expect(JSON.stringify(answers)).not.toContain(refusal);
	});
});

describe.each(ways.slice(0, 2))("The agent's input, for a tool called via: %s,", (way) => {
	test('is what an expression reads, even if the model gives a value of the same name.', async () => {
		const simulator = await runSimulator(contents);
		const customerId = { __rl: true, mode: 'id', value: '={{ $json.customerId }}' };
		const parameters = { customerId, orderNo: fromAi('customerId') };
		const calls = [{ customerId: 'c2', orderNo: 'O-1' }];
		await runTool(simulator, { ...order, way, parameters, calls, rows: [{ customerId: 'c1' }] });
		expect(simulator.state.orders).toMatchObject([{ CustomerId: 'c1' }]);
	});

	test("is that of the agent's current run.", async () => {
		const simulator = await runSimulator(contents);
		const customerId = { __rl: true, mode: 'id', value: '={{ $json.customerId }}' };
		const parameters = { ...order.parameters, customerId };
		const rows = { rows: [{ customerId: 'c1' }], laterRows: [{ customerId: 'c2' }] };
		await runTool(simulator, { ...order, way, parameters, calls: [{ orderNo: 'O-1' }], ...rows });
		expect(simulator.state.orders.map(({ CustomerId }) => CustomerId).toSorted()).toEqual(['c1', 'c2']);
	});
});

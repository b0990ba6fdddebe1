import { describe, expect, test } from '@jest/globals';
import type { INodeParameters } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { picked } from '../support/picked.mts';
import { runOperation, type OperationRun } from './operationRun.mts';
import { errorOf } from './pushRun.mts';
import { contents } from './serviceContents.mts';
import { runTool, type Way } from './toolRun.mts';

const order = { customerId: picked('c1'), orderNo: 'O-1' };
const onError = 'continueErrorOutput' as const;
const live = 'FireInsurance2020';

async function runOrder(parameters: INodeParameters, others: Partial<OperationRun> = {}) {
	const simulator = await runSimulator(contents);
	const run = { operation: 'order.create', parameters: { ...order, ...parameters }, onError, ...others };
	const { success, error } = await runOperation(simulator, run);
	return { simulator, success, message: error.map((item) => errorOf(item)?.message).join() };
}

describe('An order for a live item', () => {
	test.each([
		['picked', { itemId: live }, []],
		['from an expression', { itemId: '={{ $json.item }}' }, [{ item: live }]],
		['in other letters', { itemId: 'd-FireInsurance2020' }, []],
		['with the switch as an expression', { itemId: live, liveOrder: '={{ true }}' }, []],
		['with the switch as a text', { itemId: live, liveOrder: 'true' }, []],
	])('%s is refused before it is sent while Live Order is off.', async (_, parameters, rows) => {
		const { simulator, message } = await runOrder(parameters, { rows: rows.length > 0 ? rows : [{}] });
		expect(simulator.requests).toEqual([]);
		expect(message).toMatch(
			/'(Item ID' is a live item, and 'Live Order' is off in the node|Live Order' is not a yes\/no)/,
		);
		expect(message).toMatch(/Nothing was sent\.$/);
	});

	test('is placed with Live Order on.', async () => {
		const { simulator } = await runOrder({ itemId: live, liveOrder: true });
		expect(simulator.state.orders).toMatchObject([{ ItemId: live }]);
	});
});

test.each<Way>(['itself', 'through the engine', 'MCP server'])(
	'A model that calls by way of: %s for a live order gets the reason.',
	async (way) => {
		const simulator = await runSimulator(contents);
		const parameters = {
			...order,
			itemId: "={{ $fromAI('item', 'what', 'string') }}",
			liveOrder: "={{ $fromAI('live', 'whether', 'boolean') }}",
		};
		const calls = [{ item: live, live: true, liveOrder: true }];
		for (const liveOrder of [false, parameters.liveOrder]) {
			const run = { way, operation: 'order.create', parameters: { ...parameters, liveOrder }, calls };
			const told = JSON.stringify(await runTool(simulator, run));
			expect(told).toMatch(/'Live Order' is (off|not a yes)/);
		}
		expect(simulator.requests).toEqual([]);
	},
);

import { expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { picked } from '../support/picked.mts';
import { contents } from './serviceContents.mts';
import { runTool, type Way } from './toolRun.mts';

const order = { customerId: picked('c1'), orderNo: 'O-1' };
const live = 'FireInsurance2020';

test.each<Way>(['itself', 'through the engine', 'MCP server'])(
	'A model that asks for a live order via: %s is refused with the reason, unless the node allows it.',
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
			const answer = JSON.stringify(await runTool(simulator, run));
			expect(answer).toMatch(/'Live Order' is (off|not one of)/);
		}
		expect(simulator.requests).toEqual([]);
		const allowed = { ...parameters, liveOrder: true };
		await runTool(simulator, { way, operation: 'order.create', parameters: allowed, calls });
		expect(simulator.state.orders).toMatchObject([{ ItemId: live }]);
	},
);

import { describe, expect, test } from '@jest/globals';
import type { INodeParameters } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { picked } from '../support/picked.mts';
import { runOperation } from './operationRun.mts';
import { contents } from './serviceContents.mts';
import { runTool, type Way } from './toolRun.mts';

const WAYS: Way[] = ['itself', 'through the engine', 'MCP server'];
const device = { productId: 'P', deviceName: picked('D1') };
const OPERATIONS: ReadonlyArray<[operation: string, parameters: INodeParameters]> = [
	['device.control', { ...device, data: '{"power_switch": 1}' }],
	['device.callAction', { ...device, actionId: picked('open_door') }],
];
const fromAi = (key: string) => `={{ $fromAI('${key}', 'what', 'string') }}`;
const calls = [{ liveDevice: true, live: true, operation: 'control', resource: 'device' }];

describe.each(OPERATIONS)('%s', (operation, parameters) => {
	describe.each(WAYS)('as a tool called via: %s,', (way) => {
		test.each<[what: string, more: INodeParameters]>([
			['is stored without Live Device', {}],
			['has Live Device off', { liveDevice: false }],
			['has Live Device from the model', { liveDevice: "={{ $fromAI('live', 'whether', 'boolean') }}" }],
			['has Live Device as text', { liveDevice: 'true' }],
		])('does not act on a device when it %s, and says why', async (_what, more) => {
			const simulator = await runSimulator(contents);
			const run = { way, operation, parameters: { ...parameters, ...more }, calls };
			const answer = JSON.stringify(await runTool(simulator, run));
			expect(answer).toMatch(
				/'Live Device' (is off in the node.*Ask a person to switch on 'Live Device'|is not one of the allowed values)/,
			);
			expect(simulator.requests).toEqual([]);
		});

		test('acts on the device with Live Device on', async () => {
			const simulator = await runSimulator(contents);
			await runTool(simulator, { way, operation, parameters: { ...parameters, liveDevice: true }, calls });
			expect(simulator.requests).toHaveLength(1);
		});
	});

	test('acts on the device without Live Device outside a tool', async () => {
		const simulator = await runSimulator(contents);
		await runOperation(simulator, { operation, parameters });
		expect(simulator.requests).toHaveLength(1);
	});
});

describe.each(WAYS)('A tool called via: %s,', (way) => {
	test.each([
		['device', fromAi('operation')],
		[fromAi('resource'), 'control'],
	])('does not take its resource or operation from an expression: %s, %s', async (resource, operation) => {
		const simulator = await runSimulator(contents);
		const parameters = { ...device, data: '{"power_switch": 1}', liveDevice: true, resource, operation };
		const answer = JSON.stringify(
			await runTool(simulator, { way, operation: 'device.get', parameters, calls }),
		);
		expect(answer).toContain("In a tool, 'Resource' and 'Operation' cannot be expressions.");
		expect(simulator.requests).toEqual([]);
	});
});

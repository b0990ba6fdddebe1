import { describe, expect, test } from '@jest/globals';
import type { IDataObject, OnError } from 'n8n-workflow';
import { resources } from '../../nodes/TencentCloudIot/resources';
import { panel } from '../../nodes/TencentCloudIot/resources/nodeProperties';
import { asTool } from '../../embedded/embeddedEngine.mts';
import { n8nWorkflow } from '../../embedded/engine.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { loadTestedNode } from '../support/testedBuild.mts';
import { picked } from '../support/picked.mts';
import { contents } from './serviceContents.mts';
import { runTool, type ToolRun, type Way } from './toolRun.mts';

const ways: Way[] = ['itself', 'through the engine', 'MCP server'];
const fromAi = (key: string, type = 'string') => `={{ $fromAI('${key}', 'what it is', '${type}') }}`;
const device = (n: number) => ({ CustomerDeviceNo: `SN-${n}`, DeviceId: `P/D${n}`, ProductName: 'Lock' });
const push = { customerId: fromAi('customer'), devices: fromAi('devices', 'json') };

describe.each(ways)('A model that calls the node via: %s,', (way) => {
	const runCalls = async (run: Omit<ToolRun, 'way'>, faults = {}) => {
		const simulator = await runSimulator({ ...contents, ...faults });
		const answers = await runTool(simulator, { ...run, way });
		return { simulator, answers, answerText: JSON.stringify(answers) };
	};

	// With Stop Workflow the engine itself ends the agent.
	const modes: Array<OnError | undefined> = [undefined, 'continueRegularOutput'];
	if (way !== 'through the engine') {
		modes.push('stopWorkflow');
	}

	test.each(modes)('gets the reason for a refusal and what to do, with On Error: %s.', async (onError) => {
		const parameters = { productId: 'P', deviceName: picked(fromAi('device')) };
		const Message = 'Device 不存在: ENOTFOUND';
		const refused = { faults: [{ on: 0, kind: 'error', Code: 'InvalidParameterValue', Message }] };
		const run = { operation: 'device.get', parameters, calls: [{ device: 'D9' }] };
		const { answerText } = await runCalls(onError === undefined ? run : { ...run, onError }, refused);
		expect(answerText).toContain('Device 不存在: E·NOTFOUND');
		expect(answerText).toMatch(/(?:Tencent refused it; nothing|Nothing) was changed\./);
		expect(answerText).toMatch(/Check .Product ID. and .Device Name. and try again/);
	});

	test('gets the name of each value that cannot be used.', async () => {
		const parameters = {
			productId: 'P',
			deviceName: picked('D1'),
			fieldName: fromAi('property'),
			startTime: fromAi('from'),
			endTime: '2026-01-02T00:00:00Z',
		};
		const calls = [{ property: 'temperature', from: 'yesterday' }];
		const { answerText, simulator } = await runCalls({
			operation: 'deviceData.getHistory',
			parameters,
			calls,
		});
		expect(answerText).toContain("'Start Time' is not a date and time: give one like 2026-01-31T08:00:00Z");
		expect(simulator.requests).toEqual([]);
	});

	test('gets the information that a list has no records.', async () => {
		const parameters = { filters: { orderNo: fromAi('orderNo') } };
		const run = { operation: 'order.getMany', parameters, calls: [{ orderNo: 'O-9' }] };
		expect((await runCalls(run)).answers).toEqual([[{ found: 0 }]]);
	});

	test.each([
		['json', (devices: unknown) => devices],
		['string', JSON.stringify],
	])('pushes all devices of a customer in one call, given as %s.', async (type, form) => {
		const calls = [{ customer: 'c1', devices: form([device(1), device(2), device(1)]) }] as IDataObject[];
		const parameters = { ...push, devices: fromAi('devices', type) };
		const run = { operation: 'deviceBinding.push', parameters, calls };
		const { simulator, answers } = await runCalls(run);
		expect([...simulator.bindings]).toEqual([['c1', [device(1), device(2)]]]);
		expect(answers).toMatchObject([[{ CustomerId: 'c1', Status: 'OK', DeviceCount: 2 }]]);
	});

	test('pushes nothing when the devices are not a list.', async () => {
		const calls = [{ customer: 'c1', devices: device(1) }] as IDataObject[];
		const { simulator } = await runCalls({ operation: 'deviceBinding.push', parameters: push, calls });
		expect(simulator.requests).toEqual([]);
	});
});

describe('The description of the tool for a model', () => {
	const { nodeType } = loadTestedNode();
	const tool = asTool(nodeType);
	const described = (resource: string, operation: string, extraParameters: IDataObject = {}) => {
		const node = {
			typeVersion: 1,
			name: 'T',
			type: 'x.tencentCloudIotTool',
			id: '',
			position: [0, 0] as [number, number],
		};
		const { getNodeParameters, getToolDescriptionForNode } = n8nWorkflow.NodeHelpers;
		const stored = { resource, operation, ...extraParameters } as never;
		const parameters =
			getNodeParameters(tool.description.properties, stored, true, false, node, tool.description) ?? {};
		return getToolDescriptionForNode({ ...node, parameters }, tool);
	};
	const allOperations = resources.flatMap(({ value, operations, localOperations = [] }) =>
		[...operations, ...localOperations].map(
			({ value: operation, option }) => [value, operation, String(option.description)] as const,
		),
	);

	test.each(allOperations)('%s %s says what the operation does.', (resource, operation, description) => {
		expect(described(resource, operation)).toMatch(new RegExp(`^${description.replace(/[()]/g, '\\$&')}`));
		expect(described(resource, operation, { descriptionType: 'auto' })).toContain(description);
		const toolDescription = 'Ours';
		expect(described(resource, operation, { descriptionType: 'manual', toolDescription })).toBe('Ours');
	});

	test('asks for all devices of a pushed customer without claiming that they replace others, and calls an order a test order.', () => {
		const pushed = described('deviceBinding', 'push');
		expect(pushed).toContain('Give ALL devices of the customer in one call');
		expect(pushed).not.toMatch(/replace/i);
		expect(described('order', 'create')).toContain('It places a test order unless');
	});

	test('is shown only in a tool.', () => {
		const descriptionFields = panel.properties.filter(({ name }) => name === 'toolDescription');
		expect(descriptionFields).toHaveLength(allOperations.length);
		for (const { displayOptions } of descriptionFields) {
			expect(displayOptions?.show?.['@tool']).toEqual([true]);
		}
	});
});

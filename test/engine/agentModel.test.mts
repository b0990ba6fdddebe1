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

describe.each(ways)('A model that calls by way of: %s,', (way) => {
	const tell = async (run: Omit<ToolRun, 'way'>, faults = {}) => {
		const simulator = await runSimulator({ ...contents, ...faults });
		const answers = await runTool(simulator, { ...run, way });
		return { simulator, answers, told: JSON.stringify(answers) };
	};

	// Where a user has chosen Stop Workflow, the engine ends the agent itself.
	const modes: Array<OnError | undefined> = [undefined, 'continueRegularOutput'];
	if (way !== 'through the engine') {
		modes.push('stopWorkflow');
	}

	test.each(modes)('gets the reason of a refusal and what to do, with On Error: %s.', async (onError) => {
		const parameters = { productId: 'P', deviceName: picked(fromAi('device')) };
		const Message = 'Device 不存在: ENOTFOUND';
		const refused = { faults: [{ on: 0, kind: 'error', Code: 'InvalidParameterValue', Message }] };
		const run = { operation: 'device.get', parameters, calls: [{ device: 'D9' }] };
		const { told } = await tell(onError === undefined ? run : { ...run, onError }, refused);
		expect(told).toContain('Device 不存在: E·NOTFOUND');
		expect(told).toMatch(/(?:Tencent refused it; nothing|Nothing) was changed\./);
		expect(told).toMatch(/Check .Product ID. and .Device Name. and try again/);
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
		const { told, simulator } = await tell({ operation: 'deviceData.getHistory', parameters, calls });
		expect(told).toContain("'Start Time' is not a date and time: give one like 2026-01-31T08:00:00Z");
		expect(simulator.requests).toEqual([]);
	});

	test('gets the information that a list has no records.', async () => {
		const parameters = { filters: { orderNo: fromAi('orderNo') } };
		const run = { operation: 'order.getMany', parameters, calls: [{ orderNo: 'O-9' }] };
		expect((await tell(run)).answers).toEqual([[{ found: 0 }]]);
	});

	test.each([
		['json', (devices: unknown) => devices],
		['string', JSON.stringify],
	])('pushes all devices of a customer in one call, given as %s.', async (type, form) => {
		const calls = [{ customer: 'c1', devices: form([device(1), device(2), device(1)]) }] as IDataObject[];
		const parameters = { ...push, devices: fromAi('devices', type) };
		const run = { operation: 'deviceBinding.push', parameters, calls };
		const { simulator, answers } = await tell(run);
		expect([...simulator.bindings]).toEqual([['c1', [device(1), device(2)]]]);
		expect(answers).toMatchObject([[{ CustomerId: 'c1', Status: 'OK', DeviceCount: 2 }]]);
	});

	test('pushes nothing of a list that is no list.', async () => {
		const calls = [{ customer: 'c1', devices: device(1) }] as IDataObject[];
		const { simulator } = await tell({ operation: 'deviceBinding.push', parameters: push, calls });
		expect(simulator.requests).toEqual([]);
	});
});

describe('The description of the tool for a model', () => {
	const { nodeType } = loadTestedNode();
	const tool = asTool(nodeType);
	const described = (resource: string, operation: string, given: IDataObject = {}) => {
		const node = {
			typeVersion: 1,
			name: 'T',
			type: 'x.tencentCloudIotTool',
			id: '',
			position: [0, 0] as [number, number],
		};
		const { getNodeParameters, getToolDescriptionForNode } = n8nWorkflow.NodeHelpers;
		const stored = { resource, operation, ...given } as never;
		const parameters =
			getNodeParameters(tool.description.properties, stored, true, false, node, tool.description) ?? {};
		return getToolDescriptionForNode({ ...node, parameters }, tool);
	};
	const allOperations = resources.flatMap(({ value, operations, localOperations = [] }) =>
		[...operations, ...localOperations].map(
			({ value: operation, option }) => [value, operation, String(option.description)] as const,
		),
	);

	test.each(allOperations)('%s %s is what it does.', (resource, operation, description) => {
		expect(described(resource, operation)).toMatch(new RegExp(`^${description.replace(/[()]/g, '\\$&')}`));
		expect(described(resource, operation, { descriptionType: 'auto' })).toContain(description);
		const toolDescription = 'Ours';
		expect(described(resource, operation, { descriptionType: 'manual', toolDescription })).toBe('Ours');
	});

	test('a push takes the whole set, of which it is not known whether it replaces, and an order is a test one.', () => {
		const pushed = described('deviceBinding', 'push');
		expect(pushed).toContain('Give ALL devices of the customer in one call');
		expect(pushed).not.toMatch(/replace/i);
		expect(described('order', 'create')).toContain('It places a test order unless');
	});

	test('stands in no node that is not a tool.', () => {
		const told = panel.properties.filter(({ name }) => name === 'toolDescription');
		expect(told).toHaveLength(allOperations.length);
		for (const { displayOptions } of told) {
			expect(displayOptions?.show?.['@tool']).toEqual([true]);
		}
	});
});

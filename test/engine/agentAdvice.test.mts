import { describe, expect, test } from '@jest/globals';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { SimulatorOptions } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { picked } from '../support/picked.mts';
import { customerCases } from './customerCases.mts';
import { deviceCases } from './deviceCases.mts';
import { deviceDataCases } from './deviceDataCases.mts';
import { readExample } from './exampleNodes.mts';
import { device } from './operationCase.mts';
import { contents } from './serviceContents.mts';
import { runTool, type ToolRun, type Way } from './toolRun.mts';

type Run = Omit<ToolRun, 'way' | 'calls'> & { calls?: IDataObject[]; way?: Way };

async function call(run: Run, options: SimulatorOptions = {}) {
	const simulator = await runSimulator({ ...contents, ...options });
	const told = await runTool(simulator, {
		way: 'itself',
		calls: [{}],
		onError: 'continueRegularOutput',
		...run,
	});
	const [items] = told as [Array<{ error?: IDataObject }>];
	return { advice: items[0]?.error?.advice, told: JSON.stringify(told) };
}

const order: INodeParameters = { customerId: picked('c1'), orderNo: 'O-1' };
const WRONG = '={{ "undefined" }}';

const cases = [
	...new Map(
		[...customerCases, ...deviceCases, ...deviceDataCases].map(({ operation, parameters }) => [
			operation,
			parameters,
		]),
	),
];

describe('The advice is the same for a person and a model, with no word of workflows:', () => {
	test.each(cases)('%s with a value that cannot be used names the fields.', async (operation, parameters) => {
		const acting = { liveDevice: true };
		const wrong = {
			productId: WRONG,
			deviceId: WRONG,
			customerId: WRONG,
			filters: { customerId: WRONG, startTime: WRONG },
		};
		const { advice } = await call({ operation, parameters: { ...parameters, ...acting, ...wrong } });
		expect(advice).toMatch(/^Correct '.*' and try again$/);
	});

	test('what only a person can do says where.', async () => {
		const parameters = { productId: 'P', deviceName: picked('D1') };
		const run = { operation: 'device.get', parameters, credential: { appSecret: 'wrong' } };
		expect((await call(run)).advice).toMatch(/^Check App Key and App Secret in the credential/);
	});

	test('so is what the model cannot switch on, and that the same call is refused again.', async () => {
		const run = { operation: 'device.control', parameters: { ...device, data: '{"on":1}' } };
		expect(await call(run)).toEqual({
			advice: "Ask a person to switch on 'Live Device' in the node: until then each such call is refused",
			told: expect.stringContaining(
				"'Live Device' is off in the node: this call may act on no device. Nothing was sent.",
			),
		});
		const live = { ...order, itemId: 'FireInsurance2020' };
		expect(await call({ operation: 'order.create', parameters: live })).toEqual({
			advice: "Correct 'Item ID' and try again",
			told: expect.stringContaining(
				"is a live item, and 'Live Order' is off in the node: give a test item (D-…)",
			),
		});
	});

	test('what is unclear is to be looked at first.', async () => {
		const run = { operation: 'order.create', parameters: order };
		expect((await call(run, { faults: [{ on: 0, kind: 'applyThenReset' }] })).advice).toMatch(
			/^Look for the order with 'Order: Get Many' before you create it again/,
		);
	});

	test('with Stop Workflow the message has it as well, and no word of the workflow.', async () => {
		const parameters = { ...order, orderNo: WRONG };
		const run = { operation: 'order.create', parameters, onError: 'stopWorkflow' as const };
		const { told } = await call(run);
		expect(told).toContain("Correct 'Order Number' and try again");
		expect(told).not.toMatch(/run the workflow/i);
	});
});

test.each([
	['device.get', [0, 1, 2, 3]],
	['device.getMany', [0, 1, 2, 3]],
	['deviceData.reportState', [0, 1, 2]],
])('The numbers of a status are explained to who calls %s.', async (operation, numbers) => {
	const { resources } = await import('../../nodes/TencentCloudIot/resources');
	const [resource, value] = operation.split('.');
	const { toolAdvice = '' } = resources
		.find((one) => one.value === resource)!
		.operations.find((one) => one.value === value)!;
	for (const number of numbers) expect(toolAdvice).toContain(` ${number} for `);
});

test('The example of an agent has no tool that replaces a set which no tool of it can look up.', () => {
	const tools = readExample('ai-agent').nodes.filter(({ type }) => type.endsWith('tencentCloudIotTool'));
	expect(tools.map(({ parameters: { resource, operation } }) => `${resource}.${operation}`)).toEqual([
		'device.get',
		'deviceData.getHistory',
		'order.getMany',
		'order.create',
	]);
});

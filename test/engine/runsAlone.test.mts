import { describe, expect, test } from '@jest/globals';
import type { IDataObject, INode, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import {
	asTool,
	createProcessedData,
	runDirectly,
	runWorkflow,
	type WorkflowOptions,
} from '../../embedded/embeddedEngine.mts';
import { resources } from '../../nodes/TencentCloudIot/resources';
import { demoWorld } from '../../simulator/demoWorld/demoWorld.mts';
import type { Simulator } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { filledIn, TOUR_ROW } from '../support/demoTour.mts';
import { loadSyncNode } from '../support/syncNode.mts';
import { row } from './pushRun.mts';

/** How n8n runs a single node, with parameters and items that a model wrote. */
type Way = 'Assistant' | 'agents module';
const WAYS: Way[] = ['Assistant', 'agents module'];

const world = demoWorld(Date.now());
const operations = resources.flatMap(({ value, operations: named }) =>
	named.map((operation) => [`${value}.${operation.value}`, operation.effect] as const),
);
const namesOf = (isRead: boolean) =>
	operations.flatMap(([name, effect]) => ((effect === 'read') === isRead ? [name] : []));

/** Runs the node alone. Resolves to its items, or to the one message of its failure. */
async function runAlone(
	way: Way,
	simulator: Simulator,
	name: string,
	{ options = {}, json = [{}] }: { options?: IDataObject; json?: IDataObject[] } = {},
): Promise<string> {
	const { nodeType, credentialType } = loadSyncNode();
	const [resource = '', operation = ''] = name.split('.');
	const parameters = {
		resource,
		operation,
		liveDevice: true,
		liveOrder: true,
		devicesFrom: 'columns',
		...filledIn[name],
		options: { requestsPerSecond: 0, ...options } as INodeParameters,
	};
	const { appKey, appSecret, endpoint } = simulator;
	const isTool = way === 'agents module';
	const node: INode = {
		id: 'node',
		name: 'Node',
		typeVersion: 1,
		position: [0, 0],
		parameters,
		type: `n8n-nodes-tencent-iot.tencentCloudIot${isTool ? 'Tool' : ''}`,
		credentials: { [credentialType.name]: { id: 'credential', name: 'Credential' } },
	};
	const allowedActions = 'everything';
	const data = { appKey, appSecret, platform: 'custom', endpoint, allowedActions };
	const workflow: WorkflowOptions = {
		nodes: [node],
		connections: {},
		nodeTypes: { [node.type]: isTool ? asTool(nodeType) : nodeType },
		credentials: [{ type: credentialType, data }],
		processedData: createProcessedData(),
	};
	const items: INodeExecutionData[] = json.map((itemJson) => ({ json: itemJson }));
	if (isTool) {
		return await runDirectly(workflow, items).then(JSON.stringify, (error: Error) => error.message);
	}
	const { run } = await runWorkflow({ ...workflow, startItems: items });
	const { error, runData } = run.data.resultData;
	return error?.message ?? JSON.stringify(runData.Node?.[0]?.data?.main?.[0]);
}

describe.each(WAYS)('Alone, as n8n’s %s runs it, the node', (way) => {
	test.each(namesOf(true))('reads: %s', async (name) => {
		const simulator = await runSimulator({ ...world, keepBodies: true });
		const shown = await runAlone(way, simulator, name, { json: [TOUR_ROW] });
		expect(simulator.requests.length).toBeGreaterThan(0);
		expect(shown).toMatch(/^\[\{"json":/);
		expect(shown).not.toContain('"error"');
	});

	test.each(namesOf(false))('does not write: %s', async (name) => {
		const simulator = await runSimulator(world);
		const json = [row('c1', 1), row('c2', 2)];
		const shown = await runAlone(way, simulator, name, { json });
		expect(simulator.requests).toEqual([]);
		expect(shown).toMatch(
			/^No node is connected before this one, and without one it runs only operations that read\. Nothing was sent\. .*Put a trigger before it/,
		);
	});

	test.each(namesOf(false))('shows a Dry Run: %s', async (name) => {
		const simulator = await runSimulator(world);
		const shown = await runAlone(way, simulator, name, { options: { dryRun: true }, json: [row('c1', 1)] });
		expect(simulator.requests).toEqual([]);
		expect(shown).toMatch(/"Status":"WOULD_SEND",.*"Action":"Service\w+"\}/);
	});
});

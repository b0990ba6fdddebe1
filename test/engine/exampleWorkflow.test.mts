import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { IConnections, IDataObject, INode, INodeType } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { arrivalNode, rowsNode, runWorkflow } from '../../embedded/embeddedEngine.mts';
import { loadTestedNode } from '../support/testedBuild.mts';
import { nodeThat } from './throwAwayNode.mts';

const FILE = new URL('../../examples/workflows/customer-order-bindings-insurance.json', import.meta.url);
const workflow = JSON.parse(readFileSync(FILE, 'utf8')) as { nodes: INode[]; connections: IConnections };

/** What stands where n8n's Code node stands. */
const customers: INodeType = nodeThat(async () => {
	const { jsCode } = workflow.nodes.find(({ name }) => name === 'New Customers')!.parameters;
	return [structuredClone(new Function(String(jsCode))())];
});

/** What stands where n8n's Split Out node stands. */
const splitOut: INodeType = nodeThat(async function () {
	return [
		this.getInputData().flatMap(({ json: { devices, ...others } }, item) =>
			(devices as IDataObject[]).map((one) => ({ json: { ...others, devices: one }, pairedItem: { item } })),
		),
	];
});

test('The example workflow takes a new customer from the CRM to its insurance page.', async () => {
	const simulator = await runSimulator();
	const { nodeType, credentialType } = loadTestedNode();
	const { endpoint, appKey, appSecret, state } = simulator;
	const { run, status } = await runWorkflow({
		nodes: workflow.nodes
			.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote')
			.map((node) =>
				node.credentials ? { ...node, credentials: { [credentialType.name]: { id: '1', name: 'C' } } } : node,
			),
		connections: workflow.connections,
		nodeTypes: {
			'n8n-nodes-base.manualTrigger': rowsNode([{ json: {} }]),
			'n8n-nodes-base.code': customers,
			'n8n-nodes-base.splitOut': splitOut,
			'n8n-nodes-base.noOp': arrivalNode,
			'n8n-nodes-tencent-iot.tencentCloudIot': nodeType,
		},
		credentials: [{ type: credentialType, data: { platform: 'custom', endpoint, appKey, appSecret } }],
		startNode: 'Start',
	});
	const arrived = (name: string) => run.data.resultData.runData[name]?.[0]?.data?.main?.[0] ?? [];
	expect(status).toBe('success');
	expect(arrived('Not Done')).toEqual([]);
	expect(arrived('Hand Over Link').map(({ json }) => json)).toEqual([
		expect.objectContaining({ CustomerId: 'user_1024', URL: expect.stringMatching(/^https:/) }),
	]);
	expect(state.customers).toHaveLength(1);
	expect(state.orders.map(({ OrderNo, ItemId }) => [OrderNo, ItemId])).toEqual([
		['2026-000123', 'D-FireInsurance2020'],
	]);
	expect(state.bindings.get('user_1024')).toHaveLength(2);
});

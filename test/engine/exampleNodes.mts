import { readFileSync } from 'node:fs';
import type { IConnections, IDataObject, INode, INodeExecutionData, INodeType } from 'n8n-workflow';
import type { Simulator } from '../../simulator/simulator.mts';
import {
	arrivalNode,
	rowsNode,
	runWorkflow,
	type NodeTypeMap,
	type RunSettings,
} from '../../embedded/embeddedEngine.mts';
import { loadSyncNode } from '../support/syncNode.mts';
import { nodeThat } from './throwAwayNode.mts';

export interface ExampleWorkflow {
	nodes: INode[];
	connections: IConnections;
}

/** Reads an example workflow as it is shipped. */
export function readExample(name: string): ExampleWorkflow {
	const file = new URL(`../../examples/workflows/${name}.json`, import.meta.url);
	return JSON.parse(readFileSync(file, 'utf8')) as ExampleWorkflow;
}

interface Condition {
	leftValue: unknown;
	rightValue: unknown;
	operator: { operation: 'exists' | 'equals' | 'true' };
}

function isMet({ leftValue: left, rightValue: right, operator: { operation } }: Condition): boolean {
	if (operation === 'exists') return left !== undefined && left !== null;
	return operation === 'true' ? left === true : (left ?? '') === (right ?? '');
}

/** What stands where n8n's Code node stands. */
const codeNode: INodeType = nodeThat(
	async function () {
		const { $, $execution, $workflow, $runIndex } = this.getWorkflowDataProxy(0);
		const items = this.getInputData();
		const given = {
			$,
			$execution,
			$workflow,
			$runIndex,
			$input: { all: () => items, first: () => items[0] },
		};
		const run = new Function(...Object.keys(given), String(this.getNodeParameter('jsCode', 0)));
		return [structuredClone(run(...Object.values(given))) as INodeExecutionData[]];
	},
	['jsCode'],
);

/** What stands where n8n's If node stands, which takes what is missing for an empty text: outputs `true` and `false`. */
const ifNode: INodeType = nodeThat(
	async function () {
		const outputs: [INodeExecutionData[], INodeExecutionData[]] = [[], []];
		for (const [index, item] of this.getInputData().entries()) {
			const conditions = this.getNodeParameter('conditions.conditions', index) as unknown as Condition[];
			outputs[conditions.every(isMet) ? 0 : 1].push({ ...item, pairedItem: { item: index } });
		}
		return outputs;
	},
	['conditions'],
);
ifNode.description.outputs = ['main', 'main'];

/** What stands where n8n's Edit Fields node stands, which gives out its own fields only. */
const setNode: INodeType = nodeThat(
	async function () {
		const toItem = (_: INodeExecutionData, index: number): INodeExecutionData => {
			const fields = this.getNodeParameter('assignments.assignments', index) as IDataObject[];
			const json = Object.fromEntries(fields.map(({ name, value }) => [String(name), value ?? null]));
			return { json: json as IDataObject, pairedItem: { item: index } };
		};
		return [this.getInputData().map(toItem)];
	},
	['assignments'],
);

/**
 * Runs an example as it is shipped against the simulator.
 * @param nodeTypes what stands where n8n's own nodes stand, beside manual triggers and those that do nothing
 * @returns what a node gave out, by its name
 */
export async function runExample(
	{ nodes, connections }: ExampleWorkflow,
	{ endpoint, appKey, appSecret }: Simulator,
	nodeTypes: NodeTypeMap,
	settings: RunSettings = {},
): Promise<(name: string) => INodeExecutionData[]> {
	const { nodeType, credentialType } = loadSyncNode();
	const { run, status } = await runWorkflow({
		nodes: nodes
			.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote')
			.map((node) =>
				node.credentials ? { ...node, credentials: { [credentialType.name]: { id: '1', name: 'C' } } } : node,
			),
		connections,
		nodeTypes: {
			'n8n-nodes-base.manualTrigger': rowsNode([{ json: {} }]),
			'n8n-nodes-base.scheduleTrigger': rowsNode([{ json: {} }]),
			'n8n-nodes-base.if': ifNode,
			'n8n-nodes-base.set': setNode,
			'n8n-nodes-base.noOp': arrivalNode,
			'n8n-nodes-base.code': codeNode,
			'n8n-nodes-tencent-iot.tencentCloudIot': nodeType,
			...nodeTypes,
		},
		credentials: [{ type: credentialType, data: { platform: 'custom', endpoint, appKey, appSecret } }],
		...settings,
	});
	if (status !== 'success') throw new Error(`The example ended with '${status}'`);
	return (name) => run.data.resultData.runData[name]?.[0]?.data?.main?.[0] ?? [];
}

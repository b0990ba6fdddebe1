import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { INode } from 'n8n-workflow';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rowsNode, runWorkflow } from '../../embedded/embeddedEngine.mts';
import { requireOutsideJest } from '../invariants/outsideJest.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { loadTestedNode } from '../support/testedBuild.mts';
import { BUILDER_TASKS } from './builderTasks.mts';
import { ownParameters } from './operationRun.mts';
import { contents } from './serviceContents.mts';

const sdk = requireOutsideJest('@n8n/workflow-sdk') as typeof import('@n8n/workflow-sdk');

/** The most that a model may have to read about the node, in bytes. */
const MAX_BYTES = 52_000;

const NODE = 'n8n-nodes-tencent-iot.tencentCloudIot';
const TRIGGER = 'n8n-nodes-base.manualTrigger';
const { nodeType, credentialType } = loadTestedNode();
const described = { ...nodeType.description, name: NODE };

/** Where n8n's own generator writes the node's types, and the schemas by which n8n checks its parameters. */
let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'node-types-'));
	await sdk.orchestrateGeneration({ nodes: [structuredClone(described) as never], outputDir: folder });
	sdk.setSchemaBaseDirs([folder]);
});
afterAll(async () => {
	await rm(folder, { recursive: true, force: true });
});

/** The workflow of the code that n8n's AI builder writes. */
const workflowOf = (parameters: string) =>
	sdk.parseWorkflowCode(`
		const rows = trigger({ type: '${TRIGGER}', version: 1, config: { name: 'Rows' } });
		const tencent = node({
			type: '${NODE}',
			version: 1,
			config: {
				name: 'Tencent',
				parameters: { ${parameters} },
				credentials: { tencentCloudIotApi: newCredential('Tencent') },
			},
		});
		export default workflow('task', 'Task').add(rows).to(tencent);
	`);

const problemsOf = (parameters: string) => {
	const { errors, warnings } = sdk.validateWorkflow(workflowOf(parameters), { validateSchema: true });
	return [...errors, ...warnings].map(({ code, message }) => `${code}: ${message}`);
};

const withCredential = (node: INode): INode => ({
	...node,
	credentials: { [credentialType.name]: { id: '1', name: 'Tencent' } },
});

describe("n8n's AI builder", () => {
	test.each(BUILDER_TASKS)('writes a workflow that is valid and runs: $task.', async (task) => {
		const { parameters, rows, sent } = task;
		expect(problemsOf(parameters)).toEqual([]);
		const simulator = await runSimulator(contents);
		const { endpoint, appKey, appSecret } = simulator;
		const { nodes, connections } = workflowOf(parameters);
		const { status } = await runWorkflow({
			nodes: nodes.map((node) => (node.type === NODE ? withCredential(node as INode) : (node as INode))),
			connections: connections as never,
			nodeTypes: { [TRIGGER]: rowsNode(rows.map((json) => ({ json }))), [NODE]: nodeType },
			credentials: [
				{
					type: credentialType,
					data: { platform: 'custom', endpoint, appKey, appSecret, allowedActions: 'everything' },
				},
			],
		});
		expect(status).toBe('success');
		expect(ownParameters(simulator)).toEqual(sent);
	});

	test.each([
		["resource: 'deviceBinding', operation: 'bind'", 'operation'],
		["resource: 'deviceBinding', operation: 'push', options: { outputItemPer: 'sheet' }", 'outputItemPer'],
		["resource: 'customer', operation: 'getMany', limit: true", 'limit'],
	])('shows what is wrong with { %s }.', (parameters, name) => {
		expect(problemsOf(parameters).join('\n')).toContain(name);
	});

	test('reads at most 52 kB about the node, including hints for what its description leaves open.', () => {
		const text = sdk.generateSingleVersionTypeFile(structuredClone(described) as never, 1);
		// n8n finds output schemas only next to its own nodes and in the folder of this package.
		const parameters = text.replaceAll(/export type \w+Output = \{[^]*?\n\};\n+|^ +output\?: .*\n/gm, '');
		expect(Buffer.byteLength(parameters)).toBeLessThanOrEqual(MAX_BYTES);
		const hints = [...text.matchAll(/@builderHint (.*)/g)].map(([, hint]) => hint);
		expect(hints).toEqual(
			expect.arrayContaining([
				expect.stringContaining("mappingMode: 'defineBelow'"),
				expect.stringContaining('JSON text'),
				expect.stringContaining("'list'"),
				'Leave off unless the user asks for a live order',
				'Leave off unless the user asks for this device to act',
				'Leave off unless the user names the device whose keys they want',
			]),
		);
	});
});

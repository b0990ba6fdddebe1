import { describe, expect, test } from '@jest/globals';
import type {
	IConnections,
	IDataObject,
	IExecuteFunctions,
	INode,
	INodeExecutionData,
	INodeType,
	IRun,
} from 'n8n-workflow';
import { arrivalNode, rowsNode, runWorkflow } from '../../embedded/embeddedEngine.mts';
import type { Simulator } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { loadSyncNode } from '../support/syncNode.mts';
import { loadTestedNode } from '../support/testedBuild.mts';
import { errorOf, push, row } from './pushRun.mts';
import { nodeThat } from './throwAwayNode.mts';

type Items = INodeExecutionData[];

interface Scene {
	/** Whether the engine hands each run of a node empty execution data, as n8n's Engine 2.0 does. */
	keepsNothing?: boolean;
	/** The failed execution that n8n's own Retry repeats. */
	retryOf?: IRun;
	nodes: Array<
		{
			name: string;
			type: INodeType | 'push';
			operation?: string;
			options?: IDataObject;
			rowHandling?: IDataObject;
		} & Partial<Omit<INode, 'name' | 'type'>>
	>;
	/** From → to, by output. */
	wires: Array<[from: string, to: string, output?: number]>;
}

/** Runs a workflow with the built node in place of each `push`. Its failures go to the error output. */
async function run(simulator: Simulator, { keepsNothing = false, retryOf, nodes, wires }: Scene) {
	const isSync = nodes.some(({ operation }) => operation === 'sync');
	const { nodeType: built, credentialType } = isSync ? loadSyncNode() : loadTestedNode();
	const nodeType = keepsNothing ? forgetful(built) : built;
	const connections: IConnections = {};
	for (const [from, to, output = 0] of wires) {
		connections[from] ??= {};
		connections[from].main ??= [];
		const { main } = connections[from];
		while (main.length <= output) {
			main.push([]);
		}
		main[output]!.push({ node: to, type: 'main', index: 0 });
	}
	const { endpoint, appKey, appSecret } = simulator;
	const settings = (
		options: IDataObject = {},
		rowHandling: IDataObject = {},
		operation = 'push',
	): Partial<INode> => ({
		parameters: {
			operation,
			columns: { mappingMode: 'autoMapInputData', value: null },
			rowHandling,
			options: { requestsPerSecond: 0, ...options },
		} as INode['parameters'],
		credentials: { [credentialType.name]: { id: '1', name: 'C' } },
		onError: 'continueErrorOutput',
	});
	const retrySettings = retryOf === undefined ? {} : { retryOf };
	const result = await runWorkflow({
		...retrySettings,
		nodes: nodes.map(({ name, type, operation, options, rowHandling, ...nodeSettings }, index) => {
			const node: INode = {
				id: name,
				name,
				typeVersion: 1,
				type: name,
				parameters: {},
				position: [0, index * 100],
			};
			return type === 'push'
				? { ...node, type: 'push', ...settings(options, rowHandling, operation), ...nodeSettings }
				: { ...node, ...nodeSettings };
		}),
		connections,
		nodeTypes: {
			...Object.fromEntries(nodes.flatMap(({ name, type }) => (type === 'push' ? [] : [[name, type]]))),
			push: nodeType,
		},
		credentials: [
			{ type: credentialType, data: { platform: 'custom', endpoint, appKey, appSecret, nestedRule: 'json' } },
		],
		startNode: nodes[0]!.name,
	});
	const tasks = (name: string) => result.run.data.resultData.runData[name] ?? [];
	/** The items that a node put on an output, run by run. */
	const outputOf = (name: string, output: number): Items[] =>
		tasks(name).map(({ data }) => data?.main?.[output] ?? []);
	return {
		...result,
		outputOf,
		hints: (name: string) => tasks(name).map(({ hints = [] }) => hints[0]?.message),
	};
}

/** The node in an engine that gives each run empty execution data. */
function forgetful(built: INodeType): INodeType {
	const execute = async function (this: IExecuteFunctions) {
		const data = { flow: {}, node: {} };
		const getContext = { value: (type: 'flow' | 'node') => data[type] };
		return await built.execute!.call(Object.create(this, { getContext }) as IExecuteFunctions);
	};
	return Object.create(built, { execute: { value: execute } }) as INodeType;
}

/** Two branches lead into one node, which runs once for each. */
async function twoBranches(
	first: IDataObject[],
	second: IDataObject[],
	chosen?: { operation?: string; options?: IDataObject; rowHandling?: IDataObject },
) {
	const simulator = await runSimulator({ keepBodies: true });
	const items = (rows: IDataObject[]): Items => rows.map((json) => ({ json }));
	const result = await run(simulator, {
		nodes: [
			{ name: 'Start', type: rowsNode([{ json: {} }]) },
			{ name: 'A', type: nodeThat(async () => [structuredClone(items(first))]) },
			{ name: 'B', type: nodeThat(async () => [structuredClone(items(second))]) },
			{ name: 'Push', type: 'push', ...chosen },
		],
		wires: [
			['Start', 'A'],
			['Start', 'B'],
			['A', 'Push'],
			['B', 'Push'],
		],
	});
	return { ...result, simulator };
}

/** A loop over batches of rows; both outputs of the node lead back into it. */
const loopOf = (
	rows: IDataObject[],
	batchSize: number,
	pushed: Partial<Scene['nodes'][number]> = {},
): Scene => ({
	nodes: [
		{ name: 'Rows', type: rowsNode(rows.map((json) => ({ json }))) },
		{ name: 'Loop', type: loopOverItems(batchSize) },
		{ name: 'Push', type: 'push', ...pushed },
		{ name: 'Done', type: arrivalNode },
	],
	wires: [
		['Rows', 'Loop'],
		['Loop', 'Done', 0],
		['Loop', 'Push', 1],
		['Push', 'Loop', 0],
		['Push', 'Loop', 1],
	],
});

const boundOf = ({ bindings }: Simulator) =>
	Object.fromEntries([...bindings].map(([id, devices]) => [id, devices.map(({ DeviceId }) => DeviceId)]));

describe('A customer that an earlier run of the execution pushed with other devices is not pushed again:', () => {
	const text = "is 'a', who earlier in this execution had other devices: put the node outside the loop";

	test('when two branches lead to the node.', async () => {
		const { simulator, outputOf, hints } = await twoBranches(
			[row('a', 1), row('b', 2)],
			[row('c', 4), row('a', 3), row('a', 5)],
		);
		expect(boundOf(simulator)).toEqual({ a: ['P/D1'], b: ['P/D2'], c: ['P/D4'] });
		const [, errors] = outputOf('Push', 1);
		expect(errors).toHaveLength(1);
		expect(errorOf(errors![0]!)).toMatchObject({
			message: `[row 2] 'CustomerId' ${text}. Nothing was sent.`,
			code: 'OTHER_SET_EARLIER',
			outcome: 'NOT_SENT',
			CustomerId: 'a',
			rows: [2, 3],
			reasons: [{ row: 2, field: 'CustomerId', text }],
			advice: expect.stringContaining("'Same Customer in Several Runs'"),
		});
		expect(errors![0]!.pairedItem).toEqual([{ item: 1 }, { item: 2 }]);
		expect(hints('Push')[1]).toMatch(
			/^1 of 2 customers, 1 device pushed; 1 not sent: already pushed with other devices\. Give the node all devices/,
		);
	});
});

describe('In an engine that keeps nothing between runs, a later run of a loop', () => {
	async function loop(operation: string, rowHandling: IDataObject = {}) {
		const rows = [row('a', 1), row('b', 2), row('a', 3), row('b', 4), row('c', 5), row('c', 6)];
		const simulator = await runSimulator();
		const { outputOf } = await run(simulator, {
			...loopOf(rows, 2, { operation, rowHandling }),
			keepsNothing: true,
		});
		const codes = outputOf('Push', 1).map((items) => items.map((item) => errorOf(item)?.code));
		return { codes, bound: boundOf(simulator), requests: simulator.requests.length };
	}

	test.each(['push', 'sync'])('of %s is refused and sends nothing.', async (operation) => {
		const { codes, bound, requests } = await loop(operation);
		expect(bound).toEqual({ a: ['P/D1'], b: ['P/D2'] });
		expect(requests).toBe(2);
		expect(codes).toEqual([[], ['EARLIER_RUNS_UNKNOWN'], ['EARLIER_RUNS_UNKNOWN']]);
	});

	test('continues if Same Customer in Several Runs allows it.', async () => {
		const { codes, bound } = await loop('push', { repeatedCustomers: 'allow' });
		expect(codes).toEqual([[], [], []]);
		expect(bound).toEqual({ a: ['P/D3'], b: ['P/D4'], c: ['P/D5', 'P/D6'] });
	});
});

describe('A customer is pushed again in one execution', () => {
	test("in a later round of a loop by n8n's own Retry, which starts with that round.", async () => {
		const faults = [
			{ on: 'b', times: 1, kind: 'error' as const, Code: 'InvalidParameterValue', Message: 'locked' },
		];
		const simulator = await runSimulator({ faults });
		const scene = loopOf([row('a', 1), row('b', 2), row('c', 3)], 1, { onError: 'stopWorkflow' });
		const failed = await run(simulator, scene);
		expect(failed.status).toBe('error');
		expect(boundOf(simulator)).toEqual({ a: ['P/D1'] });
		const retried = await run(simulator, { ...scene, retryOf: failed.saved });
		expect(retried.status).toBe('success');
		expect(boundOf(simulator)).toEqual({ a: ['P/D1'], b: ['P/D2'], c: ['P/D3'] });
	});
});

test("A Sync whose source failed runs in n8n's own Retry, which reads the rows again.", async () => {
	const simulator = await runSimulator();
	let reads = 0;
	const read = nodeThat(async () => {
		reads++;
		if (reads === 1) {
			throw new Error('The database is down');
		}
		return [[{ json: row('a', 1) }]];
	});
	const nodes: Scene['nodes'] = [
		{ name: 'Start', type: rowsNode([{ json: {} }]) },
		{ name: 'Read', type: read },
		{ name: 'Sync', type: 'push', operation: 'sync' },
	];
	const scene: Scene = {
		nodes,
		wires: [
			['Start', 'Read'],
			['Read', 'Sync'],
		],
	};
	const { saved: retryOf } = await run(simulator, scene);
	const { outputOf } = await run(simulator, { ...scene, retryOf });
	expect(outputOf('Sync', 1)).toEqual([[]]);
	expect(boundOf(simulator)).toEqual({ a: ['P/D1'] });
});

describe('Execute Once gives the node only the first row', () => {
	const rows = [row('a', 1), row('a', 2), row('b', 3)];

	test('so a push sends nothing and says why.', async () => {
		const simulator = await runSimulator();
		const { error } = await push(rows, simulator, { executeOnce: true, onError: 'continueErrorOutput' });
		expect(simulator.requests).toHaveLength(0);
		expect(errorOf(error[0]!)).toMatchObject({
			message: "The node gets only the first of 3 rows, because 'Execute Once' is on. Nothing was sent.",
			code: 'EXECUTE_ONCE',
			outcome: 'NOT_SENT',
		});
	});
});

/** In place of n8n's Loop Over Items: outputs `done` and `loop`. */
function loopOverItems(batchSize: number): INodeType {
	const node = nodeThat(async function () {
		const context = this.getContext('node') as { left?: Items };
		context.left ??= structuredClone(this.getInputData());
		const batch = context.left.splice(0, batchSize);
		return batch.length > 0 ? [[], batch] : [[{ json: {} }], []];
	});
	node.description.outputs = ['main', 'main'];
	return node;
}

describe('A second Sync of the node in one execution', () => {
	const synced = { operation: 'sync' };

	test('sends nothing if it has only some customers of the first, and says so once.', async () => {
		const { simulator, outputOf } = await twoBranches([row('a', 1), row('b', 2)], [row('a', 1)], synced);
		expect(boundOf(simulator)).toEqual({ a: ['P/D1'], b: ['P/D2'] });
		const errors = outputOf('Push', 1)[1]!;
		expect(errors.map((item) => errorOf(item))).toEqual([
			expect.objectContaining({
				code: 'OTHER_SET_EARLIER',
				message:
					'An earlier run of this node in the same execution synced other customers. Nothing was sent.',
				advice: expect.stringMatching(
					/If each run has the rows of all customers, choose Allow under 'Same Customer in Several Runs'$/,
				),
			}),
		]);
	});

	test('sends other customers if Same Customer in Several Runs allows it.', async () => {
		const rowHandling = { repeatedCustomers: 'allow' };
		const second = [row('a', 3), row('c', 4)];
		const { simulator, outputOf } = await twoBranches([row('a', 1)], second, { ...synced, rowHandling });
		expect(outputOf('Push', 1)[1]).toEqual([]);
		expect(boundOf(simulator)).toEqual({ a: ['P/D3'], c: ['P/D4'] });
	});
});

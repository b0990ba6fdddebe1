import type {
	ExecutionError,
	ICredentialDataDecryptedObject,
	ICredentialType,
	IDataObject,
	INode,
	INodeExecutionData,
	INodeParameters,
	INodeType,
	IRun,
	ITaskData,
	IWorkflowSettings,
	NodeExecutionHint,
	OnError,
} from 'n8n-workflow';
import type { RunSettings, WorkflowResult } from './runWorkflow.mts';
import { arrivalNode, rowsNode } from './nodeTypes.mts';
import { runWorkflow } from './runWorkflow.mts';

/** The names of the nodes around the node under test, and its own. */
const NODE_NAMES = { rows: 'Rows', node: 'Node', succeeded: 'Succeeded', failed: 'Failed' } as const;

const PACKAGE_NAME = 'n8n-nodes-tencent-iot';

/** One node with its settings and its input. */
export interface NodeOptions extends RunSettings {
	/** The json of each input item, or whole items. */
	rows: IDataObject[] | INodeExecutionData[];
	nodeType: INodeType;
	/** The id by which n8n knows the node. Default: `node`. */
	nodeId?: string | undefined;
	/** What the user calls the node; its id stays. */
	nodeName?: string | undefined;
	/** Only what the user has changed; the engine adds the defaults. */
	parameters?: INodeParameters | undefined;
	credentialType?: ICredentialType | undefined;
	/** What the user has entered; without it, the node has no credential selected. */
	credentials?: ICredentialDataDecryptedObject | undefined;
	/** Default: `stopWorkflow`. */
	onError?: OnError | undefined;
	/** The engine keeps attempts within 2–5 and the wait, in ms, within 1–5000 (0 means its default, 1000). */
	retryOnFail?: { maxTries: number; waitBetweenTries: number } | undefined;
	/** The workflow's settings. */
	settings?: IWorkflowSettings;
	/** n8n's setting of that name. */
	executeOnce?: boolean | undefined;
}

/** What one node did, and what the user sees of it. */
export interface NodeResult extends WorkflowResult {
	/** What arrived at the node on the success output, with the links of the node's items. */
	success: INodeExecutionData[];
	/** What arrived at the node on the error output. Empty unless `onError` is `continueErrorOutput`. */
	error: INodeExecutionData[];
	/** The error that n8n stores for the execution: a plain object, even if a class was thrown; none after a cancel. */
	failure: ExecutionError | undefined;
	/** The hints in the node's task data, from its last run. */
	hints: NodeExecutionHint[];
	/** The node's entries in the run data. Retries of a failed node share one. */
	runs: ITaskData[];
}

/**
 * Runs `Rows` → the node → `Succeeded` on its first output and `Failed` on its error output. Resolves when the
 * node has returned, whatever it did; rejects when the workflow cannot start, as `runWorkflow` does.
 */
export async function runNode(options: NodeOptions): Promise<NodeResult> {
	const { nodeType, credentialType, credentials, rows, ...settings } = options;
	const underTest = describeNode(options);
	const result = await runWorkflow({
		...settings,
		nodes: [
			plainNode(NODE_NAMES.rows, [0, 0]),
			underTest,
			plainNode(NODE_NAMES.succeeded, [400, 0]),
			plainNode(NODE_NAMES.failed, [400, 200]),
		],
		connections: {
			[NODE_NAMES.rows]: { main: [[link(underTest.name)]] },
			[underTest.name]: { main: [[link(NODE_NAMES.succeeded)], [link(NODE_NAMES.failed)]] },
		},
		nodeTypes: {
			[NODE_NAMES.rows]: rowsNode(toItems(rows)),
			[NODE_NAMES.succeeded]: arrivalNode,
			[NODE_NAMES.failed]: arrivalNode,
			[underTest.type]: nodeType,
		},
		credentials:
			credentialType === undefined || credentials === undefined
				? []
				: [{ type: credentialType, data: credentials }],
	});
	const runs = result.run.data.resultData.runData[underTest.name] ?? [];
	return {
		...result,
		success: arrivals(result.run, underTest.name, NODE_NAMES.succeeded, 0),
		error: arrivals(result.run, underTest.name, NODE_NAMES.failed, 1),
		failure: result.saved.data.resultData.error,
		hints: runs.at(-1)?.hints ?? [],
		runs,
	};
}

function describeNode(options: NodeOptions): INode {
	const { nodeType, nodeId = 'node', nodeName, credentialType, credentials } = options;
	const { onError, retryOnFail, executeOnce, parameters } = options;
	const node: INode = {
		id: nodeId,
		name: nodeName ?? NODE_NAMES.node,
		type: `${PACKAGE_NAME}.${nodeType.description.name}`,
		typeVersion: 1,
		position: [200, 0],
		parameters: parameters ?? {},
	};
	if (credentialType && credentials) {
		node.credentials = { [credentialType.name]: { id: 'credential', name: 'Credential' } };
	}
	if (onError) {
		node.onError = onError;
	}
	if (executeOnce) {
		node.executeOnce = executeOnce;
	}
	return retryOnFail ? { ...node, retryOnFail: true, ...retryOnFail } : node;
}

function plainNode(name: string, position: [number, number]): INode {
	return { id: name, name, type: name, typeVersion: 1, position, parameters: {} };
}

function link(node: string) {
	return { node, type: 'main' as const, index: 0 };
}

function toItems(rows: IDataObject[] | INodeExecutionData[]): INodeExecutionData[] {
	const items = rows.map((row): INodeExecutionData => (isItem(row) ? row : { json: row }));
	// Rows made inside Jest's sandbox have the sandbox's prototypes, so the engine would not recognize a Date.
	return items instanceof Array ? items : structuredClone(items);
}

function isItem(row: IDataObject | INodeExecutionData): row is INodeExecutionData {
	return typeof row.json === 'object' && row.json !== null;
}

/** The engine renumbers the links of arriving items, so they are taken from the sent items. */
function arrivals(run: IRun, from: string, arrivedAt: string, output: number): INodeExecutionData[] {
	const { runData } = run.data.resultData;
	const arrived = runData[arrivedAt]?.[0]?.data?.main?.[0] ?? [];
	const sent = runData[from]?.at(-1)?.data?.main?.[output] ?? [];
	return arrived.map(({ pairedItem: _renumbered, ...item }, index) => {
		const pairedItem = sent[index]?.pairedItem;
		return pairedItem === undefined ? item : { ...item, pairedItem };
	});
}

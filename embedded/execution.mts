import type {
	ExecuteWorkflowData,
	IExecuteFunctions,
	INode,
	INodeExecutionData,
	INodeType,
	IRun,
	IRunExecutionData,
	IWebhookData,
	IWebhookFunctions,
	IWorkflowBase,
	IWorkflowExecuteAdditionalData,
	Workflow,
} from 'n8n-workflow';
import type { WorkflowOptions } from './runWorkflow.mts';
import { createAdditionalData } from './additionalData.mts';
import { credentialsHelperFor } from './credentials.mts';
import { dataTablesBeside } from './dataTables.mts';
import { n8nCore, n8nWorkflow } from './engine.mts';
import { executeInline } from './inlineWorkflow.mts';
import { nodeTypesFrom } from './nodeTypes.mts';
import { createProcessedData } from './processedData.mts';
import { dataForRetry } from './retry.mts';

let executions = 0;

/**
 * One execution, with its own id, from the start node until every node has returned. `saved` is what n8n's server would write to
 * its database, at the moment it would.
 */
export async function execute(options: WorkflowOptions): Promise<{ run: IRun; saved: IRun }> {
	const { signal, executionTimeoutSeconds, onNodeProgress, retryOf } = options;
	const mode = retryOf === undefined ? (options.mode ?? 'manual') : 'retry';
	const timeoutMs = executionTimeoutSeconds === undefined ? undefined : executionTimeoutSeconds * 1000;
	const workflow = createWorkflow(options);
	const startMs = Date.now();
	const tables = dataTablesBeside(options.processedData ?? createProcessedData());
	executions++;
	let cancelled = false;
	let saved: IRun | undefined;
	const additionalData = createAdditionalData({
		credentialsHelper: credentialsHelperFor(options.credentials ?? []),
		executionId: String(executions),
		deadlineMs: timeoutMs === undefined ? undefined : Date.now() + timeoutMs,
		mode,
		workflowData: describeWorkflow(workflow, options),
		onNodeProgress,
		// A sub-workflow by id is always this workflow: there is no other.
		executeWorkflow: async ({ code }, _additionalData, { inputData, doNotWaitToFinish }) => {
			if (code === undefined) {
				return await executeItself(options, inputData);
			}
			// A sub-workflow has the deadline of the workflow that waits for it.
			const isOver = timeoutMs !== undefined && Date.now() >= startMs + timeoutMs;
			if (isOver && doNotWaitToFinish !== true) {
				throw new Error('The execution was cancelled');
			}
			return executeInline(code, inputData ?? [{ json: {} }], tables);
		},
		// The engine continues to write to the object until a cancelled node returns; the database has the copy.
		onSave: (run) => {
			saved = cancelled ? n8nWorkflow.deepCopy(run) : run;
		},
	});
	const startNode = findStartNode(workflow, options.startNode);
	const data =
		retryOf !== undefined
			? dataForRetry(retryOf)
			: options.startItems && dataOfSingleNode(startNode, options.startItems);
	const execution =
		data === undefined
			? new n8nCore.WorkflowExecute(additionalData, mode).run({ workflow, startNode })
			: new n8nCore.WorkflowExecute(additionalData, mode, data).processRunExecutionData(workflow);
	const cancel = () => {
		cancelled = true;
		execution.cancel();
	};
	if (signal?.aborted) {
		cancel();
	}
	signal?.addEventListener('abort', cancel);
	// n8n's server does this in addition to the engine's own deadline, which is checked only between two nodes.
	const timer = timeoutMs === undefined ? undefined : setTimeout(cancel, timeoutMs);
	try {
		const run = await execution;
		return { run, saved: saved ?? run };
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener('abort', cancel);
	}
}

/** Runs this workflow as the sub-workflow of its own *Execute Sub-workflow* node. */
async function executeItself(
	options: WorkflowOptions,
	startItems: INodeExecutionData[] = [],
): Promise<ExecuteWorkflowData> {
	const trigger = options.nodes.find(({ type }) => type.endsWith('.executeWorkflowTrigger'));
	if (trigger === undefined) {
		throw new Error('The workflow has no trigger for its calls');
	}
	const { run } = await execute({ ...options, mode: 'integrated', startNode: trigger.name, startItems });
	const { runData, lastNodeExecuted = '', error } = run.data.resultData;
	if (error) {
		throw error;
	}
	const data = runData[lastNodeExecuted]?.at(-1)?.data?.main ?? [];
	return { executionId: String(executions), data };
}

/** The data with which n8n's server starts a single node for its Assistant (ExecuteNodeService.execute). */
function dataOfSingleNode(node: INode, items: INodeExecutionData[]): IRunExecutionData {
	return n8nWorkflow.createRunExecutionData({
		startData: {},
		resultData: { runData: {} },
		executionData: {
			contextData: {},
			metadata: {},
			nodeExecutionStack: [{ node, data: { main: [items] }, source: null }],
			waitingExecution: {},
			waitingExecutionSource: {},
		},
	});
}

/** Runs a tool node as n8n's agents module does (EphemeralNodeExecutor.executeNodeDirectly). */
export async function executeDirectly(
	options: WorkflowOptions,
	items: INodeExecutionData[],
): Promise<INodeExecutionData[]> {
	const workflow = createWorkflow(options, {});
	const node = findStartNode(workflow, options.startNode);
	const input = { main: [items] };
	return await outsideExecutions(workflow, options, 'internal', async (additionalData) => {
		const context = new n8nCore.ExecuteContext(
			workflow,
			node,
			additionalData,
			'internal',
			n8nWorkflow.createEmptyRunExecutionData(),
			0,
			items,
			input,
			{ node, data: input, source: null },
			[],
		);
		const { execute } = workflow.nodeTypes.getByNameAndVersion(node.type, node.typeVersion) as INodeType;
		const [output] = (await execute!.call(context as unknown as IExecuteFunctions)) as INodeExecutionData[][];
		return output ?? [];
	});
}

/** Lets a webhook node handle a call, before any execution has started. */
export async function callWebhook<T>(
	options: WorkflowOptions,
	nodeName: string,
	answer: (this: IWebhookFunctions) => Promise<T>,
): Promise<T> {
	const workflow = createWorkflow(options);
	const node = findStartNode(workflow, nodeName);
	const webhook = { httpMethod: 'POST', node: nodeName, path: 'webhook' } as IWebhookData;
	return await outsideExecutions(workflow, options, 'webhook', async (additionalData) => {
		const context = new n8nCore.WebhookContext(
			workflow,
			node,
			additionalData,
			'webhook',
			webhook,
			[],
			null,
		) as unknown as IWebhookFunctions;
		return await answer.call(context);
	});
}

/** Runs a node without the id and the data of an execution. */
async function outsideExecutions<T>(
	workflow: Workflow,
	options: WorkflowOptions,
	mode: 'internal' | 'webhook',
	work: (additionalData: IWorkflowExecuteAdditionalData) => Promise<T>,
): Promise<T> {
	const { executionId: _none, ...additionalData } = createAdditionalData({
		credentialsHelper: credentialsHelperFor(options.credentials ?? []),
		executionId: '',
		mode,
		workflowData: describeWorkflow(workflow, options),
	});
	await workflow.expression.acquireIsolate();
	try {
		return await work(additionalData);
	} finally {
		await workflow.expression.releaseIsolate();
	}
}

function createWorkflow(
	options: WorkflowOptions,
	saved: { id?: string; name?: string } = { id: 'workflow', name: 'Workflow' },
): Workflow {
	return new n8nWorkflow.Workflow({
		...saved,
		// Copied, because the engine adds the defaults to the parameters.
		nodes: structuredClone(options.nodes),
		connections: structuredClone(options.connections),
		active: false,
		nodeTypes: nodeTypesFrom(options.nodeTypes),
		settings: structuredClone(options.settings ?? { executionOrder: 'v1' }),
	});
}

function describeWorkflow(workflow: Workflow, { nodes, connections }: WorkflowOptions): IWorkflowBase {
	const created = new Date();
	return {
		id: workflow.id,
		name: workflow.name ?? '',
		active: false,
		activeVersionId: null,
		isArchived: false,
		createdAt: created,
		updatedAt: created,
		nodes,
		connections,
	};
}

function findStartNode(workflow: Workflow, name: string | undefined): INode {
	const nodes = Object.values(workflow.nodes);
	const start = nodes.find((node) =>
		name === undefined ? !(node.name in workflow.connectionsByDestinationNode) : node.name === name,
	);
	if (!start) {
		throw new Error(name === undefined ? 'Every node has an input' : `There is no node "${name}"`);
	}
	return start;
}

import type {
	ExecutionStatus,
	IConnections,
	INode,
	INodeExecutionData,
	IRun,
	IWebhookFunctions,
	IWorkflowSettings,
} from 'n8n-workflow';
import type { NodeProgress } from './additionalData.mts';
import type { ConfiguredCredential } from './credentials.mts';
import type { LogEntry } from './logs.mts';
import type { NodeTypeMap } from './nodeTypes.mts';
import type { ProcessedDataTable } from './processedData.mts';
import type { EgressPolicy, ExpressionEngine } from './settings.mts';
import { createInstanceSettings } from './engine.mts';
import { callWebhook, execute, executeDirectly } from './execution.mts';
import { installLogRecorder, recordLogs } from './logs.mts';
import { createProcessedData } from './processedData.mts';
import {
	installDeduplication,
	setEnvironment,
	useEgressPolicy,
	useExpressionEngine,
	useProcessedData,
} from './settings.mts';

/** What surrounds a run, whatever the workflow. */
export interface RunSettings {
	/** `manual`: the Execute button (default); `trigger`: an active workflow; `integrated`: one that another calls. */
	mode?: 'manual' | 'trigger' | 'integrated' | undefined;
	/** Aborting it cancels the execution, as n8n's Stop button does. */
	signal?: AbortSignal | undefined;
	/** n8n's workflow timeout, in seconds. */
	executionTimeoutSeconds?: number | undefined;
	/** A failed execution of the same workflow, as it was saved: runs n8n's own Retry, which continues at the failed node. */
	retryOf?: IRun | undefined;
	/** Default: `vm`, as in n8n 2.41. */
	expressionEngine?: ExpressionEngine | undefined;
	/** Default: `off`, as in n8n. */
	egressPolicy?: EgressPolicy | 'off' | undefined;
	/** Environment variables of the process during the run; undefined removes one. */
	environment?: Record<string, string | undefined> | undefined;
	/** What nodes have recorded for their later runs. Default: an empty table that is discarded after the run. */
	processedData?: ProcessedDataTable | undefined;
	/**
	 * Starts without waiting for the end of the previous run. Only for runs that share these settings with all other
	 * active runs; their logs are in the list of the run that started last. Default: runs take turns.
	 */
	isOverlapping?: boolean | undefined;
	/** Called at the start and the end of every node. */
	onNodeProgress?: ((progress: NodeProgress) => void) | undefined;
}

/** A workflow as n8n exports it, the code of its node types, and the credentials that its nodes refer to. */
export interface WorkflowOptions extends RunSettings {
	nodes: INode[];
	connections: IConnections;
	nodeTypes: NodeTypeMap;
	credentials?: ConfiguredCredential[];
	/** Name of the node to start from. Default: the first node without an incoming connection. */
	startNode?: string;
	/** The input of that node, as when n8n's Assistant runs a single node. Default: one empty item. */
	startItems?: INodeExecutionData[];
	/** Default: `{ executionOrder: 'v1' }`. */
	settings?: IWorkflowSettings;
}

/** The result of a run. */
export interface WorkflowResult {
	/** The status that n8n stores. */
	status: ExecutionStatus;
	/** What the engine returns once every node has returned. */
	run: IRun;
	/** What n8n stores: the same object, or for a cancelled run a copy from the moment of the cancellation. */
	saved: IRun;
	/** Everything that was logged, including debug messages. */
	logs: LogEntry[];
}

installLogRecorder();
installDeduplication();
createInstanceSettings();

let lastRun: Promise<unknown> = Promise.resolve();

/**
 * Runs a workflow on n8n's engine, without server or database. Runs take turns: logger, egress policy,
 * environment and expression engine exist once per process. Resolves when every node has returned, also after a
 * cancellation. Rejects when the workflow cannot start: an unknown node type, a missing required parameter.
 */
export async function runWorkflow(options: WorkflowOptions): Promise<WorkflowResult> {
	return await oneAtATime(options, async () => {
		const logs = recordLogs();
		const { run, saved } = await execute(options);
		return { status: saved.status, run, saved, logs };
	});
}

/** Lets a webhook node respond to a call, before and outside of any execution: as n8n's MCP server calls its tools. */
export async function runWebhook<T>(
	options: WorkflowOptions,
	nodeName: string,
	answer: (this: IWebhookFunctions) => Promise<T>,
): Promise<T> {
	return await oneAtATime(options, async () => await callWebhook(options, nodeName, answer));
}

/**
 * Lets a node run outside of any execution and any saved workflow, as n8n's agents module runs its tools. Resolves to the
 * node's first output; rejects with what it throws.
 */
export async function runDirectly(
	options: WorkflowOptions,
	items: INodeExecutionData[],
): Promise<INodeExecutionData[]> {
	return await oneAtATime(options, async () => await executeDirectly(options, items));
}

export async function oneAtATime<T>(settings: RunSettings, work: () => Promise<T>): Promise<T> {
	const previous = settings.isOverlapping === true ? Promise.resolve() : lastRun;
	const turn = previous.then(async () => {
		const restoreEnvironment = setEnvironment(settings.environment ?? {});
		try {
			useEgressPolicy(settings.egressPolicy ?? 'off');
			useProcessedData(settings.processedData ?? createProcessedData());
			await useExpressionEngine(settings.expressionEngine ?? 'vm');
			return await work();
		} finally {
			restoreEnvironment();
		}
	});
	if (settings.isOverlapping !== true) {
		lastRun = turn.catch(() => {});
	}
	return await turn;
}

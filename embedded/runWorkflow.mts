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
	/** A failed execution of the same workflow, as it was saved: n8n's own Retry of it, which goes on at the failed node. */
	retryOf?: IRun | undefined;
	/** Default: `vm`, as in n8n 2.41. */
	expressionEngine?: ExpressionEngine | undefined;
	/** Default: `off`, as in n8n. */
	egressPolicy?: EgressPolicy | 'off' | undefined;
	/** Environment variables of the process for the time of the run, undefined to remove one. */
	environment?: Record<string, string | undefined> | undefined;
	/** What nodes have recorded for their later runs. Default: nothing, and it ends with the run. */
	processedData?: ProcessedDataTable | undefined;
	/**
	 * Begins without waiting for the end of the run before it. Only for runs that share these settings with all that are
	 * under way; their logs are in the list of whichever began last. Default: runs take turns.
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
	/** Name of the node to start from. Default: the first that nothing leads to. */
	startNode?: string;
	/** What comes into that node, as n8n's Assistant runs a single one. Default: one empty item. */
	startItems?: INodeExecutionData[];
	/** Default: `{ executionOrder: 'v1' }`. */
	settings?: IWorkflowSettings;
}

/** What is left of a run. */
export interface WorkflowResult {
	/** The status that n8n stores. */
	status: ExecutionStatus;
	/** What the engine hands back once every node has returned. */
	run: IRun;
	/** What n8n stores: the same object, or for a cancelled run a copy made at that very moment. */
	saved: IRun;
	/** Everything that was logged, debug messages included. */
	logs: LogEntry[];
}

installLogRecorder();
installDeduplication();
createInstanceSettings();

let lastRun: Promise<unknown> = Promise.resolve();

/**
 * Runs a workflow on n8n's engine, without server or database. Runs take turns: logger, egress policy,
 * environment and expression engine are one per process. Resolves when every node has returned, also after a
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

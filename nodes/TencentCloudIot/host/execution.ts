import { getGlobalState, type IExecuteFunctions } from 'n8n-workflow';

/** The execution that the node runs in, as n8n describes it when the run starts. It is data only and never asks n8n again. */
export class Execution {
	/** `''` in n8n's agents module, which has no executions. n8n's Retry starts another execution with another id. */
	readonly id: string;
	/** The number of the run of the node within the execution, from 0. A loop runs the node once in each round. */
	readonly runIndex: number;
	/** Whether a person started the execution in the editor. */
	readonly isManual: boolean;
	/** The workflow's time zone, by its IANA name. */
	readonly timezone: string;
	/** The id is '' for a workflow that was never saved. */
	readonly workflow: Readonly<Record<'id' | 'name', string>>;
	readonly node: Readonly<Record<'id' | 'name', string>>;
	/** Whether a model calls the node, by any route. n8n marks such a node by the name of its type. */
	readonly isTool: boolean;
	/**
	 * Whether an agent itself calls the node as its tool, outside of the engine's runs of nodes, as the agents of n8n 1,
	 * n8n's MCP server and its agents module do. Then the model's arguments are the node's input, and each attempt has its own
	 * run index.
	 */
	readonly isToolCall: boolean;
	/**
	 * Whether no node is connected before this one. That is so when n8n's Assistant or its agents module runs a single node with parameters
	 * that a model wrote, and when a person executes a step that has nothing before it.
	 */
	readonly runsAlone: boolean;
	/** Whether a failure becomes an item instead of ending the workflow. */
	readonly continuesOnFail: boolean;
	/** Whether the engine sends error items to a separate output, and adds the columns of the rows to them itself. */
	readonly hasErrorOutput: boolean;
	/** How many items arrived, if 'Execute Once' makes n8n hand over only the first one; undefined if it is off. */
	readonly itemCountBeforeExecuteOnce: number | undefined;
	/** Aborted when the execution is cancelled, or runs into its time limit. */
	readonly signal: AbortSignal | undefined;

	constructor(context: IExecuteFunctions) {
		const node = context.getNode();
		const { id = '', name = '' } = context.getWorkflow();
		const executeData = context.getExecuteData();
		// An agent calls its tool while the engine executes the agent. Only n8n 2 also sets `isToolExecution`.
		const isCalledByAgent = executeData.node.name !== node.name;
		const executionId = context.getExecutionId() as string | undefined;
		this.id = executionId ?? '';
		this.runIndex = Number(context.getWorkflowDataProxy(0).$runIndex);
		this.isManual = context.getMode() === 'manual';
		this.timezone = resolveTimezone(context.getTimezone());
		this.workflow = { id, name };
		this.node = { id: node.id, name: node.name };
		this.isTool = node.type.endsWith('Tool');
		this.runsAlone = executeData.source === null && !isCalledByAgent;
		this.isToolCall = isCalledByAgent || (executionId === undefined && this.runsAlone);
		this.continuesOnFail = context.continueOnFail();
		this.hasErrorOutput = node.onError === 'continueErrorOutput';
		this.itemCountBeforeExecuteOnce =
			node.executeOnce === true ? (executeData.data.main?.[0]?.length ?? 0) : undefined;
		this.signal = context.getExecutionCancelSignal();
	}
}

/** Replaces n8n's word for "not set" with the server's time zone. */
function resolveTimezone(timezone: string): string {
	// A workflow that was imported, or created through n8n's API, has this word until somebody sets its time zone.
	return timezone === 'DEFAULT' ? getGlobalState().defaultTimezone : timezone;
}

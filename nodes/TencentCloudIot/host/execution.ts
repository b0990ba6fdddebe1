import { getGlobalState, type IExecuteFunctions } from 'n8n-workflow';

/** The execution that the node runs in, as n8n describes it when the run begins. Data only: nothing of it asks n8n again. */
export class Execution {
	/** '' in n8n's agents module, which has no executions. A Retry of n8n is another execution. */
	readonly id: string;
	/** Which run of the node it is, from 0: each round of a loop is one. */
	readonly runIndex: number;
	/** Whether a person started it in the editor. */
	readonly isManual: boolean;
	/** The workflow's time zone, by its IANA name. */
	readonly timezone: string;
	/** The id is '' for a workflow that was never saved. */
	readonly workflow: Readonly<Record<'id' | 'name', string>>;
	readonly node: Readonly<Record<'id' | 'name', string>>;
	/** Whether a model calls the node, in whichever way: n8n gives the type of a node that is a tool a name of its own. */
	readonly isTool: boolean;
	/**
	 * Whether an agent itself calls the node as its tool, outside of the engine's runs of nodes, as the agents of n8n 1,
	 * n8n's MCP server and its agents module do. The model's arguments are the node's input then, and each attempt has a run
	 * index of its own.
	 */
	readonly isToolCall: boolean;
	/**
	 * Whether no node leads to this one: n8n's Assistant and its agents module run a single node with parameters that a model
	 * wrote, and so does a person who executes the step of a node that has nothing before it.
	 */
	readonly runsAlone: boolean;
	/** Whether a failure becomes an item of its own instead of ending the workflow. */
	readonly continuesOnFail: boolean;
	/** Whether the engine splits failures off to the error output, and adds the rows' columns to them itself. */
	readonly isErrorSplit: boolean;
	/** How many items arrived where 'Execute Once' hands over the first alone; undefined where it is off. */
	readonly arrivedForOne: number | undefined;
	/** Aborted when the execution is cancelled, or runs into its time limit. */
	readonly signal: AbortSignal | undefined;

	constructor(context: IExecuteFunctions) {
		const node = context.getNode();
		const { id = '', name = '' } = context.getWorkflow();
		const executed = context.getExecuteData();
		// The engine executes the agent. Only n8n 2 also sets `isToolExecution`.
		const isOfAnother = executed.node.name !== node.name;
		const executionId = context.getExecutionId() as string | undefined;
		this.id = executionId ?? '';
		this.runIndex = Number(context.getWorkflowDataProxy(0).$runIndex);
		this.isManual = context.getMode() === 'manual';
		this.timezone = timezoneNamed(context.getTimezone());
		this.workflow = { id, name };
		this.node = { id: node.id, name: node.name };
		this.isTool = node.type.endsWith('Tool');
		this.runsAlone = executed.source === null && !isOfAnother;
		this.isToolCall = isOfAnother || (executionId === undefined && this.runsAlone);
		this.continuesOnFail = context.continueOnFail();
		this.isErrorSplit = node.onError === 'continueErrorOutput';
		this.arrivedForOne = node.executeOnce === true ? (executed.data.main?.[0]?.length ?? 0) : undefined;
		this.signal = context.getExecutionCancelSignal();
	}
}

/** A time zone by its IANA name. */
function timezoneNamed(timezone: string): string {
	// What a workflow's settings hold that were never set, where it came by import or by n8n's API.
	return timezone === 'DEFAULT' ? getGlobalState().defaultTimezone : timezone;
}

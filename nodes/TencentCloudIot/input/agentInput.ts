import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

/**
 * Whether an agent itself calls the node as its tool, outside of the engine's runs of nodes, as the agents of n8n 1,
 * n8n's MCP server and its agents module do. The model's arguments are the node's input then, and each attempt has a run
 * index of its own.
 */
export function isToolCall(context: IExecuteFunctions): boolean {
	// The engine executes the agent. Only n8n 2 also sets `isToolExecution`. The agents module has no execution at all.
	const isOutside = (context.getExecutionId() as string | undefined) === undefined;
	return isOfAnother(context) || (isOutside && runsAlone(context));
}

/**
 * Whether no node leads to this one: n8n's Assistant and its agents module run a single node with parameters that a model
 * wrote, and so does a person who executes the step of a node that has nothing before it.
 */
export function runsAlone(context: IExecuteFunctions): boolean {
	return context.getExecuteData().source === null && !isOfAnother(context);
}

function isOfAnother(context: IExecuteFunctions): boolean {
	return context.getExecuteData().node.name !== context.getNode().name;
}

/** Whether a model calls the node, in whichever way: n8n gives the type of a node that is a tool a name of its own. */
export function isTool(context: IExecuteFunctions): boolean {
	return context.getNode().type.endsWith('Tool');
}

/** What `$json` is for each item: for an agent's tool the agent's own input, never the model's arguments. */
export function rowsOf(context: IExecuteFunctions, items: readonly INodeExecutionData[]): readonly object[] {
	// An item that was made by hand may have none.
	const rowsOfItems = () => items.map(({ json }: Partial<INodeExecutionData>) => json ?? {});
	if (isToolCall(context)) {
		return items.map((_, index) => context.getWorkflowDataProxy(index).$json as object);
	}
	const [agentItem, ...furtherItems] = itemsOfAgent(context, items);
	// Of several items n8n does not show which one the model works on. It merges the arguments over that item's columns.
	return agentItem === undefined || furtherItems.length > 0 ? rowsOfItems() : items.map(() => agentItem.json);
}

/** The input of the agent for which the engine runs this node as its tool; empty for any other run. */
function itemsOfAgent(
	context: IExecuteFunctions,
	[item]: readonly INodeExecutionData[],
): readonly INodeExecutionData[] {
	const link = item?.pairedItem;
	const source = typeof link === 'object' && 'sourceOverwrite' in link ? link.sourceOverwrite : undefined;
	const agent = context.getExecuteData().source?.main?.[0]?.previousNode;
	// From its second run on the agent itself stands where the node before it should.
	if (source === undefined || source.previousNode === agent) {
		return [];
	}
	const { previousNode, previousNodeOutput, previousNodeRun } = source;
	const $ = context.getWorkflowDataProxy(0).$ as (node: string) => {
		all(output?: number, run?: number): INodeExecutionData[];
	};
	return $(previousNode).all(previousNodeOutput, previousNodeRun);
}

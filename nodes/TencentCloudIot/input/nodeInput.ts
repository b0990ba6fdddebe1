import type { IExecuteFunctions, INodeExecutionData, INodeParameters } from 'n8n-workflow';

/** Facts about the execution that reading its input depends on. */
interface InputFacts {
	/** The IANA name of the workflow's time zone, which date-times without a zone are in. */
	timezone: string;
	/** Whether a model calls the node, by any route. */
	isTool: boolean;
	/** Whether an agent calls the node by itself, outside of the engine's runs of nodes. Then the items are the model's arguments. */
	isToolCall: boolean;
}

/** What the user set, and the rows that it refers to. A run is planned from this alone, without asking n8n for anything else. */
export class NodeInput {
	readonly timezone: string;
	readonly isTool: boolean;
	/** The parameters as the node stores them. Read once, because n8n copies the whole node on each access. */
	readonly stored: INodeParameters;
	readonly #context: IExecuteFunctions;
	readonly #items: readonly INodeExecutionData[];
	readonly #isToolCall: boolean;

	constructor(
		context: IExecuteFunctions,
		items: readonly INodeExecutionData[],
		{ timezone, isTool, isToolCall }: InputFacts,
	) {
		this.timezone = timezone;
		this.isTool = isTool;
		this.stored = context.getNode().parameters;
		this.#context = context;
		this.#items = items;
		this.#isToolCall = isToolCall;
	}

	/**
	 * The value of a parameter that holds for the whole run, e.g. `resource`: its value for the first item.
	 * @throws Error if the node has no such parameter and there is no fallback
	 */
	parameterOfRun(parameter: string, fallback?: object): unknown {
		return this.#context.getNodeParameter(parameter, 0, fallback);
	}

	/** Evaluates an expression for an item. @param expression without its leading `=` */
	evaluate(expression: string, itemIndex: number): unknown {
		return this.#context.evaluateExpression(expression, itemIndex);
	}

	/** `$json` of each item. For a tool of an agent it is the agent's own input, never the model's arguments. */
	rows(): readonly object[] {
		const items = this.#items;
		// An item from a node that builds items by hand may have no `json`.
		const rowsOfItems = () => items.map(({ json }: Partial<INodeExecutionData>) => json ?? {});
		if (this.#isToolCall) {
			return items.map((_, index) => this.#context.getWorkflowDataProxy(index).$json as object);
		}
		const [agentItem, ...furtherItems] = this.#itemsOfAgent();
		// n8n merges the model's arguments into the agent's item that the model works on. It does not show which one that is, if the agent has several.
		return agentItem === undefined || furtherItems.length > 0
			? rowsOfItems()
			: items.map(() => agentItem.json);
	}

	/** The input of the agent, if the engine runs this node as its tool; empty for any other run. */
	#itemsOfAgent(): readonly INodeExecutionData[] {
		const link = this.#items[0]?.pairedItem;
		const source = typeof link === 'object' && 'sourceOverwrite' in link ? link.sourceOverwrite : undefined;
		const agent = this.#context.getExecuteData().source?.main?.[0]?.previousNode;
		// From the second run of the agent on, n8n names the agent itself as the node before it.
		if (source === undefined || source.previousNode === agent) {
			return [];
		}
		const { previousNode, previousNodeOutput, previousNodeRun } = source;
		const $ = this.#context.getWorkflowDataProxy(0).$ as (node: string) => {
			all(output?: number, run?: number): INodeExecutionData[];
		};
		return $(previousNode).all(previousNodeOutput, previousNodeRun);
	}
}

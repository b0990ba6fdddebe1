import type { IExecuteFunctions, INodeExecutionData, INodeParameters } from 'n8n-workflow';

/** What is known of the execution before its input is read. */
interface InputOf {
	/** The workflow's time zone, by its IANA name: that of a date-time without one. */
	timezone: string;
	/** Whether a model calls the node. */
	isTool: boolean;
	/** Whether an agent itself calls it, so that the items are the model's arguments. */
	isToolCall: boolean;
}

/** What the user set, and the rows that it refers to: all that is read of n8n to plan a run. */
export class NodeInput {
	readonly timezone: string;
	readonly isTool: boolean;
	/** The parameters as the node stores them; n8n copies the whole node each time that it is asked for. */
	readonly stored: INodeParameters;
	readonly #context: IExecuteFunctions;
	readonly #items: readonly INodeExecutionData[];
	readonly #isToolCall: boolean;

	constructor(
		context: IExecuteFunctions,
		items: readonly INodeExecutionData[],
		{ timezone, isTool, isToolCall }: InputOf,
	) {
		this.timezone = timezone;
		this.isTool = isTool;
		this.stored = context.getNode().parameters;
		this.#context = context;
		this.#items = items;
		this.#isToolCall = isToolCall;
	}

	/**
	 * The value of a parameter that holds for the whole run, e.g. of `resource`: that for the first item.
	 * @throws Error where the node has no such parameter, and there is no fallback
	 */
	ofRun(parameter: string, fallback?: object): unknown {
		return this.#context.getNodeParameter(parameter, 0, fallback);
	}

	/** What an expression gives for an item. @param expression without its leading `=` */
	evaluate(expression: string, itemIndex: number): unknown {
		return this.#context.evaluateExpression(expression, itemIndex);
	}

	/** What `$json` is for each item: for an agent's tool the agent's own input, never the model's arguments. */
	rows(): readonly object[] {
		const items = this.#items;
		// An item that was made by hand may have none.
		const rowsOfItems = () => items.map(({ json }: Partial<INodeExecutionData>) => json ?? {});
		if (this.#isToolCall) {
			return items.map((_, index) => this.#context.getWorkflowDataProxy(index).$json as object);
		}
		const [agentItem, ...furtherItems] = this.#itemsOfAgent();
		// Of several items n8n does not show which one the model works on. It merges the arguments over that item's columns.
		return agentItem === undefined || furtherItems.length > 0
			? rowsOfItems()
			: items.map(() => agentItem.json);
	}

	/** The input of the agent for which the engine runs this node as its tool; empty for any other run. */
	#itemsOfAgent(): readonly INodeExecutionData[] {
		const link = this.#items[0]?.pairedItem;
		const source = typeof link === 'object' && 'sourceOverwrite' in link ? link.sourceOverwrite : undefined;
		const agent = this.#context.getExecuteData().source?.main?.[0]?.previousNode;
		// From its second run on the agent itself stands where the node before it should.
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

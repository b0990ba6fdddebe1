import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	INodeTypes,
	IVersionedNodeType,
} from 'n8n-workflow';
import { n8nWorkflow } from './engine.mts';

/** Node types by their full name, as workflows store it: `n8n-nodes-tencent-iot.tencentCloudIot`. */
export type NodeTypeMap = Record<string, INodeType | IVersionedNodeType>;

/** Resolves node types for the engine. A workflow with an unknown name cannot start. */
export function nodeTypesFrom(types: NodeTypeMap): INodeTypes {
	return {
		getByName: (name) => types[name] as INodeType,
		getByNameAndVersion: (name, version) => {
			const type = types[name];
			// The engine itself checks for undefined, although its type does not allow it.
			return (type && n8nWorkflow.NodeHelpers.getVersionedNodeType(type, version)) as INodeType;
		},
		getKnownTypes: () => ({}),
	};
}

/** A start node that emits the given items, as a manual trigger or a database node would. */
export function rowsNode(items: INodeExecutionData[]): INodeType {
	return {
		description: {
			displayName: 'Rows',
			name: 'rows',
			group: ['trigger'],
			version: 1,
			description: 'Emits the rows of a test',
			defaults: { name: 'Rows' },
			inputs: [],
			outputs: [n8nWorkflow.NodeConnectionTypes.Main],
			properties: [],
		},
		execute: async () => [items],
	};
}

/** A node that passes its input on, to show what arrived on a branch. */
export const arrivalNode: INodeType = {
	description: {
		displayName: 'Arrival',
		name: 'arrival',
		group: ['transform'],
		version: 1,
		description: 'Keeps what arrives',
		defaults: { name: 'Arrival' },
		inputs: [n8nWorkflow.NodeConnectionTypes.Main],
		outputs: [n8nWorkflow.NodeConnectionTypes.Main],
		properties: [],
	},
	async execute(this: IExecuteFunctions) {
		return [this.getInputData()];
	},
};

/**
 * The node as n8n offers it to AI agents: with the output of a tool and no input (`convertNodeToAiTool` of n8n's
 * server, which adds a description for the model if the node has no `toolDescription`). Its full name ends
 * with `Tool`.
 */
export function asTool(nodeType: INodeType): INodeType {
	const { usableAsTool, ...description } = nodeType.description;
	if (!usableAsTool) {
		throw new Error(`The node ${description.name} cannot be used as a tool`);
	}
	const tool: INodeTypeDescription = {
		...description,
		name: `${description.name}Tool`,
		displayName: `${description.displayName} Tool`,
		inputs: [],
		outputs: [n8nWorkflow.NodeConnectionTypes.AiTool],
	};
	return Object.create(nodeType, { description: { value: tool } }) as INodeType;
}

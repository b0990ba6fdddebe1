import type { IConnections, IDataObject, INode, IPinData, IWorkflowSettings } from 'n8n-workflow';

/** A workflow in the format of n8n's exports. */
export interface WorkflowJson {
	name: string;
	nodes: INode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
	pinData?: IPinData;
}

/** The package's node, by its full name. */
export const PUSH_NODE_TYPE = 'n8n-nodes-tencent-iot.tencentCloudIot';
export const CREDENTIAL_TYPE = 'tencentCloudIotApi';

/** A column reference for each of the four fields, as dragging columns with these names creates them. */
export const MAPPED_COLUMNS = {
	mappingMode: 'defineBelow',
	value: {
		CustomerId: '={{ $json.CustomerId }}',
		CustomerDeviceNo: '={{ $json.CustomerDeviceNo }}',
		DeviceId: '={{ $json.DeviceId }}',
		ProductName: '={{ $json.ProductName }}',
	},
};

type NodeSettings = Partial<Omit<INode, 'id' | 'name' | 'type' | 'parameters'>>;

/** A node of a workflow; its id is its name. */
export function node(
	name: string,
	type: string,
	parameters: IDataObject = {},
	settings: NodeSettings = {},
): INode {
	return {
		id: name,
		name,
		type,
		typeVersion: 1,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
		...settings,
	};
}

/**
 * A manual workflow: Start → Rows → the other nodes, one after the other. The rows are pinned, as a user pins test data, so that
 * only the nodes after them run.
 */
export function workflowOfRows(
	name: string,
	rows: readonly IDataObject[],
	nodes: readonly INode[],
	settings: IWorkflowSettings = {},
): WorkflowJson {
	const placed = [
		node('Start', 'n8n-nodes-base.manualTrigger'),
		node('Rows', 'n8n-nodes-base.noOp'),
		...nodes,
	].map((each, index): INode => ({ ...each, position: [index * 220, 0] }));
	return {
		name,
		nodes: placed,
		connections: connectInOrder(placed),
		settings: { executionOrder: 'v1', ...settings },
		pinData: { Rows: rows.map((json) => ({ json })) },
	};
}

/** Connects each node's first output with the next node. */
function connectInOrder(nodes: readonly INode[]): IConnections {
	return Object.fromEntries(
		nodes
			.slice(1)
			.map((to, index) => [
				nodes[index]!.name,
				{ main: [[{ node: to.name, type: 'main' as const, index: 0 }]] },
			]),
	);
}

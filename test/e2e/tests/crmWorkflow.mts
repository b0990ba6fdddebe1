import { node, type WorkflowJson } from '../n8n/workflow.mts';

const CRM_ROWS = [
	['user_1024', 'SN-0001', 'LOCK01/front_door', 'Smart Lock'],
	['user_1024', 'SN-0002', 'LOCK01/back_door', 'Smart Lock'],
	['user_2048', 'SN-0003', 'CAM01/entrance', 'Camera'],
	['user_4096', 'SN-0004', 'CAM01/garage', 'Camera'],
].map(([customer, serial_no, device, product]) => ({ json: { customer, serial_no, device, product } }));

/** The CRM's columns and the fields they belong to. */
export const COLUMNS = {
	customer: 'CustomerId',
	serial_no: 'CustomerDeviceNo',
	device: 'DeviceId',
	product: 'ProductName',
};

/** A workflow with the rows of a CRM and no node that pushes them yet. */
export const crmWorkflow: WorkflowJson = {
	name: 'CRM to IoT',
	nodes: [
		node('Start', 'n8n-nodes-base.manualTrigger'),
		node(
			'CRM Rows',
			'n8n-nodes-base.code',
			{ jsCode: `return ${JSON.stringify(CRM_ROWS)};` },
			{ typeVersion: 2, position: [220, 0] },
		),
	],
	connections: { Start: { main: [[{ node: 'CRM Rows', type: 'main', index: 0 }]] } },
	settings: { executionOrder: 'v1' },
};

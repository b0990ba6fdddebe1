import type { IConnections, INode } from 'n8n-workflow';
import { CREDENTIAL_TYPE, node, PUSH_NODE_TYPE, type WorkflowJson } from '../test/e2e/n8n/workflow.mts';

/** A way of pushing the rows of a CRM, as a user builds it in n8n. */
export interface Way {
	name: string;
	/** How it is built, for readers of the results. */
	about: string;
	/** The nodes after the one that reads the rows, in their order. */
	nodes(endpoint: string): INode[];
}

/** The package's own operations, and what users build by hand without them. */
export const WAYS: Way[] = [
	{
		name: 'Sync',
		about: 'Device Binding → Sync',
		nodes: () => [ownNode('sync')],
	},
	{
		name: 'Push every time',
		about: 'Device Binding → Push',
		nodes: () => [ownNode('push')],
	},
	{
		name: 'Remove Duplicates',
		about:
			'a Code node that outputs one item per customer with sorted devices; Remove Duplicates → Remove Items Processed in Previous Executions on the JSON of the customer; HTTP Request',
		nodes: (endpoint) => [code('Group', GROUP), removeDuplicates('node'), send(endpoint)],
	},
	{
		name: 'Remove Duplicates, cleared',
		about: 'the same, and a second Remove Duplicates that clears the history whenever a request has failed',
		nodes: (endpoint) => [
			code('Group', GROUP),
			removeDuplicates('workflow'),
			send(endpoint),
			code('Failed', FAILED),
			clearHistory(),
		],
	},
	{
		name: 'Cursor, time of the row',
		about:
			'a Code node that outputs one item for each customer with a row that changed since the time in the static data of the workflow; HTTP Request; a Code node that moves that time to the newest row if every request was accepted',
		nodes: (endpoint) => cursor(endpoint, 'UpdatedAt'),
	},
	{
		name: 'Cursor, time of the customer',
		about:
			'the same in a CRM whose rows have the time of the last change of their customer, including removed rows',
		nodes: (endpoint) => cursor(endpoint, 'CustomerUpdatedAt'),
	},
];

/** Code for one item per customer, in any order of the rows. */
const CUSTOMERS = `
const customers = new Map();
for (const { json } of $('Rows').all()) {
  if (!customers.has(json.CustomerId)) customers.set(json.CustomerId, []);
  customers.get(json.CustomerId).push(json);
}
const items = [...customers].map(([CustomerId, rows]) => {
  const DeviceInfos = rows
    .map(({ DeviceId, CustomerDeviceNo, ProductName }) => ({ DeviceId, CustomerDeviceNo, ProductName }))
    .sort((a, b) => (a.DeviceId < b.DeviceId ? -1 : 1));
  return { rows, json: { CustomerId, DeviceInfos } };
});`;

const GROUP = `${CUSTOMERS}
return items.map(({ json }) => ({ json: { ...json, key: JSON.stringify(json) } }));`;

const IS_FAILED = `({ json }) => json.Response?.Status !== 'OK'`;

const FAILED = `
const failed = $input.all().filter(${IS_FAILED});
return failed.length > 0 ? [{ json: { failed: failed.length } }] : [];`;

function cursor(endpoint: string, column: 'UpdatedAt' | 'CustomerUpdatedAt'): INode[] {
	const changed = `${CUSTOMERS}
const since = $getWorkflowStaticData('global').since ?? '';
return items.filter(({ rows }) => rows.some((row) => row.${column} > since)).map(({ json }) => ({ json }));`;
	const move = `
if (!$input.all().some(${IS_FAILED})) {
  const times = $('Rows').all().map(({ json }) => json.${column}).sort();
  $getWorkflowStaticData('global').since = times.at(-1);
}
return [{ json: {} }];`;
	return [code('Changed', changed), send(endpoint), code('Move', move)];
}

/** The workflow of a way: when its webhook is called, it reads the rows and pushes them. */
export function workflowOf(
	{ name, nodes }: Way,
	{
		id,
		rowsUrl,
		endpoint,
		credential,
	}: { id: string; rowsUrl: string; endpoint: string; credential: { id: string; name: string } },
): WorkflowJson {
	const withoutCredentials = [
		node(
			'Start',
			'n8n-nodes-base.webhook',
			{ path: id, responseMode: 'lastNode' },
			{ typeVersion: 2, webhookId: id },
		),
		node('Rows', 'n8n-nodes-base.httpRequest', { url: rowsUrl, options: {} }, { typeVersion: 4.2 }),
		...nodes(endpoint),
	];
	const allNodes = withoutCredentials.map((each): INode => {
		const isSending = each.type === PUSH_NODE_TYPE || each.name === 'Send';
		return isSending ? { ...each, credentials: { [CREDENTIAL_TYPE]: credential } } : each;
	});
	const links = allNodes
		.slice(1)
		.map(({ name: to }, index) => [
			allNodes[index]!.name,
			{ main: [[{ node: to, type: 'main' as const, index: 0 }]] },
		]);
	return {
		name: `${name} ${id}`,
		nodes: allNodes,
		connections: Object.fromEntries(links) as IConnections,
		settings: { executionOrder: 'v1', saveDataSuccessExecution: 'none' },
	};
}

function ownNode(operation: 'sync' | 'push'): INode {
	const columns = { mappingMode: 'autoMapInputData', value: null };
	const options = { requestsPerSecond: 0, concurrency: 32 };
	return node(
		'Push',
		PUSH_NODE_TYPE,
		{ resource: 'deviceBinding', operation, columns, options },
		{ onError: 'continueErrorOutput', alwaysOutputData: true },
	);
}

function code(name: string, jsCode: string): INode {
	return node(name, 'n8n-nodes-base.code', { jsCode }, { typeVersion: 2, alwaysOutputData: false });
}

function removeDuplicates(scope: 'node' | 'workflow'): INode {
	return node(
		'Unchanged',
		'n8n-nodes-base.removeDuplicates',
		{
			operation: 'removeItemsSeenInPreviousExecutions',
			logic: 'removeItemsWithAlreadySeenKeyValues',
			dedupeValue: '={{ $json.key }}',
			// By default it fails at 10,000 entries.
			options: { scope, historySize: 1_000_000 },
		},
		{ typeVersion: 2 },
	);
}

function clearHistory(): INode {
	const options = { scope: 'workflow' };
	return node(
		'Clear',
		'n8n-nodes-base.removeDuplicates',
		{ operation: 'clearDeduplicationHistory', mode: 'cleanDatabase', options },
		{ typeVersion: 2 },
	);
}

/** Signed with the package's credential. A failed request is an item with `error`; if it is the first, n8n retries all of them. */
function send(url: string): INode {
	return node(
		'Send',
		'n8n-nodes-base.httpRequest',
		{
			method: 'POST',
			url,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: CREDENTIAL_TYPE,
			sendBody: true,
			specifyBody: 'json',
			options: {},
			jsonBody:
				"={{ { Action: 'ServiceBindDevice', CustomerId: $json.CustomerId, DeviceInfos: $json.DeviceInfos } }}",
		},
		{
			typeVersion: 4.2,
			onError: 'continueRegularOutput',
			retryOnFail: true,
			maxTries: 3,
			waitBetweenTries: 500,
		},
	);
}

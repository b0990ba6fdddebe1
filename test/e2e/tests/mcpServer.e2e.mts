import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { IDataObject } from 'n8n-workflow';
import { CREDENTIAL_TYPE } from '../n8n/workflow.mts';
import { CREDENTIAL_NAME, setScene, type Scene } from './scene.mts';

// What SECURITY.md says about a workflow that a model writes and runs through n8n's MCP server, which assigns the credential.

let scene: Scene;
let call: (tool: string, args: IDataObject) => Promise<IDataObject>;
before(async () => {
	scene = await setScene(
		{
			keepBodies: true,
			customers: [{ CustomerId: 'c1', CountryCode: '86', PhoneNumber: '1' }],
		},
		{ withoutCredential: true },
	);
	const { client, url } = scene.server;
	await client.session.request('PATCH', '/mcp/settings', { mcpAccessEnabled: true });
	const { apiKey } = await client.session.request<{ apiKey: string }>('GET', '/mcp/api-key');
	call = async (name, args) => {
		const answer = await fetch(`${url}/mcp-server/http`, {
			method: 'POST',
			headers: {
				authorization: `Bearer ${apiKey}`,
				accept: 'application/json, text/event-stream',
				'content-type': 'application/json',
			},
			body: JSON.stringify({
				jsonrpc: '2.0',
				id: 1,
				method: 'tools/call',
				params: { name, arguments: args },
			}),
		});
		const text = await answer.text();
		const [, event] = /^data: (.*)$/m.exec(text) ?? [];
		const { result } = JSON.parse(event ?? text) as { result?: { structuredContent: IDataObject } };
		assert.ok(result?.structuredContent, text);
		return result.structuredContent;
	};
});
after(async () => await scene?.end());

const live = {
	CustomerId: 'c1',
	OrderNo: 'O-2',
	ItemId: 'FireInsurance2020',
	ItemVNO: 'FireBusiness',
	ItemNum: 1,
};
/** A live order by the node, with every switch that it needs on. */
const OPERATION = {
	resource: 'order',
	operation: 'create',
	customerId: { __rl: true, mode: 'id', value: 'c1' },
	orderNo: 'O-1',
	liveOrder: true,
	itemId: live.ItemId,
	itemVersion: live.ItemVNO,
	itemNum: 1,
};
/** Bodies of HTTP Request nodes. test/engine/allowedActions.test.mts has all Actions that each setting allows. */
const BODIES: IDataObject[] = [
	{ Action: 'ServiceGetOrderList' },
	{ Action: 'ServiceCreateCustomer' },
	{ Action: 'ServiceCreateOrder', ...live },
];

/** The code that a model sends to the MCP server, in n8n's language for workflows. */
function workflowCode(endpoint: string, credentialId: string): string {
	let count = 0;
	const nodes: string[] = [];
	const add = (type: string, version: number, parameters: IDataObject, more: IDataObject = {}): string => {
		count++;
		const name = `n${count}`;
		const config = { name, parameters, onError: 'continueRegularOutput', ...more };
		nodes.push(
			`const ${name} = node({ type: '${type}', version: ${version}, config: ${JSON.stringify(config)} });`,
		);
		return name;
	};
	const request = (body: IDataObject) =>
		add(
			'n8n-nodes-base.httpRequest',
			4.2,
			{
				method: 'POST',
				url: endpoint,
				sendBody: true,
				specifyBody: 'json',
				jsonBody: JSON.stringify(body),
				authentication: 'predefinedCredentialType',
				nodeCredentialType: CREDENTIAL_TYPE,
				options: {},
			},
			{ credentials: { [CREDENTIAL_TYPE]: { id: credentialId, name: CREDENTIAL_NAME } } },
		);
	const ownNode = add('n8n-nodes-tencent-iot.tencentCloudIot', 1, OPERATION);
	const branches = [ownNode, ...BODIES.map(request)];
	return `
		const start = trigger({ type: 'n8n-nodes-base.manualTrigger', version: 1, config: { name: 'Start' } });
		${nodes.join('\n')}
		export default workflow('all', 'All')${branches.map((branch) => `.add(start).to(${branch})`).join('')};
	`;
}

test('A workflow that a model writes and runs through the MCP server sends only what the credential allows.', async () => {
	const { server, simulator } = scene;
	const { id } = await server.client.createCredential(CREDENTIAL_NAME, {
		...scene.credentialData,
		allowedActions: 'noLiveActions',
	});
	const created = await call('create_workflow_from_code', {
		code: workflowCode(simulator.endpoint, id),
		versionName: 'All',
	});
	assert.equal(created.error, undefined);
	const { workflowId } = created;
	const started = await call('execute_workflow', { workflowId, executionMode: 'manual' });
	const execution = await server.client.whenDone(String(started.executionId));
	assert.equal(execution.status, 'success', execution.failure?.message);
	const sent = simulator.requests.map(({ body }) => (JSON.parse(body!) as { Action: string }).Action);
	assert.deepEqual(sent.sort(), ['ServiceCreateCustomer', 'ServiceGetOrderList']);
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { node, workflowOfRows } from '../n8n/workflow.mts';
import { CREDENTIAL_NAME, setScene, type Scene } from './scene.mts';

let scene: Scene;
const customers = [1, 2, 3].map((number) => ({
	CustomerId: `customer_${number}`,
	CountryCode: '86',
	PhoneNumber: `1380000000${number}`,
}));
before(async () => {
	scene = await setScene({ customers });
});
after(async () => await scene?.end());

test('The credential test of the editor accepts the right secret and the rule, with two requests that change nothing.', async () => {
	const { server, simulator, credential, credentialData } = scene;
	const result = await server.client.testCredential(credential, credentialData);
	assert.deepEqual(result, {
		status: 'OK',
		message: "Tencent accepted App Key and App Secret, and nested values signed as 'JSON Text'",
	});
	assert.deepEqual(
		simulator.requests.map(({ Action, outcome }) => [Action, outcome]),
		[
			['ServiceGetCustomerList', 'OK'],
			['ServiceGetCustomerList', 'OK'],
		],
	);
});

test('It says plainly that a wrong secret was refused, and does not tell the secret.', async () => {
	const { server, credential, credentialData } = scene;
	const appSecret = 'not-the-secret';
	const result = await server.client.testCredential(credential, { ...credentialData, appSecret });
	assert.equal(result.status, 'Error');
	assert.match(result.message, /^Tencent responded with .*Check App Key and App Secret/);
	assert.doesNotMatch(result.message, /not-the-secret/);
});

test('The HTTP Request node calls ServiceGetCustomerList with the credential.', async () => {
	const { server, simulator, credential } = scene;
	const http = node(
		'HTTP',
		'n8n-nodes-base.httpRequest',
		{
			method: 'POST',
			url: simulator.endpoint,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: 'tencentCloudIotApi',
			sendBody: true,
			specifyBody: 'json',
			jsonBody: '={{ { Action: "ServiceGetCustomerList", Limit: 2 } }}',
		},
		{
			typeVersion: 4.2,
			credentials: { tencentCloudIotApi: { id: credential.id, name: CREDENTIAL_NAME } },
		},
	);
	const execution = await server.client.createAndRun(workflowOfRows('HTTP Request', [{}], [http]));
	assert.equal(execution.status, 'success', execution.failure?.message);
	const [{ Response } = {}] = execution.json('HTTP') as [
		{ Response?: { Customers: object[]; Total: number } }?,
	];
	assert.equal(Response?.Total, 3);
	assert.equal(Response.Customers.length, 2);
});

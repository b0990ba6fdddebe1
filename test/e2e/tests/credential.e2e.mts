import type { IDataObject } from 'n8n-workflow';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { CREDENTIAL_TYPE, node, workflowOfRows } from '../n8n/workflow.mts';
import { CREDENTIAL_NAME, lineUnderTest, setScene, type Scene } from './scene.mts';

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

test('The credential test of the editor accepts the right secret, with one request that changes nothing.', async () => {
	const { server, simulator, credential, credentialData } = scene;
	const result = await server.client.testCredential(credential, credentialData);
	assert.deepEqual(result, {
		status: 'OK',
		message: 'Tencent accepted App Key and App Secret',
	});
	assert.deepEqual(
		simulator.requests.map(({ Action, outcome }) => [Action, outcome]),
		[['ServiceGetCustomerList', 'OK']],
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

/** What n8n's HTTP Request node has to send, in its versions from 3 on. */
const json = (jsonBody: unknown) => ({
	sendBody: true,
	specifyBody: 'json',
	jsonBody: JSON.stringify(jsonBody),
});
const read = { Action: 'ServiceGetCustomerList', Limit: 2 };
const VERSIONS = lineUnderTest() === 'n8n-2' ? [3, 4, 4.1, 4.2, 4.3, 4.4, 4.5] : [3, 4, 4.1, 4.2];

function httpNode(
	{ credential: { id } }: Scene,
	url: string,
	parameters: IDataObject,
	typeVersion = 4.2,
	settings = {},
) {
	const authentication = { authentication: 'predefinedCredentialType', nodeCredentialType: CREDENTIAL_TYPE };
	return node(
		'HTTP',
		'n8n-nodes-base.httpRequest',
		{ ...(typeVersion > 2 && { method: 'POST' }), url, ...authentication, ...parameters },
		{ typeVersion, credentials: { [CREDENTIAL_TYPE]: { id, name: CREDENTIAL_NAME } }, ...settings },
	);
}

const fields = (value: IDataObject) =>
	Object.entries(value).map(([name, one]) => ({
		name,
		value: typeof one === 'number' ? `={{ ${one} }}` : one,
	}));
const ofVersion2 = { requestMethod: 'POST', jsonParameters: true, bodyParametersJson: JSON.stringify(read) };
const pages = {
	paginationMode: 'updateAParameterInEachRequest',
	parameters: { parameters: [{ type: 'body', name: 'Offset', value: '={{ $pageCount * 2 }}' }] },
	...{
		paginationCompleteWhen: 'other',
		completeExpression: '={{ $response.body.Response.Customers.length < 2 }}',
	},
};

test('The HTTP Request node calls an Action with the credential as it documents: by JSON, by fields, raw, in pages, as a full response.', async () => {
	const { server, simulator } = scene;
	const full = { response: { response: { fullResponse: true, neverError: true } }, timeout: 9_000 };
	const ways: Array<[what: string, parameters: IDataObject, version?: number]> = [
		['version 2', ofVersion2, 2],
		...VERSIONS.map((version): [string, IDataObject, number] => [`version ${version}`, json(read), version]),
		['fields', { sendBody: true, bodyParameters: { parameters: fields(read) } }],
		[
			'raw',
			{ sendBody: true, contentType: 'raw', rawContentType: 'application/json', body: JSON.stringify(read) },
		],
		['full', { ...json(read), options: full }],
		['pages', { ...json({ ...read, Offset: 0 }), options: { pagination: { pagination: pages } } }],
	];
	for (const [what, parameters, version] of ways) {
		const http = httpNode(scene, simulator.endpoint, parameters, version);
		const execution = await server.client.createAndRun(workflowOfRows(what, [{}], [http]));
		assert.equal(execution.status, 'success', `${what}: ${execution.failure?.message}`);
		const answers = execution
			.json('HTTP')
			.map((item) => (item.body ?? item) as { Response?: { Customers: object[] } });
		const found = answers.map(({ Response }) => Response?.Customers.length);
		assert.deepEqual([what, ...found], [what, ...(what === 'pages' ? [2, 1] : [2])]);
		if (what === 'full') assert.equal(execution.json('HTTP')[0]?.statusCode, 200);
	}
});

/** What reaches a service that does not look at signatures, and ignores what it does not know; it fails where it is told to. */
async function runStandIn(status: () => number) {
	const heard: Array<{ url: string; headers: IncomingHttpHeaders; body: string }> = [];
	const service = createServer((request, response) => {
		void text(request).then((body) => {
			heard.push({ url: `${request.method} ${request.url}`, headers: request.headers, body });
			response
				.writeHead(status(), { 'content-type': 'application/json' })
				.end('{"Response":{"Status":"OK"}}');
		});
	}).listen(0, '127.0.0.1');
	await once(service, 'listening');
	const { port } = service.address() as AddressInfo;
	return { heard, endpoint: `http://127.0.0.1:${port}/api`, close: () => service.close() };
}

test('With a credential that allows reads nodes of n8n get no order carried out and no signature to see.', async (t) => {
	const { server } = scene;
	let status = 500;
	const { heard, endpoint, close } = await runStandIn(() => status);
	t.after(close);
	const data = {
		appKey: 'key',
		appSecret: 'secret',
		platform: 'custom',
		endpoint,
		allowedActions: 'readsOnly',
	};
	const credential = await server.client.createCredential('Reads', data);
	const limited = { ...scene, credential };
	const run = async (url: string, parameters: IDataObject, version?: number) => {
		const http = httpNode(limited, url, parameters, version, { onError: 'continueRegularOutput' });
		const options = '$json.error.cause?.options';
		const seen = `={{ [${options}?.url, ${options}?.data, JSON.stringify(${options}), JSON.stringify(${options}?.data)].join(' ') }}`;
		const assignments = { assignments: [{ id: 'a', name: 'seen', type: 'string', value: seen }] };
		const look = node('Look', 'n8n-nodes-base.set', { assignments, options: {} }, { typeVersion: 3.4 });
		const execution = await server.client.createAndRun(workflowOfRows('Harvest', [{}], [http, look]));
		return { stored: JSON.stringify(execution.data), seen: String(execution.json('Look')[0]?.seen) };
	};
	for (const version of [2, ...VERSIONS]) {
		const { seen, stored } = await run(endpoint, version === 2 ? ofVersion2 : json(read), version);
		// In n8n 2 the expression reaches the options of the failed request.
		if (lineUnderTest() === 'n8n-2') assert.match(seen, new RegExp(endpoint), `version ${version}`);
		assert.doesNotMatch(`${seen} ${stored}`, /Signature|Nonce/, `version ${version}`);
	}
	assert.equal(heard.length, VERSIONS.length + 1);
	status = 200;
	const live = 'ServiceControlDeviceData';
	const refused: Array<[what: string, parameters: IDataObject, url?: string]> = [
		['second meaning', json({ ...read, A: `1&Action=${live}&Action1=x` })],
		['RequestId', json({ ...read, RequestId: `1&action=${live}` })],
		[
			'query',
			{ ...json(read), sendQuery: true, queryParameters: { parameters: [{ name: 'Action', value: live }] } },
		],
		['query in the URL', json(read), `${endpoint}?Action=${live}`],
		['path', json(read), `${endpoint}/${live}`],
		...['GET', 'PUT', 'DELETE', 'PATCH'].map((method): [string, IDataObject] => [
			method,
			{ ...json(read), method },
		]),
	];
	for (const [what, parameters, url = endpoint] of refused) {
		const { stored } = await run(url, parameters);
		assert.match(stored, /Nothing was (signed|sent)/, what);
	}
	assert.equal(heard.length, VERSIONS.length + 1);
	const headerParameters = {
		parameters: ['X-TC-Action', 'Host', 'Action'].map((name) => ({ name, value: live })),
	};
	await run(endpoint, { ...json(read), sendHeaders: true, headerParameters });
	const { url, headers, body } = heard.at(-1)!;
	assert.deepEqual([heard.length, url], [VERSIONS.length + 2, `POST ${endpoint}`]);
	assert.doesNotMatch(JSON.stringify([headers, body]), new RegExp(live));
});

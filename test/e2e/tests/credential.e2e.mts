import type { IDataObject } from 'n8n-workflow';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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
	const method = typeVersion > 2 ? { method: 'POST' } : {};
	const authentication = { authentication: 'predefinedCredentialType', nodeCredentialType: CREDENTIAL_TYPE };
	return node(
		'HTTP',
		'n8n-nodes-base.httpRequest',
		{ ...method, url, ...authentication, ...parameters },
		{ typeVersion, credentials: { [CREDENTIAL_TYPE]: { id, name: CREDENTIAL_NAME } }, ...settings },
	);
}

const fields = (value: IDataObject) =>
	Object.entries(value).map(([name, field]) => ({
		name,
		value: typeof field === 'number' ? `={{ ${field} }}` : field,
	}));
const ofVersion2 = { requestMethod: 'POST', jsonParameters: true, bodyParametersJson: JSON.stringify(read) };
const pages = {
	paginationMode: 'updateAParameterInEachRequest',
	parameters: { parameters: [{ type: 'body', name: 'Offset', value: '={{ $pageCount * 2 }}' }] },
	paginationCompleteWhen: 'other',
	completeExpression: '={{ $response.body.Response.Customers.length < 2 }}',
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
	for (const [way, parameters, version] of ways) {
		const http = httpNode(scene, simulator.endpoint, parameters, version);
		const execution = await server.client.createAndRun(workflowOfRows(way, [{}], [http]));
		assert.equal(execution.status, 'success', `${way}: ${execution.failure?.message}`);
		const answers = execution
			.json('HTTP')
			.map((item) => (item.body ?? item) as { Response?: { Customers: object[] } });
		const found = answers.map(({ Response }) => Response?.Customers.length);
		assert.deepEqual([way, found], [way, way === 'pages' ? [2, 1] : [2]]);
		if (way === 'full') {
			assert.equal(execution.json('HTTP')[0]?.statusCode, 200);
		}
	}
});

test('Of a request that fails no node of n8n gets a signature to see, and what else than a POST of a body is asked is not sent.', async (t) => {
	const { server } = scene;
	let heard = 0;
	const service = createServer((_, response) => {
		heard++;
		response.writeHead(500).end('{}');
	}).listen(0, '127.0.0.1');
	t.after(() => service.close());
	await once(service, 'listening');
	const endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}/api`;
	const data = { ...scene.credentialData, endpoint, allowedActions: 'readsOnly' };
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
		if (lineUnderTest() === 'n8n-2') {
			assert.match(seen, new RegExp(endpoint), `version ${version}`);
		}
		assert.doesNotMatch(`${seen} ${stored}`, /Signature|Nonce/, `version ${version}`);
	}
	assert.equal(heard, VERSIONS.length + 1);
	const sendQuery = {
		sendQuery: true,
		queryParameters: { parameters: [{ name: 'Action', value: 'Other' }] },
	};
	const { stored } = await run(endpoint, { ...json(read), ...sendQuery });
	assert.match(stored, /Nothing was (signed|sent)/);
	assert.equal(heard, VERSIONS.length + 1);
});

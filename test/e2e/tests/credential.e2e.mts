import type { IDataObject } from 'n8n-workflow';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { untilReady } from '../n8n/restSession.mts';
import { CREDENTIAL_TYPE, node, workflowOfRows } from '../n8n/workflow.mts';
import { eventually } from '../setup/eventually.mts';
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

/** The body parameters of n8n's HTTP Request node, from version 3 on. */
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

test('The HTTP Request node calls an Action with the credential in each documented way: JSON, fields, raw body, pagination, full response.', async () => {
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

test('The HTTP Request node shows no signature when a request fails, and sends nothing but a POST with a body.', async (t) => {
	const { server } = scene;
	let requests = 0;
	const service = createServer((_, response) => {
		requests++;
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
	assert.equal(requests, VERSIONS.length + 1);
	const sendQuery = {
		sendQuery: true,
		queryParameters: { parameters: [{ name: 'Action', value: 'Other' }] },
	};
	const { stored } = await run(endpoint, { ...json(read), ...sendQuery });
	assert.match(stored, /Nothing was (signed|sent)/);
	assert.equal(requests, VERSIONS.length + 1);
});

/** Code that reads everything it can reach from its input, bodies included, and outputs the texts that look signed. */
const READ_EVERYTHING = `
const texts = [];
const seen = new Set();
const read = async (value) => {
	if (typeof value === 'string') {
		texts.push(value);
		return;
	}
	if (value === null || !['object', 'function'].includes(typeof value) || seen.has(value) || seen.size > 20000) {
		return;
	}
	seen.add(value);
	for (const name of ['text', 'stream', 'arrayBuffer']) {
		try {
			const body = await value[name]();
			for await (const chunk of typeof body === 'string' ? [body] : [new Uint8Array(body)].flat()) {
				texts.push(typeof chunk === 'string' ? chunk : Array.from(chunk, (code) => String.fromCharCode(code)).join(''));
			}
		} catch {}
		try {
			for await (const chunk of value[name]()) {
				texts.push(Array.from(chunk, (code) => String.fromCharCode(code)).join(''));
			}
		} catch {}
	}
	for (const name of Reflect.ownKeys(value)) {
		try {
			await read(value[name]);
		} catch {}
	}
};
for (const item of this.getInputData()) {
	await read(item);
}
const signed = texts.filter((text) => /Signa[t]ure|Non[c]e/.test(text));
return [{ json: { objects: seen.size, hasEndpoint: texts.some((text) => text.includes('/api')), signed } }];
`;

const langChainCode = (name: string) =>
	node(name, '@n8n/n8n-nodes-langchain.code', {
		code: { execute: { code: READ_EVERYTHING } },
		inputs: { input: [{ type: 'main' }] },
		outputs: { output: [{ type: 'main' }] },
	});

test('After a request timed out, neither a LangChain Code node nor an error workflow can read the signed body.', async (t) => {
	const { client } = scene.server;
	let requests = 0;
	const silent = createServer(() => {
		requests++;
	}).listen(0, '127.0.0.1');
	t.after(() => {
		silent.close();
		silent.closeAllConnections();
	});
	await once(silent, 'listening');
	const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/api`;
	const data = { ...scene.credentialData, endpoint, allowedActions: 'readsOnly' };
	const limited = { ...scene, credential: await client.createCredential('Silent', data) };
	const timedOut = { ...json(read), options: { timeout: 500 } };

	const continuing = httpNode(limited, endpoint, timedOut, 4.2, { onError: 'continueRegularOutput' });
	const codeAfterRequest = workflowOfRows('Code after request', [{}], [continuing, langChainCode('Look')]);
	const execution = await client.createAndRun(codeAfterRequest);
	assert.equal(execution.status, 'success', execution.failure?.message);
	const [found] = execution.json('Look');
	assert.equal(requests, 1);
	assert.ok(Number(found?.objects) > 1, JSON.stringify(found));
	assert.deepEqual(found?.signed, []);
	// Only stored data can be pinned.
	assert.doesNotMatch(JSON.stringify(execution.data), /Signature"|Nonce"/);

	const alarm = await client.createWorkflow({
		...workflowOfRows('Alarm', [], []),
		nodes: [node('Error Trigger', 'n8n-nodes-base.errorTrigger'), langChainCode('Look')],
		connections: { 'Error Trigger': { main: [[{ node: 'Look', type: 'main', index: 0 }]] } },
		pinData: {},
	});
	await client.activate(alarm);
	const webhook = node(
		'Webhook',
		'n8n-nodes-base.webhook',
		{ path: 'times-out', httpMethod: 'POST' },
		{ typeVersion: 2, webhookId: 'times-out' },
	);
	const stopping = httpNode(limited, endpoint, timedOut);
	const failing = await client.createWorkflow({
		...workflowOfRows('Fails', [], []),
		nodes: [webhook, stopping],
		connections: { Webhook: { main: [[{ node: stopping.name, type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1', errorWorkflow: alarm.id },
		pinData: {},
	});
	await client.activate(failing);
	await untilReady(
		async () => await fetch(`${client.session.origin}/webhook/times-out`, { method: 'POST' }),
		[404, 503],
	);
	const alarmRun = await eventually(async () => await client.latest(alarm), 60_000);
	assert.equal(requests, 2);
	const [foundByAlarm] = alarmRun.json('Look');
	assert.ok(Number(foundByAlarm?.objects) > 1, JSON.stringify(foundByAlarm));
	assert.deepEqual(foundByAlarm?.signed, []);
});

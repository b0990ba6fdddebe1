import { createServer, type RequestListener } from 'node:http';
import { inspect } from 'node:util';
import type { IDataObject, IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { afterEach, describe, expect, test } from '@jest/globals';
import { runNode, type NodeResult } from '../../embedded/embeddedEngine.mts';
import { readCertificate } from '../../simulator/certificate.mts';
import { runCheckingProxy } from '../faults/checkingProxy.mts';
import { NO_PROXIES } from '../faults/noProxies.mts';
import { allOf } from '../invariants/secretViolations.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { loadTestedNode } from '../support/testedBuild.mts';
import { nodeThat } from './throwAwayNode.mts';

const { credentialType } = loadTestedNode();
const body = { Action: 'ServiceGetCustomerList', Offset: 0, Limit: 10 };

/** The request that n8n's HTTP Request node 4 makes by default: it follows redirects with the body. */
const requestByOlderFunction = async (context: IExecuteFunctions, uri: string, overrides: object = {}) =>
	(await context.helpers.requestWithAuthentication.call(context, credentialType.name, {
		headers: {},
		method: 'POST',
		uri,
		gzip: true,
		rejectUnauthorized: true,
		json: true,
		body,
		followRedirect: true,
		followAllRedirects: true,
		resolveWithFullResponse: true,
		timeout: 5_000,
		...overrides,
	})) as IDataObject;

/** The request that n8n's agent tools and its current nodes make. */
const requestByCurrentFunction = async (context: IExecuteFunctions, url: string, overrides: object = {}) =>
	(await context.helpers.httpRequestWithAuthentication.call(context, credentialType.name, {
		method: 'POST',
		url,
		body,
		returnFullResponse: true,
		timeout: 5_000,
		...overrides,
	} as IHttpRequestOptions)) as IDataObject;

/** Reads every body that the options inside an error expose, as any code in n8n's process could. */
async function readAllBodies(error: unknown): Promise<string[]> {
	const { options, config, request, cause } = (error ?? {}) as Record<string, { data?: unknown } | undefined>;
	const texts: string[] = [];
	for (const holder of [options, config, request]) {
		if (holder?.data === undefined) {
			continue;
		}
		const body = holder.data as Partial<Blob>;
		texts.push(inspect(body, { showHidden: true, depth: null }));
		const readings = [
			async () => await body.text?.(),
			async () => Buffer.from((await body.arrayBuffer?.()) ?? new ArrayBuffer()).toString(),
			async () => {
				let text = '';
				for await (const chunk of body.stream?.() ?? []) {
					text += Buffer.from(chunk).toString();
				}
				return text;
			},
		];
		for (const read of readings) {
			texts.push(String(await read().catch(String)));
		}
	}
	return cause === undefined ? texts : [...texts, ...(await readAllBodies(cause))];
}

type SendRequest = typeof requestByOlderFunction;
const functions: Array<[string, SendRequest]> = [
	['requestWithAuthentication', requestByOlderFunction],
	['httpRequestWithAuthentication', requestByCurrentFunction],
];

async function request(
	send: SendRequest,
	endpoint: string,
	url = endpoint,
	environment = {},
): Promise<NodeResult> {
	const node = nodeThat(async function () {
		const { statusCode, body: answer } = await send(this, url);
		return [[{ json: { statusCode, answer } as IDataObject }]];
	});
	const credentials = [{ name: credentialType.name, required: true }];
	return await runNode({
		rows: [{}],
		nodeType: { ...node, description: { ...node.description, credentials } },
		credentialType,
		credentials: {
			appKey: 'ServiceAppKey',
			appSecret: 'ServiceAppSecret',
			nestedRule: 'json',
			platform: 'custom',
			endpoint,
		},
		environment: { ...NO_PROXIES, ...environment },
	});
}

const servers: Array<() => void> = [];
afterEach(() => servers.splice(0).forEach((close) => close()));

async function listen(answer: RequestListener): Promise<string> {
	const server = createServer(answer);
	servers.push(() => server.close());
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api`;
}

/** A server that keeps the bodies of its requests. */
async function runCatcher(): Promise<{ url: string; caught: string[] }> {
	const caught: string[] = [];
	const url = await listen((message, response) => {
		let text = '';
		message.on('data', (chunk) => {
			text += String(chunk);
		});
		message.on('end', () => {
			caught.push(text);
			response.end('{}');
		});
	});
	return { url, caught };
}

describe.each(functions)("A request by n8n's %s with the credential", (_name, send) => {
	test('is signed and carried out by the service.', async () => {
		const simulator = await runSimulator();
		const { success } = await request(send, simulator.endpoint);
		expect(success[0]?.json.statusCode).toBe(200);
		expect(simulator.requests).toMatchObject([{ signatureValid: true }]);
	});

	test('to another server sends nothing, and says why.', async () => {
		const catcher = await runCatcher();
		const simulator = await runSimulator();
		const { failure } = await request(send, simulator.endpoint, catcher.url);
		expect(catcher.caught).toEqual([]);
		expect(JSON.stringify(failure)).toContain('Nothing was signed or sent: this credential signs for');
	});

	test('that fails exposes no signed body, however its error is read.', async () => {
		const endpoint = await listen((_message, response) => response.writeHead(500).end('{}'));
		const errors: unknown[] = [];
		const recordingSend: SendRequest = async (context, url) =>
			await send(context, url).catch((error: unknown) => {
				errors.push(error);
				throw error;
			});
		const result = await request(recordingSend, endpoint);
		expect(allOf(errors)).toContain('500');
		expect(allOf([errors, result])).not.toMatch(/Signature|ServiceAppSecret/);
	});

	test.each<[what: string, answer: RequestListener, overrides: object]>([
		['a response of 500', (_message, response) => response.writeHead(500).end('{}'), {}],
		['no response in time', () => undefined, { timeout: 300 }],
		['a closed connection', (message) => message.destroy(), {}],
	])(
		'leaves no body that code in the same process could read after %s.',
		async (_what, answer, overrides) => {
			const endpoint = await listen(answer);
			const bodies: unknown[] = [];
			const recordingSend: SendRequest = async (context, url) =>
				await send(context, url, overrides).catch(async (error: unknown) => {
					bodies.push(...(await readAllBodies(error)));
					throw error;
				});
			await request(recordingSend, endpoint);
			expect(bodies.length).toBeGreaterThan(0);
			expect(bodies.join(' ')).not.toContain('Signature');
		},
	);

	test.each(['agentOptions', 'proxy'])(
		'ignores its own %s, with which somebody else could read it.',
		async (name) => {
			const simulator = await runSimulator({ tls: true });
			const proxy = await runCheckingProxy();
			const { cert } = readCertificate();
			const proxyOrCertificate = name === 'proxy' ? { host: '127.0.0.1', port: proxy.port } : { ca: cert };
			const { failure } = await request(
				async (context, url) => await send(context, url, { [name]: proxyOrCertificate }),
				simulator.endpoint,
			);
			expect(JSON.stringify(failure)).toMatch(/self-signed certificate|DEPTH_ZERO_SELF_SIGNED_CERT/);
			expect([simulator.requests.length, proxy.connections]).toEqual([0, 0]);
		},
	);

	test.each([301, 302, 303, 307, 308])('follows no redirect (%d).', async (status) => {
		const catcher = await runCatcher();
		const endpoint = await listen((_message, response) =>
			response.writeHead(status, { location: catcher.url }).end(),
		);
		const { failure } = await request(send, endpoint);
		expect(catcher.caught).toEqual([]);
		expect(JSON.stringify(failure)).toContain(String(status));
	});

	test.each(['HTTP_PROXY', 'ALL_PROXY'])('over plain http to this machine bypasses %s.', async (name) => {
		const simulator = await runSimulator();
		const proxy = await runCheckingProxy();
		const environment = { [name]: `http://127.0.0.1:${proxy.port}` };
		const { success } = await request(send, simulator.endpoint, simulator.endpoint, environment);
		expect(success[0]?.json.statusCode).toBe(200);
		expect(proxy.connections).toBe(0);
	});
});

import { describe, expect, test } from '@jest/globals';
import { withoutProxies } from '../../../support/environment.mts';
import { inShort, poolOf, post } from '../../../support/pools.mts';
import { eventually } from '../../../support/eventually.mts';
import { FakeClock } from '../../../support/fakeClock.mts';
import { answering, DONE, httpBytes, runRawServer, type React } from '../../../support/rawServer.mts';
import { listen } from '../../../support/serverSocket.mts';

withoutProxies();

describe('A request', () => {
	test('is a POST of the body as JSON to the path of the endpoint', async () => {
		const { server } = await post(answering(httpBytes(200, DONE)));
		const [head = '', body] = (server.requests[0] ?? '').split('\r\n\r\n');
		const [line, ...headers] = head.toLowerCase().split('\r\n');
		expect(line).toBe('post /api http/1.1');
		expect(headers).toEqual(
			expect.arrayContaining([
				`host: 127.0.0.1:${server.port}`,
				'content-type: application/json',
				'accept: application/json',
				'content-length: 10',
			]),
		);
		expect(Buffer.from(body ?? '', 'latin1').toString('utf8')).toBe('{"a":"é"}');
	});
});

describe('A complete response', () => {
	test('is returned with the headers that the node reads', async () => {
		const headers = ['Content-Type: text/x', 'Date: today', 'Age: 7', 'Retry-After: 3', 'X-Other: x'];
		const { exchange } = await post(answering(httpBytes(418, 'body', headers)));
		expect(exchange).toEqual({
			response: {
				status: 418,
				body: Buffer.from('body'),
				contentType: 'text/x',
				date: 'today',
				age: '7',
				retryAfter: '3',
				receivedAtMs: expect.any(Number),
			},
		});
	});

	test('cancels the deadline of its request', async () => {
		const clock = new FakeClock();
		const { client } = await post(answering(httpBytes(200, DONE)), { clock });
		await clock.advance(4_000);
		expect(inShort(await client.post('{}'))).toBe(200);
		// The alarm of the first request's deadline finds no pending deadline.
		await clock.advance(1_000);
		expect(clock.waiting).toBe(0);
	});

	test('without these headers, or with repeated ones, has empty values', async () => {
		const none = await post(answering(httpBytes(200, '')));
		const empty = { contentType: '', date: '', age: '', retryAfter: '', body: Buffer.alloc(0) };
		expect(none.exchange).toMatchObject({ response: empty });
		const twice = await post(answering(httpBytes(200, '', ['Retry-After: 3', 'Retry-After: 4'])));
		expect(twice.exchange).toMatchObject({ response: { retryAfter: '' } });
	});

	test.each<[what: string, react: React]>([
		[
			'in chunks',
			answering(
				'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nbo\r\n1\r\nd\r\n1\r\ny\r\n0\r\n\r\n',
			),
		],
		['until the connection ends', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nbody')],
		['after an informational one', answering(`HTTP/1.1 103 Early\r\n\r\n${httpBytes(200, 'body')}`)],
		[
			'byte by byte',
			async (socket) => {
				for (const byte of httpBytes(200, 'body')) {
					socket.write(byte);
					await new Promise((resolve) => setImmediate(resolve));
				}
			},
		],
	])('is read when it comes %s', async (_what, react) => {
		const { exchange } = await post(react);
		expect(exchange).toMatchObject({ response: { status: 200, body: Buffer.from('body') } });
	});
});

describe('Cancelling', () => {
	test('ends a request that was written at once', async () => {
		const controller = new AbortController();
		const { exchange, server } = await post(() => controller.abort(), { signal: controller.signal });
		expect(inShort(exchange)).toBe('CANCELLED, written');
		await eventually(() => server.sockets.size, 0);
	});
});

describe('A request that may no longer leave', () => {
	test('is withheld, although it was allowed when it was posted, and leaves the connection to the next one', async () => {
		const server = await runRawServer(answering(httpBytes(200, DONE)));
		let isHeld = true;
		const client = await poolOf(server.endpoint, { connections: 1, mayLeave: () => isHeld });
		const exchange = client.post('{"n":1}');
		// The process is blocked while the connection opens.
		isHeld = false;
		expect(inShort(await exchange)).toBe('held back');
		isHeld = true;
		expect(inShort(await client.post('{"n":2}'))).toBe(200);
		expect(server.requests).toEqual([expect.stringContaining('{"n":2}')]);
	});
});

describe('Closing', () => {
	test('ends every connection at once', async () => {
		const server = await runRawServer((socket) => void socket.write(httpBytes(200, DONE)));
		const client = await poolOf(server.endpoint);
		expect(inShort(await client.post('{}'))).toBe(200);
		await client.close();
		await eventually(() => server.sockets.size, 0);
	});

	test('fails later requests, of which nothing is written', async () => {
		const { client } = await post(answering(httpBytes(200, DONE)));
		await client.close();
		expect(inShort(await client.post('{}'))).toBe('CONNECTION_RESET');
	});
});

test('A connection that the server has closed is not reused', async () => {
	const server = await listen((socket) => {
		socket.once('data', () => socket.end(httpBytes(200, DONE)));
	});
	const client = await poolOf(`http://127.0.0.1:${server.port}/api`, { connections: 1 });
	for (let times = 0; times < 3; times++) {
		expect(inShort(await client.post('{}'))).toBe(200);
		await eventually(() => server.sockets.size, 0);
	}
});

import { describe, expect, test } from '@jest/globals';
import {
	classifyTransportError,
	type TransportError,
} from '../../../../nodes/TencentCloudIot/service/transportError';
import { withoutProxies } from '../../../support/environment.mts';
import { inShort, poolOf, post } from '../../../support/pools.mts';
import { eventually } from '../../../support/eventually.mts';
import { FakeClock } from '../../../support/fakeClock.mts';
import { answering, httpBytes, runRawServer, type React } from '../../../support/rawServer.mts';

withoutProxies();

/** test/faults/ has a table of the other faults, for both builds. */
describe('A request without a complete response is a transport error:', () => {
	test.each<[what: string, react: React, short: string]>([
		['reset', (socket) => socket.resetAndDestroy(), 'CONNECTION_RESET, written'],
		['a huge body', answering(httpBytes(200, 'x'.repeat(2 ** 21 + 1))), 'RESPONSE_TOO_LARGE, written'],
	])('%s', async (_what, react, short) => {
		const { exchange } = await post(react);
		expect(inShort(exchange)).toBe(short);
	});

	// The library has no code for it, so it counts as a lost connection and is retried.
	test('garbage instead of HTTP', async () => {
		const { exchange } = await post(answering('SSH-2.0-OpenSSH\r\n\r\n'));
		expect(exchange).toHaveProperty('error');
		expect(classifyTransportError((exchange as { error: TransportError }).error)).toMatchObject({
			code: 'NOT_HTTP',
			retry: 'never',
			outcome: 'UNKNOWN',
		});
	});

	test('a dripping body ends at the deadline and leaves no connection', async () => {
		const server = await runRawServer((socket) => {
			socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n');
			const drip = setInterval(() => socket.write('x'), 20);
			socket.on('close', () => clearInterval(drip));
		});
		const clock = new FakeClock();
		const client = await poolOf(server.endpoint, { timeoutMs: 150, clock });
		const exchange = client.post('{}');
		await eventually(() => server.requests.length, 1);
		await clock.advance(150);
		expect(inShort(await exchange)).toBe('RESPONSE_TIMEOUT, written');
		await client.close();
		await eventually(() => server.sockets.size, 0);
	});

	test('no connection was free before the deadline, so nothing is written, not even later', async () => {
		const server = await runRawServer(() => undefined);
		const clock = new FakeClock();
		const client = await poolOf(server.endpoint, { connections: 1, clock });
		const first = client.post('{"n":1}');
		const second = client.post('{"n":2}');
		await eventually(() => server.requests.length, 1);
		await clock.advance(5_000);
		expect(inShort(await first)).toBe('RESPONSE_TIMEOUT, written');
		expect(inShort(await second)).toBe('RESPONSE_TIMEOUT');
		const third = client.post('{"n":3}');
		await eventually(() => server.requests.length, 2);
		expect(server.requests[1]).toMatch(/{"n":3}$/);
		await client.close();
		expect(inShort(await third)).toBe('CONNECTION_RESET, written');
	});
});

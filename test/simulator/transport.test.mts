import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { Agent, request } from 'undici';
import { bindParameters, call, failure, nowSeconds, post, signedBody, success } from './callSimulator.mts';
import { runSimulator } from './runningSimulator.mts';
import type { Simulator } from '../../simulator/simulator.mts';
import { certificatePath } from '../../simulator/simulator.mts';

async function pushOverTls({ endpoint, port }: Simulator, host: string, agent: Agent): Promise<unknown> {
	const answer = await request(endpoint.replace(`127.0.0.1:${port}`, `${host}:${port}`), {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: signedBody(bindParameters),
		dispatcher: agent,
	});
	return await answer.body.json();
}

test.each(['127.0.0.1', 'localhost'])('Over https, the certificate is valid for %s', async (host) => {
	const simulator = await runSimulator({ tls: true });
	const agent = new Agent({ connect: { ca: readFileSync(certificatePath) } });
	expect(await pushOverTls(simulator, host, agent)).toEqual(success);
	await agent.destroy();
});

test('Over https, clients do not trust the certificate by default', async () => {
	const simulator = await runSimulator({ tls: true });
	const agent = new Agent();
	await expect(pushOverTls(simulator, '127.0.0.1', agent)).rejects.toMatchObject({
		code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
	});
	await agent.destroy();
});

test('A reset over https is a reset of the TCP connection', async () => {
	const simulator = await runSimulator({ tls: true, faults: [{ on: 0, kind: 'applyThenReset' }] });
	const agent = new Agent({ connect: { ca: readFileSync(certificatePath) } });
	await expect(pushOverTls(simulator, '127.0.0.1', agent)).rejects.toMatchObject({ code: 'ECONNRESET' });
	expect(simulator.bindings.size).toBe(1);
	await agent.destroy();
});

test('Every other path and method is not found', async () => {
	const { origin, endpoint } = await runSimulator();
	expect((await fetch(endpoint)).status).toBe(404);
	expect((await fetch(`${origin}/api/other`, { method: 'POST' })).status).toBe(404);
});

test('A clock skew shifts both the window of Timestamp and the Date header', async () => {
	const simulator = await runSimulator({ clockSkewSeconds: -3600 });
	const before = nowSeconds();
	const answer = await post(simulator, signedBody(bindParameters));
	expect(JSON.parse(answer.text)).toEqual(failure('InvalidParameterValue', 'Timestamp 无效: 请求已过期'));
	const serverSeconds = Date.parse(answer.headers.get('date')!) / 1000;
	expect(serverSeconds).toBeGreaterThanOrEqual(before - 3600);
	expect(serverSeconds).toBeLessThanOrEqual(nowSeconds() - 3600);
	expect(await call(simulator, { ...bindParameters, Timestamp: serverSeconds })).toEqual(success);
});

test.each([80, { min: 80, max: 120 }])('A response is delayed by the latency: %j', async (latencyMs) => {
	const simulator = await runSimulator({ latencyMs });
	const startMs = performance.now();
	const answer = call(simulator, bindParameters);
	expect(await answer).toEqual(success);
	expect(performance.now() - startMs).toBeGreaterThanOrEqual(79);
});

test('Connections are counted, and reused if the client keeps them alive', async () => {
	const simulator = await runSimulator();
	const agent = new Agent({ connections: 2 });
	const send = () => request(`${simulator.origin}/_simulator/counts`, { dispatcher: agent });
	for (let sent = 0; sent < 5; sent++) {
		await (await send()).body.dump();
	}
	expect(simulator.connections.total).toBeLessThanOrEqual(2);
	expect(simulator.connections.open).toBe(simulator.connections.total);
	await agent.close();
});

test('Closing ends a connection that waits for a response, and the port is free again', async () => {
	const first = await runSimulator({ faults: [{ on: 0, kind: 'silence' }] });
	const waiting = call(first, bindParameters);
	const idle = connect(first.port, '127.0.0.1').on('error', () => {});
	const idleClosed = new Promise((resolve) => idle.once('close', resolve));
	while (first.requests.length === 0 || first.connections.open < 2) {
		await new Promise(setImmediate);
	}
	await Promise.all([first.close(), expect(waiting).rejects.toThrow(), idleClosed]);
	await first.close();
	const second = await runSimulator({ port: first.port });
	expect(second.port).toBe(first.port);
});

test('A customer with fifty thousand devices fits into one request', async () => {
	const simulator = await runSimulator();
	const DeviceInfos = Array.from({ length: 50_000 }, (_, index) => ({
		CustomerDeviceNo: String(index),
		DeviceId: `ProductA/Device${index}`,
		ProductName: 'P',
	}));
	expect(await call(simulator, { ...bindParameters, DeviceInfos })).toEqual(success);
	expect(simulator.bindings.get('Customer_1')).toHaveLength(50_000);
});

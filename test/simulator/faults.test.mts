import { expect, test } from '@jest/globals';
import { bindParameters, call, failure, post, signedBody, success } from './callSimulator.mts';
import { runSimulator } from './runningSimulator.mts';
import type { Fault, FaultRule, Simulator } from '../../simulator/simulator.mts';

const wasReset = { cause: { code: 'ECONNRESET' } };

async function push(simulator: Simulator, waiting: RequestInit = {}) {
	return await post(simulator, signedBody({ ...bindParameters, CustomerId: 'c' }), waiting);
}

const impatient = () => ({ signal: AbortSignal.timeout(1000) });

test('A reset discards the request', async () => {
	const simulator = await runSimulator({ faults: [{ on: 0, kind: 'reset' }] });
	await expect(push(simulator)).rejects.toMatchObject(wasReset);
	expect(simulator.bindings.size).toBe(0);
	expect(simulator.requests).toMatchObject([
		{ outcome: 'fault:reset', applied: false, signatureValid: true, CustomerId: 'c' },
	]);
});

test.each([false, true])('Silence sends no response; applied first: %s', async (applyFirst) => {
	const simulator = await runSimulator({ faults: [{ on: 'c', kind: 'silence', applyFirst }] });
	await expect(push(simulator, impatient())).rejects.toMatchObject({ name: 'TimeoutError' });
	expect(simulator.requests).toMatchObject([{ outcome: 'fault:silence', applied: applyFirst }]);
});

test('A late response is the usual one after a promise; the request is carried out at once', async () => {
	let release = () => {};
	const until = new Promise<void>((resolve) => {
		release = resolve;
	});
	const simulator = await runSimulator({ faults: [{ on: 'c', kind: 'late', until }] });
	await expect(push(simulator, impatient())).rejects.toMatchObject({ name: 'TimeoutError' });
	expect(simulator.requests).toMatchObject([{ outcome: 'OK', applied: true }]);
	const answer = call(simulator, { ...bindParameters, CustomerId: 'c' });
	await call(simulator, { ...bindParameters, CustomerId: 'other' });
	expect([...simulator.bindings.keys()]).toEqual(['c', 'other']);
	release();
	expect(await answer).toEqual(success);
});

test('A status gets a response with its body and headers', async () => {
	const html = '<h1>Bad Gateway</h1>';
	const headers = { 'content-type': 'text/html', 'x-from': 'proxy' };
	const simulator = await runSimulator({
		faults: [{ on: 0, kind: 'status', status: 502, body: html, headers, applyFirst: true }],
	});
	const answer = await push(simulator);
	expect(answer).toMatchObject({ status: 502, text: html });
	expect(answer.headers.get('x-from')).toBe('proxy');
	expect(simulator.bindings.size).toBe(1);
});

test('An error gets a response in the current envelope, with the RequestId of the request', async () => {
	const error = { Code: 'InternalError', Message: '内部错误' };
	const simulator = await runSimulator({ faults: [{ on: 0, kind: 'error', ...error }] });
	expect(await call(simulator, { ...bindParameters, RequestId: 'r' })).toEqual(
		failure(error.Code, error.Message, 'r'),
	);
	expect(simulator.bindings.size).toBe(0);
});

test('Any bytes can be a response with status 200', async () => {
	const body = new Uint8Array([0x7b, 0xff, 0x00]);
	const simulator = await runSimulator({ faults: [{ on: 0, kind: 'body', body }] });
	const answer = await fetch(simulator.endpoint, { method: 'POST', body: '{}' });
	expect(answer.status).toBe(200);
	expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
	expect(new Uint8Array(await answer.arrayBuffer())).toEqual(body);
});

const error: Fault = { kind: 'error', Code: 'E', Message: 'M' };

async function outcomes(faults: FaultRule[]) {
	const simulator = await runSimulator({ faults });
	for (const id of ['a', 'b', 'a', 'c', 'a']) {
		await call(simulator, { ...bindParameters, CustomerId: id });
	}
	return simulator.requests.map(({ outcome }) => (outcome === 'OK' ? 'ok' : 'fault'));
}

test('A fault can be for one request, one customer or all requests that match a predicate', async () => {
	expect(await outcomes([{ ...error, on: 3 }])).toEqual(['ok', 'ok', 'ok', 'fault', 'ok']);
	expect(await outcomes([{ ...error, on: 'a' }])).toEqual(['fault', 'ok', 'fault', 'ok', 'fault']);
	const picky = { ...error, on: ({ index }: { index: number }) => index % 2 === 1 };
	expect(await outcomes([picky])).toEqual(['ok', 'fault', 'ok', 'fault', 'ok']);
});

test('A fault can be limited to a number of requests; then a later rule takes over', async () => {
	expect(await outcomes([{ ...error, on: 'a', times: 2 }])).toEqual(['fault', 'ok', 'fault', 'ok', 'ok']);
	const rules = [
		{ ...error, on: 'a', times: 1 },
		{ ...error, on: 'b' },
	];
	expect(await outcomes(rules)).toEqual(['fault', 'fault', 'ok', 'ok', 'ok']);
});

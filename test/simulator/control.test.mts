import { expect, test } from '@jest/globals';
import { bindParameters, call, failure, success } from './callSimulator.mts';
import { runSimulator } from './runningSimulator.mts';
import type { Simulator, SimulatorSnapshot } from '../../simulator/simulator.mts';

async function state({ origin }: Simulator): Promise<SimulatorSnapshot> {
	return (await (await fetch(`${origin}/_simulator/state`)).json()) as SimulatorSnapshot;
}

async function control({ origin }: Simulator, command: string, body?: string) {
	const answer = await fetch(`${origin}/_simulator/${command}`, { method: 'POST', body: body ?? null });
	return { status: answer.status, text: await answer.text() };
}

test('Another process can read counts, bindings, connections and requests', async () => {
	const simulator = await runSimulator();
	await call(simulator, bindParameters);
	await call(simulator, bindParameters, { secret: 'wrong' });
	const counts = {
		requests: 2,
		applied: 1,
		writes: 1,
		outcomes: { OK: 1, InvalidParameterValue: 1 },
		customers: 1,
		devices: 1,
	};
	const snapshot = await state(simulator);
	expect(snapshot).toEqual({
		counts,
		connections: { total: expect.any(Number), open: expect.any(Number), tlsHandshakes: 0 },
		bindings: [['Customer_1', bindParameters.DeviceInfos]],
		requests: JSON.parse(JSON.stringify(simulator.requests)) as unknown,
	});
	expect(new Map(snapshot.bindings)).toEqual(simulator.bindings);
	expect(await (await fetch(`${simulator.origin}/_simulator/counts`)).json()).toEqual(counts);
});

test('A reset forgets what happened and keeps the options', async () => {
	const simulator = await runSimulator({
		envelope: 'bare',
		rateLimit: { perSecond: 1 },
		faults: [{ on: 'faulty', times: 1, kind: 'error', Code: 'E', Message: 'M' }],
	});
	const { requests, bindings } = simulator;
	const once = { ...bindParameters, Timestamp: Math.floor(Date.now() / 1000), Nonce: 7 };
	for (let round = 0; round < 2; round++) {
		expect(await call(simulator, { ...once, CustomerId: 'faulty' })).toMatchObject({ Error: { Code: 'E' } });
		expect(await call(simulator, once)).toMatchObject({ Status: 'OK' });
		expect(await control(simulator, 'reset')).toEqual({ status: 204, text: '' });
		expect([requests.length, bindings.size]).toEqual([0, 0]);
		expect(simulator.connections.total).toBe(simulator.connections.open);
	}
});

test('Options can change at run time, independently of each other', async () => {
	const simulator = await runSimulator();
	const refusal = { Code: 'C', Message: 'M' };
	const answer = await control(
		simulator,
		'options',
		JSON.stringify({ nestedRule: 'jsString', refuseCustomers: { bad: refusal } }),
	);
	expect(JSON.parse(answer.text)).toEqual({
		nestedRule: 'jsString',
		envelope: 'response',
		latencyMs: 0,
		rateLimit: null,
		refuseCustomers: { bad: refusal },
		outage: false,
	});
	expect(await call(simulator, bindParameters, { rule: 'json' })).toEqual(
		failure('InvalidParameterValue', 'Signature 无效'),
	);
	expect(await call(simulator, bindParameters, { rule: 'jsString' })).toEqual(success);
	await control(simulator, 'options', '{"envelope":"bare","rateLimit":{"perSecond":1},"latencyMs":1}');
	expect(await call(simulator, bindParameters, { rule: 'jsString' })).toMatchObject({ Status: 'OK' });
	await control(simulator, 'options', '{"rateLimit":null}');
	expect(await call(simulator, { ...bindParameters, CustomerId: 'bad' }, { rule: 'jsString' })).toMatchObject(
		{
			Error: refusal,
		},
	);
});

test('In an outage, no request is applied or gets a response; the control routes still work', async () => {
	const simulator = await runSimulator();
	await control(simulator, 'options', '{"outage":true}');
	for (const CustomerId of ['a', 'b']) {
		await expect(call(simulator, { ...bindParameters, CustomerId })).rejects.toMatchObject({
			cause: { code: 'ECONNRESET' },
		});
	}
	const { counts, bindings } = await state(simulator);
	expect([counts.outcomes, bindings]).toEqual([{ 'fault:reset': 2 }, []]);
	expect((await control(simulator, 'options', '{"outage":false}')).status).toBe(200);
	expect(await call(simulator, bindParameters)).toEqual(success);
});

const wrongOptions: [body: string, problem: string][] = [
	['', 'JSON object'],
	['[]', 'Expected object'],
	['{"port":1}', 'port'],
	['{"nestedRule":"xml"}', 'nestedRule'],
	['{"outage":"yes"}', 'outage'],
	['{"latencyMs":-1}', 'latencyMs'],
	['{"latencyMs":{"min":2,"max":1}}', 'latencyMs'],
	['{"rateLimit":{"perSecond":0}}', 'rateLimit.perSecond'],
	['{"rateLimit":{"perSecond":1,"retryAfter":"\\n"}}', 'rateLimit.retryAfter'],
	['{"refuseCustomers":{"a":{"Code":"C"}}}', 'refuseCustomers.a.Message'],
];

test.each(wrongOptions)(
	'The invalid options %s are refused by name and change nothing',
	async (body, problem) => {
		const simulator = await runSimulator();
		const answer = await control(simulator, 'options', body);
		expect(answer.status).toBe(400);
		expect((JSON.parse(answer.text) as { message: string }).message).toContain(problem);
		expect(await call(simulator, bindParameters)).toEqual(success);
	},
);

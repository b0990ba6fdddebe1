import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { runSimulator } from '../../simulator/runningSimulator.mts';
import type { Fault, FaultRule, SimulatorOptions } from '../../../simulator/simulator.mts';
import { withoutProxies } from '../../support/environment.mts';
import { eventually } from '../../support/eventually.mts';
import { FakeClock } from '../../support/fakeClock.mts';
import { JumpingClock } from '../../support/jumpingClock.mts';
import { doneTo, httpBytes, runRawServer } from '../../support/rawServer.mts';
import {
	deliver,
	endOf,
	outcomesOf,
	pushes,
	pushOf,
	sendingTo,
	type SendingChanges,
} from '../../support/sending.mts';

withoutProxies();

/** The result of the push of customer c, after the push of another customer has warmed the run up. */
async function pushC(options: SimulatorOptions, changes: SendingChanges = {}) {
	const simulator = await runSimulator(options);
	const report = await deliver([pushOf('first'), pushOf('c')], sendingTo(simulator, changes));
	const requests = simulator.requests.filter(({ CustomerId }) => CustomerId === 'c');
	const { outcome, requestIds } = endOf(report.delivered[1]!);
	return { simulator, requests, outcome, requestIds, word: outcomesOf(report)[1] };
}

/** A fault for the first requests of customer c, or for all of them. */
const onC = (fault: Fault, times = Infinity): FaultRule => ({ ...fault, on: 'c', times });

const error = (Code: string, Message = 'm'): Fault => ({ kind: 'error', Code, Message });

describe('A request that may be retried', () => {
	test('succeeds at the second attempt, or is given up after the third', async () => {
		const fault: Fault = { kind: 'applyThenReset' };
		const once = await pushC({ faults: [onC(fault, 1)] });
		expect(once).toMatchObject({ word: 'OK', requests: { length: 2 } });
		expect(once.requestIds).toEqual(once.requests.map(({ RequestId }) => RequestId));

		const always = await pushC({ faults: [onC(fault)] });
		expect(always).toMatchObject({ word: 'UNKNOWN CONNECTION_RESET', requests: { length: 3 } });
		expect(always.requestIds).toEqual(always.requests.map(({ RequestId }) => RequestId));
	});

	test('is the same each time, except for what makes a request unique', async () => {
		const { requests } = await pushC({ keepBodies: true, faults: [onC({ kind: 'applyThenReset' }, 2)] });
		const bodies = requests.map(({ body }) => JSON.parse(body!) as Record<string, unknown>);
		expect(bodies).toHaveLength(3);
		for (const { RequestId, Timestamp, Nonce, Signature, ...parameters } of bodies) {
			expect(parameters).toEqual({ ...pushOf('c'), AppKey: 'ServiceAppKey' });
			expect([typeof RequestId, typeof Timestamp, typeof Nonce, typeof Signature]).toEqual([
				'string',
				'number',
				'number',
				'string',
			]);
		}
		expect(new Set(bodies.map(({ Signature }) => Signature)).size).toBe(3);
		expect(requests.every(({ signatureValid }) => signatureValid)).toBe(true);
	});
});

describe('An earlier attempt that may have been applied', () => {
	test('stays UNKNOWN when the later one is refused', async () => {
		const refused = error('InvalidParameterValue', 'invalid CustomerId');
		const { simulator, outcome } = await pushC({
			faults: [onC({ kind: 'applyThenReset' }, 1), onC(refused)],
		});
		expect(outcome).toMatchObject({ outcome: 'UNKNOWN', code: 'InvalidParameterValue' });
		expect(simulator.bindings.has('c')).toBe(true);
	});

	test('is REFUSED if it was refused and a later one was never sent', async () => {
		const server = await runRawServer((socket) => {
			socket.end(httpBytes(429, ''), () => void server.close());
		});
		const report = await deliver([pushOf('c')], sendingTo(server));
		expect(outcomesOf(report)).toEqual(['REFUSED CONNECTION_REFUSED']);
		expect(server.requests).toHaveLength(1);
	});
});

describe('Waits', () => {
	test('after throttling also apply to the requests of the other slots', async () => {
		const clock = new FakeClock(Date.now());
		const simulator = await runSimulator({ faults: [onC(error('RequestLimitExceeded'), 1)] });
		const calls = ['first', 'c', ...'defgh'].map(pushOf);
		const report = deliver(calls, sendingTo(simulator, { concurrency: 2, random: () => 0.6, clock }));
		await eventually(() => simulator.requests.some(({ CustomerId }) => CustomerId === 'c'), true);
		// Requests that the other slot had already started are not delayed: at most two.
		await setTimeout(50);
		const begun = simulator.requests.length;
		expect(begun).toBeLessThanOrEqual(4);
		await clock.advance(900);
		await setTimeout(50);
		expect(simulator.requests).toHaveLength(begun);
		while (simulator.requests.length < 8) {
			await clock.advance(100);
		}
		expect(outcomesOf(await report)).toEqual(new Array(7).fill('OK'));
	});

	test.each([
		['Retry-After asks for', ['retry-after: 30'], 29_900],
		['it takes a second', [], 900],
	])('after throttling apply to all requests, as %s, even without a retry', async (_, headers, waitMs) => {
		const clock = new FakeClock(Date.now());
		const server = await runRawServer((socket, index) => {
			const response =
				index === 1 ? httpBytes(429, '', headers) : httpBytes(200, doneTo(server.requests[index]));
			socket.write(response);
		});
		const report = deliver(pushes(3), sendingTo(server, { concurrency: 1, maxAttempts: 1, clock }));
		await eventually(() => server.requests.length, 2);
		await setTimeout(50);
		await clock.advance(waitMs);
		await setTimeout(50);
		expect(server.requests).toHaveLength(2);
		await clock.advance(1_000);
		expect(outcomesOf(await report)).toEqual(['OK', 'REFUSED HTTP_429', 'OK']);
	});

	test('are random by default', async () => {
		const clock = new JumpingClock();
		const settings = { ...sendingTo(await runSimulator({ faults: () => ({ kind: 'reset' }) })), clock };
		delete settings.random;
		await deliver(pushes(3), settings);
		expect(clock.sleeps).toHaveLength(6);
		expect(new Set(clock.sleeps).size).toBe(6);
		expect(Math.max(...clock.sleeps)).toBeLessThan(400);
	});
});

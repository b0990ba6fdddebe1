import { fork, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { testedBuild } from '../support/testedBuild.mts';
import { payloadOf } from '../invariants/requestViolations.mts';
import { startSimulatorProcess, type SimulatorProcess } from '../../simulator/simulatorProcess.mts';
import type { RequestRecord } from '../../simulator/simulator.mts';

const CUSTOMERS = 2_000;

/** The node's default concurrency. */
const MOST_UNDER_WAY = 10;

const startPush = (endpoint: string): ChildProcess =>
	fork(join(__dirname, 'pushProcess.mts'), [endpoint, String(CUSTOMERS), testedBuild], { execArgv: [] });

/** Waits until so many requests were carried out. */
async function applied(simulator: SimulatorProcess, count: number): Promise<void> {
	while ((await simulator.counts()).applied < count) await sleep(5);
}

/** The different payloads that came for each customer. */
function payloadsOf(requests: readonly RequestRecord[]): Map<string, Set<string>> {
	const payloads = new Map<string, Set<string>>();
	for (const { CustomerId = '', body = '' } of requests) {
		const known = payloads.get(CustomerId) ?? new Set();
		payloads.set(CustomerId, known.add(payloadOf(body)));
	}
	return payloads;
}

test(`A process that is killed in the middle of ${CUSTOMERS} customers and run again leaves the exact set of each.`, async () => {
	const simulator = await startSimulatorProcess(['--keep-bodies']);
	try {
		const killed = startPush(simulator.endpoint);
		await applied(simulator, randomInt(1, CUSTOMERS - 500));
		killed.kill('SIGKILL');
		const [, signal] = (await once(killed, 'exit')) as [number | null, string];
		const before = await simulator.counts();
		expect([signal, before.customers > 0, before.customers < CUSTOMERS]).toEqual(['SIGKILL', true, true]);

		const again = startPush(simulator.endpoint);
		const [told] = (await once(again, 'message')) as [unknown];
		expect(told).toEqual({ done: CUSTOMERS, failures: [] });

		const { bindings, requests, counts } = await simulator.state();
		expect(counts).toMatchObject({ customers: CUSTOMERS, devices: 2 * CUSTOMERS });
		for (const [id, devices] of bindings) {
			const index = id.slice(1);
			expect(devices.map(({ DeviceId }) => DeviceId)).toEqual([`P${index}/D0`, `P${index}/D1`]);
		}
		expect([...payloadsOf(requests).values()].filter(({ size }) => size !== 1)).toEqual([]);
		// What was on its way when the process was killed may have arrived after the count.
		const extra = requests.length - before.requests - CUSTOMERS;
		expect(extra >= 0 && extra <= MOST_UNDER_WAY).toBe(true);
	} finally {
		await simulator.stop();
	}
});

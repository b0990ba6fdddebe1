import { fork, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { testedBuild } from '../support/testedBuild.mts';
import { payloadOf } from '../invariants/requestViolations.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import type { RequestRecord } from '../../simulator/simulator.mts';

const CUSTOMERS = 300;

/** The node's default concurrency. */
const MOST_UNDER_WAY = 10;

const startPush = (endpoint: string): ChildProcess =>
	fork(join(__dirname, 'pushProcess.mts'), [endpoint, String(CUSTOMERS), testedBuild], { execArgv: [] });

/** The different payloads that arrived for each customer. */
function payloadsOf(requests: readonly RequestRecord[]): Map<string, Set<string>> {
	const payloads = new Map<string, Set<string>>();
	for (const { CustomerId = '', body = '' } of requests) {
		const sentSets = payloads.get(CustomerId) ?? new Set();
		payloads.set(CustomerId, sentSets.add(payloadOf(body)));
	}
	return payloads;
}

test(`A process that is killed in the middle of ${CUSTOMERS} customers and run again leaves exactly the right devices for each.`, async () => {
	const requestsBeforeKill = randomInt(1, CUSTOMERS - 2 * MOST_UNDER_WAY);
	let kill = (): void => undefined;
	const until = new Promise<void>((resolve) => {
		kill = resolve;
	});
	// Requests in flight at that time are carried out afterwards, and nobody receives the responses.
	const simulator = await runSimulator({
		keepBodies: true,
		faults: ({ index }) => (index < requestsBeforeKill ? undefined : { kind: 'late', until }),
	});
	const killed = startPush(simulator.endpoint);
	while (simulator.requests.length <= requestsBeforeKill) {
		await sleep(5);
	}
	killed.kill('SIGKILL');
	const [, signal] = (await once(killed, 'exit')) as [number | null, string];
	kill();
	const before = simulator.requests.length;
	expect([signal, before < CUSTOMERS]).toEqual(['SIGKILL', true]);

	const again = startPush(simulator.endpoint);
	const [report] = (await once(again, 'message')) as [unknown];
	expect(report).toEqual({ done: CUSTOMERS, failures: [] });

	expect(simulator.bindings.size).toBe(CUSTOMERS);
	for (const [id, devices] of simulator.bindings) {
		const index = id.slice(1);
		expect(devices.map(({ DeviceId }) => DeviceId)).toEqual([`P${index}/D0`, `P${index}/D1`]);
	}
	expect([...payloadsOf(simulator.requests).values()].filter(({ size }) => size !== 1)).toEqual([]);
	expect(simulator.requests).toHaveLength(before + CUSTOMERS);
});

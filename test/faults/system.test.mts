import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { OnError } from 'n8n-workflow';
import { expectNothingLost } from '../engine/invariants.mts';
import { push, row } from '../engine/pushRun.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { eventually } from '../support/eventually.mts';

const ON_ERROR: OnError[] = ['stopWorkflow', 'continueErrorOutput', 'continueRegularOutput'];
const many = (count: number) => Array.from({ length: count }, (_, index) => row(`c${index}`, index));

describe.each(ON_ERROR)('With On Error %s', (onError) => {
	test('a cancel at any moment starts nothing more, and what it interrupts is not reported as done.', async () => {
		for (const afterMs of [0, 3, 11, 23, 41, 77]) {
			const rows = many(400);
			const simulator = await runSimulator({ latencyMs: 2, keepBodies: true });
			const controller = new AbortController();
			let arrived = 0;
			setTimeout(() => {
				arrived = simulator.requests.length;
				controller.abort();
			}, afterMs);
			const result = await push(rows, simulator, {
				onError,
				signal: controller.signal,
				options: { concurrency: 4 },
			});
			expect(result.status).toBe('canceled');
			const cancelled = { arrived, underWay: 4 };
			expectNothingLost(result, rows, simulator, {
				mostRequestsPerCustomer: 1,
				isSignedRight: true,
				cancelled,
			});
		}
	});

	test("the workflow's own timeout ends the requests that are under way and starts no other.", async () => {
		const rows = many(200);
		const simulator = await runSimulator({ latencyMs: 20 });
		const options = { concurrency: 2 };
		const result = await push(rows, simulator, { onError, executionTimeoutSeconds: 0.2, options });
		// What was under way may still arrive, however busy the machine is.
		await eventually(() => simulator.connections.open, 0);
		const { length } = simulator.requests;
		expect(result.status).toBe('canceled');
		expect(length).toBeLessThan(rows.length);
		await sleep(100);
		expect(simulator.requests).toHaveLength(length);
	});
});

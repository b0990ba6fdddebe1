import { expect, test } from '@jest/globals';
import type { OnError } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNothingLost } from './invariants.mts';
import { push, row } from './pushRun.mts';

const rows = Array.from({ length: 20 }, (_, index) => row(`c${index}`, index));
const retryOnFail = { maxTries: 3, waitBetweenTries: 1 };
const refusedOnce = (on: string) =>
	({ on, times: 1, kind: 'error', Code: 'InvalidParameterValue', Message: 'invalid CustomerId' }) as const;

test('Retry On Fail with Stop Workflow sends only what the service has not accepted yet, and says so.', async () => {
	const simulator = await runSimulator({ faults: [refusedOnce('c5')] });
	const result = await push(rows, simulator, { retryOnFail, options: { concurrency: 3 } });
	expect(result.status).toBe('success');
	const applied = simulator.requests.filter(({ applied }) => applied).map(({ CustomerId }) => CustomerId);
	expect(applied.toSorted()).toEqual(rows.map(({ CustomerId }) => CustomerId).toSorted());
	expect(result.success[0]?.json).toMatchObject({
		CustomerId: 'c0',
		Status: 'OK',
		Attempts: 0,
		AlreadyDone: true,
	});
	expect(result.hints[0]?.message).toMatch(
		/20 customers, 20 devices pushed; \d+ customers already done in an earlier try/,
	);
	expectNothingLost(result, rows, simulator);
});

test.each(['continueErrorOutput', 'continueRegularOutput'] as OnError[])(
	'Retry On Fail does not run a partly done push again with %s.',
	async (onError) => {
		const simulator = await runSimulator({ faults: [refusedOnce('c0')] });
		const result = await push(rows, simulator, { onError, retryOnFail });
		expect(simulator.requests).toHaveLength(20);
		expectNothingLost(result, rows, simulator);
	},
);

test('Retry On Fail does not send anything again after a cancel.', async () => {
	const simulator = await runSimulator({ latencyMs: 200 });
	const controller = new AbortController();
	setTimeout(() => controller.abort(), 50);
	await push(rows, simulator, { retryOnFail, signal: controller.signal });
	expect(simulator.requests).toHaveLength(1);
});

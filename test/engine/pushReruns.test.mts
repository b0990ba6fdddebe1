import { expect, test } from '@jest/globals';
import type { OnError } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { eventually } from '../support/eventually.mts';
import { expectNothingLost } from './invariants.mts';
import { push, row } from './pushRun.mts';
import type { FaultRule } from '../../simulator/simulator.mts';

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
		/20 customers, 20 devices pushed; \d+ already done in an earlier attempt/,
	);
	expectNothingLost(result, rows, simulator);
});

test.each<[onError: OnError, what: string, isLost: (index: number) => boolean, requests: number]>([
	['stopWorkflow', 'sends the remaining and the unclear customers', (index) => index === 2, 7],
	['continueErrorOutput', 'does not run a partly done push again', (index) => index === 2, 6],
	['continueRegularOutput', 'does not run a partly done push again', (index) => index === 2, 6],
	['continueErrorOutput', 'runs a push again that failed as a whole', () => true, 9],
])('Retry On Fail with On Error %s %s.', async (onError, _what, isLost, requests) => {
	const six = rows.slice(0, 6);
	const lost = (_: unknown, index: number): FaultRule => ({
		on: `c${index}`,
		times: 1,
		kind: 'applyThenReset',
	});
	const faults = six.map(lost).filter((_, index) => isLost(index));
	const simulator = await runSimulator({ keepBodies: true, faults });
	const twice = { maxTries: 2, waitBetweenTries: 1 };
	const options = { concurrency: 1, maxAttempts: 1 };
	const result = await push(six, simulator, { onError, retryOnFail: twice, options });
	expect(simulator.requests).toHaveLength(requests);
	expectNothingLost(result, six, simulator, { mostRequestsPerCustomer: 2, isSignedRight: true });
});

test('Retry On Fail does not send anything again after a cancel.', async () => {
	const simulator = await runSimulator({ faults: [{ on: 0, kind: 'silence' }] });
	const controller = new AbortController();
	const run = push(rows, simulator, { retryOnFail, signal: controller.signal });
	await eventually(() => simulator.requests.length, 1);
	controller.abort();
	await run;
	expect(simulator.requests).toHaveLength(1);
});

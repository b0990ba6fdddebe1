import { describe, expect, test } from '@jest/globals';
import type { NodeResult } from '../../embedded/embeddedEngine.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { runOperation } from './operationRun.mts';
import { push, row } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

const REFUSED = { Code: 'InvalidParameterValue', Message: 'no' };

/** What n8n stores as the custom data of the execution: its list of executions shows and filters by it. */
const customData = ({ saved }: NodeResult) => saved.data.resultData.metadata;
const tracing = ({ runs }: NodeResult) => runs.at(-1)?.metadata?.tracing;

describe('The list of executions', () => {
	test('shows health, sent and failed customers of a Push, and the trace shows its counts.', async () => {
		const simulator = await runSimulator({ refuseCustomers: { b: REFUSED } });
		const rows = [row('a', 1), row('b', 2), row('c', 3), row('d', 'no slash')];
		const result = await push(rows, simulator, { onError: 'continueErrorOutput' });
		expect(customData(result)).toEqual({
			tencentIotHealth: 'degraded',
			tencentIotSent: '2',
			tencentIotFailed: '2',
		});
		expect(tracing(result)).toEqual({
			health: 'degraded',
			sent: 2,
			failed: 2,
			unchanged: 0,
			postponed: 0,
			requests: 3,
			retries: 0,
		});
	});

	test('shows a Sync that a safety check stopped as failing.', async () => {
		const { sync } = await syncTimeline();
		const rows = Array.from({ length: 60 }, (_, index) => row(`c${index}`, index));
		await sync(rows);
		const wrong = rows.map((wholeRow) => ({ ...wholeRow, ProductName: 'wrong column' }));
		for (const onError of ['continueErrorOutput', 'stopWorkflow'] as const) {
			expect(customData(await sync(wrong, {}, { onError }))).toEqual({
				tencentIotHealth: 'failing',
				tencentIotSent: '0',
				tencentIotFailed: '60',
			});
		}
	});

	test('counts a customer that Retry On Fail sends again once, by its last outcome.', async () => {
		const fault = { on: 'c', times: 1, kind: 'error', ...REFUSED } as const;
		const simulator = await runSimulator({ faults: [fault] });
		const rows = [row('a', 1), row('b', 2), row('c', 3)];
		const retryOnFail = { maxTries: 2, waitBetweenTries: 1 };
		const result = await push(rows, simulator, { retryOnFail, options: { concurrency: 1 } });
		expect(simulator.requests).toHaveLength(4);
		expect(customData(result)).toEqual({
			tencentIotHealth: 'ok',
			tencentIotSent: '3',
			tencentIotFailed: '0',
		});
	});

	test("starts from zero for n8n's own Retry of a failed execution.", async () => {
		const simulator = await runSimulator({ refuseCustomers: { b: REFUSED } });
		const rows = [row('a', 1), row('b', 2)];
		const failed = await push(rows, simulator);
		expect(customData(failed)).toMatchObject({ tencentIotHealth: 'degraded', tencentIotSent: '1' });
		simulator.setOptions({ refuseCustomers: {} });
		const retried = await push(rows, simulator, { retryOf: failed.saved });
		expect(customData(retried)).toEqual({
			tencentIotHealth: 'ok',
			tencentIotSent: '2',
			tencentIotFailed: '0',
		});
	});

	test('shows nothing for a Dry Run or an operation that only reads.', async () => {
		const simulator = await runSimulator();
		const dry = await push([row('a', 1)], simulator, { options: { dryRun: true } });
		const read = await runOperation(simulator, { operation: 'customer.getMany' });
		for (const result of [dry, read]) {
			expect([customData(result), tracing(result)]).toEqual([undefined, undefined]);
		}
	});
});

import { describe, expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { push, row } from './pushRun.mts';
import { syncTimeline } from './syncTimeline.mts';

const options = { concurrency: 1, maxAttempts: 1 };
const refused = { times: 1, kind: 'error', Code: 'InvalidParameterValue', Message: 'x' } as const;

describe("n8n's own Retry of a failed execution", () => {
	test('pushes every customer again: the service may have other devices by then.', async () => {
		const rows = [row('c0', 0), row('c1', 1)];
		const simulator = await runSimulator({ faults: [{ on: 'c1', ...refused }] });
		const { saved, status } = await push(rows, simulator, { options });
		expect(status).toBe('error');
		await push([row('c0', 'P/elsewhere')], simulator, { options });
		const retried = await push(rows, simulator, { options, retryOf: saved });
		expect(retried.status).toBe('success');
		expect(retried.success.map(({ json }) => json.AlreadyDone)).toEqual([undefined, undefined]);
		expect(simulator.bindings.get('c0')).toMatchObject([{ DeviceId: 'P/D0' }]);
	});

	test('does not sync the rows of the failed execution: later runs may have pushed newer ones.', async () => {
		const { sync, simulator } = await syncTimeline({ faults: [{ on: 'c1', ...refused }] });
		const rows = [row('c0', 0), row('c1', 1)];
		const run = { onError: 'stopWorkflow', retryOnFail: { maxTries: 2, waitBetweenTries: 1 } } as const;
		const { saved } = await sync(rows, options, { onError: 'stopWorkflow' });
		await sync([row('c0', 'P/newer'), row('c1', 1)]);
		const retried = await sync(rows, options, { ...run, retryOf: saved });
		expect(retried.sent).toEqual([]);
		expect(retried.failure?.message).toBe(
			"n8n's Retry would use the rows that the failed execution read, which may be out of date. Nothing was sent. Start the workflow again, so that it reads the rows again",
		);
		expect(simulator.bindings.get('c0')).toMatchObject([{ DeviceId: 'P/newer' }]);
	});
});

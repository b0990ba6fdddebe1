import { describe, expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { errorOf, push, row } from './pushRun.mts';

const CUSTOMERS = 2_000;
const customers = Array.from({ length: CUSTOMERS }, (_, index) => row(`user_${index}`, index));
/** Ids of ever differing shape, each of which may mean any of many customers. */
const broken = Array.from({ length: 24 }, (_, index) =>
	row(`${'\uFFFD'.repeat(1 + index)}${'1'.repeat(1 + (index % 4))}${'\uFFFD'.repeat(8)}`, `Q/${index}`),
);

describe('A sheet whose ids are broken in ever differing ways', () => {
	test.each([
		['in a Dry Run', true],
		['in a run', false],
	])('is refused as a whole %s, and the message says what to do', async (_when, dryRun) => {
		const simulator = await runSimulator();
		for (const operation of ['push', 'sync']) {
			const { failure } = await push([...customers, ...broken], simulator, {
				operation,
				options: { dryRun },
			});
			expect(failure?.message).toBe(
				"More than 20 different values of 'CustomerId' have broken characters. Nothing was sent. " +
					'Export the file as UTF-8 and run the workflow again',
			);
		}
		expect(simulator.requests).toEqual([]);
	});

	test('is one failure of all rows where the workflow continues', async () => {
		const simulator = await runSimulator();
		const rows = [...customers, ...broken];
		const { error } = await push(rows, simulator, { onError: 'continueErrorOutput' });
		expect(error).toHaveLength(1);
		expect(errorOf(error[0]!)).toMatchObject({ code: 'BROKEN_CUSTOMER_IDS', outcome: 'NOT_SENT' });
		expect(error[0]?.pairedItem).toHaveLength(rows.length);
		expect(simulator.requests).toEqual([]);
	});
});

import { describe, expect, test } from '@jest/globals';
import { expectNothingLost } from '../engine/invariants.mts';
import { push, row } from '../engine/pushRun.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;
const rows = Array.from({ length: 10 }, (_, index) => row(`c${index}`, index));

/** Whole seconds in the Date header, and the time that passes on a busy machine, leave this much open. */
const SLACK_SECONDS = 30;

describe("A service whose clock is off from this server's", () => {
	test.each([0, 4 * MINUTE, -4 * MINUTE])('by %i seconds needs nothing.', async (clockSkewSeconds) => {
		const simulator = await runSimulator({ clockSkewSeconds, keepBodies: true });
		const result = await push(rows, simulator, { onError: 'continueErrorOutput' });
		expect(simulator.requests.map(({ outcome }) => outcome)).toEqual(rows.map(() => 'OK'));
		expect(result.hints[0]?.message).toBe('10 customers, 10 devices pushed');
		expectNothingLost(result, rows, simulator, { mostRequestsPerCustomer: 1, isSignedRight: true });
	});

	test.each([6 * MINUTE, -6 * MINUTE, DAY, -DAY])(
		'by %i seconds costs one refused request, and a hint names the seconds.',
		async (clockSkewSeconds) => {
			const simulator = await runSimulator({ clockSkewSeconds, keepBodies: true });
			const result = await push(rows, simulator, { onError: 'continueErrorOutput' });
			const outcomes = simulator.requests.map(({ outcome }) => outcome);
			expect(outcomes).toEqual(['InvalidParameterValue', ...rows.map(() => 'OK')]);
			const seconds = Number(/clock is (\d+) seconds off/.exec(result.hints[0]?.message ?? '')?.[1]);
			expect(Math.abs(seconds - Math.abs(clockSkewSeconds))).toBeLessThanOrEqual(SLACK_SECONDS);
			expectNothingLost(result, rows, simulator, { mostRequestsPerCustomer: 2, isSignedRight: true });
		},
	);
});

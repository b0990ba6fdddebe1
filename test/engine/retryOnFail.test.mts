import { describe, expect, test } from '@jest/globals';
import type { OnError } from 'n8n-workflow';
import { expectNothingLost } from './invariants.mts';
import { errorOf, push, row } from './pushRun.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import type { FaultRule } from '../../simulator/simulator.mts';

const rows = Array.from({ length: 6 }, (_, index) => row(`c${index}`, index));
const retryOnFail = { maxTries: 2, waitBetweenTries: 1 };
const options = { concurrency: 1, maxAttempts: 1 };
const known = { mostRequestsPerCustomer: 2, isSignedRight: true };
const lost = (on: string, times = 1): FaultRule => ({ on, times, kind: 'applyThenReset' });
const refused = (on: string): FaultRule => ({
	on,
	kind: 'error',
	Code: 'UnsupportedOperation',
	Message: 'locked',
});

describe('Retry On Fail', () => {
	test.each<[onError: OnError, what: string, faults: FaultRule[], requests: number]>([
		[
			'stopWorkflow',
			'sends what was left and what is unclear, and nothing that was accepted',
			[lost('c2')],
			7,
		],
		['continueErrorOutput', 'is not used for a run that did part of its work', [lost('c2')], 6],
		['continueRegularOutput', 'is not used for a run that did part of its work', [lost('c2')], 6],
		[
			'continueErrorOutput',
			'runs again what failed as a whole',
			rows.map((_, index) => lost(`c${index}`)),
			9,
		],
	])('with On Error %s %s.', async (onError, _what, faults, requests) => {
		const simulator = await runSimulator({ keepBodies: true, faults });
		const result = await push(rows, simulator, { onError, retryOnFail, options });
		expect(simulator.requests).toHaveLength(requests);
		expectNothingLost(result, rows, simulator, known);
	});

	test.each<OnError>(['stopWorkflow', 'continueErrorOutput', 'continueRegularOutput'])(
		'with On Error %s never reports a customer as refused whom an earlier attempt may have stored.',
		async (onError) => {
			const simulator = await runSimulator({ faults: [lost('c0'), refused('c0')] });
			const result = await push(rows.slice(0, 1), simulator, { onError, retryOnFail, options });
			expect(simulator.bindings.has('c0')).toBe(true);
			const told = [...result.success, ...result.error].map((item) => errorOf(item)?.message);
			expect(JSON.stringify([told, result.failure?.message])).toContain('Tencent may or may not');
		},
	);
});

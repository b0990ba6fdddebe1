import { expect, test } from '@jest/globals';
import type { ArrivedRequest, Fault } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNothingLost } from './invariants.mts';
import { errorOf, push, row } from './pushRun.mts';

/** What a response proves is a table of test/service/; here is what a run makes of it. */
const rows = Array.from({ length: 4 }, (_, index) => row(`c${index}`, index));
const onError = 'continueErrorOutput' as const;
const OTHER: Fault = {
	kind: 'body',
	body: JSON.stringify({ Response: { Status: 'OK', RequestId: 'another' } }),
};

/** Carries out the request of c1 and answers it with this; everybody else is served as usual. */
const forC1 =
	(answer: Fault) =>
	({ CustomerId }: ArrivedRequest): Fault | undefined =>
		CustomerId === 'c1' ? { ...answer, applyFirst: true } : undefined;

test.each<[code: string, answer: Fault]>([
	['FailedOperation', { kind: 'error', Code: 'FailedOperation', Message: 'x' }],
	['-1000', { kind: 'body', body: JSON.stringify({ code: -1000, msg: 'busy', data: null }) }],
	['HTTP_503', { kind: 'status', status: 503 }],
	['UNCLEAR_RESPONSE', OTHER],
])('A customer who may have been stored is unclear, and all others are pushed: %s.', async (code, answer) => {
	const simulator = await runSimulator({ faults: forC1(answer) });
	const result = await push(rows, simulator, { onError, options: { maxAttempts: 1 } });
	expect(result.success.map(({ json }) => json.CustomerId)).toEqual(['c0', 'c2', 'c3']);
	expect(errorOf(result.error[0]!)).toMatchObject({ CustomerId: 'c1', outcome: 'UNKNOWN', code });
	expectNothingLost(result, rows, simulator);
});

import { expect, test } from '@jest/globals';
import { loadTestedNode } from '../support/testedBuild.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNothingLost } from './invariants.mts';
import { errorOf, linksOf, push, row } from './pushRun.mts';

const rows = Array.from({ length: 20 }, (_, index) => row(`c${index}`, index));
const onError = 'continueErrorOutput' as const;

test('A refused customer leaves by the error branch with its reason, and the others are pushed.', async () => {
	const refuseCustomers = { c3: { Code: 'InvalidParameterValue', Message: 'invalid CustomerId' } };
	const simulator = await runSimulator({ refuseCustomers });
	const result = await push(rows, simulator, { onError });
	expect(result.success).toHaveLength(19);
	expect(errorOf(result.error[0]!)).toMatchObject({
		message:
			'Tencent responded with InvalidParameterValue: invalid CustomerId. Tencent refused it; nothing was changed.',
		code: 'InvalidParameterValue',
		outcome: 'REFUSED',
		CustomerId: 'c3',
		rows: [4],
		attempts: 1,
	});
	expectNothingLost(result, rows, simulator);
});

test.each([
	[{ appKey: '' }, 'The credential has no App Key. Nothing was sent.'],
	[{ endpoint: 'http://example.com/api' }, 'The endpoint does not start with https://. Nothing was sent.'],
])('A credential that cannot be used is one item with a clear sentence: %o.', async (credential, message) => {
	const simulator = await runSimulator();
	const { error, hints } = await push(rows, simulator, { onError, credential });
	expect(hints).toEqual([
		{ message: expect.stringContaining(message), type: 'warning', location: 'outputPane' },
	]);
	expect(error).toHaveLength(1);
	expect(errorOf(error[0]!)?.message).toBe(message);
	expect(linksOf(error[0]!)).toEqual([...rows.keys()]);
});

test('A missing credential is one item too, because a throw would pass the rows on as done.', async () => {
	const simulator = await runSimulator();
	const { nodeType } = loadTestedNode();
	const relaxed = { ...nodeType.description.credentials![0]!, required: false };
	nodeType.description.credentials = [relaxed];
	const { error, success } = await push(rows, simulator, { onError, nodeType, credentials: undefined });
	expect(success).toEqual([]);
	expect(errorOf(error[0]!)).toMatchObject({ message: 'The node has no credential. Nothing was sent.' });
});

test('A column that no row has is one clear message that names the columns.', async () => {
	const simulator = await runSimulator();
	const columns = {
		CustomerId: '={{ $json.kunde }}',
		CustomerDeviceNo: 'x',
		DeviceId: 'P/D',
		ProductName: 'x',
	};
	const { error } = await push(rows, simulator, { onError, columns });
	expect(error).toHaveLength(1);
	expect(errorOf(error[0]!)?.advice).toContain('CustomerId, CustomerDeviceNo, DeviceId, ProductName');
	expect(simulator.requests).toHaveLength(0);
});

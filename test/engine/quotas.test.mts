import { expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNothingLost } from './invariants.mts';
import { errorOf, push, row } from './pushRun.mts';

const rows = Array.from({ length: 30 }, (_, index) => row(`c${index}`, index));
const onError = 'continueErrorOutput' as const;

test('A quota is the limit of one customer: nobody waits for it and it is not tried again.', async () => {
	const over = { Code: 'LimitExceeded.DeviceExceedLimit', Message: '设备数量超过限制' };
	const refuseCustomers = Object.fromEntries([3, 7, 11, 20].map((index) => [`c${index}`, over]));
	const simulator = await runSimulator({ refuseCustomers });
	const result = await push(rows, simulator, { onError });
	expect(simulator.requests).toHaveLength(rows.length);
	expect(result.error.map((item) => errorOf(item))).toMatchObject(
		[3, 7, 11, 20].map((index) => ({
			CustomerId: `c${index}`,
			outcome: 'REFUSED',
			attempts: 1,
			advice: 'Ask Tencent to raise the limit, or send less, then run the workflow again',
		})),
	);
	expectNothingLost(result, rows, simulator);
});

import { expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNothingLost } from './invariants.mts';
import { errorOf, push, row } from './pushRun.mts';

const rows = Array.from({ length: 30 }, (_, index) => row(`c${index}`, index));
const onError = 'continueErrorOutput' as const;

test.each([
	['LimitExceeded.DeviceExceedLimit', '设备数量超过限制'],
	['LimitExceeded.BindProductsExceedLimit', 'x'],
	['RequestSizeLimitExceeded', '请求包大小超过限制'],
	['LimitExceeded', '超过配额限制'],
])(
	'%s is the limit of one customer: nobody waits for it and it is not tried again.',
	async (Code, Message) => {
		const over = { Code, Message };
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
	},
);

test('RequestLimitExceeded and its kinds do pause the run, and the customer is done in the end.', async () => {
	for (const Code of ['RequestLimitExceeded', 'RequestLimitExceeded.UinLimitExceeded']) {
		const simulator = await runSimulator({
			faults: [{ on: 'c3', times: 1, kind: 'error', Code, Message: 'x' }],
		});
		const result = await push(rows.slice(0, 5), simulator, { onError });
		expect(result.error).toEqual([]);
		expect(simulator.requests).toHaveLength(6);
		expectNothingLost(result, rows.slice(0, 5), simulator);
	}
});

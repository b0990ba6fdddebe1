import { describe, expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { customerCases } from './customerCases.mts';
import { deviceCases } from './deviceCases.mts';
import { deviceDataCases } from './deviceDataCases.mts';
import { runOperation } from './operationRun.mts';
import { push, row } from './pushRun.mts';
import { contents } from './serviceContents.mts';

const rows = [row('a', 1), row('b', 2), row('c', 3)];
const refused = (Message: string, Code = 'InvalidParameterValue') =>
	({ kind: 'error', Code, Message }) as const;

describe('The message of a failed run, which is all that error workflows, toasts and agents see,', () => {
	test('names the customer where the reason is its own.', async () => {
		const refuseCustomers = { b: { Code: 'InvalidParameterValue', Message: 'invalid CustomerId' } };
		const simulator = await runSimulator({ refuseCustomers, keepBodies: true });
		const { failure } = await push(rows, simulator, { options: { concurrency: 1 } });
		const { RequestId } = JSON.parse(simulator.requests[1]?.body ?? '{}') as { RequestId: string };
		expect(failure?.message).toBe(
			`1 of 3 customers, 1 device pushed; 1 refused (nothing was changed); 1 not sent. [row 2, b; RequestId ${RequestId}] Tencent responded with InvalidParameterValue: invalid CustomerId. ` +
				'Tencent refused it; nothing was changed. Correct what Tencent names and try again',
		);
		expect(failure?.description ?? undefined).toBeUndefined();
	});
});

/** How a user knows what each operation is about, but for a list. */
const NAMES: Readonly<Record<string, string>> = {
	'customer.create': ', c3',
	'device.get': ', P/D1',
	'device.control': ', P/D1',
	'device.callAction': ', P/D1/open',
	'deviceData.getLatest': ', P/D1',
	'deviceData.report': ', P/D1',
	'deviceData.reportState': ', P/D1',
	'insurancePage.getUrl': ', c1',
	'order.create': ', O-1',
	'product.getModel': ', P',
};
const cases = [...customerCases, ...deviceCases, ...deviceDataCases];

test.each(cases.map((one) => [one.operation, one] as const))(
	'What fails of %s is named by its row, by what it is about, and by its RequestId.',
	async (operation, { parameters }) => {
		const simulator = await runSimulator({ ...contents, faults: [{ on: 0, ...refused('no') }] });
		const { failure } = await runOperation(simulator, { operation, parameters });
		const { RequestId } = JSON.parse(simulator.requests[0]?.body ?? '{}') as { RequestId: string };
		expect(failure?.message).toContain(
			`[row 1${NAMES[operation] ?? ''}; RequestId ${RequestId}] Tencent responded with`,
		);
	},
);

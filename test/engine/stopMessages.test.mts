import { expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { customerCases } from './customerCases.mts';
import { deviceCases } from './deviceCases.mts';
import { deviceDataCases } from './deviceDataCases.mts';
import { runOperation } from './operationRun.mts';
import { contents } from './serviceContents.mts';

const refused = { kind: 'error', Code: 'InvalidParameterValue', Message: 'no' } as const;

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
		const simulator = await runSimulator({ ...contents, faults: [{ on: 0, ...refused }] });
		const { failure } = await runOperation(simulator, { operation, parameters });
		const { RequestId } = JSON.parse(simulator.requests[0]?.body ?? '{}') as { RequestId: string };
		expect(failure?.message).toContain(
			`[row 1${NAMES[operation] ?? ''}; RequestId ${RequestId}] Tencent responded with`,
		);
	},
);

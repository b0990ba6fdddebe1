import { describe, expect, test } from '@jest/globals';
import type { IDataObject } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { runFaultServer } from '../faults/faultServer.mts';
import { speaking } from '../faults/wires.mts';
import { picked } from '../support/picked.mts';
import { ownParameters, runOperation } from './operationRun.mts';
import { errorOf } from './pushRun.mts';
import { contents } from './serviceContents.mts';

const onError = 'continueErrorOutput' as const;
const customerId = picked('c1');
const orderNo = 'O-1';
const item = { itemId: '={{ $json.itemId }}', itemVNO: '={{ $json.itemVNO }}' };

describe.each(['order.create', 'insurancePage.getUrl'])('%s', (operation) => {
	test.each([
		['D-FireInsurance2020', 'AutoBase', 'CarInsurance2021', 'FireBusiness, FireMER100W'],
		['CarInsurance2021', 'FirePRO20W', 'FireInsurance2020', 'AutoBase, AutoUpgrade, AutoVIP'],
	])('of %s in the version %s is not sent: it is one of %s.', async (itemId, itemVNO, other, choices) => {
		const simulator = await runSimulator(contents);
		const { error } = await runOperation(simulator, {
			operation,
			parameters: { customerId, orderNo, liveOrder: true, ...item },
			rows: [{ itemId, itemVNO }],
			onError,
		});
		expect(errorOf(error[0]!)?.message).toContain(
			`[row 1] 'Item Version' is a version of ${other}, not of ${itemId}: choose one of ${choices}`,
		);
		expect(simulator.requests).toHaveLength(0);
	});

	test('names items and versions that only Tencent knows, and takes its word for it.', async () => {
		const simulator = await runSimulator(contents);
		const { error } = await runOperation(simulator, {
			operation,
			parameters: { customerId, orderNo: '={{ $json.itemId }}', liveOrder: true, ...item },
			rows: [
				{ itemId: 'HomeInsurance2027', itemVNO: 'AutoBase' },
				{ itemId: 'FireInsurance2020', itemVNO: 'FireNEW' },
			],
			options: { concurrency: 1 },
			onError,
		});
		expect(error.map((item) => errorOf(item)?.outcome)).toEqual(['REFUSED', 'REFUSED']);
		expect(simulator.requests).toHaveLength(2);
	});

	test.each([
		['={{ "FireInsurance2020" }}', 'FireBusiness'],
		['CarInsurance2021', 'AutoBase'],
	])('of a workflow that stored the item %s and no version asks for %s.', async (itemId, version) => {
		const simulator = await runSimulator(contents);
		const parameters = { customerId, orderNo, liveOrder: true, itemId };
		await runOperation(simulator, { operation, parameters });
		expect(ownParameters(simulator)).toEqual([expect.objectContaining({ ItemVNO: version })]);
	});
});

describe('A response without an address', () => {
	test.each<[answer: IDataObject, isDone: boolean]>([
		[{ URL: 'https://x.example/' }, true],
		[{ MpAppId: 'wx1', MpAppPath: 'pages/a' }, true],
		[{ URL: '', MpAppId: 'wx1', MpAppPath: '' }, false],
		[{ URL: '' }, false],
		[{ Status: 'OK' }, false],
		[{ URL: null, MpAppId: 1, MpAppPath: 2 }, false],
	])('is no success: %j', async (answer, isDone) => {
		const server = await runFaultServer(
			speaking(200, (RequestId) => ({ Response: { RequestId, ...answer } })),
		);
		const simulator = await runSimulator(contents);
		const { success, error } = await runOperation(simulator, {
			operation: 'insurancePage.getUrl',
			parameters: { customerId },
			options: { maxAttempts: 1 },
			credential: { endpoint: server.endpoint },
			onError,
		});
		expect([success.length, error.length]).toEqual(isDone ? [1, 0] : [0, 1]);
		if (isDone) expect(success[0]?.json).toMatchObject(answer);
	});
});

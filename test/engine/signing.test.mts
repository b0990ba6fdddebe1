import { describe, expect, test } from '@jest/globals';
import type { OnError } from 'n8n-workflow';
import type { Simulator } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNoSecrets, expectNothingLost } from './invariants.mts';
import { runOperation } from './operationRun.mts';
import { errorOf, push, row } from './pushRun.mts';

const ON_ERROR: OnError[] = ['stopWorkflow', 'continueErrorOutput', 'continueRegularOutput'];
const rows = Array.from({ length: 20 }, (_, index) => row(`c${index}`, index));
const onError = 'continueErrorOutput' as const;
const refused = { kind: 'error', Code: 'InvalidParameterValue', Message: 'Signature 无效' } as const;
const CHECK_KEY = "Check App Key and App Secret in the credential 'Tencent Cloud IoT API'";

const pushesOf = ({ requests }: Simulator) => requests.filter(({ Action }) => Action === 'ServiceBindDevice');

describe('A signature that is refused in the middle of a run', () => {
	test('is that of its customer, and all others are pushed.', async () => {
		const on = 'c19';
		const simulator = await runSimulator({ faults: [{ on, ...refused }] });
		const result = await push(rows, simulator, { onError, credential: { nestedRule: 'automatic' } });
		expect(result.success).toHaveLength(19);
		expect(errorOf(result.error[0]!)).toMatchObject({
			CustomerId: on,
			outcome: 'REFUSED',
			message:
				'Tencent responded with InvalidParameterValue: Signature 无效 (Signature is not valid). Tencent refused it; nothing was changed.',
			advice: expect.stringMatching(/^Another request with the same App Key .* so the credential is right/),
			attempts: 1,
		});
		expect(pushesOf(simulator)).toHaveLength(20);
		expectNothingLost(result, rows, simulator);
	});
});

describe('A wrong secret costs two requests', () => {
	test.each(ON_ERROR)('with On Error %s, and with Retry On Fail.', async (mode) => {
		const simulator = await runSimulator({ keepBodies: true });
		const result = await push(rows, simulator, {
			onError: mode,
			credential: { appSecret: 'canary-wrong-secret', nestedRule: 'automatic' },
			retryOnFail: { maxTries: 3, waitBetweenTries: 1 },
		});
		expect(simulator.requests.map(({ Action }) => Action)).toEqual([
			'ServiceBindDevice',
			'ServiceGetCustomerList',
		]);
		const told = JSON.stringify([result.success, result.error, result.failure]);
		expect(told).toContain('Signature 无效');
		expect(told).toContain(CHECK_KEY);
		expect(JSON.stringify([told, result.saved])).not.toContain('canary-wrong-secret');
		if (mode === 'stopWorkflow') {
			expect(result.failure?.message).toContain('. 0 of 20 customers done, 1 refused, 19 not tried');
			expectNoSecrets(result, simulator);
		} else expectNothingLost(result, rows, simulator);
	});
});

describe('The rule for nested values', () => {
	test('costs no attempt and is right when it is set.', async () => {
		const simulator = await runSimulator({ nestedRule: 'goFmt' });
		const result = await push(rows, simulator, { onError, credential: { nestedRule: 'goFmt' } });
		expect(result.success).toHaveLength(20);
		expect(simulator.requests).toHaveLength(20);
	});

	test('that is set wrongly says so, and that key and secret are right.', async () => {
		const simulator = await runSimulator({ nestedRule: 'json' });
		const result = await push(rows, simulator, { onError, credential: { nestedRule: 'jsString' } });
		expect(result.success).toEqual([]);
		expect(errorOf(result.error[0]!)?.advice).toMatch(
			/^App Key and App Secret were accepted, .* set 'Nested Value Signing' to Automatic/,
		);
		expect(simulator.requests).toHaveLength(6);
		expectNothingLost(result, rows, simulator);
	});

	test('finds the keys of every nested value sorted: what was signed is what was sent.', async () => {
		const simulator = await runSimulator({ keepBodies: true });
		const columns = { ProductName: 'Lock', DeviceId: 'P/D', CustomerId: 'c', CustomerDeviceNo: '1' };
		await push([{}], simulator, { columns });
		await runOperation(simulator, {
			operation: 'deviceData.report',
			parameters: {
				customerId: 'c',
				deviceId: 'P/D',
				dataCategory: '200',
				reportTime: '2026-01-01T00:00:00Z',
				readings: { reading: [{ value: 21.5, subType: 1002 }] },
			},
		});
		const [bound, reported] = simulator.requests.map(({ body }) => body);
		expect(bound).toContain('"DeviceInfos":[{"CustomerDeviceNo":"1","DeviceId":"P/D","ProductName":"Lock"}]');
		expect(reported).toContain(
			'"DataInfo":{"ReportInfos":[{"SubType":1002,"Value":21.5}],"ReportTime":1767225600}',
		);
		expect(simulator.requests.map(({ outcome }) => outcome)).toEqual(['OK', 'OK']);
	});
});

test('A signature that the service expected stands in no item.', async () => {
	const expected = 'n4bQgYhMfWWaL+qgxVrQFaO/Txs=';
	const Message = `Signature 无效: expected ${expected}, as URL ${encodeURIComponent(expected)}`;
	const faults = [{ kind: 'error', Code: 'AuthFailure.SignatureFailure', Message, on: () => true }] as const;
	const simulator = await runSimulator({ faults });
	const { error } = await push([row('a', 1)], simulator, { onError: 'continueErrorOutput' });
	const told = JSON.stringify(error);
	expect(told).toContain('expected …, as URL …');
	expect(told).not.toMatch(/n4bQgYhM/);
});

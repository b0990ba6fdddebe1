import { expect, test } from '@jest/globals';
import { EFFECTS } from '../../nodes/TencentCloudIot/service/actions';
import { actions } from '../../simulator/actions.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { expectNoSecrets } from './invariants.mts';
import { device } from './operationCase.mts';
import { operationCases } from './operationCases.mts';
import { ownParameters, runOperation } from './operationRun.mts';
import { errorOf, linksOf } from './pushRun.mts';
import { contents } from './serviceContents.mts';

const byOperation = operationCases.map(
	(operationCase) => [operationCase.operation, operationCase.sent.Action, operationCase] as const,
);

test.each(byOperation)(
	'%s sends %s with the right names and types, and shows the response.',
	async (_, __, operationCase) => {
		const simulator = await runSimulator(contents);
		const { operation, parameters, sent, json } = operationCase;
		const result = await runOperation(simulator, { operation, parameters });
		expect(result.failure).toBeUndefined();
		expect(ownParameters(simulator)).toEqual([sent]);
		// The simulator refuses documented parameters in another type, and would ignore others.
		const { Action, ...parametersSent } = sent;
		const { parameterNames } = actions.get(String(Action))!;
		expect(parameterNames).toEqual(expect.arrayContaining(Object.keys(parametersSent)));
		expect(result.success.map((item) => item.json)).toEqual(json);
		expect(result.success.map(linksOf)).toEqual(json.map(() => [0]));
		expect(result.hints).toHaveLength(1);
		expect(JSON.stringify(result.success)).not.toContain('secret-');
		expectNoSecrets(result, simulator);
	},
);

test.each(byOperation)(
	'A Dry Run of %s shows the request of %s and sends nothing.',
	async (_, __, operationCase) => {
		const simulator = await runSimulator(contents);
		const { operation, parameters, sent } = operationCase;
		const { success } = await runOperation(simulator, { operation, parameters, options: { dryRun: true } });
		const shown = { ...sent, Status: 'WOULD_SEND', Message: expect.stringMatching(/^1 \w+$/) };
		expect(success.map(({ json }) => JSON.parse(JSON.stringify(json)))).toEqual([shown]);
		expect(simulator.requests).toHaveLength(0);
	},
);

test('The cases send every Action of the API but ServiceBindDevice.', () => {
	const sentActions = new Set(operationCases.map(({ sent }) => sent.Action));
	expect([...actions.keys()].filter((action) => !sentActions.has(action))).toEqual(['ServiceBindDevice']);
	expect([...actions.keys()].sort()).toEqual(Object.keys(EFFECTS).sort());
});

test('Unusable items go to the error output with their links, and the others are sent.', async () => {
	const simulator = await runSimulator(contents);
	const { success, error, hints } = await runOperation(simulator, {
		operation: 'customer.create',
		parameters: {
			customerId: '={{ $json.id }}',
			phoneNumber: "={{ $json.id === 'c9' ? $('Nobody').item.json.phone : $json.phone }}",
		},
		rows: [
			{ id: 'c8', phone: '13800138000' },
			{ id: '客户', phone: '13800138000' },
			{ id: 'c9', phone: 5 },
		],
		onError: 'continueErrorOutput',
	});
	expect([...success, ...error].map(linksOf)).toEqual([[0], [1], [2]]);
	expect(errorOf(error[1]!)?.message).toContain("[row 3] 'Phone Number' could not be evaluated");
	expect(hints[0]?.message).toBe(
		"1 of 3 customers created; 2 rows invalid (not sent). Correct 'Customer ID' and 'Phone Number' in 2 rows and try again<ul><li>row 2: 'Customer ID' has '…', and only letters, digits and _ are documented</li><li>row 3: 'Phone Number' could not be evaluated</li></ul>",
	);
});

test("A workflow whose settings say DEFAULT has the instance's time zone.", async () => {
	const { parameters, sent } = operationCases.find(({ operation }) => operation === 'deviceData.getHistory')!;
	const simulator = await runSimulator(contents);
	await runOperation(simulator, {
		operation: 'deviceData.getHistory',
		parameters: { ...parameters, startTime: '2025-12-31T19:00:00' },
		settings: { timezone: 'DEFAULT' },
	});
	expect(ownParameters(simulator)).toEqual([sent]);
});

test.each(['device.get', 'device.getMany'])(
	'%s shows the secrets of devices if Include Secrets is on.',
	async (operation) => {
		const simulator = await runSimulator(contents);
		const options = { includeSecrets: true };
		const { success } = await runOperation(simulator, { operation, parameters: device, options });
		expect(success[0]?.json).toMatchObject({
			DevicePsk: 'secret-psk-D1',
			DeviceCert: 'secret-cert-D1',
			AppKey: 'secret-app-key-D1',
			DevEUI: 'secret-dev-eui-D1',
			AppSKey: 'secret-app-s-key-D1',
			NwkSKey: 'secret-nwk-s-key-D1',
		});
	},
);

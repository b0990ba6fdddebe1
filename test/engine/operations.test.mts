import { expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { documentedParameters, undocumented } from '../support/documentedParameters.mts';
import { customerCases } from './customerCases.mts';
import { deviceCases } from './deviceCases.mts';
import { deviceDataCases } from './deviceDataCases.mts';
import { expectNoSecrets } from './invariants.mts';
import { device } from './operationCase.mts';
import { ownParameters, runOperation } from './operationRun.mts';
import { linksOf } from './pushRun.mts';
import { contents } from './serviceContents.mts';

const CASES = [...customerCases, ...deviceCases, ...deviceDataCases];

const byOperation = CASES.map((one) => [one.operation, one.sent.Action, one] as const);

test.each(byOperation)(
	'%s sends %s with right names and types, and shows the response.',
	async (_, __, one) => {
		const simulator = await runSimulator(contents);
		const { operation, parameters, sent, json } = one;
		const result = await runOperation(simulator, { operation, parameters });
		expect(result.failure).toBeUndefined();
		expect(ownParameters(simulator)).toEqual([sent]);
		expect(ownParameters(simulator).flatMap(undocumented)).toEqual([]);
		expect(result.success.map((item) => item.json)).toEqual(json);
		expect(result.success.map(linksOf)).toEqual(json.map(() => [0]));
		expect(result.hints).toHaveLength(1);
		expect(JSON.stringify(result.success)).not.toContain('secret-');
		expectNoSecrets(result, simulator);
	},
);

test.each(byOperation)('%s by %s can be shown by Dry Run, and sends nothing then.', async (_, __, one) => {
	const simulator = await runSimulator(contents);
	const { operation, parameters, sent } = one;
	const { success } = await runOperation(simulator, { operation, parameters, options: { dryRun: true } });
	const shown = { ...sent, Status: 'WOULD_SEND', Message: '' };
	expect(success.map(({ json }) => JSON.parse(JSON.stringify(json)))).toEqual([shown]);
	expect(simulator.requests).toHaveLength(0);
});

test('Every Action of the API is sent by one of these.', () => {
	const asked = new Set(CASES.map(({ sent }) => sent.Action));
	expect(Object.keys(documentedParameters).filter((action) => !asked.has(action))).toEqual([
		'ServiceBindDevice',
	]);
});

test.each(['device.get', 'device.getMany'])(
	'%s shows the secrets of devices where Include Secrets is on.',
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

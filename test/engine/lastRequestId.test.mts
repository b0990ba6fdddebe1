import { expect, test } from '@jest/globals';
import type { OnError } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { device } from './operationCase.mts';
import { runOperation } from './operationRun.mts';
import { errorOf, push, row } from './pushRun.mts';
import { contents } from './serviceContents.mts';

const lastKey = (json: object | undefined) => Object.keys(json ?? {}).at(-1);

test.each<[OnError, object]>([
	['continueErrorOutput', {}],
	['continueRegularOutput', {}],
	['continueRegularOutput', { outputItemPer: 'row', includeDevices: true }],
])('RequestId stands last in each item, with %s and %j.', async (onError, options) => {
	const refuseCustomers = { b: { Code: 'InvalidParameterValue', Message: 'invalid CustomerId' } };
	const faults = [{ on: 0, times: 1, kind: 'reset' }] as const;
	const simulator = await runSimulator({ refuseCustomers, faults });
	const { success, error } = await push([row('a', 1), row('b', 2)], simulator, {
		onError,
		options: { ...options },
	});
	const items = [...success, ...error];
	expect(items).toHaveLength(2);
	for (const item of items) expect(lastKey(errorOf(item) ?? item.json)).toBe('RequestId');
	if ('outputItemPer' in options)
		expect(items.map(({ json }) => lastKey(json))).toEqual(['RequestId', 'RequestId']);
});

test('RequestId stands last in the item of any other operation.', async () => {
	const simulator = await runSimulator(contents);
	const { success } = await runOperation(simulator, { operation: 'device.get', parameters: device });
	expect(lastKey(success[0]?.json)).toBe('RequestId');
});

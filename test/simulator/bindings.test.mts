import { expect, test } from '@jest/globals';
import { bindParameters, call, post, signedBody, success } from './callSimulator.mts';
import { runSimulator } from './runningSimulator.mts';

const device = (name: string, ProductName = 'P') => ({
	CustomerDeviceNo: name,
	DeviceId: `A/${name}`,
	ProductName,
});

test('By default, a second push of a customer replaces its devices, but not those of other customers', async () => {
	const simulator = await runSimulator();
	await call(simulator, { ...bindParameters, CustomerId: 'other', DeviceInfos: [device('o')] });
	await call(simulator, { ...bindParameters, CustomerId: 'c', DeviceInfos: [device('1'), device('2')] });
	await call(simulator, { ...bindParameters, CustomerId: 'c', DeviceInfos: [device('3')] });
	expect([...simulator.bindings]).toEqual([
		['other', [device('o')]],
		['c', [device('3')]],
	]);
});

test('In the mode add, a second push adds devices and replaces those it names again', async () => {
	const simulator = await runSimulator({ bindMode: 'add' });
	await call(simulator, { ...bindParameters, DeviceInfos: [device('1'), device('2')] });
	await call(simulator, { ...bindParameters, DeviceInfos: [device('1', 'new'), device('3')] });
	expect(simulator.bindings.get('Customer_1')).toEqual([device('2'), device('1', 'new'), device('3')]);
});

test('CustomerIds may be names of built-in object members', async () => {
	const simulator = await runSimulator({ refuseCustomers: { other: { Code: 'C', Message: 'M' } } });
	for (const CustomerId of ['__proto__', 'constructor', 'toString']) {
		expect(await call(simulator, { ...bindParameters, CustomerId })).toEqual(success);
	}
	expect([...simulator.bindings.keys()]).toEqual(['__proto__', 'constructor', 'toString']);
});

test('Each request is recorded with its fields and its outcome', async () => {
	const simulator = await runSimulator({ keepBodies: true });
	const before = Date.now();
	const body = signedBody({ ...bindParameters, RequestId: 'r', Nonce: 5 });
	await post(simulator, body);
	await post(simulator, '[]');
	expect(simulator.requests).toEqual([
		{
			index: 0,
			receivedAtMs: expect.any(Number),
			Action: 'ServiceBindDevice',
			CustomerId: 'Customer_1',
			RequestId: 'r',
			Timestamp: (JSON.parse(body) as { Timestamp: number }).Timestamp,
			Nonce: 5,
			signatureValid: true,
			outcome: 'OK',
			applied: true,
			body,
		},
		expect.objectContaining({
			index: 1,
			Action: undefined,
			signatureValid: false,
			outcome: 'InvalidParameterValue.InvalidJSON',
			applied: false,
			body: '[]',
		}),
	]);
	expect(simulator.requests[0]!.receivedAtMs).toBeGreaterThanOrEqual(before);
});

test('Bodies are kept only on request', async () => {
	const simulator = await runSimulator();
	await call(simulator, bindParameters);
	expect(simulator.requests).toMatchObject([{ outcome: 'OK', body: undefined }]);
});

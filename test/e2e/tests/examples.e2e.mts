import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createWebhookKey, readExample, WEBHOOK_KEY, whenRegistered } from './exampleWorkflow.mts';
import { boundDevices, setScene, type Scene } from './scene.mts';

let scene: Scene;
before(async () => {
	scene = await setScene();
	const refusal = { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' };
	scene.simulator.setOptions({ refuseCustomers: { user_4096: refusal } });
	await createWebhookKey(scene.server.client);
});
beforeEach(() => scene.simulator.reset());
after(async () => {
	await scene?.end();
});

test('Quick start: a CSV is pushed, and what was not pushed leaves by the other branch with the reason.', async () => {
	const { client } = scene.server;
	const workflow = await client.importWorkflow(await readExample('quick-start'));
	const execution = await client.whenDone(await client.start(workflow, 'When clicking Execute workflow'));
	assert.equal(execution.status, 'success', execution.failure?.message);
	const pushed = execution.json('Pushed').map(({ CustomerId, DeviceCount }) => [CustomerId, DeviceCount]);
	assert.deepEqual(pushed, [
		['user_1024', 2],
		['user_2048', 1],
	]);
	const notPushed = execution.json('Not Pushed');
	assert.deepEqual(
		notPushed.map(({ customer, rows }) => [customer, rows]),
		[
			['user_4096', [4]],
			['user_5120', [5]],
		],
	);
	assert.match(String(notPushed[0]?.reason), /CustomerId 无效/);
	assert.match(String(notPushed[1]?.reason), /'DeviceId' is not ProductId\/DeviceName/);
	assert.deepEqual(boundDevices(scene.simulator), {
		user_1024: ['LOCK01/front_door', 'LOCK01/back_door'],
		user_2048: ['CAM01/entrance'],
	});
});

test('New customer: it is created, its order placed, its devices bound, and the insurance link handed over.', async () => {
	const { client } = scene.server;
	const { simulator } = scene;
	const example = await readExample('customer-order-bindings-insurance');
	const runFor = async (customer: string) => {
		const edited = JSON.parse(JSON.stringify(example).replaceAll('user_1024', customer)) as typeof example;
		return await client.whenDone(await client.start(await client.importWorkflow(edited)));
	};
	const execution = await runFor('user_1024');
	assert.equal(execution.status, 'success', execution.failure?.message);
	assert.deepEqual(
		simulator.requests.map(({ Action, CustomerId, outcome }) => [Action, CustomerId, outcome]),
		[
			'ServiceCreateCustomer',
			'ServiceGetOrderList',
			'ServiceCreateOrder',
			'ServiceBindDevice',
			'ServiceGetInsurancePageURL',
		].map((action) => [action, 'user_1024', 'OK']),
	);
	assert.deepEqual(simulator.state.orders, [
		{
			CustomerId: 'user_1024',
			OrderNo: '2026-000123',
			ItemId: 'D-FireInsurance2020',
			ItemVNO: 'FireBusiness',
			ItemNum: 1,
		},
	]);
	assert.deepEqual(boundDevices(simulator), { user_1024: ['ProductABC/Device001', 'ProductABC/Device002'] });
	assert.deepEqual(
		execution.json('Hand Over Link').map(({ URL }) => URL),
		['https://insurance.example/D-FireInsurance2020?customer=user_1024'],
	);
	assert.deepEqual(execution.runs('Not Done'), []);

	// Once more: the order is found, and not placed again.
	const again = await runFor('user_1024');
	assert.equal(again.status, 'success', again.failure?.message);
	assert.equal(simulator.state.orders.length, 1);
	assert.equal(again.json('Hand Over Link').length, 1);
	assert.deepEqual(again.runs('Not Done'), []);

	// A customer that the service refuses gets no order and no devices.
	const refused = await runFor('user_4096');
	assert.equal(refused.status, 'success', refused.failure?.message);
	assert.match(JSON.stringify(refused.json('Not Done')), /CustomerId 无效/);
	assert.equal(simulator.state.orders.length, 1);
	assert.deepEqual(Object.keys(boundDevices(simulator)), ['user_1024']);
});

const device = { customerId: 'user_1024', serialNo: 'SN-1', deviceId: 'LOCK01/front', product: '智能门锁' };

async function callWebhook(body: object, key = WEBHOOK_KEY.value) {
	const answer = await fetch(`${scene.server.url}/webhook/bind-device`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', [WEBHOOK_KEY.name]: key },
		body: JSON.stringify(body),
	});
	const text = await answer.text();
	return { status: answer.status, text };
}

test('Webhook: a device is bound at once, and the answer says what became of it.', async () => {
	const { client } = scene.server;
	await client.activate(await client.importWorkflow(await readExample('bind-device-webhook')));
	const done = await whenRegistered(async () => await callWebhook(device));
	assert.equal(done.status, 200, done.text);
	assert.match(done.text, /"status":"OK","customerId":"user_1024","requestId":"[0-9a-f-]{36}"/);
	assert.deepEqual(boundDevices(scene.simulator), { user_1024: ['LOCK01/front'] });
	const refused = await callWebhook({ ...device, customerId: 'user_4096' });
	assert.equal(refused.status, 422, refused.text);
	assert.match(refused.text, /"status":"REFUSED".*CustomerId 无效/);
	const incomplete = await callWebhook({ ...device, serialNo: undefined });
	assert.equal(incomplete.status, 422, incomplete.text);
	assert.match(incomplete.text, /'CustomerDeviceNo' is missing/);
	const sent = scene.simulator.requests.length;
	assert.equal((await callWebhook(device, 'wrong')).status, 403);
	assert.equal(scene.simulator.requests.length, sent);
});

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { createWebhookKey, readExample, WEBHOOK_KEY, whenRegistered } from './exampleWorkflow.mts';
import { boundDevices, setScene, type Scene } from './scene.mts';

let scene: Scene;
let postgres: Postgres | undefined;
before(async () => {
	scene = await setScene();
	const refusal = { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' };
	scene.simulator.setOptions({ refuseCustomers: { user_4096: refusal } });
	await createWebhookKey(scene.server.client);
});
beforeEach(() => scene.simulator.reset());
after(async () => {
	await scene?.end();
	await postgres?.stop();
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

const CRM = `
	CREATE TABLE crm_devices (id serial PRIMARY KEY, customer_id text, serial_no text, device_id text, product text,
		sync_status text NOT NULL DEFAULT 'pending', sync_message text, synced_at timestamptz);
	INSERT INTO crm_devices (customer_id, serial_no, device_id, product, sync_status) VALUES
		('user_1024', 'SN-1', 'LOCK01/front', '智能门锁', 'OK'), ('user_1024', 'SN-2', 'LOCK01/back', '智能门锁', 'pending'),
		('user_4096', 'SN-3', 'CAM01/garage', '摄像头', 'pending'), ('user_5120', 'SN-4', 'no-slash', '摄像头', 'pending'),
		('user_9999', 'SN-5', 'CAM01/attic', '摄像头', 'OK');`;

test("Scheduled sync: each row's result is written back to the CRM, and what changed meanwhile stays pending.", async () => {
	postgres = await startPostgres();
	await postgres.query(CRM);
	const { client } = scene.server;
	await client.createCredential('CRM database', { ...postgres.login }, 'postgres');
	const workflow = await client.importWorkflow(await readExample('crm-to-iot-sync'));
	const execution = await client.whenDone(await client.start(workflow, 'Every 15 Minutes'));
	assert.equal(execution.status, 'success', execution.failure?.message);
	const status = await postgres.query(
		'SELECT serial_no, sync_status, synced_at IS NOT NULL FROM crm_devices ORDER BY id',
	);
	assert.deepEqual(status, [
		['SN-1', 'OK', 't'],
		['SN-2', 'OK', 't'],
		['SN-3', 'REFUSED', 't'],
		['SN-4', 'NOT_SENT', 't'],
		['SN-5', 'OK', 'f'],
	]);
	const [[reason] = []] = await postgres.query(
		"SELECT sync_message FROM crm_devices WHERE serial_no = 'SN-3'",
	);
	assert.match(String(reason), /CustomerId 无效/);
	assert.deepEqual(boundDevices(scene.simulator), { user_1024: ['LOCK01/front', 'LOCK01/back'] });

	// Nothing is pending any more: the next run sends nothing.
	const sent = scene.simulator.requests.length;
	assert.equal((await client.whenDone(await client.start(workflow, 'Every 15 Minutes'))).status, 'success');
	assert.equal(scene.simulator.requests.length, sent);
	await client.activate(workflow);
	await client.deactivate(workflow);
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

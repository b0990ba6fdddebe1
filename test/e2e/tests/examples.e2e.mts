import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, beforeEach, test } from 'node:test';
import {
	createFormLogin,
	createWebhookKey,
	formUrlOf,
	readExample,
	SIGNED_IN,
	untilWaiting,
	WEBHOOK_KEY,
	whenRegistered,
} from './exampleWorkflow.mts';
import { boundDevices, setScene, type Scene } from './scene.mts';

let scene: Scene;
before(async () => {
	scene = await setScene({
		faults: ({ CustomerId }) => (CustomerId === 'user_reset' ? { kind: 'reset' } : undefined),
	});
	const refusal = { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' };
	scene.simulator.setOptions({ refuseCustomers: { user_4096: refusal } });
	await createWebhookKey(scene.server.client);
	await createFormLogin(scene.server.client);
});
beforeEach(() => scene.simulator.reset());
after(async () => {
	await scene?.end();
});

const device = (number: number) => ({
	serialNo: `SN-${number}`,
	deviceId: `LOCK01/front${number}`,
	product: '智能门锁',
});

async function callWebhook(body: object, key = WEBHOOK_KEY.value) {
	const answer = await fetch(`${scene.server.url}/webhook/set-customer-devices`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', [WEBHOOK_KEY.name]: key },
		body: JSON.stringify(body),
	});
	const text = await answer.text();
	return { status: answer.status, text };
}

test('The webhook example sets the devices of a customer and responds with the outcome.', async () => {
	const { client } = scene.server;
	await client.activate(await client.importWorkflow(await readExample('set-customer-devices-webhook')));
	const devices = [device(1), device(2)];
	const done = await whenRegistered(async () => await callWebhook({ customerId: 'user_1024', devices }));
	assert.equal(done.status, 200, done.text);
	assert.match(done.text, /"status":"OK","customerId":"user_1024","devices":2,"requestId":"[0-9a-f-]{36}"/);
	assert.deepEqual(boundDevices(scene.simulator), { user_1024: ['LOCK01/front1', 'LOCK01/front2'] });
	const refused = await callWebhook({ customerId: 'user_4096', devices });
	assert.equal(refused.status, 422, refused.text);
	assert.match(refused.text, /"status":"REFUSED".*CustomerId 无效/);
	const incomplete = await callWebhook({
		customerId: 'user_1024',
		devices: [device(1), { ...device(2), serialNo: undefined }],
	});
	assert.equal(incomplete.status, 422, incomplete.text);
	assert.match(incomplete.text, /'CustomerDeviceNo' is missing/);
	const unclear = await callWebhook({ customerId: 'user_reset', devices });
	assert.equal(unclear.status, 502, unclear.text);
	for (const none of [{ devices: [] }, {}]) {
		const empty = await callWebhook({ customerId: 'user_1024', ...none });
		assert.equal(empty.status, 422, empty.text);
	}
	const sent = scene.simulator.requests.length;
	assert.equal((await callWebhook({ customerId: 'user_1024', devices }, 'wrong')).status, 403);
	assert.equal(scene.simulator.requests.length, sent);
	assert.equal(boundDevices(scene.simulator)['user_1024']?.length, 2);
});

test('The spreadsheet example pushes each customer of a messy upload correctly, or withholds it with a reason.', async () => {
	const { client } = scene.server;
	const workflow = await client.importWorkflow(await readExample('push-spreadsheet-form'));
	await client.activate(workflow);
	const sheet = await readFile(new URL('../../../examples/messy-devices.xlsx', import.meta.url));
	const uploaded = await whenRegistered(async () => {
		const form = new FormData();
		form.append('field-0', new Blob([sheet]), 'messy-devices.xlsx');
		const to = formUrlOf(workflow, client);
		assert.notEqual((await fetch(to, { method: 'POST', body: form })).status, 200);
		const answer = await fetch(to, { method: 'POST', body: form, headers: SIGNED_IN });
		return { status: answer.status, text: await answer.text() };
	});
	assert.equal(uploaded.status, 200, uploaded.text);
	const { formWaitingUrl } = JSON.parse(uploaded.text) as { formWaitingUrl: string };
	const page = await (await fetch(await untilWaiting(formWaitingUrl), { headers: SIGNED_IN })).text();
	assert.match(page, /7 of 16 customers, 13 devices pushed/);
	assert.match(page, /未全部推送/);
	assert.deepEqual(boundDevices(scene.simulator), {
		13712345678: ['LOCK01/front_door', 'LOCK01/back_door', 'CAM01/garage'],
		13800138000: ['LOCK01/roof', 'LOCK01/roof2'],
		KH0003: ['LOCK01/front', 'LOCK01/cellar'],
		13900139000: ['LOCK01/office'],
		KH0007: ['CAM01/gate'],
		KH0008: ['LOCK01/north', 'LOCK01/south'],
		'01012345678': ['LOCK01/shop', 'LOCK01/store'],
	});
	assert.match(page, /is also under customer 'KH0013'/);
});

test("A form that is imported through n8n's API gets a new address each time.", async () => {
	const { client } = scene.server;
	const { name, nodes, connections, settings } = await readExample('push-spreadsheet-form');
	const addresses: string[] = [];
	const api = await client.openApi();
	for (let time = 0; time < 2; time++) {
		const imported = await api('/workflows', { name, nodes, connections, settings });
		await api(`/workflows/${imported.id}/activate`, {});
		const address = formUrlOf(imported, client);
		addresses.push(address);
		const opened = await whenRegistered(async () => await fetch(address, { headers: SIGNED_IN }));
		assert.equal(opened.status, 200);
		assert.equal((await fetch(address)).status, 401);
	}
	assert.equal(new Set(addresses).size, 2);
	assert.doesNotMatch(addresses.join(), /undefined/);
});

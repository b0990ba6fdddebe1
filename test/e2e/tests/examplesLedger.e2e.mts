import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { StoredWorkflow } from '../n8n/client.mts';
import type { Execution } from '../n8n/execution.mts';
import { Dice } from '../../invariants/dice.mts';
import { startGroupRobot, type GroupRobot } from '../services/groupRobot.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { eventually } from '../setup/eventually.mts';
import { createCrmCredential, fillCrmDatabase } from './crmDatabase.mts';
import {
	createFormLogin,
	formUrlOf,
	readExample,
	ROBOT_ADDRESS,
	SIGNED_IN,
	whenRegistered,
	withWebhook,
} from './exampleWorkflow.mts';
import { boundDevices, lineUnderTest, setScene, type Scene } from './scene.mts';

// The example crm-to-iot-sync as a user imports it: its ledger, which the support form reads, and its approval.

const TRIGGER = 'Every 15 Minutes';

let scene: Scene;
let postgres: Postgres;
let robot: GroupRobot;
before(async () => {
	postgres = await startPostgres();
	robot = await startGroupRobot();
	scene = await setScene();
	await createCrmCredential(scene.server.client, postgres.login);
	await createFormLogin(scene.server.client);
});
after(async () => {
	await scene?.end();
	await robot?.stop();
	await postgres?.stop();
});

/** The tables as they are at the beginning, and nothing at the service. */
async function reset(): Promise<void> {
	scene.simulator.reset();
	await postgres.query('DROP TABLE IF EXISTS crm_devices, crm_customers, sync_ledger');
	await fillCrmDatabase(postgres);
}

/** Imports the example and publishes it, with a webhook at a path of its own in place of its schedule. */
async function publish(path: string): Promise<() => Promise<Execution>> {
	const { client } = scene.server;
	const example = await readExample('crm-to-iot-sync', { [ROBOT_ADDRESS]: robot.url });
	const workflow = await client.importWorkflow(withWebhook(example, TRIGGER, path));
	await client.activate(workflow);
	return async () => await (await start(workflow, path))();
}

async function start(workflow: StoredWorkflow, path: string): Promise<() => Promise<Execution>> {
	const { client } = scene.server;
	const url = `${client.session.origin}/webhook/${path}`;
	const call = async () => await whenRegistered(async () => await fetch(url, { method: 'POST' }));
	const id = await client.begunBy(workflow, call);
	return async () => await client.whenDone(id);
}

/** Sends the form of a trigger, and gives the page at the end. */
async function fillIn(url: string, ...values: string[]): Promise<string> {
	const answer = await whenRegistered(async () => await submit(url, values, SIGNED_IN));
	const { formWaitingUrl } = (await answer.json()) as { formWaitingUrl: string };
	await untilWaiting(formWaitingUrl);
	return await (await fetch(formWaitingUrl, { headers: SIGNED_IN })).text();
}

async function submit(url: string, values: readonly string[], headers = {}): Promise<Response> {
	const body = new FormData();
	for (const [index, value] of values.entries()) body.set(`field-${index}`, value);
	return await fetch(url, { method: 'POST', body, headers });
}

/** Until then n8n answers to nothing else. */
async function untilWaiting(formUrl: string): Promise<void> {
	const status = new URL(formUrl);
	status.pathname += '/n8n-execution-status';
	await eventually(async () => assert.equal(await (await fetch(status)).text(), 'form-waiting'));
}

const ledger = async () =>
	await postgres.query(
		"SELECT customer, status, array_to_string(pushed, ', '), array_to_string(left_devices, ', '), reason, since FROM sync_ledger ORDER BY customer",
	);

test('Each customer has an entry in the ledger, failing since and gone by name; a stopped run writes nothing.', async () => {
	await reset();
	const run = await publish('ledger-entries');
	const see = async () => {
		const before = robot.messages.length;
		const execution = await run();
		return [execution, robot.messages.slice(before)] as const;
	};
	const [begun] = await see();
	assert.equal(begun.status, 'success', begun.failure?.message);
	const first = await ledger();
	assert.deepEqual(
		first.map(([customer, status, pushed]) => [customer, status, pushed]),
		[
			['user_1024', 'OK', 'LOCK01/front · SN-1 · 智能门锁, LOCK01/back · SN-2 · 智能门锁'],
			['user_2048', 'OK', 'CAM01/entrance · SN-3 · 摄像头'],
			['user_4096', 'OK', 'CAM01/garage · SN-4 · 摄像头'],
			['user_5120', 'NOT_SENT', ''],
		],
	);
	assert.match(first[3]![4]!, /is not ProductId\/DeviceName/);
	await postgres.query("UPDATE crm_customers SET active = false WHERE customer_id = 'user_2048'");
	const [, gone] = await see();
	assert.equal((await ledger())[1]![1], 'GONE');
	assert.equal((await ledger())[3]![5], first[3]![5]);
	assert.match(gone.at(-1)!, /\nuser_2048 is no longer in the rows; Tencent keeps CAM01\/entrance\n工作流/);
	assert.deepEqual((await see())[1], []);
	await postgres.query("UPDATE crm_devices SET customer_id = 'user_4096' WHERE serial_no = 'SN-2'");
	assert.match((await see())[1].at(-1)!, /\nLOCK01\/back left user_1024 \(now user_4096\): make sure in /);
	assert.equal((await ledger())[0]![3], 'LOCK01/back');
	assert.deepEqual((await see())[1], []);
	const before = await ledger();
	await postgres.query('UPDATE crm_customers SET active = false');
	assert.equal((await see())[0].status, 'error');
	assert.deepEqual(await ledger(), before);
});

/** Statements and expressions of the example do the same in each n8n. */
const ROUNDS = lineUnderTest() === 'n8n-2' ? 20 : 4;

test('After rounds of changes and refusals the ledger has what the service accepted last.', async () => {
	await reset();
	const { simulator } = scene;
	const run = await publish('ledger-rounds');
	const dice = new Dice(7);
	const customers = ['user_1024', 'user_2048', 'user_4096', 'user_5120', 'user_9999'];
	for (let round = 0; round < ROUNDS; round++) {
		const [customer, serial] = [
			dice.pick(customers),
			dice.pick(['SN-1', 'SN-2', 'SN-3', 'SN-4', 'SN-5', 'SN-6']),
		];
		const changes = [
			`UPDATE crm_devices SET customer_id = '${customer}' WHERE serial_no = '${serial}'`,
			`UPDATE crm_devices SET device_id = 'LOCK01/r${round}' WHERE serial_no = '${serial}'`,
			`UPDATE crm_devices SET product = 'product ${round}' WHERE customer_id = '${customer}'`,
			`UPDATE crm_customers SET active = NOT active WHERE customer_id = '${customer}'`,
			`INSERT INTO crm_devices (customer_id, serial_no, device_id, product) VALUES ('${customer}', 'N-${round}', 'CAM01/n${round}', '摄像头')`,
			`DELETE FROM crm_devices WHERE id = (SELECT max(id) FROM crm_devices)`,
		];
		for (let count = 0; count < 2; count++) await postgres.query(dice.pick(changes));
		const refused = customers.filter(() => dice.happens(0.2));
		simulator.setOptions({
			refuseCustomers: Object.fromEntries(
				refused.map((id) => [id, { Code: 'InvalidParameterValue', Message: 'no' }]),
			),
		});
		await run();
		const accepted = [...simulator.bindings]
			.map(([id, devices]) => [
				id,
				devices.map((one) => `${one.DeviceId} · ${one.CustomerDeviceNo} · ${one.ProductName}`).join(', '),
			])
			.sort();
		const entries = (await ledger()).flatMap(([id, , pushed]) => (pushed === '' ? [] : [[id, pushed]]));
		assert.deepEqual(entries, accepted, `round ${round}`);
	}
	simulator.setOptions({ refuseCustomers: {} });
});

test('The support form shows one customer by the ledger, and pushes it.', async () => {
	await reset();
	await (
		await publish('ledger-support')
	)();
	scene.simulator.reset();
	const { client } = scene.server;
	const form = await client.importWorkflow(await readExample('customer-support-form'));
	await client.activate(form);
	const url = formUrlOf(form, client);
	assert.equal((await whenRegistered(async () => await submit(url, ['user_1024', 'Push']))).status, 401);
	assert.match(await fillIn(url, 'user_5120', 'Show'), /NOT_SENT since .*is not ProductId/s);
	assert.match(await fillIn(url, 'nobody', 'Show'), /The ledger has no such customer/);
	assert.match(await fillIn(url, ' user_1024 ', 'Push'), /user_1024: 2 devices pushed/);
	assert.deepEqual(boundDevices(scene.simulator), { user_1024: ['LOCK01/front', 'LOCK01/back'] });
	assert.match(await fillIn(url, 'user_5120', 'Push'), /is not ProductId/);
	assert.match(await fillIn(url, 'user_9999', 'Push'), /There is no such customer, or it is not active/);
	await postgres.query("UPDATE crm_devices SET device_id = ' CAM01/entrance' WHERE serial_no = 'SN-4'");
	assert.match(await fillIn(url, 'user_2048', 'Push'), /is also under customer .*user_4096/);
	assert.deepEqual(Object.keys(boundDevices(scene.simulator)), ['user_1024']);
});

test('The approval: a message with a link to a form that says what would change; what is approved is sent, with other rows it asks anew.', async () => {
	await reset();
	const { client } = scene.server;
	await postgres.query(
		"INSERT INTO crm_customers (customer_id) SELECT 'many_' || n FROM generate_series(1, 30) n",
	);
	await postgres.query(
		`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
			SELECT 'many_' || n, 'SN-' || n, 'LOCK01/' || n, '智能门锁' FROM generate_series(1, 30) n`,
	);
	await postgres.query("DELETE FROM crm_devices WHERE device_id = 'no-slash'");
	await postgres.query("DELETE FROM crm_customers WHERE customer_id = 'user_5120'");
	const example = await readExample('crm-to-iot-sync', { [ROBOT_ADDRESS]: robot.url });
	const workflow = await client.importWorkflow(withWebhook(example, TRIGGER, 'approval'));
	await client.activate(workflow);
	assert.equal((await (await start(workflow, 'approval'))()).status, 'success');
	const known = scene.simulator.requests.length;
	const before = robot.messages.length;
	const message = async (count: number) => {
		await eventually(() => assert.equal(robot.messages.length, before + count));
		return robot.messages.at(-1)!;
	};
	const formIn = async (text: string) => {
		const link = /http\S+form-waiting\S+/.exec(text)![0];
		await untilWaiting(link);
		return link;
	};
	await postgres.query("UPDATE crm_devices SET product = '新名称'");
	await postgres.query("UPDATE crm_customers SET active = false WHERE customer_id = 'many_30'");
	const end = await start(workflow, 'approval');
	const asked = await message(1);
	assert.match(asked, /^Sync 失败（TOO_MANY_CHANGES）.*\n工作流 \/ Workflow: .*execution \d+: http\S+$/s);
	const first = await formIn(asked);
	assert.equal((await fetch(first)).status, 401);
	const page = await (await fetch(first, { headers: SIGNED_IN })).text();
	assert.match(page, /Your name/);
	assert.match(page, /Customers: 0 new, 32 changed, 1 missing; devices: 34 before, 33 now\./);
	assert.match(page, /many_1: LOCK01\/1 · SN-1 · 智能门锁 → LOCK01\/1 · SN-1 · 新名称/);
	assert.doesNotMatch(page, /Approved Plan/);
	await postgres.query("UPDATE crm_devices SET serial_no = 'other' WHERE customer_id = 'many_1'");
	assert.equal((await submit(first, ['李雷', 'Approve'])).status, 401);
	const submitted = await (await submit(first, ['李雷', 'Approve'], SIGNED_IN)).json();
	assert.match((submitted as { formSubmittedText: string }).formSubmittedText, /^李雷：已批准.*Approved/);
	const anew = await message(2);
	assert.match(anew, /^已由 李雷 批准.*have changed since the approval, and nothing was sent/s);
	assert.equal(scene.simulator.requests.length, known);
	await submit(await formIn(anew), ['王芳', 'Approve'], SIGNED_IN);
	assert.equal((await end()).status, 'success');
	assert.equal(scene.simulator.requests.length, known + 32);
	assert.match(await message(4), /many_30 is no longer in the rows/);
	assert.match(
		robot.messages.at(-2)!,
		/^已由 王芳 批准 \/ Approved by 王芳\nSync 正常.*\nSync is ok: .*32 pushed now/s,
	);
	assert.equal((await ledger()).find(([customer]) => customer === 'many_1')![2], 'LOCK01/1 · other · 新名称');

	// Rejected: nothing is sent, and the execution is red.
	await postgres.query("UPDATE crm_devices SET product = '又一个名称'");
	const endRejected = await start(workflow, 'approval');
	await submit(await formIn(await message(5)), ['王芳', 'Reject'], SIGNED_IN);
	assert.match(await message(6), /^王芳 未批准/);
	const rejected = await endRejected();
	assert.equal(rejected.status, 'error');
	assert.match(
		rejected.failure!.message,
		/\n确实如此：.*\nIt is meant: set 'Approved Plan' under 'Safety Checks' to \w{16}/s,
	);
	assert.equal(scene.simulator.requests.length, known + 32);
});

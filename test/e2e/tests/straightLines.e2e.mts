import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Fault } from '../../../simulator/simulator.mts';
import { createFormLogin, formUrlOf, SIGNED_IN } from './exampleWorkflow.mts';
import { createCrmCredential, fillCrmDatabase } from './crmDatabase.mts';
import { setSceneOfItsOwn, type Scene } from './scene.mts';
import type { StoredWorkflow } from '../n8n/client.mts';
import type { N8nServer } from '../n8n/server.mts';
import { node, type WorkflowJson } from '../n8n/workflow.mts';
import { startGroupRobot, type GroupRobot } from '../services/groupRobot.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { eventually } from '../setup/eventually.mts';
import { exampleFolder } from '../setup/folders.mts';
import { untilReady } from '../n8n/restSession.mts';

// The examples as they are shipped: what is changed are addresses and credentials, and the error workflow is chosen as the note says. A
// webhook stands beside the schedule, so that a run begins when the test wants it.

let scene: Scene<N8nServer>;
let postgres: Postgres;
let robot: GroupRobot;
let monitor: Server;
let heartbeats = 0;
let fault: Fault | undefined;
let sync: StoredWorkflow;
let supportForm: string;

async function shipped(name: string, addresses: Readonly<Record<string, string>>): Promise<WorkflowJson> {
	const text = await readFile(join(exampleFolder, `${name}.json`), 'utf8');
	const edited = Object.entries(addresses).reduce((done, [from, to]) => done.replaceAll(from, to), text);
	return JSON.parse(edited) as WorkflowJson;
}

function withWebhook(workflow: WorkflowJson, trigger: string): WorkflowJson {
	const webhook = node(
		'Webhook',
		'n8n-nodes-base.webhook',
		{ httpMethod: 'POST', path: 'run-now', responseMode: 'onReceived', options: {} },
		{ typeVersion: 2, webhookId: 'run-now', position: [0, 220] },
	);
	const { nodes, connections } = workflow;
	return {
		...workflow,
		nodes: [...nodes, webhook],
		connections: { ...connections, Webhook: connections[trigger]! },
	};
}

before(async () => {
	scene = await setSceneOfItsOwn({ faults: () => fault });
	postgres = await startPostgres();
	await fillCrmDatabase(postgres);
	await postgres.query("DELETE FROM crm_devices WHERE device_id = 'no-slash'");
	robot = await startGroupRobot();
	monitor = createServer((_, response) => {
		heartbeats++;
		response.end('ok');
	});
	monitor.listen(0, '127.0.0.1');
	await once(monitor, 'listening');
	const { client } = scene.server;
	await createCrmCredential(client, postgres.login);
	await createFormLogin(client);
	const origin = client.session.origin;
	const addresses = {
		'PASTE THE ADDRESS OF YOUR GROUP ROBOT HERE': robot.url,
		'PASTE THE ADDRESS OF THE APPROVAL FORM HERE': `${origin}/form/approve-a-plan`,
		'PASTE THE ADDRESS OF YOUR MONITOR HERE': `http://127.0.0.1:${(monitor.address() as AddressInfo).port}/`,
	};
	const alarm = await client.importWorkflow(await shipped('a-sync-is-red', addresses));
	await client.activate(alarm);
	await client.activate(await client.importWorkflow(await shipped('approve-a-plan', addresses)));
	const support = await client.importWorkflow(await shipped('customer-support-form', addresses));
	await client.activate(support);
	supportForm = formUrlOf(support, client);
	const example = withWebhook(await shipped('crm-to-iot-sync', addresses), 'Every 15 Minutes');
	sync = await client.importWorkflow({
		...example,
		settings: { ...example.settings, errorWorkflow: alarm.id },
	});
	await client.activate(sync);
});
after(async () => {
	await scene?.end();
	await postgres?.stop();
	await robot?.stop();
	monitor?.close();
});

const redMessages = () => robot.bodies.filter((body) => body.includes('失败 / failed'));

/** Runs the Sync, until its heartbeat came or its error workflow told that it is red. */
async function run(): Promise<{ isRed: boolean; told: string[] }> {
	const before = { heartbeats, red: redMessages().length, told: robot.bodies.length };
	const { client } = scene.server;
	await untilReady(
		async () => await fetch(`${client.session.origin}/webhook/run-now`, { method: 'POST' }),
		[404, 503],
	);
	await eventually(async () => {
		await Promise.resolve();
		assert.ok(heartbeats > before.heartbeats || redMessages().length > before.red, 'neither green nor red');
	}, 90_000);
	await eventually(async () => assert.deepEqual(await client.running(sync), []));
	const isRed = redMessages().length > before.red;
	const told = robot.bodies.slice(before.told).filter((body) => !body.includes('失败 / failed'));
	return {
		isRed,
		told: told.map((body) => (JSON.parse(body) as { text: { content: string } }).text.content),
	};
}

/** Adds customers that the safety checks are for, from twenty on. */
async function addCustomers(count: number): Promise<void> {
	await postgres.query(
		`INSERT INTO crm_customers (customer_id) SELECT 'KH' || lpad(i::text, 4, '0') FROM generate_series(1, ${count}) i`,
	);
	await postgres.query(
		`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
		SELECT 'KH' || lpad(i::text, 4, '0'), 'SN-' || i, 'CAM01/c' || i, '摄像头' FROM generate_series(1, ${count}) i`,
	);
}

const renameSerials = async (suffix: string, most: number) =>
	await postgres.query(
		`UPDATE crm_devices SET serial_no = 'SN-' || substr(device_id, 8) || '${suffix}' WHERE substr(device_id, 8)::int <= ${most} AND device_id LIKE 'CAM01/c%'`,
	);

/** Submits a page of a form, and gives the address of the next one. */
async function submit(url: string, values: readonly string[], headers = {}): Promise<Response> {
	const body = new FormData();
	for (const [index, value] of values.entries()) {
		body.set(`field-${index}`, value);
	}
	return await fetch(url, { method: 'POST', body, headers });
}

async function nextPage(response: Response): Promise<string> {
	assert.equal(response.status, 200);
	const { formWaitingUrl } = (await response.json()) as { formWaitingUrl: string };
	return formWaitingUrl;
}

/** What somebody sees who opens an address once the workflow behind it has come so far. */
async function pageAt(url: string): Promise<string> {
	const status = new URL(url);
	status.pathname += '/n8n-execution-status';
	await eventually(async () => assert.equal(await (await fetch(status)).text(), 'form-waiting'));
	return await (await fetch(url, { headers: SIGNED_IN })).text();
}

const formAt = (path: string) => `${scene.server.client.session.origin}/form/${path}`;

/** Opens the form for approvals. @returns its second page, or its ending where no plan waits */
async function openApproval(name: string): Promise<{ url: string; page: string }> {
	const url = await nextPage(await submit(formAt('approve-a-plan'), [name], SIGNED_IN));
	return { url, page: await pageAt(url) };
}

/** Decides on the second page. @returns the ending */
async function decide(url: string, decision: string): Promise<string> {
	const response = await submit(url, ['', decision], SIGNED_IN);
	assert.equal(response.status, 200);
	return await pageAt(url);
}

async function askSupport(values: readonly string[]): Promise<string> {
	const url = await nextPage(await submit(supportForm, values, SIGNED_IN));
	return await pageAt(url);
}

test('The first run sends a message, and the next one is quiet.', async () => {
	const first = await run();
	assert.deepEqual([first.isRed, first.told.length], [false, 1]);
	assert.match(first.told[0]!, /^Tencent Cloud IoT: scheduled CRM sync：Sync 正常/);
	assert.deepEqual(await run(), { isRed: false, told: [] });
});

test('The support form says what was accepted, when and by which RequestId.', async () => {
	assert.match(supportForm, /\/form\/[\w-]{20,}$/);
	assert.equal((await fetch(supportForm)).status, 401);
	const page = await askSupport(['user_1024', '', '', 'Show']);
	assert.match(page, /腾讯云于 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d GMT\S* 接受了 2 台设备（RequestId [\w-]+）/);
	assert.match(page, /LOCK01\/front · SN-1 · 智能门锁/);
	assert.match(
		await askSupport(['USER_1024', '', '', 'Show']),
		/&#39;user_1024&#39;: letters in another case/,
	);
	assert.match(await askSupport(['nobody', '', '', 'Show']), /从未有请求被接受/);
	assert.match(await askSupport(['', 'SN-3', '', 'Show']), /user_2048/);
});

test('Who is refused is told once, also where the robot is silent, refuses it or is away; nothing is lost and nothing told twice.', async () => {
	const refusal = { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' };
	scene.simulator.setOptions({ refuseCustomers: { user_4096: refusal } });
	await postgres.query("UPDATE crm_devices SET device_id = 'CAM01/yard' WHERE serial_no = 'SN-4'");
	robot.answer = 'silence';
	const silent = await run();
	assert.deepEqual([silent.isRed, silent.told.length], [true, 1]);
	robot.answer = { status: 200, body: '{"errcode":93000,"errmsg":"invalid webhook url"}' };
	const refused = await run();
	assert.deepEqual([refused.isRed, refused.told.length], [true, 1]);
	assert.match(refused.told[0]!, /user_4096/);
	robot.answer = undefined;
	const taken = await run();
	assert.deepEqual([taken.isRed, taken.told.length], [false, 1]);
	assert.match(taken.told[0]!, /user_4096/);
	assert.deepEqual(await run(), { isRed: false, told: [] });
	scene.simulator.setOptions({ refuseCustomers: {} });
	let healed = await run();
	// A customer that failed has its turn in one of three runs.
	for (let attempt = 0; healed.told.length === 0 && attempt < 3; attempt++) {
		healed = await run();
	}
	assert.match(healed.told.join(), /已恢复/);
});

test('Who left the rows is counted, and the log has the name.', async () => {
	await postgres.query("UPDATE crm_customers SET active = false WHERE customer_id = 'user_4096'");
	const { told } = await run();
	assert.match(told.join(), /1 个客户已不在数据中/);
	assert.match(
		await askSupport(['user_4096', '', '', 'Show']),
		/起不在 Sync &#39;Tencent Cloud IoT: scheduled CRM sync&#39; 的数据中/,
	);
});

test('Push by the support form leaves a receipt, and what is unclear is said to be.', async () => {
	await postgres.query("UPDATE crm_devices SET device_id = 'LOCK01/cellar' WHERE serial_no = 'SN-2'");
	const page = await askSupport(['user_1024', '', '', 'Push']);
	assert.match(page, /LOCK01\/cellar/);
	assert.match(page, /已接受/);
	fault = { kind: 'applyThenReset' };
	await postgres.query("UPDATE crm_devices SET device_id = 'LOCK01/attic' WHERE serial_no = 'SN-2'");
	const unclear = await askSupport(['user_1024', '', '', 'Push']);
	fault = undefined;
	assert.match(unclear, /此后结果不明|may or may not have been applied/);
	assert.match(await askSupport(['nobody', '', '', 'Push']), /上一步：.*没有|上一步/);
	await run();
	assert.doesNotMatch(await askSupport(['user_1024', '', '', 'Show']), /此后结果不明/);
});

test('A stopped plan is told with the address of its form; rejected, a second person and a page opened again read what became of it.', async () => {
	await addCustomers(60);
	assert.equal((await run()).isRed, false);
	await renameSerials('x', 40);
	const first = await run();
	assert.deepEqual([first.isRed, first.told.length], [true, 1]);
	assert.match(
		first.told[0]!,
		/批准或拒绝： \/ Approve or reject: http\S+\/form\/approve-a-plan|\/form\/approve-a-plan/,
	);
	assert.equal((await fetch(formAt('approve-a-plan'))).status, 401);
	const approval = await openApproval('王主管');
	const second = await openApproval('<!channel> @all');
	assert.match(approval.page, /40/);
	assert.match(await decide(approval.url, 'Reject'), /王主管 已拒绝/);
	assert.match(await decide(second.url, 'Approve'), /没有更改.*王主管 已于 .* 拒绝/s);
	assert.match((await openApproval('Li')).page, /Health|状态/);
	const after = await run();
	assert.match(after.told.join(), /王主管 已拒绝这份计划/);
});

test('Approved, the next run sends exactly the plan, and names who approved it without mentioning anybody.', async () => {
	await postgres.query("UPDATE crm_devices SET product = '网络摄像头' WHERE device_id = 'CAM01/c1'");
	const stopped = await run();
	assert.equal(stopped.isRed, true);
	const { url, page } = await openApproval('<!channel> @all [x](https://evil.example)');
	const [, requests = ''] = /(\d+) 个请求|(\d+) requests/.exec(await decide(url, 'Approve')) ?? [];
	assert.match(page, /40/);
	const before = scene.simulator.requests.length;
	const sent = await run();
	assert.equal(scene.simulator.requests.length - before, Number(requests));
	assert.equal(sent.isRed, false);
	assert.match(sent.told.join(), /批准的计划/);
	assert.doesNotMatch(sent.told.join(), /<!|@all|https:\/\/evil/);
	assert.match((await openApproval('Li')).page, /没有等待批准|正常/);
	assert.deepEqual(await run(), { isRed: false, told: [] });
});

test('A stop that heals by itself needs no decision, and who comes late reads so.', async () => {
	await renameSerials('y', 40);
	assert.equal((await run()).isRed, true);
	const { url } = await openApproval('王主管');
	await renameSerials('x', 40);
	assert.equal((await run()).isRed, false);
	assert.match(await decide(url, 'Approve'), /无需批准/);
});

test('With the log deleted Sync goes on, and says what is not known.', async () => {
	const { client } = scene.server;
	const project = await client.session.request<{ id: string }>('GET', '/projects/personal');
	const { data } = await client.session.request<{ data: Array<{ id: string; name: string }> }>(
		'GET',
		`/projects/${project.id}/data-tables`,
	);
	for (const { id, name } of data.filter((table) => table.name.startsWith('tencent_iot_log_'))) {
		await client.session.request('DELETE', `/projects/${project.id}/data-tables/${id}`);
		assert.match(name, /^tencent_iot_log_\d{4}_\d\d$/);
	}
	assert.match(await askSupport(['user_1024', '', '', 'Show']), /此前接受了什么不得而知/);
	await postgres.query("UPDATE crm_devices SET device_id = 'LOCK01/roof' WHERE serial_no = 'SN-2'");
	assert.equal((await run()).isRed, false);
	const page = await askSupport(['user_1024', '', '', 'Show']);
	assert.match(page.slice(page.indexOf('<body')), /LOCK01\/roof/);
});

test('A source that fails is told in its own words, without links or mentions, and is red.', async () => {
	await postgres.query('ALTER TABLE crm_devices RENAME TO "@all https://evil.example"');
	const failed = await run();
	await postgres.query('ALTER TABLE "@all https://evil.example" RENAME TO crm_devices');
	assert.equal(failed.isRed, true);
	assert.match(failed.told.join(), /crm_devices/);
	const healed = await run();
	assert.deepEqual([healed.isRed, healed.told.length], [false, 1]);
});

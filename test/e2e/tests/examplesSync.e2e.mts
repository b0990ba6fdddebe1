import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RunReport } from '../../../nodes/TencentCloudIot/run/report/runReport.ts';
import type { StoredWorkflow } from '../n8n/client.mts';
import type { Execution } from '../n8n/execution.mts';
import { startGroupRobot, type GroupRobot } from '../services/groupRobot.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { eventually } from '../setup/eventually.mts';
import { createCrmCredential, fillCrmDatabase } from './crmDatabase.mts';
import {
	createFormLogin,
	readExample,
	ROBOT_ADDRESS,
	whenRegistered,
	withoutNodes,
	withWebhook,
} from './exampleWorkflow.mts';
import { boundDevices, setScene, type Scene } from './scene.mts';

// The example crm-to-iot-sync with the address of a robot, without its ledger and its approval, which examplesLedger has.
// Each test leaves everything in order.

const TRIGGER = 'Every 15 Minutes';

let isOut = false;
/** Which the answers of the service wait for. */
let held: Promise<void> | undefined;
let scene: Scene;
let postgres: Postgres;
let robot: GroupRobot;
let workflow: StoredWorkflow;
before(async () => {
	postgres = await startPostgres();
	await fillCrmDatabase(postgres);
	robot = await startGroupRobot();
	scene = await setScene({
		faults: () => (isOut ? { kind: 'reset' } : held && { kind: 'late', until: held }),
	});
	const { client } = scene.server;
	await createCrmCredential(client, postgres.login);
	await createFormLogin(client);
	const whole = await readExample('crm-to-iot-sync', { [ROBOT_ADDRESS]: robot.url });
	const example = withoutNodes(whole, ['One Entry per Customer', 'Needs Approval']);
	const { assignments } = example.nodes.find(({ name }) => name === 'Settings')!.parameters as {
		assignments: { assignments: Array<{ name: string; value: unknown }> };
	};
	assignments.assignments.find(({ name }) => name === 'approvalForm')!.value = false;
	workflow = await client.importWorkflow(withWebhook(example, TRIGGER, 'crm-to-iot-sync'));
	await client.activate(workflow);
});
after(async () => {
	await scene?.end();
	await robot?.stop();
	await postgres?.stop();
});

/** What came of one run of the workflow. */
interface Ended {
	report: RunReport;
	/** CustomerIds of the requests. */
	sent: string[];
	/** What the group was told. */
	messages: string[];
	/** What arrived at Failed Customers. */
	failed: ReturnType<Execution['json']>;
}

async function begin(): Promise<() => Promise<Ended>> {
	const { server, simulator } = scene;
	const [requests, messages] = [simulator.requests.length, robot.messages.length];
	const url = `${server.client.session.origin}/webhook/crm-to-iot-sync`;
	const call = async () => await whenRegistered(async () => await fetch(url, { method: 'POST' }));
	const id = await server.client.begunBy(workflow, call);
	return async () => {
		const execution = await server.client.whenDone(id);
		const [report, ...others] = execution.json('Sync Device Bindings') as unknown as RunReport[];
		assert.ok(report, `${execution.status}: ${execution.failure?.message}`);
		// A run beside another one is failing, but not red.
		const isRed = report.Health === 'failing' && report.Failures[0]?.code !== 'ALREADY_RUNNING';
		assert.equal(execution.status, isRed ? 'error' : 'success', execution.failure?.message);
		if (isRed) {
			const said = `${report.SummaryZh}\n${report.Summary}`;
			assert.equal(execution.failure?.message.slice(0, said.length), said);
		}
		assert.deepEqual(others, []);
		return {
			report,
			sent: simulator.requests.slice(requests).map(({ CustomerId }) => String(CustomerId)),
			messages: robot.messages.slice(messages),
			failed: execution.json('Failed Customers'),
		};
	};
}

const run = async () => await (await begin())();

/** Runs the workflow, which is well and was before, and says whose sets were sent. */
async function runQuietly(): Promise<string[]> {
	const { report, sent, messages, failed } = await run();
	assert.deepEqual([report.Health, messages, failed], ['ok', [], []], JSON.stringify(report));
	return sent.sort();
}

/** Runs the workflow, which is well again, and sees that the group is told so once. */
async function runHealed(): Promise<string[]> {
	const { report, sent, messages } = await run();
	assert.equal(report.Health, 'ok', JSON.stringify(report));
	assert.deepEqual(
		messages.map((message) => /Sync is (\w+)/.exec(message)?.[1]),
		['ok'],
	);
	assert.deepEqual(await runQuietly(), []);
	return sent.sort();
}

/** Runs the workflow three times while something is to be known, and sees that the group hears of it by the first run only. */
async function runBroken(health: RunReport['Health']): Promise<[Ended, Ended, Ended]> {
	const runs: [Ended, Ended, Ended] = [await run(), await run(), await run()];
	assert.deepEqual(
		runs.map(({ report }) => report.Health),
		[health, health, health],
	);
	assert.deepEqual(
		runs.map(({ messages }) => messages.length),
		[1, 0, 0],
	);
	return runs;
}

const atTencent = () => boundDevices(scene.simulator);

test('The first run pushes all; a refused customer and a typing error are reported once, and once when they are corrected.', async () => {
	const { simulator } = scene;
	const refusal = { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' };
	simulator.setOptions({ refuseCustomers: { user_4096: refusal } });
	const [first, second] = await runBroken('degraded');
	assert.deepEqual(first.sent.sort(), ['user_1024', 'user_2048', 'user_4096']);
	assert.deepEqual(second.sent, ['user_4096']);
	assert.match(
		first.messages[0]!,
		/^Sync 部分异常：2 个客户本次开始失败（user_4096、user_5120）.*\nSync is degraded: 2 customers newly failed \('user_4096', 'user_5120'\); 2 of 4 customers are up to date/,
	);
	assert.match(first.messages[0]!, /user_4096: .*CustomerId 无效/);
	assert.match(first.messages[0]!, /user_5120: .*is not ProductId\/DeviceName/);
	assert.deepEqual(
		first.failed.map(({ customer, outcome }) => [customer, outcome]),
		[
			['user_4096', 'REFUSED'],
			['user_5120', 'NOT_SENT'],
		],
	);
	simulator.setOptions({ refuseCustomers: {} });
	await postgres.query("UPDATE crm_devices SET device_id = 'CAM01/yard' WHERE serial_no = 'SN-5'");
	assert.deepEqual(await runHealed(), ['user_4096', 'user_5120']);
	assert.deepEqual(atTencent(), {
		user_1024: ['LOCK01/front', 'LOCK01/back'],
		user_2048: ['CAM01/entrance'],
		user_4096: ['CAM01/garage'],
		user_5120: ['CAM01/yard'],
	});
});

test('What changes shortly before an outage and in it is pushed after it; the group is told when it begins and when it is over.', async () => {
	await postgres.query("UPDATE crm_devices SET device_id = 'LOCK01/cellar' WHERE serial_no = 'SN-2'");
	isOut = true;
	const [first] = await runBroken('failing');
	assert.match(
		first.messages[0]!,
		/^Sync 失败.*：.*\nSync is failing.*: .*\('user_1024'\).*\n(user_1024: .*\n)?工作流 /,
	);
	await postgres.query("UPDATE crm_devices SET device_id = 'CAM01/roof' WHERE serial_no = 'SN-3'");
	assert.deepEqual((await run()).messages, []);
	isOut = false;
	assert.deepEqual(await runHealed(), ['user_1024', 'user_2048']);
	assert.deepEqual(atTencent()['user_1024'], ['LOCK01/front', 'LOCK01/cellar']);
	assert.deepEqual(atTencent()['user_2048'], ['CAM01/roof']);
});

test('A run that begins while another one is under way sends nothing and tells nobody; what changed meanwhile is pushed by the next.', async () => {
	const { simulator } = scene;
	await postgres.query("UPDATE crm_devices SET device_id = 'LOCK01/attic' WHERE serial_no = 'SN-2'");
	const before = simulator.requests.length;
	let release = () => {};
	held = new Promise((resolve) => (release = resolve));
	const end = await begin();
	await eventually(() => assert.equal(simulator.requests.length, before + 1));
	held = undefined;
	await postgres.query("UPDATE crm_devices SET device_id = 'LOCK01/cellar' WHERE serial_no = 'SN-2'");
	const beside = await run();
	assert.deepEqual(
		[beside.report.Failures.map(({ code }) => code), beside.report.News, beside.sent, beside.messages],
		[['ALREADY_RUNNING'], false, [], []],
	);
	release();
	const first = await end();
	assert.deepEqual([first.report.Health, first.sent, first.messages], ['ok', ['user_1024'], []]);
	assert.deepEqual(atTencent()['user_1024'], ['LOCK01/front', 'LOCK01/attic']);
	assert.deepEqual(await runQuietly(), ['user_1024']);
	assert.deepEqual(atTencent()['user_1024'], ['LOCK01/front', 'LOCK01/cellar']);
	assert.deepEqual(await runQuietly(), []);
});

test('A device that moves is pushed for its old and its new customer.', async () => {
	await postgres.query("UPDATE crm_devices SET customer_id = 'user_2048' WHERE serial_no = 'SN-2'");
	assert.deepEqual(await runQuietly(), ['user_1024', 'user_2048']);
	assert.deepEqual(atTencent()['user_1024'], ['LOCK01/front']);
	assert.deepEqual(atTencent()['user_2048'], ['LOCK01/cellar', 'CAM01/roof']);
	assert.deepEqual(await runQuietly(), []);
});

test('After a deleted device its customer is pushed without it.', async () => {
	await postgres.query("DELETE FROM crm_devices WHERE serial_no = 'SN-2'");
	assert.deepEqual(await runQuietly(), ['user_2048']);
	assert.deepEqual(atTencent()['user_2048'], ['CAM01/roof']);
	assert.deepEqual(await runQuietly(), []);
});

test('A customer whose last device was deleted is reported once by name; with another device it is pushed again.', async () => {
	await postgres.query("DELETE FROM crm_devices WHERE serial_no IN ('SN-1', 'SN-4')");
	const [first] = await runBroken('ok');
	assert.deepEqual([first.sent, first.failed, first.report.WithoutDevice], [[], [], 2]);
	assert.match(
		first.messages[0]!,
		/2 个客户已没有设备，其设备在腾讯侧仍然保留（user_1024、user_4096）.*\n.*2 customers lost all devices in the rows; Tencent keeps them \('user_1024', 'user_4096'\)/,
	);
	// Tencent cannot be told: it keeps what it had.
	assert.deepEqual(atTencent()['user_1024'], ['LOCK01/front']);
	await postgres.query(
		`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
			VALUES ('user_1024', 'SN-7', 'LOCK01/gate', '智能门锁')`,
	);
	await postgres.query("UPDATE crm_customers SET active = false WHERE customer_id = 'user_4096'");
	assert.deepEqual(await runQuietly(), ['user_1024']);
	assert.deepEqual(atTencent()['user_1024'], ['LOCK01/gate']);
});

test('A table that is suddenly empty is reported; nothing is sent for it, then or later.', async () => {
	const { query } = postgres;
	await query('CREATE TABLE kept AS SELECT customer_id FROM crm_customers WHERE active');
	await query('UPDATE crm_customers SET active = false');
	const [first] = await runBroken('failing');
	assert.deepEqual([first.sent, first.report.Failures.map(({ code }) => code)], [[], ['NO_ROWS']]);
	await query('UPDATE crm_customers SET active = customer_id IN (SELECT customer_id FROM kept)');
	assert.deepEqual(await runHealed(), []);
});

test('A query that fails is reported with what the database says; nothing is sent for it, then or later.', async () => {
	await postgres.query('ALTER TABLE crm_customers RENAME TO renamed');
	const [first] = await runBroken('failing');
	assert.deepEqual([first.sent, first.report.Failures.map(({ code }) => code)], [[], ['NO_ROWS']]);
	assert.match(
		first.messages[0]!,
		/Correct what the node before reports: relation "crm_customers" does not exist\.\n工作流 \/ Workflow: .*http\S+\/executions\/\d+$/s,
	);
	await postgres.query('ALTER TABLE renamed RENAME TO crm_customers');
	assert.deepEqual(await runHealed(), []);
});

test('Customers that left the rows are counted in a message once; nothing is sent for them.', async () => {
	await postgres.query("UPDATE crm_customers SET active = false WHERE customer_id = 'user_2048'");
	const { report, sent, messages } = await run();
	assert.deepEqual([report.Health, report.Gone, sent], ['ok', 1, []]);
	assert.equal(messages.length, 1);
	assert.match(messages[0]!, /1 个客户已不在数据中.*\nSync is ok: .*1 customer is no longer in the rows/s);
	assert.deepEqual(await runQuietly(), []);
	await postgres.query("UPDATE crm_customers SET active = true WHERE customer_id = 'user_2048'");
	assert.deepEqual(await runQuietly(), ['user_2048']);
});

test('A run that a safety check stops is reported with its whole plan ID, also with CustomerIds of 32 characters.', async () => {
	const { query } = postgres;
	await query(`INSERT INTO crm_customers SELECT md5(n::text) FROM generate_series(1, 30) n`);
	await query(`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
		SELECT md5(n::text), 'NO-' || n, 'LOCK01/' || n, '智能门锁' FROM generate_series(1, 30) n`);
	assert.equal((await runQuietly()).length, 30);
	const replace = async (one: string, other: string) =>
		await query(
			`UPDATE crm_devices SET device_id = replace(device_id, '${one}', '${other}') WHERE length(customer_id) = 32`,
		);
	await replace('/', '#');
	const [{ report, sent, messages }] = await runBroken('failing');
	const { code, planId } = report.Failures[0]!;
	assert.deepEqual([code, sent], ['TOO_FEW_CUSTOMERS', []]);
	assert.match(messages[0]!, new RegExp(`'Approved Plan' under 'Safety Checks' to ${planId}, and publish`));
	await replace('#', '/');
	assert.deepEqual(await runHealed(), []);
});

test('A run by hand in the editor sends no message, and the next scheduled one has none either.', async () => {
	const { client } = scene.server;
	const before = robot.messages.length;
	await postgres.query("UPDATE crm_devices SET device_id = 'no slash' WHERE serial_no = 'SN-3'");
	const byHand = await client.whenDone(await client.start(workflow, TRIGGER));
	await postgres.query("UPDATE crm_devices SET device_id = 'CAM01/roof' WHERE serial_no = 'SN-3'");
	const [report] = byHand.json('Sync Device Bindings') as unknown as RunReport[];
	assert.deepEqual([report?.Health, report?.News], ['degraded', false]);
	assert.deepEqual(await runQuietly(), ['user_2048']);
	assert.equal(robot.messages.length, before);
});

test('A message that cannot be sent fails the execution, and so does the example without an address.', async () => {
	const { client } = scene.server;
	const asShipped = await readExample('crm-to-iot-sync');
	const started = await client.importWorkflow(withWebhook(asShipped, TRIGGER, 'as-shipped'));
	await client.activate(started);
	isOut = true;
	await whenRegistered(
		async () => await fetch(`${client.session.origin}/webhook/as-shipped`, { method: 'POST' }),
	);
	const execution = await client.latest(started);
	isOut = false;
	await client.deactivate(started);
	assert.equal(execution.status, 'error');
	assert.match(execution.failure?.message ?? '', /URL/);
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSimulator, type Simulator } from '../../../simulator/simulator.mts';
import type { StoredWorkflow } from '../n8n/client.mts';
import { begunBy, finishedBy, startQueueMode, type QueueMode } from '../n8n/queueMode.mts';
import { node } from '../n8n/workflow.mts';
import { startGroupRobot, type GroupRobot } from '../services/groupRobot.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { eventually } from '../setup/eventually.mts';
import { createCrmCredential, fillCrmDatabase } from './crmDatabase.mts';
import {
	createWebhookKey,
	readExample,
	ROBOT_ADDRESS,
	WEBHOOK_KEY,
	whenRegistered,
	withWebhook,
} from './exampleWorkflow.mts';
import { boundDevices, credentialFor, CREDENTIAL_NAME, lineUnderTest, packForTest } from './scene.mts';
import { SEEN_DEAD_MS } from './syncScene.mts';

// The example crm-to-iot-sync-partitioned in queue mode, as a user imports it. Each test leaves everything in order.

const CUSTOMERS = 240;
/** For all partitions together. */
const REQUESTS_PER_SECOND = 100;
/** How many executions a worker runs at once. */
const CONCURRENCY = 6;
/** A webhook answers before n8n has stored the execution that it begins: by so much at most. Milliseconds. */
const STORED_MS = 2_000;
/** After a kill n8n takes its executions for running until their locks run out. Milliseconds. */
const LONGEST_ROUND_MS = 120_000;

let n8n: QueueMode;
let simulator: Simulator;
let postgres: Postgres;
let robot: GroupRobot;
let workflow: StoredWorkflow;
let removePackage: () => Promise<void>;
before(async () => {
	const { tarball, end } = await packForTest();
	removePackage = end;
	simulator = await startSimulator();
	postgres = await startPostgres();
	robot = await startGroupRobot();
	n8n = await startQueueMode(lineUnderTest(), tarball, { concurrency: CONCURRENCY });
	await n8n.client.createCredential(CREDENTIAL_NAME, credentialFor(simulator));
	await createWebhookKey(n8n.client);
	await createCrmCredential(n8n.client, postgres.login);
	await fillCrmDatabase(postgres);
	await postgres.query("DELETE FROM crm_devices WHERE device_id = 'no-slash'");
	await postgres.query("UPDATE crm_customers SET active = false WHERE customer_id = 'user_5120'");
	await postgres.query(
		`INSERT INTO crm_customers SELECT 'many_' || c FROM generate_series(1, ${CUSTOMERS}) c`,
	);
	await postgres.query(`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
		SELECT 'many_' || c, 'SN-' || c || d, 'LOCK01/' || c || '_' || d, '智能门锁'
		FROM generate_series(1, ${CUSTOMERS}) c, generate_series(1, 2) d`);
	const example = await readExample('crm-to-iot-sync-partitioned', {
		[ROBOT_ADDRESS]: robot.url,
		'http://localhost:5678': n8n.url,
		// Which customers are scheduled for a re-push depends on the hour.
		'"outputItemPer": "run"': '"outputItemPer": "run", "pushAgainAfter": 0',
	});
	const imported = withWebhook(example, 'Every Hour', 'sync-round');
	workflow = await n8n.client.importWorkflow({ ...imported, nodes: [...imported.nodes, published] });
	await set({ requestsPerSecond: REQUESTS_PER_SECOND });
});
after(async () => {
	await n8n?.stop();
	await robot?.stop();
	await postgres?.stop();
	await simulator?.close();
	await removePackage?.();
});

/** Answers with a text of the workflow that n8n runs: what is published takes a moment to be that one. */
const published = node(
	'Published',
	'n8n-nodes-base.webhook',
	{ path: 'sync-published', responseMode: 'onReceived', options: { responseData: '0' } },
	{ typeVersion: 2, webhookId: 'sync-published' },
);
let publications = 0;

/** Enters values in Settings, publishes the workflow, and waits until n8n runs it. */
async function set(values: Record<string, number | string>): Promise<void> {
	const { assignments } = workflow.nodes.find(({ name }) => name === 'Settings')!.parameters
		.assignments as unknown as { assignments: Array<{ name: string; value: unknown }> };
	for (const one of assignments) one.value = values[one.name] ?? one.value;
	const marker = String(++publications);
	workflow.nodes.find(({ name }) => name === published.name)!.parameters.options = { responseData: marker };
	const { name, nodes, connections, settings } = workflow;
	workflow = await n8n.client.updateWorkflow(workflow, {
		name,
		nodes,
		connections,
		...(settings && { settings }),
	});
	await n8n.client.activate(workflow);
	await eventually(async () => {
		assert.equal(await (await fetch(`${n8n.url}/webhook/sync-published`)).text(), marker);
	});
}

const call = async (path: string, body = {}) =>
	await fetch(`${n8n.url}/webhook/${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', [WEBHOOK_KEY.name]: WEBHOOK_KEY.value },
		body: JSON.stringify(body),
	});

/** What a round came to. */
interface Round {
	/** Whose sets reached the service. */
	sent: string[];
	/** What the group was told. */
	messages: string[];
}

/** Does something that starts executions, and waits for the end of all of them. */
async function untilIdle(start: () => Promise<unknown>): Promise<Round> {
	const [requests, messages] = [simulator.requests.length, robot.messages.length];
	await start();
	const seeNoneRuns = async () => assert.deepEqual(await n8n.client.running(workflow), []);
	await eventually(async () => {
		await seeNoneRuns();
		await sleep(STORED_MS);
		await seeNoneRuns();
	}, LONGEST_ROUND_MS);
	return {
		sent: simulator.requests
			.slice(requests)
			.map(({ CustomerId }) => String(CustomerId))
			.sort(),
		messages: robot.messages.slice(messages),
	};
}

const beginRound = async () => {
	const { status } = await whenRegistered(async () => await call('sync-round'));
	assert.equal(status, 200);
};
const round = async () => await untilIdle(beginRound);

/** What the CRM says: CustomerId → its DeviceIds. */
async function inCrm(): Promise<Record<string, string[]>> {
	const rows = await postgres.query(`SELECT customer_id, string_agg(device_id, ',' ORDER BY d.id)
		FROM crm_customers JOIN crm_devices d USING (customer_id) WHERE active GROUP BY 1 ORDER BY 1`);
	return Object.fromEntries(rows.map(([customer, devices]) => [customer!, devices!.split(',')]));
}

/** Sees that the service has exactly the rows, and that a round has nothing to send or to tell. */
async function seeQuiet(): Promise<void> {
	assert.deepEqual(await round(), { sent: [], messages: [] });
	const bound = Object.entries(boundDevices(simulator)).sort(([one], [other]) => (one < other ? -1 : 1));
	assert.deepEqual(Object.fromEntries(bound), await inCrm());
}

/** Gives customers other devices, and says whose. */
async function change(count: number, suffix: string): Promise<string[]> {
	const ids = Array.from({ length: count }, (_, index) => `many_${index + 1}`).sort();
	await postgres.query(`UPDATE crm_devices SET device_id = regexp_replace(device_id, '(_2.*|_2)$', '_2${suffix}')
		WHERE customer_id IN (${ids.map((id) => `'${id}'`).join(', ')}) AND device_id LIKE '%\\_2%'`);
	return ids;
}

/** As the reports see it: the rounds of a test begin within seconds. */
const anHourPasses = async () => {
	const times = ['started_at', 'begun_at', 'reported_at'];
	const earlier = times.map((name) => `${name} = ${name} - interval '1 hour'`).join(', ');
	await postgres.query(`UPDATE sync_partitions SET ${earlier}`);
};

const everybody = async () => Object.keys(await inCrm()).sort();

test('All partitions at once: each customer is pushed once, together no faster than the limit, then nothing.', async (context) => {
	const startMs = performance.now();
	const byHand = async () => await n8n.client.start(workflow, 'Every Hour');
	assert.deepEqual(await untilIdle(byHand), { sent: await everybody(), messages: [] });
	const times = simulator.requests.map(({ receivedAtMs }) => receivedAtMs);
	const seconds = (Math.max(...times) - Math.min(...times)) / 1000;
	context.diagnostic(
		`${times.length} requests in ${seconds.toFixed(1)} s, the round ${Math.round(performance.now() - startMs)} ms`,
	);
	assert.ok(times.length / seconds < 1.3 * REQUESTS_PER_SECOND);
	await seeQuiet();
	const changed = await change(30, 'a');
	assert.deepEqual(await round(), { sent: changed, messages: [] });
	await seeQuiet();
});

test('A partition that is triggered twice pushes each customer once.', async () => {
	const changed = await change(30, 'b');
	simulator.setOptions({ latencyMs: 300 });
	const twice = async () => {
		await beginRound();
		await eventually(async () => assert.equal((await n8n.client.running(workflow)).length >= 2, true));
		await call('sync-partition', { part: 1 });
	};
	const { sent, messages } = await untilIdle(twice);
	simulator.setOptions({ latencyMs: 0 });
	assert.deepEqual([sent, messages], [changed, []]);
	await seeQuiet();
});

test('A worker that is killed in the middle is reported once; the next rounds push what is missing.', async () => {
	await change(30, 'c');
	simulator.setOptions({ latencyMs: 1500 });
	const { length } = simulator.requests;
	const killed = await untilIdle(async () => {
		const before = n8n.workers.flatMap(begunBy);
		await beginRound();
		await eventually(() => assert.ok(simulator.requests.length > length));
		// The first one is the round, which starts the others.
		const [, ...parts] = n8n.workers
			.flatMap(begunBy)
			.filter((id) => !before.includes(id))
			.map(Number)
			.sort((a, b) => a - b);
		const isAtWork = (worker: QueueMode['workers'][number]) =>
			parts.some((id) => begunBy(worker).includes(String(id)) && !finishedBy(worker).includes(String(id)));
		await n8n.crash(n8n.workers.findIndex(isAtWork));
	});
	assert.deepEqual(killed.messages, []);
	simulator.setOptions({ latencyMs: 0 });
	await anHourPasses();
	// Before that a run takes the killed one for alive, and leaves. n8n 2 alone waits longer than that for its locks.
	await sleep(SEEN_DEAD_MS);
	const next = await round();
	assert.equal(next.messages.length, 1);
	assert.match(next.messages[0]!, /个未报告.*\n.*[12] silent.*\n分区 \d：.* 启动后没有报告/);
	// What is interrupted is pushed as a whole by the next run.
	assert.ok(next.sent.length >= 100);
	const { sent, messages } = await round();
	assert.deepEqual(sent, []);
	assert.match(messages.join(), /^Sync（2 个分区）：2 个正常。/);
	await seeQuiet();
});

test('Where Longest Run (Minutes) is 0, a partition that has been running for hours is not silent.', async () => {
	await set({ longestRunMinutes: 0 });
	await postgres.query(
		"UPDATE sync_partitions SET started_at = now() - interval '3 hours', reported_at = now() - interval '4 hours'",
	);
	assert.deepEqual(await round(), { sent: [], messages: [] });
	await set({ longestRunMinutes: 50 });
	await seeQuiet();
});

test('Partitions that n8n cannot start are reported at once.', async () => {
	await set({ n8nUrl: 'http://127.0.0.1:9' });
	const { sent, messages } = await round();
	assert.deepEqual([sent, messages.length], [[], 1]);
	assert.match(
		messages[0]!,
		/Sync in 2 partitions: 2 not started\.\n分区 1：.*\n.*n8nUrl in Settings.*ECONNREFUSED/,
	);
	const { failure } = await n8n.client.latest(workflow);
	assert.equal(failure?.message, 'Sync（2 个分区）：2 个未能启动。\nSync in 2 partitions: 2 not started.');
	assert.equal(failure.description, messages[0]);
	await set({ n8nUrl: n8n.url });
	// Their reports are still due.
	assert.deepEqual(await round(), { sent: [], messages: [] });
	await seeQuiet();
});

test('Another number of partitions is reported once with its cost, and starts nothing; approved, it pushes each customer once.', async () => {
	await set({ partitions: 3 });
	const asked = await round();
	assert.deepEqual([asked.sent, asked.messages.length], [[], 1]);
	const count = (await everybody()).length;
	assert.match(asked.messages[0]!, new RegExp(`分区数由 2 改为 3.*\\n.*about ${count} requests`));
	assert.deepEqual(await round(), { sent: [], messages: [] });
	await set({ approvedPartitions: 3 });
	assert.deepEqual(await round(), { sent: await everybody(), messages: [] });
	await seeQuiet();
	const changed = await change(30, 'd');
	assert.deepEqual(await round(), { sent: changed, messages: [] });
	await seeQuiet();
});

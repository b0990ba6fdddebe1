import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SIGNED_IN, createFormLogin } from './exampleWorkflow.mts';
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
let sync: StoredWorkflow;

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
	return { ...workflow, nodes: [...nodes, webhook], connections: { ...connections, Webhook: connections[trigger]! } };
}

before(async () => {
	scene = await setSceneOfItsOwn();
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
	for (const name of ['approve-a-plan', 'customer-support-form']) {
		await client.activate(await client.importWorkflow(await shipped(name, addresses)));
	}
	const example = withWebhook(await shipped('crm-to-iot-sync', addresses), 'Every 15 Minutes');
	sync = await client.importWorkflow({ ...example, settings: { ...example.settings, errorWorkflow: alarm.id } });
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
	}, 60_000);
	await eventually(async () => assert.deepEqual(await client.running(sync), []));
	const isRed = redMessages().length > before.red;
	const told = robot.bodies.slice(before.told).filter((body) => !body.includes('失败 / failed'));
	return { isRed, told: told.map((body) => (JSON.parse(body) as { text: { content: string } }).text.content) };
}

test('The first run sends a message, and the next one is quiet.', async () => {
	const first = await run();
	console.log(first);
	assert.deepEqual([first.isRed, first.told.length], [false, 1]);
	const second = await run();
	assert.deepEqual([second.isRed, second.told.length], [false, 0]);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, SimulatorOptions } from '../../../simulator/simulator.mts';
import type { StoredWorkflow } from '../n8n/client.mts';
import { untilReady } from '../n8n/restSession.mts';
import type { N8nServer } from '../n8n/server.mts';
import { node, type WorkflowJson } from '../n8n/workflow.mts';
import { startGroupRobot, type GroupRobot } from '../services/groupRobot.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { eventually } from '../setup/eventually.mts';
import { msUntilQuiet } from '../setup/quietSchedule.mts';
import { createCrmCredential, fillCrmDatabase } from './crmDatabase.mts';
import { createFormLogin, readExample } from './exampleWorkflow.mts';
import { setSceneOfItsOwn, type Scene } from './scene.mts';

/** What a person with a phone gets to know of a run. */
export interface Night {
	/** Whether it ended red: the error workflow has told so. Else its heartbeat came. */
	readonly isRed: boolean;
	/** The texts that the group robot was sent, whether or not it took them. */
	readonly told: string[];
}

/** A workflow with Sync that runs when a test wants it to. */
export interface ScheduledSync {
	readonly workflow: StoredWorkflow;
	/** Begins a run, and does not wait for its end. */
	start(): Promise<void>;
	run(): Promise<Night>;
}

/** The examples in an n8n of their own, with a CRM, a group robot and a monitor. */
export interface Nights {
	readonly scene: Scene<N8nServer>;
	readonly postgres: Postgres;
	readonly robot: GroupRobot;
	/** What the service does to the requests that arrive from now on. */
	fault: Fault | undefined;
	/** Imports an example as it is shipped, but for addresses, and activates it. */
	importExample(name: string): Promise<StoredWorkflow>;
	/** Imports an example with Sync, with the error workflow chosen as its note says, and a webhook beside its schedule. */
	importSync(name: string, edit?: (workflow: WorkflowJson) => WorkflowJson): Promise<ScheduledSync>;
	/** Deletes Data Tables, as somebody does in n8n. */
	deleteTables(named: RegExp): Promise<void>;
	end(): Promise<void>;
}

const TRIGGER = 'Every 15 Minutes';

/** How the error workflow's messages begin differs by the workflow that failed. */
const RED = '失败 / failed';

/** A run of many rows takes its time on a busy machine. Milliseconds. */
const LONGEST_RUN_MS = 150_000;

export async function openNights({
	quietMinutes,
	simulatorOptions = {},
	more,
}: {
	/** How long the schedule is to start nothing, minutes. */
	quietMinutes: number;
	simulatorOptions?: SimulatorOptions;
	/** More environment variables of n8n. */
	more?: (postgres: Postgres) => Promise<Readonly<Record<string, string>>>;
}): Promise<Nights> {
	await sleep(msUntilQuiet(quietMinutes));
	const postgres = await startPostgres();
	const settings = await more?.(postgres);
	const options = settings === undefined ? {} : { more: settings };
	const faults = () => nights.fault;
	const scene = await setSceneOfItsOwn({ faults, ...simulatorOptions }, options);
	await fillCrmDatabase(postgres);
	await postgres.query("DELETE FROM crm_devices WHERE device_id = 'no-slash'");
	const robot = await startGroupRobot();
	let heartbeats = 0;
	const monitor = createServer((_, response) => {
		heartbeats++;
		response.end('ok');
	});
	monitor.listen(0, '127.0.0.1');
	await once(monitor, 'listening');
	const { client } = scene.server;
	await createCrmCredential(client, postgres.login);
	await createFormLogin(client);
	const { origin } = client.session;
	const addresses = {
		'PASTE THE ADDRESS OF YOUR GROUP ROBOT HERE': robot.url,
		'PASTE THE ADDRESS OF THE APPROVAL FORM HERE': `${origin}/form/approve-a-plan`,
		'PASTE THE ADDRESS OF YOUR MONITOR HERE': `http://127.0.0.1:${(monitor.address() as AddressInfo).port}/`,
	};
	const importExample = async (name: string) => {
		const workflow = await client.importWorkflow(await readExample(name, addresses));
		await client.activate(workflow);
		return workflow;
	};
	const alarm = await importExample('a-sync-is-red');
	const redMessages = () => robot.bodies.filter((body) => body.includes(RED));
	const startAt = async (path: string) => {
		await untilReady(async () => await fetch(`${origin}/webhook/${path}`, { method: 'POST' }), [404, 503]);
	};
	const runAndSee = async (workflow: StoredWorkflow, path: string, hasHeartbeat: boolean): Promise<Night> => {
		const before = { heartbeats, red: redMessages().length, told: robot.bodies.length };
		await startAt(path);
		// A question to n8n takes 20 ms of processor time, and a run of some seconds has some dozens of looks.
		const isGreen = async () =>
			hasHeartbeat ? heartbeats > before.heartbeats : (await client.running(workflow)).length === 0;
		await eventually(async () => {
			const isRed = redMessages().length > before.red;
			assert.ok(isRed || (await isGreen()), 'neither green nor red');
		}, LONGEST_RUN_MS);
		await eventually(async () => assert.deepEqual(await client.running(workflow), []));
		const sent = robot.bodies.slice(before.told).filter((body) => !body.includes(RED));
		return {
			isRed: redMessages().length > before.red,
			told: sent.map((body) => (JSON.parse(body) as { text: { content: string } }).text.content),
		};
	};
	let syncs = 0;
	const importSync: Nights['importSync'] = async (name, edit = (workflow) => workflow) => {
		syncs++;
		const path = `run-now-${syncs}`;
		const example = withWebhook(edit(await readExample(name, addresses)), path);
		const hasHeartbeat = example.nodes.some((of) => of.name === 'Heartbeat');
		const workflow = await client.importWorkflow({
			...example,
			settings: { ...example.settings, errorWorkflow: alarm.id },
		});
		await client.activate(workflow);
		return {
			workflow,
			start: async () => await startAt(path),
			run: async () => await runAndSee(workflow, path, hasHeartbeat),
		};
	};
	const deleteTables = async (named: RegExp) => {
		const project = await client.session.request<{ id: string }>('GET', '/projects/personal');
		const path = `/projects/${project.id}/data-tables`;
		const { data } = await client.session.request<{ data: Array<{ id: string; name: string }> }>('GET', path);
		const tables = data.filter(({ name }) => named.test(name));
		assert.notEqual(tables.length, 0);
		for (const { id } of tables) {
			await client.session.request('DELETE', `${path}/${id}`);
		}
	};
	const end = async () => {
		await scene.end();
		await postgres.stop();
		await robot.stop();
		monitor.close();
	};
	const nights: Nights = {
		scene,
		postgres,
		robot,
		fault: undefined,
		importExample,
		importSync,
		deleteTables,
		end,
	};
	return nights;
}

/** Lets an example tell in one language, as somebody chooses it in the node. */
export function toldIn(language: 'chinese' | 'english'): (workflow: WorkflowJson) => WorkflowJson {
	return (workflow) => ({
		...workflow,
		nodes: workflow.nodes.map((of) => {
			const { messages } = of.parameters;
			if (messages === undefined) {
				return of;
			}
			return { ...of, parameters: { ...of.parameters, messages: { ...(messages as object), language } } };
		}),
	});
}

/** Puts a webhook beside the schedule, so that a run begins when a test wants it. */
function withWebhook(workflow: WorkflowJson, path: string): WorkflowJson {
	const parameters = { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} };
	const webhook = node('Webhook', 'n8n-nodes-base.webhook', parameters, {
		typeVersion: 2,
		webhookId: path,
		position: [0, 220],
	});
	const { nodes, connections } = workflow;
	return {
		...workflow,
		nodes: [...nodes, webhook],
		connections: { ...connections, Webhook: connections[TRIGGER]! },
	};
}

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
import { setOwnScene, type Scene } from './scene.mts';

/** What the person on call gets to know about a run. */
export interface RunOutcome {
	/** Whether it failed, so that the error workflow sent a message. Otherwise its heartbeat arrived. */
	readonly isRed: boolean;
	/** The texts that were sent to the group robot, whether or not it accepted them. */
	readonly messages: string[];
}

/** A workflow with Sync that a test can start. */
export interface ScheduledSync {
	readonly workflow: StoredWorkflow;
	/** Starts a run without waiting for its end. */
	start(): Promise<void>;
	run(): Promise<RunOutcome>;
}

/** The example workflows in their own n8n, with a CRM, a group robot and a monitor. */
export interface RunningExamples {
	readonly scene: Scene<N8nServer>;
	readonly postgres: Postgres;
	readonly robot: GroupRobot;
	/** What happens to requests that reach the service from now on. */
	fault: Fault | undefined;
	/** Imports a shipped example, fills in its addresses, and activates it. */
	importExample(name: string): Promise<StoredWorkflow>;
	/** The same for an example with Sync, with the error workflow chosen as its note says, and a webhook added to its schedule. */
	importSync(name: string, edit?: (workflow: WorkflowJson) => WorkflowJson): Promise<ScheduledSync>;
	/** Deletes Data Tables, as a user does in n8n. */
	deleteTables(named: RegExp): Promise<void>;
	end(): Promise<void>;
}

const TRIGGER = 'Every 15 Minutes';

/** A text that only messages of the error workflow contain. They start with the name of the failed workflow. */
const RED = '失败 / failed';

/** A run of many rows takes long on a busy machine. Milliseconds. */
const LONGEST_RUN_MS = 150_000;

export async function startExamples({
	quietMinutes,
	simulatorOptions = {},
	more,
}: {
	/** For how long the schedule must not start a run, minutes. */
	quietMinutes: number;
	simulatorOptions?: SimulatorOptions;
	/** More environment variables of n8n. */
	more?: (postgres: Postgres) => Promise<Readonly<Record<string, string>>>;
}): Promise<RunningExamples> {
	await sleep(msUntilQuiet(quietMinutes));
	const postgres = await startPostgres();
	const settings = await more?.(postgres);
	const options = settings === undefined ? {} : { more: settings };
	const faults = () => examples.fault;
	const scene = await setOwnScene({ faults, ...simulatorOptions }, options);
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
	const runToEnd = async (
		workflow: StoredWorkflow,
		path: string,
		hasHeartbeat: boolean,
	): Promise<RunOutcome> => {
		const before = { heartbeats, red: redMessages().length, bodies: robot.bodies.length };
		await startAt(path);
		// Asking n8n takes 20 ms of processor time, and a run of some seconds is polled dozens of times.
		const isGreen = async () =>
			hasHeartbeat ? heartbeats > before.heartbeats : (await client.running(workflow)).length === 0;
		await eventually(async () => {
			const isRed = redMessages().length > before.red;
			assert.ok(isRed || (await isGreen()), 'neither green nor red');
		}, LONGEST_RUN_MS);
		await eventually(async () => assert.deepEqual(await client.running(workflow), []));
		const sent = robot.bodies.slice(before.bodies).filter((body) => !body.includes(RED));
		return {
			isRed: redMessages().length > before.red,
			messages: sent.map((body) => (JSON.parse(body) as { text: { content: string } }).text.content),
		};
	};
	let syncs = 0;
	const importSync: RunningExamples['importSync'] = async (name, edit = (workflow) => workflow) => {
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
			run: async () => await runToEnd(workflow, path, hasHeartbeat),
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
	const examples: RunningExamples = {
		scene,
		postgres,
		robot,
		fault: undefined,
		importExample,
		importSync,
		deleteTables,
		end,
	};
	return examples;
}

/** @returns an edit that sets the language of an example's messages, as a user does in the node */
export function withMessagesIn(language: 'chinese' | 'english'): (workflow: WorkflowJson) => WorkflowJson {
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

/** Adds a webhook to the schedule, so that a test can start a run. */
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

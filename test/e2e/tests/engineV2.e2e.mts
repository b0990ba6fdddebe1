import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { IConnections, IDataObject, INode, IWorkflowSettings } from 'n8n-workflow';
import { startSimulator, type Simulator } from '../../../simulator/simulator.mts';
import type { StoredCredential } from '../n8n/client.mts';
import { startN8n, type N8nServer } from '../n8n/server.mts';
import { CREDENTIAL_TYPE, MAPPED_COLUMNS, node, PUSH_NODE_TYPE } from '../n8n/workflow.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { freePorts } from '../setup/freePort.mts';
import { boundDevices, CREDENTIAL_NAME, credentialFor, packForTest, rowsOf } from './scene.mts';

// What docs/compatibility.md says about n8n's Engine 2.0.

let postgres: Postgres;
let simulator: Simulator;
let server: N8nServer;
let credential: StoredCredential;
let removePackage: () => Promise<void>;
before(async () => {
	const { tarball, end } = await packForTest();
	removePackage = end;
	simulator = await startSimulator();
	postgres = await startPostgres();
	const { host, port, user, database } = postgres.login;
	const [enginePort, controlPort] = (await freePorts(2)) as [number, number];
	const more = {
		N8N_ENABLED_MODULES: 'engine-v2',
		N8N_ENGINE_DATABASE_URL: `postgres://${user}:postgres@${host}:${port}/${database}`,
		N8N_ENGINE_HOST: host,
		N8N_ENGINE_PORT: String(enginePort),
		N8N_ENGINE_BASE_URL: `http://${host}:${enginePort}`,
		N8N_ENGINE_CONTROL_PLANE_PORT: String(controlPort),
		N8N_ENGINE_CONTROL_PLANE_BASE_URL: `http://${host}:${controlPort}`,
	};
	server = await startN8n({ line: 'n8n-2', tarball, more });
	credential = await server.client.createCredential(CREDENTIAL_NAME, credentialFor(simulator));
});
after(async () => {
	await server?.stop();
	await postgres?.stop();
	await simulator?.close();
	await removePackage?.();
});

const ROWS = rowsOf('a/1', 'a/2', 'b/1');
const LOOP = node('Loop', 'n8n-nodes-base.splitInBatches', { batchSize: 1, options: {} }, { typeVersion: 3 });

/** Runs Start → rows → `nodes` over these connections in Engine 2.0. @returns the execution's status and what it pushed */
async function run(nodes: INode[], connections: Record<string, string[][]>) {
	simulator.reset();
	const list = JSON.stringify({ list: ROWS });
	const rows = [
		node('Start', 'n8n-nodes-base.manualTrigger'),
		node('List', 'n8n-nodes-base.set', { mode: 'raw', jsonOutput: list }, { typeVersion: 3.4 }),
		node('Rows', 'n8n-nodes-base.splitOut', { fieldToSplitOut: 'list', options: {} }),
	];
	const wires = { Start: [['List']], List: [['Rows']], ...connections };
	const main = (outputs: string[][]) => ({
		main: outputs.map((names) => names.map((name) => ({ node: name, type: 'main' as const, index: 0 }))),
	});
	const workflow = await server.client.createWorkflow({
		name: 'Engine 2.0',
		nodes: [...rows, ...nodes],
		connections: Object.fromEntries(
			Object.entries(wires).map(([name, outputs]) => [name, main(outputs)]),
		) as IConnections,
		settings: { executionOrder: 'v1', engineType: 'v2' } as IWorkflowSettings,
	});
	const { status } = await server.client.whenDone(await server.client.start(workflow));
	return { status, bound: boundDevices(simulator), requests: simulator.requests.length };
}

function sender(operation: string, settings: Partial<INode> = {}, rowHandling: IDataObject = {}): INode {
	const parameters = { resource: 'deviceBinding', operation, columns: MAPPED_COLUMNS, rowHandling };
	const { id, name } = credential;
	return node('Send', PUSH_NODE_TYPE, parameters, {
		credentials: { [CREDENTIAL_TYPE]: { id, name } },
		...settings,
	});
}

const ALL = { a: ['LOCK01/a_1', 'LOCK01/a_2'], b: ['LOCK01/b_1'] };
const IN_A_LOOP = { Rows: [['Loop']], Loop: [[], ['Send']], Send: [['Loop']] };

for (const operation of ['push', 'sync']) {
	test(`In Engine 2.0 ${operation} sends all rows of one run.`, async () => {
		const { status, bound } = await run([sender(operation)], { Rows: [['Send']] });
		assert.deepEqual({ status, bound }, { status: 'success', bound: ALL });
	});

	for (const onError of ['stopWorkflow', 'continueRegularOutput'] as const) {
		test(`In Engine 2.0 only the first run of ${operation} in a loop sends, so no later one replaces its devices (${onError}).`, async () => {
			const result = await run([LOOP, sender(operation, { onError })], IN_A_LOOP);
			assert.deepEqual(result, {
				status: onError === 'stopWorkflow' ? 'error' : 'success',
				bound: { a: ['LOCK01/a_1'] },
				requests: 1,
			});
		});
	}
}

test("In Engine 2.0 push in a loop sends in each run if 'Same Customer in Several Runs' allows it.", async () => {
	const { requests } = await run([LOOP, sender('push', {}, { repeatedCustomers: 'allow' })], IN_A_LOOP);
	assert.equal(requests, 3);
});

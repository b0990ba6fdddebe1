import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredWorkflow } from '../n8n/client.mts';
import type { N8nServer } from '../n8n/server.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { eventually } from '../setup/eventually.mts';
import { setSceneOfItsOwn, type Scene } from './scene.mts';
import {
	createCrm,
	CUSTOMERS,
	SEEN_DEAD_MS,
	seeEntries,
	startSync,
	type SyncedCrm,
	type SyncParts,
} from './syncScene.mts';
import { filesWith, openDatabase } from './storedText.mts';

/** How long the takeover of an interrupted run takes, milliseconds. */
const WAITS_MS = 10_000;

/** Customers whose requests the service neither carries out nor answers. */
const unanswered = new Set<unknown>();
/** Customers whose answers wait for a promise. */
const held = new Map<unknown, Promise<void>>();

let scene: Scene<N8nServer>;
let postgres: Postgres;
let parts: SyncParts;
let synced: SyncedCrm;
before(async () => {
	postgres = await startPostgres();
	scene = await setSceneOfItsOwn({
		faults: ({ CustomerId }) => {
			const until = held.get(CustomerId);
			if (until !== undefined) return { kind: 'late', until };
			return unanswered.has(CustomerId) ? { kind: 'silence' } : undefined;
		},
	});
	const { server, simulator, credential } = scene;
	const { client, url } = server;
	parts = { client, url, simulator, credential, ...(await createCrm(client, postgres)) };
	await parts.crm.create('crm', 'user_', CUSTOMERS);
	synced = await startSync(parts, { name: 'Sync', table: 'crm', options: { concurrency: 1 } });
});
beforeEach(() => {
	unanswered.clear();
	held.clear();
	scene.simulator.setOptions({ refuseCustomers: {} });
});
after(async () => {
	await scene?.end();
	await postgres?.stop();
});

const ids = (from: number, to: number) =>
	Array.from({ length: to - from + 1 }, (_, index) => `user_${from + index}`);

/** The serial number of the first device of a customer. */
function serialAtTencent(customerId: string): string | undefined {
	const devices = scene.simulator.bindings.get(customerId) ?? [];
	return devices.find(({ DeviceId }) => DeviceId.endsWith('_1'))?.CustomerDeviceNo;
}

test('The first run pushes all customers, the second none, and the third the one whose row changed in PostgreSQL.', async (context) => {
	const first = await synced.run();
	context.diagnostic(`The first run took ${first.durationMs} ms`);
	assert.deepEqual(
		[first.report?.State, first.report?.Health, first.report?.Pushed],
		['empty', 'ok', CUSTOMERS],
	);
	assert.deepEqual([...first.sent].sort(), ids(1, CUSTOMERS).sort());
	await synced.seeSame();
	await synced.seeNothingToSend();
	await parts.crm.change('crm', ['user_7'], 'SN-new');
	const third = await synced.run();
	assert.deepEqual(third.sent, ['user_7']);
	assert.deepEqual(
		[third.report?.Requests, third.report?.Pushed, third.report?.Unchanged],
		[1, 1, CUSTOMERS - 1],
	);
	assert.equal(serialAtTencent('user_7'), 'SN-new');
	await synced.seeSame();
	await synced.seeNothingToSend();
});

/** Ends a run that waits for an answer, and sees that the next one sends what was not accepted, and nothing else. */
async function seeTheRestSent(
	of: SyncedCrm,
	changed: readonly string[],
	end: () => Promise<void>,
): Promise<void> {
	const { requests } = scene.simulator;
	const [silent] = changed.slice(4, 5) as [string];
	unanswered.add(silent);
	const before = requests.length;
	const ended = of.run().catch(() => undefined);
	await eventually(() => assert.equal(requests.at(-1)?.CustomerId, silent));
	await end();
	assert.equal((await ended)?.report, undefined);
	const execution = await scene.server.client.latest(of.stored);
	assert.equal(execution.status, 'canceled');
	assert.equal(requests.at(-1)?.CustomerId, silent);
	const accepted = requests.slice(before, -1).map(({ CustomerId }) => CustomerId);
	assert.deepEqual(accepted, changed.slice(0, 4));

	unanswered.clear();
	const next = await eventually(async () => {
		const run = await of.run();
		// What n8n has given up comes to its own end soon.
		assert.notEqual(run.report?.Failures[0]?.code, 'ALREADY_RUNNING');
		return run;
	});
	assert.deepEqual([next.report?.State, next.report?.Health], ['used', 'ok']);
	assert.deepEqual([...next.sent].sort(), changed.slice(4));
	await of.seeSame();
	await of.seeNothingToSend();
}

test('After Stop in the middle of a run the next one sends what was not accepted, and nothing else.', async () => {
	const { client } = scene.server;
	const changed = ids(11, 19);
	await parts.crm.change('crm', changed, 'SN-stopped');
	await seeTheRestSent(synced, changed, async () => {
		const [id] = await client.running(synced.stored);
		await client.stop(id!);
		await client.whenDone(id!);
	});
});

test('After the time limit of the workflow the next run sends what was not accepted, and nothing else.', async () => {
	await parts.crm.create('crm_limited', 'limited_', 9);
	const limited = await startSync(parts, {
		name: 'Limited',
		table: 'crm_limited',
		options: { concurrency: 1 },
		settings: { executionTimeout: 10 },
	});
	assert.equal((await limited.run()).report?.Pushed, 9);
	const changed = Array.from({ length: 9 }, (_, index) => `limited_${index + 1}`);
	await parts.crm.change('crm_limited', changed, 'SN-late');
	await seeTheRestSent(limited, changed, async () => undefined);
});

test('After kill -9 in the middle of a run the next one says so, waits, and pushes everybody; then nothing is left.', async () => {
	const { server, simulator } = scene;
	const changed = ids(31, 45);
	await parts.crm.change('crm', changed, 'SN-killed');
	unanswered.add('user_35');
	const ended = synced.run().catch(() => undefined);
	await eventually(() => assert.equal(simulator.requests.at(-1)?.CustomerId, 'user_35'));
	await server.process.kill();
	await ended;
	unanswered.clear();
	// The service has got the new set, and the CRM takes it back: what was accepted before says nothing any more.
	assert.equal(serialAtTencent('user_31'), 'SN-killed');
	await parts.crm.change('crm', ['user_31'], 'SN-31-1');
	await server.crash();
	await sleep(SEEN_DEAD_MS);
	const next = await synced.run();
	assert.deepEqual(
		[next.report?.State, next.report?.Health, next.report?.Pushed],
		['interrupted', 'ok', CUSTOMERS],
	);
	assert.deepEqual([...next.sent].sort(), ids(1, CUSTOMERS).sort());
	assert.ok(next.durationMs >= WAITS_MS, `${next.durationMs} ms`);
	assert.match(server.log, /Sync in node 'Sync' of workflow \w+: .*Waiting 10 seconds/);
	const [banner] = (await server.client.latest(synced.stored)).hints('Sync');
	assert.match(banner ?? '', /the previous run was interrupted, so every customer is sent/);
	await synced.seeSame();
	await synced.seeNothingToSend();
});

/** Stands in the rows of one workflow only, whose executions are not stored. */
const CANARY = 'canary_4f1d9a';

test('What n8n stores of a run holds no CustomerId but in the executions that it saves.', async () => {
	const { server, simulator } = scene;
	const customers = 30;
	await parts.crm.create('crm_canary', `${CANARY}_`, customers);
	const canaries = await startSync(parts, {
		name: 'Unsaved',
		table: 'crm_canary',
		settings: { saveDataSuccessExecution: 'none', saveManualExecutions: false },
	});
	const refused = `${CANARY}_3`;
	simulator.setOptions({
		refuseCustomers: { [refused]: { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' } },
	});
	assert.equal((await canaries.run()).report?.Failures.length, 1);
	await parts.crm.change('crm_canary', [`${CANARY}_1`, `${CANARY}_2`], 'SN-canary');
	assert.deepEqual(
		(await canaries.run()).sent,
		[1, 2, 3].map((number) => `${CANARY}_${number}`),
	);
	simulator.setOptions({ refuseCustomers: {} });
	assert.deepEqual((await canaries.run()).sent, [refused]);
	await canaries.seeNothingToSend();

	// The search finds what is there: the rows of the other workflow, in its executions and nowhere else.
	const database = openDatabase(server.settings);
	assert.deepEqual(database.tablesWith('user_31'), ['execution_data']);
	assert.deepEqual(database.tablesWith(CANARY), []);
	const memories = database.memoriesOf(canaries.stored.id).sort((one, other) => other.length - one.length);
	database.close();
	// That of the node, and the note in the row of its workflow.
	const [memory, note] = memories as [string[], string[]];
	assert.equal(memories.length, 2);
	seeEntries(memory.length, customers);
	assert.ok(note.length <= 16);
	for (const mark of memories.flat()) assert.match(mark, /^[\w+/]{22}==$/);
	assert.ok((await filesWith('user_31', server.settings)).length > 0);
	assert.deepEqual(await filesWith(CANARY, server.settings), []);
	assert.ok(!server.log.includes(CANARY));
});

test('A node that is renamed knows what was accepted.', async () => {
	const { client } = scene.server;
	const renamed = JSON.stringify(synced.stored).replaceAll('"Sync"', '"Renamed"');
	await client.activate(await client.updateWorkflow(synced.stored, JSON.parse(renamed) as StoredWorkflow));
	// n8n 2 says that a workflow is published before its webhook runs it.
	await eventually(async () => {
		await synced.seeNothingToSend();
		assert.equal((await client.latest(synced.stored)).runs('Renamed').length, 1);
	});
});

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { StoredWorkflow } from '../n8n/client.mts';
import type { N8nServer } from '../n8n/server.mts';
import { lineUnderTest, setSceneOfItsOwn, type Scene } from './scene.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { eventually } from '../setup/eventually.mts';
import { hostOf } from '../soak/hosts.mts';
import { hasOneSender, runGroup } from '../soak/groups.mts';
import { disturb } from '../soak/moments.mts';
import { WatchedCrm } from '../soak/watchedCrm.mts';
import { buildTablesNode, startTablesNode } from '../n8n/tablesNode.mts';
import { createCrm, CUSTOMERS, startSync, type SyncedCrm, type SyncParts } from './syncScene.mts';
import { filesWith, openDatabase } from './storedText.mts';
import { SyncTables } from './syncTables.mts';

/** How long it takes at least to see that a run is dead, with the timeout of these workflows. Milliseconds. */
const WAITS_MS = 25_000;

/** Customers whose requests the service neither carries out nor answers. */
const unanswered = new Set<unknown>();

let scene: Scene<N8nServer>;
let postgres: Postgres;
let parts: SyncParts;
let synced: SyncedCrm;
let tables: SyncTables;
before(async () => {
	postgres = await startPostgres();
	const more = {
		N8N_CUSTOM_EXTENSIONS: await buildTablesNode(),
		// The harshest default: no workflow may be called by any other.
		N8N_WORKFLOW_CALLER_POLICY_DEFAULT_OPTION: 'none',
	};
	const faults = ({ CustomerId }: { CustomerId?: unknown }) => {
		return unanswered.has(CustomerId) ? ({ kind: 'silence' } as const) : undefined;
	};
	scene = await setSceneOfItsOwn({ faults }, { more });
	tables = new SyncTables(await startTablesNode(scene.server, { database: 'sqlite', maxBytes: Infinity }));
	const { server, simulator, credential } = scene;
	const { client, url } = server;
	parts = { client, url, simulator, credential, ...(await createCrm(client, postgres)) };
	await parts.crm.create('crm', 'user_', CUSTOMERS);
	synced = await startSync(parts, { name: 'Sync', table: 'crm', options: { concurrency: 1 } });
});
beforeEach(() => {
	unanswered.clear();
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

test('After the time limit of the workflow the next run sends what was not accepted, and nothing else.', async (context) => {
	if (lineUnderTest() !== 'n8n-2') {
		context.skip(
			'not seen to pass in n8n 2.15.1: the next run is ended by the time limit, too, and reports nothing',
		);
		return;
	}
	await parts.crm.create('crm_limited', 'limited_', 9);
	const limited = await startSync(parts, {
		name: 'Limited',
		table: 'crm_limited',
		// Longer than the run may take: a request without an answer is not sent again.
		options: { concurrency: 1, timeout: 40 },
		// On a busy machine a run without any hindrance takes up to 10 s.
		settings: { executionTimeout: 20 },
	});
	assert.equal((await limited.run()).report?.Pushed, 9);
	const changed = Array.from({ length: 9 }, (_, index) => `limited_${index + 1}`);
	await parts.crm.change('crm_limited', changed, 'SN-late');
	await seeTheRestSent(limited, changed, async () => undefined);
});

test('After kill -9 in the middle of a run the next one waits, says so, and sends those in doubt, and nobody else.', async () => {
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
	const next = await synced.run();
	assert.deepEqual([next.report?.State, next.report?.Health], ['interrupted', 'ok']);
	assert.deepEqual([...next.sent].sort(), changed);
	assert.ok(next.durationMs >= WAITS_MS, `${next.durationMs} ms`);
	assert.match(server.log, /Sync in node 'Sync' of workflow \w+: .*Waiting 28(\.\d+)? seconds/);
	const [banner] = (await server.client.latest(synced.stored)).hints('Sync');
	assert.match(banner ?? '', /120 customers are up to date, 15 pushed now/);
	await synced.seeSame();
	await synced.seeNothingToSend();
});

test('A first run that is killed goes on where it was: nobody is sent again but those in doubt.', async (context) => {
	const customers = 240;
	const crm = await WatchedCrm.start(scene.server, parts, { name: 'First', latencyMs: 150, customers });
	try {
		const { requests } = crm.simulator;
		const run = crm.run();
		// Longer than three beats: a customer counts as accepted by the beat after the one that has written its receipt.
		await eventually(() => assert.ok(requests.length > 200));
		const before = requests.length;
		await scene.server.crash();
		await run;
		assert.ok((await crm.untilRight(5000, 120_000)) < Infinity);
		const again = requests.length - customers;
		context.diagnostic(`killed after ${before} of ${customers}, ${again} sent again`);
		assert.ok(again < 190, `${again} sent again`);
		assert.deepEqual(crm.wrong, []);
	} finally {
		await crm.close();
	}
});

/** How often each number of triggers comes at once. */
const GROUPS = 4;

test('Of two, three and five triggers at once exactly one sends, each customer once; the others leave.', async (context) => {
	const crm = await WatchedCrm.start(scene.server, parts, { name: 'At once', latencyMs: 50 });
	try {
		assert.ok((await crm.untilRight(5000, 60_000)) < Infinity);
		for (const atOnce of [2, 3, 5]) {
			for (let group = 0; group < GROUPS; group++) {
				const result = await runGroup(crm, atOnce);
				assert.ok(hasOneSender(result), JSON.stringify({ atOnce, ...result }));
			}
		}
		context.diagnostic([...crm.ends].map(([end, count]) => `${count} ${end}`).join(', '));
		assert.deepEqual([crm.wrong, (await crm.run())?.Requests], [[], 0]);
	} finally {
		await crm.close();
	}
});

test('A first run of three that come at once sends everybody, and only one of them does.', async () => {
	const crm = await WatchedCrm.start(scene.server, parts, { name: 'Firsts', latencyMs: 20 });
	try {
		const reports = await Promise.all([crm.run(), crm.run(), crm.run()]);
		const codes = reports.map((report) => report?.Failures[0]?.code ?? report?.Health).sort();
		assert.equal(codes.filter((code) => code === 'ok').length >= 1, true, codes.join());
		assert.deepEqual(
			codes.filter((code) => code !== 'ok' && code !== 'ALREADY_RUNNING'),
			[],
		);
		assert.equal(crm.simulator.requests.length, 25);
		assert.equal(await crm.isRight(), true);
	} finally {
		await crm.close();
	}
});

test('Frozen for half a minute, and ended by SIGTERM, a run leaves nobody wrong, and nobody is sent needlessly.', async (context) => {
	const crm = await WatchedCrm.start(scene.server, parts, { name: 'Frozen', latencyMs: 100, customers: 100 });
	try {
		assert.ok((await crm.untilRight(5000, 120_000)) < Infinity);
		for (const disturbance of ['freeze 30 s', 'terminate'] as const) {
			const [disturbed] = await disturb(hostOf(scene.server), [crm], disturbance, 40, [0.4]);
			context.diagnostic(`${disturbance}: ${JSON.stringify(disturbed)}`);
			assert.ok(disturbed !== undefined && disturbed.rightMs < Infinity);
			assert.deepEqual([disturbed.needless, crm.wrong], [0, []]);
		}
	} finally {
		await crm.close();
	}
});

test('A run with nothing to send takes two calls of n8n: it reads, and it leaves its report.', async () => {
	const { client } = scene.server;
	await synced.seeNothingToSend();
	const before = Number(await client.latestId(synced.stored));
	await synced.seeNothingToSend();
	// Each call takes an execution id.
	assert.equal(Number(await client.latestId(synced.stored)) - before, 1 + 2);
});

test('With a tenth of a core a run with nothing to send ends well.', async (context) => {
	const stop = scene.server.process.throttle(0.1);
	try {
		const { report, sent, durationMs } = await synced.run();
		context.diagnostic(`${Math.round(durationMs)} ms`);
		assert.deepEqual([report?.State, report?.Health, sent], ['used', 'ok', []]);
	} finally {
		stop();
	}
});

/** Publishes the workflow with the plan that a run waits for, and sees that it passes once. */
async function seeApproved(code: string): Promise<void> {
	const { report, sent } = await synced.run();
	const [failure] = report?.Failures ?? [];
	assert.deepEqual([report?.Health, failure?.code, sent], ['failing', code, []]);
	await synced.approve(scene.server.client, failure?.planId ?? '');
	await eventually(async () => {
		const approved = await synced.run();
		assert.deepEqual([approved.report?.Health, approved.sent.length], ['ok', CUSTOMERS]);
	});
	await synced.seeSame();
	await synced.seeNothingToSend();
}

test('A person finds the workflow, the node, its health and its last run in the table.', async () => {
	const [row] = await tables.lockRowsOf(synced.stored.id);
	const { workflow, node, health, owner }: Record<string, unknown> = row ?? {};
	assert.deepEqual([workflow, node, health, owner], ['Sync', 'Sync', 'ok', 'nobody']);
	assert.ok(Math.abs(Date.parse(String(row?.['lastRun'])) - Date.now()) < 600_000, String(row?.['lastRun']));
});

test('A state that was deleted by hand is noticed: nothing is sent until somebody approves it, once.', async () => {
	await tables.deleteParts(synced.stored.id);
	await seeApproved('STATE_LOST');
});

test('A table that was deleted by hand is noticed: nothing is sent until somebody approves it, once.', async () => {
	await tables.dropLockTable();
	await seeApproved('STATE_LOST');
});

test('A state that somebody has edited is not half read: nothing is sent until somebody approves it, once.', async () => {
	await tables.editParts(synced.stored.id, (content) => `${content.slice(0, -40)}${content.slice(-39)}A`);
	await seeApproved('OTHER_VERSION');
});

test('A row that somebody has edited or emptied is watched, and then all goes on.', async () => {
	for (const set of [{ stamp: '' }, { stamp: null }, { owner: 'somebody' }, { owner: '', quietMs: 1 }]) {
		await tables.editLock(synced.stored.id, set);
		await parts.crm.change('crm', ['user_9'], `SN-edited-${JSON.stringify(set).length}`);
		await eventually(async () => {
			const { report } = await synced.run();
			assert.equal(report?.Health, 'ok', JSON.stringify({ set, report }));
		}, 120_000);
		await synced.seeSame();
		await synced.seeNothingToSend();
	}
});

test('After a backup was restored the next run sends what has changed since, and nobody else.', async () => {
	const backup = await tables.backUp(synced.stored.id);
	await parts.crm.change('crm', ['user_50', 'user_51'], 'SN-after-backup');
	assert.deepEqual((await synced.run()).sent.sort(), ['user_50', 'user_51']);
	await tables.restore(synced.stored.id, backup);
	const { report, sent } = await synced.run();
	assert.deepEqual([report?.Health, sent.sort()], ['ok', ['user_50', 'user_51']]);
	await synced.seeNothingToSend();
});

/** Stands in the rows of one workflow only, whose executions are not stored. */
const CANARY = 'canary_4f1d9a';

test('What n8n stores of a run holds no CustomerId but in the executions that it saves and in its own tables for people.', async () => {
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

	// The search finds what is there: the rows of the other workflow, in its executions and nowhere else. Data Tables are among the rest.
	const database = openDatabase(server.settings);
	// Receipts name customers, and so does news that waits in the lock row.
	const isOfLog = (table: string) => table.startsWith('tencent_iot_log_');
	assert.deepEqual(
		database.tablesWith('user_31').filter((table) => !isOfLog(table)),
		['execution_data'],
	);
	assert.ok(database.tablesWith(CANARY).some(isOfLog));
	const besideLog = database.tablesWith(CANARY).filter((table) => !isOfLog(table));
	assert.deepEqual(
		besideLog.filter((table) => table !== 'tencent_iot_sync'),
		[],
	);
	const withoutNews = database.rowsOf('tencent_iot_sync').map((row) => {
		const { news: _, ...last } = JSON.parse(String(row['last'])) as Record<string, unknown>;
		return JSON.stringify({ ...row, last });
	});
	assert.deepEqual(
		withoutNews.filter((row) => row.includes(CANARY)),
		[],
	);
	// That the node has had a state.
	assert.deepEqual(
		database.memoriesOf(canaries.stored.id).map((memory) => memory.length),
		[1],
	);
	// A call that fails would count as a failed production execution, whose first one n8n tells the owner.
	assert.deepEqual(
		database.countsOf(canaries.stored.id).filter((name) => name.includes('error')),
		[],
	);
	database.close();
	assert.ok((await filesWith('user_31', server.settings)).length > 0);
	const besideDatabase = (await filesWith(CANARY, server.settings)).filter(
		(file) => !file.includes('database.sqlite'),
	);
	assert.deepEqual(besideDatabase, []);
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

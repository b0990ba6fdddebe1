import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { StoredWorkflow } from '../n8n/client.mts';
import type { N8nServer } from '../n8n/server.mts';
import { lineUnderTest, setOwnScene, type Scene } from './scene.mts';
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

/** How long a run waits at least before it takes another one for dead, with the timeout of these workflows. Milliseconds. */
const WAITS_MS = 25_000;

/** Customers whose requests the service neither applies nor responds to. */
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
		// The strictest policy: no workflow may be called by another one.
		N8N_WORKFLOW_CALLER_POLICY_DEFAULT_OPTION: 'none',
	};
	const faults = ({ CustomerId }: { CustomerId?: unknown }) => {
		return unanswered.has(CustomerId) ? ({ kind: 'silence' } as const) : undefined;
	};
	scene = await setOwnScene({ faults }, { more });
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

test('The first run of Sync pushes all customers, the second none, and the third the one whose row changed in PostgreSQL.', async (context) => {
	const first = await synced.run();
	context.diagnostic(`The first run took ${first.durationMs} ms`);
	assert.deepEqual(
		[first.report?.State, first.report?.Health, first.report?.Pushed],
		['empty', 'ok', CUSTOMERS],
	);
	assert.deepEqual([...first.sent].sort(), ids(1, CUSTOMERS).sort());
	await synced.expectInSync();
	await synced.expectNothingToSend();
	await parts.crm.change('crm', ['user_7'], 'SN-new');
	const third = await synced.run();
	assert.deepEqual(third.sent, ['user_7']);
	assert.deepEqual(
		[third.report?.Requests, third.report?.Pushed, third.report?.Unchanged],
		[1, 1, CUSTOMERS - 1],
	);
	assert.equal(serialAtTencent('user_7'), 'SN-new');
	await synced.expectInSync();
	await synced.expectNothingToSend();
});

/** Ends a run that waits for a response, and checks that the next one sends exactly the customers that were not accepted. */
async function expectRestSent(
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
		// A run that n8n has given up still runs for a moment.
		assert.notEqual(run.report?.Failures[0]?.code, 'ALREADY_RUNNING');
		return run;
	});
	assert.deepEqual([next.report?.State, next.report?.Health], ['used', 'ok']);
	assert.deepEqual([...next.sent].sort(), changed.slice(4));
	await of.expectInSync();
	await of.expectNothingToSend();
}

test("After n8n's Stop button ends a run, the next one sends exactly the customers that were not accepted.", async () => {
	const { client } = scene.server;
	const changed = ids(11, 19);
	await parts.crm.change('crm', changed, 'SN-stopped');
	await expectRestSent(synced, changed, async () => {
		const [id] = await client.running(synced.stored);
		await client.stop(id!);
		await client.whenDone(id!);
	});
});

test("After n8n's time limit ends a run, the next one sends exactly the customers that were not accepted.", async (context) => {
	if (lineUnderTest() !== 'n8n-2') {
		context.skip(
			'never passed in n8n 2.15.1: the time limit ends the next run too, which then reports nothing',
		);
		return;
	}
	await parts.crm.create('crm_limited', 'limited_', 9);
	const limited = await startSync(parts, {
		name: 'Limited',
		table: 'crm_limited',
		// Longer than the run may take, so that no request times out and is sent again.
		options: { concurrency: 1, timeout: 40 },
		// On a busy machine an undisturbed run takes up to 10 s.
		settings: { executionTimeout: 20 },
	});
	assert.equal((await limited.run()).report?.Pushed, 9);
	const changed = Array.from({ length: 9 }, (_, index) => `limited_${index + 1}`);
	await parts.crm.change('crm_limited', changed, 'SN-late');
	await expectRestSent(limited, changed, async () => undefined);
});

test('After kill -9 during a run, the next one waits, logs that, and sends exactly the customers that may not have been accepted.', async () => {
	const { server, simulator } = scene;
	const changed = ids(31, 45);
	await parts.crm.change('crm', changed, 'SN-killed');
	unanswered.add('user_35');
	const ended = synced.run().catch(() => undefined);
	await eventually(() => assert.equal(simulator.requests.at(-1)?.CustomerId, 'user_35'));
	await server.process.kill();
	await ended;
	unanswered.clear();
	// The service has the new devices, and the CRM restores the old ones: a match with the last accepted set must not count.
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
	await synced.expectInSync();
	await synced.expectNothingToSend();
});

test('After a first run is killed, the next one continues and sends again only the customers of the last seconds.', async (context) => {
	const customers = 240;
	const crm = await WatchedCrm.start(scene.server, parts, { name: 'First', latencyMs: 150, customers });
	try {
		const { requests } = crm.simulator;
		const run = crm.run();
		// Longer than three heartbeats: a customer counts as accepted one heartbeat after the one that wrote its receipt.
		await eventually(() => assert.ok(requests.length > 200));
		const before = requests.length;
		await scene.server.crash();
		await run;
		assert.ok((await crm.untilInSync(5000, 120_000)) < Infinity);
		const again = requests.length - customers;
		context.diagnostic(`killed after ${before} of ${customers}, ${again} sent again`);
		assert.ok(again < 190, `${again} sent again`);
		assert.deepEqual(crm.wrong, []);
	} finally {
		await crm.close();
	}
});

/** How often each number of triggers is tried. */
const GROUPS = 4;

test('When two, three or five triggers fire at once, exactly one run sends, each customer once.', async (context) => {
	const crm = await WatchedCrm.start(scene.server, parts, { name: 'At once', latencyMs: 50 });
	try {
		assert.ok((await crm.untilInSync(5000, 60_000)) < Infinity);
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

test('When three first runs start at once, only one of them sends, each customer once.', async () => {
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

test('After a run was frozen for half a minute or ended by SIGTERM, every customer is in sync, and no unchanged one is sent.', async (context) => {
	const crm = await WatchedCrm.start(scene.server, parts, { name: 'Frozen', latencyMs: 100, customers: 100 });
	try {
		assert.ok((await crm.untilInSync(5000, 120_000)) < Infinity);
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

test('A run with nothing to send makes two calls to Data Tables: one to read, one to write its report.', async () => {
	const { client } = scene.server;
	await synced.expectNothingToSend();
	const before = Number(await client.latestId(synced.stored));
	await synced.expectNothingToSend();
	// Each call takes an execution id.
	assert.equal(Number(await client.latestId(synced.stored)) - before, 1 + 2);
});

test('A run with nothing to send succeeds with a tenth of a CPU core.', async (context) => {
	const stop = scene.server.process.throttle(0.1);
	try {
		const { report, sent, durationMs } = await synced.run();
		context.diagnostic(`${Math.round(durationMs)} ms`);
		assert.deepEqual([report?.State, report?.Health, sent], ['used', 'ok', []]);
	} finally {
		stop();
	}
});

/** Checks that a run stops with the code, and that approving its plan sends every customer once. */
async function expectApprovalSendsAll(code: string): Promise<void> {
	const { report, sent } = await synced.run();
	const [failure] = report?.Failures ?? [];
	assert.deepEqual([report?.Health, failure?.code, sent], ['failing', code, []]);
	await synced.approve(scene.server.client, failure?.planId ?? '');
	await eventually(async () => {
		const approved = await synced.run();
		assert.deepEqual([approved.report?.Health, approved.sent.length], ['ok', CUSTOMERS]);
	});
	await synced.expectInSync();
	await synced.expectNothingToSend();
}

test('The table of Sync shows the workflow, the node, its health and its last run.', async () => {
	const [row] = await tables.lockRowsOf(synced.stored.id);
	const { workflow, node, health, owner }: Record<string, unknown> = row ?? {};
	assert.deepEqual([workflow, node, health, owner], ['Sync', 'Sync', 'ok', 'nobody']);
	assert.ok(Math.abs(Date.parse(String(row?.['lastRun'])) - Date.now()) < 600_000, String(row?.['lastRun']));
});

test('After its state was deleted by hand, Sync sends nothing until somebody approves, and then every customer once.', async () => {
	await tables.deleteParts(synced.stored.id);
	await expectApprovalSendsAll('STATE_LOST');
});

test('After its table was deleted by hand, Sync sends nothing until somebody approves, and then every customer once.', async () => {
	await tables.dropLockTable();
	await expectApprovalSendsAll('STATE_LOST');
});

test('After its state was edited by hand, Sync sends nothing until somebody approves, and then every customer once.', async () => {
	await tables.editParts(synced.stored.id, (content) => `${content.slice(0, -40)}${content.slice(-39)}A`);
	await expectApprovalSendsAll('OTHER_VERSION');
});

test('After its lock row was edited or emptied by hand, Sync waits and then continues.', async () => {
	for (const set of [{ stamp: '' }, { stamp: null }, { owner: 'somebody' }, { owner: '', quietMs: 1 }]) {
		await tables.editLock(synced.stored.id, set);
		await parts.crm.change('crm', ['user_9'], `SN-edited-${JSON.stringify(set).length}`);
		await eventually(async () => {
			const { report } = await synced.run();
			assert.equal(report?.Health, 'ok', JSON.stringify({ set, report }));
		}, 120_000);
		await synced.expectInSync();
		await synced.expectNothingToSend();
	}
});

test('After its tables were restored from a backup, Sync sends exactly the customers that changed since.', async () => {
	const backup = await tables.backUp(synced.stored.id);
	await parts.crm.change('crm', ['user_50', 'user_51'], 'SN-after-backup');
	assert.deepEqual((await synced.run()).sent.sort(), ['user_50', 'user_51']);
	await tables.restore(synced.stored.id, backup);
	const { report, sent } = await synced.run();
	assert.deepEqual([report?.Health, sent.sort()], ['ok', ['user_50', 'user_51']]);
	await synced.expectNothingToSend();
});

/** A text that is only in the rows of one workflow, whose executions are not stored. */
const CANARY = 'canary_4f1d9a';

test('n8n stores CustomerIds only in saved executions and in the tables that Sync has for people.', async () => {
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
	await canaries.expectNothingToSend();

	// The search works: it finds the rows of the other workflow in its executions, and nowhere else but in the log.
	const database = openDatabase(server.settings);
	// Receipts name customers, and so does news that waits in the lock row.
	const isOfLog = (table: string) => table.startsWith('tencent_iot_log_');
	assert.deepEqual(
		database.tablesWith('user_31').filter((table) => !isOfLog(table)),
		['execution_data'],
	);
	assert.ok(database.tablesWith(CANARY).some(isOfLog));
	const outsideLog = database.tablesWith(CANARY).filter((table) => !isOfLog(table));
	assert.deepEqual(
		outsideLog.filter((table) => table !== 'tencent_iot_sync'),
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
	// The node does have a state.
	assert.deepEqual(
		database.memoriesOf(canaries.stored.id).map((memory) => memory.length),
		[1],
	);
	// A failed call would count as a failed production execution, and n8n reports the first of those to the owner.
	assert.deepEqual(
		database.countsOf(canaries.stored.id).filter((name) => name.includes('error')),
		[],
	);
	database.close();
	assert.ok((await filesWith('user_31', server.settings)).length > 0);
	const outsideDatabase = (await filesWith(CANARY, server.settings)).filter(
		(file) => !file.includes('database.sqlite'),
	);
	assert.deepEqual(outsideDatabase, []);
	assert.ok(!server.log.includes(CANARY));
});

test('A renamed Sync node keeps its state and sends nothing again.', async () => {
	const { client } = scene.server;
	const renamed = JSON.stringify(synced.stored).replaceAll('"Sync"', '"Renamed"');
	await client.activate(await client.updateWorkflow(synced.stored, JSON.parse(renamed) as StoredWorkflow));
	// n8n 2 reports a workflow as published before its webhook runs the new version.
	await eventually(async () => {
		await synced.expectNothingToSend();
		assert.equal((await client.latest(synced.stored)).runs('Renamed').length, 1);
	});
});

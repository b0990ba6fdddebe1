import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSimulator, type Simulator } from '../../../simulator/simulator.mts';
import { finishedBy, MANY_CONNECTIONS, startQueueMode, type QueueMode } from '../n8n/queueMode.mts';
import { startGroupRobot } from '../services/groupRobot.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { eventually } from '../setup/eventually.mts';
import { tryRejection } from '../soak/faults.mts';
import { hasOneSender, runGroup } from '../soak/groups.mts';
import { hostOfQueue } from '../soak/hosts.mts';
import { disturb } from '../soak/moments.mts';
import { LONGEST_HEALING_MS, tryStall, type Stall } from '../soak/stalls.mts';
import { WatchedCrm } from '../soak/watchedCrm.mts';
import { fillCrmDatabase } from './crmDatabase.mts';
import { readExample, ROBOT_ADDRESS, whenRegistered, withWebhook } from './exampleWorkflow.mts';
import { credentialFor, CREDENTIAL_NAME, lineUnderTest, packForTest } from './scene.mts';
import { createCrm, CUSTOMERS, startSync, type SyncedCrm, type SyncParts } from './syncScene.mts';

/** After this many runs each worker must have had one. */
const MOST_ROUNDS = 12;
/** How often each number of simultaneous runs is tried. */
const GROUPS = 4;
/** How many executions a worker runs at once: more than ever wait at the same time. */
const CONCURRENCY = 12;

/** How long a statement is held: longer than a run waits for one. Milliseconds. */
const HELD_MS = 10_000;
/** A few of the stalls that `npm run soak:queue` tries. */
const STALLS: readonly Stall[] = [
	{ kind: 'UPDATE', at: 'response', nth: 1, forMs: HELD_MS },
	{ kind: 'UPDATE', at: 'statement', nth: 2, forMs: HELD_MS },
	{ kind: 'INSERT', at: 'commit', nth: 1, forMs: HELD_MS },
];

/** The writes of a run that are rejected: the customers that it will send, the claim of the lock, the end. */
const WRITES = [1, 2, 3];

/** The interval between triggers. Milliseconds. */
const SOON_MS = 5000;

let n8n: QueueMode;
let simulator: Simulator;
let postgres: Postgres;
let parts: SyncParts;
let synced: SyncedCrm;
let removePackage: () => Promise<void>;
before(async () => {
	const { tarball, end } = await packForTest();
	removePackage = end;
	simulator = await startSimulator();
	postgres = await startPostgres();
	const connections = MANY_CONNECTIONS;
	n8n = await startQueueMode(lineUnderTest(), tarball, { concurrency: CONCURRENCY, connections });
	const { client, url } = n8n;
	const credential = await client.createCredential(CREDENTIAL_NAME, credentialFor(simulator));
	parts = { client, url, simulator, credential, ...(await createCrm(client, postgres)) };
	await parts.crm.create('crm', 'user_', CUSTOMERS);
	synced = await startSync(parts, { name: 'Sync', table: 'crm', options: { concurrency: 1 } });
});
after(async () => {
	await n8n?.stop();
	await postgres?.stop();
	await simulator?.close();
	await removePackage?.();
});

/** How many executions each worker finishes during the work. */
async function sharesOf(work: () => Promise<void>, executions: number): Promise<number[]> {
	const before = n8n.workers.map((worker) => finishedBy(worker).length);
	await work();
	return await eventually(() => {
		const shares = n8n.workers.map((worker, index) => finishedBy(worker).length - before[index]!);
		assert.equal(
			shares.reduce((sum, share) => sum + share, 0),
			executions,
		);
		return shares;
	});
}

test('When two workers take turns, neither pushes again what the other has pushed.', async (context) => {
	const runsOf = [0, 0];
	const count = (shares: number[]) =>
		shares.forEach((share, index) => {
			runsOf[index]! += share;
		});
	count(
		await sharesOf(async () => {
			const { report } = await synced.run();
			assert.deepEqual([report?.State, report?.Pushed], ['empty', CUSTOMERS]);
			await synced.expectInSync();
		}, 1),
	);
	for (let round = 0; round < MOST_ROUNDS && (round < 2 || runsOf.includes(0)); round++) {
		count(await sharesOf(async () => await synced.expectNothingToSend(), 1));
	}
	context.diagnostic(`runs by worker: ${runsOf.join(', ')}`);
	assert.ok(!runsOf.includes(0), `runs by worker: ${runsOf.join(', ')}`);
	await parts.crm.change('crm', ['user_7'], 'SN-new');
	assert.deepEqual((await synced.run()).sent, ['user_7']);
	await synced.expectNothingToSend();
});

test('When two, three or five runs start at once in two workers, exactly one sends, each customer once.', async (context) => {
	const crm = await WatchedCrm.start(n8n, parts, { name: 'At once', latencyMs: 50 });
	try {
		assert.ok((await crm.untilInSync(SOON_MS, LONGEST_HEALING_MS)) < LONGEST_HEALING_MS);
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

const COPIES = 4;

test('Four copies of the scheduled example, each with a quarter of the customers, push each customer once.', async (context) => {
	const robot = await startGroupRobot();
	try {
		await fillCrmDatabase(postgres);
		await postgres.query("INSERT INTO crm_customers SELECT 'copy_' || n FROM generate_series(1, 100) n");
		await postgres.query(`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
			SELECT 'copy_' || n, 'SN-' || n, 'LOCK01/copy' || n, '智能门锁' FROM generate_series(1, 100) n`);
		for (let part = 0; part < COPIES; part++) {
			const ofPart = `WHERE c.active AND mod(abs(hashtext(c.customer_id)::bigint), ${COPIES}) = ${part}`;
			const example = await readExample('crm-to-iot-sync', {
				[ROBOT_ADDRESS]: robot.url,
				'WHERE c.active': ofPart,
			});
			const copy = withWebhook(example, 'Every 15 Minutes', `copy-${part}`);
			await n8n.client.activate(await n8n.client.importWorkflow(copy));
		}
		const before = simulator.requests.length;
		const sent = () => simulator.requests.slice(before).map(({ CustomerId }) => String(CustomerId));
		const startAll = async () => {
			for (let part = 0; part < COPIES; part++) {
				await whenRegistered(async () => await fetch(`${n8n.url}/webhook/copy-${part}`, { method: 'POST' }));
			}
		};
		const shares = n8n.workers.map((worker) => finishedBy(worker).length);
		await startAll();
		// One of the four customers of crmDatabase.mts has a malformed DeviceId.
		await eventually(() => assert.deepEqual([sent().length, robot.messages.length], [103, COPIES]));
		context.diagnostic(
			`runs by worker: ${n8n.workers.map((worker, index) => finishedBy(worker).length - shares[index]!).join(', ')}`,
		);
		assert.equal(new Set(sent()).size, 103);
		await startAll();
		assert.equal(sent().length, 103);
	} finally {
		await robot.stop();
	}
});

test('After the database was down during a run, every customer is in sync, no run falsely reported ok, and no unchanged one was sent.', async (context) => {
	const crm = await WatchedCrm.start(n8n, parts, {
		name: 'Without database',
		latencyMs: 200,
		customers: 100,
	});
	try {
		assert.ok((await crm.untilInSync(SOON_MS, LONGEST_HEALING_MS)) < LONGEST_HEALING_MS);
		const [disturbed] = await disturb(hostOfQueue(n8n), [crm], 'database', 40, [0.3]);
		context.diagnostic(JSON.stringify(disturbed));
		assert.ok(disturbed !== undefined && disturbed.rightMs < Infinity);
		assert.deepEqual([disturbed.needless, crm.wrong], [0, []]);
	} finally {
		await crm.close();
	}
});

test('After a database statement was delayed by seconds, every customer is in sync soon, and no run falsely reported ok.', async (context) => {
	const crm = await WatchedCrm.start(n8n, parts, { name: 'Stalled', latencyMs: 100 });
	try {
		assert.ok((await crm.untilInSync(SOON_MS, LONGEST_HEALING_MS)) < LONGEST_HEALING_MS);
		for (const stall of STALLS) {
			const { isMet, rightMs } = await tryStall(crm, n8n.holds, stall);
			context.diagnostic(`${stall.kind} ${stall.nth}: right after ${Math.round(rightMs)} ms`);
			assert.deepEqual([stall, isMet, crm.wrong], [stall, true, []]);
			assert.ok(rightMs < LONGEST_HEALING_MS, `${stall.kind} ${stall.nth}`);
		}
	} finally {
		await crm.close();
	}
});

test('Sync sends no rows of a wrong join even if the database rejects one of its writes.', async (context) => {
	const crm = await WatchedCrm.start(n8n, parts, { name: 'Rejected', latencyMs: 50 });
	try {
		assert.ok((await crm.untilInSync(SOON_MS, LONGEST_HEALING_MS)) < LONGEST_HEALING_MS);
		for (const nth of WRITES) {
			const rejection = { nth, isDone: false, isWrongAtOnce: true };
			const { wrong, rightMs } = await tryRejection(crm, n8n.holds, rejection);
			context.diagnostic(`write ${nth}: ${wrong} wrong, right after ${Math.round(rightMs)} ms`);
			assert.deepEqual([nth, wrong, crm.wrong], [nth, 0, []]);
			assert.ok(rightMs < LONGEST_HEALING_MS, `write ${nth}`);
		}
	} finally {
		await crm.close();
	}
});

test('After both workers were killed while one was sending, every customer is in sync within two minutes.', async (context) => {
	const crm = await WatchedCrm.start(n8n, parts, { name: 'Killed', latencyMs: 200 });
	try {
		await crm.untilInSync(SOON_MS, LONGEST_HEALING_MS);
		await crm.edit();
		const { requests } = crm.simulator;
		const { length } = requests;
		void crm.run();
		await eventually(() => assert.ok(requests.length > length));
		const killed = Promise.all(n8n.workers.map(async (_, worker) => await n8n.crash(worker)));
		await crm.edit();
		const rightMs = await crm.untilInSync(SOON_MS, LONGEST_HEALING_MS);
		await killed;
		context.diagnostic(`right after ${Math.round(rightMs)} ms`);
		assert.deepEqual([rightMs < LONGEST_HEALING_MS, crm.wrong], [true, []]);
	} finally {
		await crm.close();
	}
});

test("n8n's PostgreSQL has CustomerIds only in executions and receipts.", async () => {
	const { database } = n8n;
	const tables = await database.query(
		"SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
	);
	const holding: string[] = [];
	for (const [table] of tables) {
		const [[count] = []] = await database.query(
			`SELECT count(*) FROM "${table}" stored WHERE stored::text LIKE '%user\\_31%'`,
		);
		if (count !== '0') {
			holding.push(table!);
		}
	}
	const logs = await database.query("SELECT id FROM data_table WHERE name LIKE 'tencent_iot_log_%'");
	assert.deepEqual(holding, [...logs.map(([id]) => `data_table_user_${id}`), 'execution_data']);
	const [[entries] = []] = await database.query(
		`SELECT json_array_length((value::json)->'data') FROM processed_data WHERE "workflowId" = '${synced.stored.id}' AND context LIKE 'n:%'`,
	);
	assert.equal(entries, '1');
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { PostgresTable } from '../../../examples/cron/postgresTable.mts';
import { startSimulator, type Simulator } from '../../../simulator/simulator.mts';
import { SYNC_TABLE_CONTRACT } from '../../tables/syncTableContract.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { rootFolder } from '../setup/folders.mts';
import { findNode24 } from '../setup/node24.mts';
import { npm, installPackages } from '../setup/packageInstallation.mts';
import { endByExit, spawnOwned } from '../setup/ownedProcesses.mts';
import { runCommand } from '../setup/runCommand.mts';
import { CRM_TABLES } from './crmDatabase.mts';

const FOLDER = join(rootFolder, 'examples', 'cron');
const PROGRAM = join(FOLDER, 'build', 'sync.cjs');

/** A run that sends all of them takes 10 seconds: the example sends 20 a second. */
const CUSTOMERS = 200;
/** The run is killed this many requests after it first saved which customers were accepted. */
const SENT_SINCE = 20;
/** How many requests `settings.mts` lets run at once. */
const CONCURRENCY = 10;

interface Line {
	readonly health: string;
	readonly code?: string;
	readonly pushed: number;
	readonly unchanged: number;
}

interface Ended {
	readonly code: number | null;
	/** The run's line in the log. */
	readonly line: Line;
	/** What cron would mail. */
	readonly mail: string;
	/** Whether it had to wait for an earlier run. */
	readonly waited: boolean;
	/** The customers of the requests that arrived during the run. */
	readonly sent: readonly string[];
}

endByExit();

let postgres: Postgres;
let simulator: Simulator;
before(async () => {
	await installPackages({ folder: FOLDER, name: 'the dependencies of the cron example', neededGb: 0.1 });
	// As docs/beyond-n8n.md says.
	const built = await npm(['run', 'build'], FOLDER);
	assert.equal(built.code, 0, built.stderr);
	postgres = await startPostgres();
	simulator = await startSimulator({ latencyMs: 20 });
});
after(async () => {
	await simulator?.close();
	await postgres?.stop();
});

/** A database of customers with one device each, and the runs that cron starts on it. */
class Crm {
	readonly #env: NodeJS.ProcessEnv;
	readonly #name: string;

	private constructor(name: string) {
		const { host, port, user, password } = postgres.login;
		const { endpoint, appKey, appSecret } = simulator;
		this.#name = name;
		this.#env = {
			...process.env,
			DATABASE_URL: `postgres://${user}:${password}@${host}:${port}/${name}`,
			ENDPOINT: endpoint,
			APP_KEY: appKey,
			APP_SECRET: appSecret,
		};
	}

	/** @param name of the database, and the prefix of its customers, so that no two databases share a customer */
	static async create(name: string, customers: number): Promise<Crm> {
		await postgres.query(`CREATE DATABASE ${name}`);
		const crm = new Crm(name);
		await crm.query(CRM_TABLES);
		await crm.query(
			`INSERT INTO crm_customers SELECT '${name}_' || n FROM generate_series(1, ${customers}) n`,
		);
		await crm.query(`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
			SELECT '${name}_' || n, 'SN-' || n, 'LOCK01/${name}' || n, '智能门锁' FROM generate_series(1, ${customers}) n`);
		return crm;
	}

	async query(sql: string): Promise<string[][]> {
		return await postgres.query(sql, this.#name);
	}

	/** The customers of all requests so far, in the order of arrival. */
	get sent(): string[] {
		const ids = simulator.requests.map(({ CustomerId }) => String(CustomerId));
		return ids.filter((id) => id.startsWith(`${this.#name}_`));
	}

	/** Runs the program to its end, as cron does. */
	async run(env: NodeJS.ProcessEnv = {}): Promise<Ended> {
		const before = this.sent.length;
		const options = { cwd: '/', env: { ...this.#env, ...env } };
		const { code, stdout, stderr } = await runCommand(findNode24().program, [PROGRAM], options);
		const [text = ''] = stdout.split('\n').filter((line) => line.startsWith('{'));
		assert.notEqual(text, '', stderr);
		const waited = stdout.includes('Waiting ');
		return { code, line: JSON.parse(text) as Line, mail: stderr, waited, sent: this.sent.slice(before) };
	}

	/** Starts a run, and sends it a signal once `isTime`. @returns how it ended: its exit code, or the signal that ended it */
	async interrupt(signal: NodeJS.Signals, isTime: () => Promise<boolean>): Promise<number | NodeJS.Signals> {
		const run = spawnOwned(findNode24().program, [PROGRAM], { env: this.#env, stdio: 'ignore' });
		const exit = once(run, 'exit');
		while (run.exitCode === null && !(await isTime())) {
			await sleep(20);
		}
		assert.equal(run.exitCode, null, 'the run ended before the signal');
		run.kill(signal);
		const [code, endedBy] = (await exit) as [number | null, NodeJS.Signals | null];
		return code ?? endedBy ?? 'SIGKILL';
	}
}

function duplicatesIn(ids: readonly string[]): string[] {
	return ids.filter((id, index) => ids.indexOf(id) !== index);
}

test('The cron example pushes every customer in the first run, none in the next, then only those that changed.', async () => {
	const crm = await Crm.create('quiet', CUSTOMERS);
	const first = await crm.run();
	assert.deepEqual([first.code, first.line.health, first.line.pushed], [0, 'ok', CUSTOMERS]);
	assert.deepEqual([new Set(first.sent).size, first.sent.length], [CUSTOMERS, CUSTOMERS]);
	assert.match(first.mail, /^Sync is ok/);
	const second = await crm.run();
	const { health, pushed, unchanged } = second.line;
	assert.deepEqual([second.code, health, pushed, unchanged, second.sent], [0, 'ok', 0, CUSTOMERS, []]);
	assert.equal(second.mail, '', 'cron would mail a quiet run');
	await crm.query("UPDATE crm_devices SET serial_no = 'SN-new' WHERE customer_id IN ('quiet_7', 'quiet_9')");
	assert.deepEqual((await crm.run()).sent.toSorted(), ['quiet_7', 'quiet_9']);
	assert.deepEqual((await crm.run()).sent, []);
});

test('When two processes of the cron example start at once, exactly one sends, each customer once.', async () => {
	const crm = await Crm.create('twins', CUSTOMERS);
	const ended = await Promise.all([crm.run(), crm.run()]);
	assert.deepEqual(ended.map(({ line }) => line.pushed).sort(), [0, CUSTOMERS]);
	const other = ended.find(({ line }) => line.pushed === 0);
	assert.deepEqual([other?.line.code, other?.code, other?.mail], ['ALREADY_RUNNING', 1, '']);
	assert.deepEqual([new Set(crm.sent).size, crm.sent.length], [CUSTOMERS, CUSTOMERS]);
	assert.deepEqual((await crm.run()).sent, []);
});

test('After SIGKILL the next run of the cron example sends again only the customers whose outcome is unknown, then the rest.', async (context) => {
	const crm = await Crm.create('killed', CUSTOMERS);
	let sentWhenSaved: number | undefined;
	const ended = await crm.interrupt('SIGKILL', async () => {
		if (sentWhenSaved === undefined) {
			const sent = crm.sent.length;
			const parts = await crm.query('SELECT name FROM tencent_iot_state').catch(() => []);
			// Claiming the lock inserts the first part. The second one has the accepted customers, and those the run may send next.
			sentWhenSaved = parts.length > 1 ? sent : undefined;
			return false;
		}
		return crm.sent.length >= sentWhenSaved + SENT_SINCE;
	});
	assert.equal(ended, 'SIGKILL');
	const sentBefore = crm.sent;
	assert.ok(sentBefore.length < CUSTOMERS, 'every customer was sent before the kill');
	assert.deepEqual(duplicatesIn(sentBefore), []);
	const resumed = await crm.run();
	assert.deepEqual([resumed.code, resumed.line.health, resumed.waited], [0, 'ok', true]);
	const again = resumed.sent.filter((id) => sentBefore.includes(id));
	context.diagnostic(`${sentBefore.length} sent before the kill, ${again.length} of them again`);
	// The state has all others as accepted.
	assert.ok(
		again.length <= sentBefore.length - (sentWhenSaved ?? 0) + CONCURRENCY,
		`${again.length} were sent again`,
	);
	assert.deepEqual([duplicatesIn(resumed.sent), new Set(crm.sent).size], [[], CUSTOMERS]);
	assert.deepEqual((await crm.run()).sent, []);
});

test('After SIGTERM the next run of the cron example starts without a wait and sends the rest.', async () => {
	const crm = await Crm.create('ended', CUSTOMERS);
	await crm.interrupt('SIGTERM', async () => await Promise.resolve(crm.sent.length >= SENT_SINCE));
	const sentBefore = crm.sent;
	assert.ok(sentBefore.length < CUSTOMERS, 'every customer was sent before SIGTERM');
	const resumed = await crm.run();
	assert.deepEqual([resumed.code, resumed.waited, new Set(crm.sent).size], [0, false, CUSTOMERS]);
	const again = resumed.sent.filter((id) => sentBefore.includes(id));
	assert.ok(again.length <= CONCURRENCY, `${again.length} were sent again`);
});

test('The cron example sends nothing when a safety check stops it, sends the plan once it is approved, and stops when its state is lost.', async () => {
	const crm = await Crm.create('stopped', CUSTOMERS);
	await crm.run();
	await crm.query("UPDATE crm_devices SET serial_no = 'SN-wrong' WHERE id <= 100");
	const stopped = await crm.run();
	assert.deepEqual([stopped.code, stopped.line.code, stopped.sent], [1, 'TOO_MANY_CHANGES', []]);
	const [, planId = ''] = /'Safety Checks' to ([\dA-Za-z]+)/.exec(stopped.mail) ?? [];
	assert.notEqual(planId, '', stopped.mail);
	const again = await crm.run();
	assert.deepEqual([again.code, again.sent, again.mail], [1, [], ''], 'cron would mail the same stop twice');
	const approved = await crm.run({ APPROVED_PLAN: planId });
	assert.deepEqual([approved.code, approved.line.pushed, approved.sent.length], [0, 100, 100]);
	await crm.query('DELETE FROM tencent_iot_sync; DELETE FROM tencent_iot_state');
	const lost = await crm.run();
	assert.deepEqual([lost.code, lost.line.code, lost.sent], [1, 'STATE_LOST', []]);
});

suite('The PostgreSQL table of the cron example behaves like the Data Tables in n8n:', () => {
	let database: Pool;
	before(async () => {
		await postgres.query('CREATE DATABASE contract');
		const { host, port, user, password } = postgres.login;
		const pg = createRequire(join(FOLDER, 'package.json'))('pg') as typeof import('pg');
		database = new pg.Pool({ connectionString: `postgres://${user}:${password}@${host}:${port}/contract` });
		// PostgreSQL may stop before the pool has closed its last connection.
		database.on('error', () => undefined);
	});
	after(async () => await database?.end());

	for (const { name, see } of SYNC_TABLE_CONTRACT) {
		test(name, async () => await see((node) => new PostgresTable(database, node)));
	}
});

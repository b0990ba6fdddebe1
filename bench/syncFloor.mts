/** The cost of a run of Sync in a real n8n beyond reading its rows, compared with an earlier commit. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSimulatorProcess, type SimulatorProcess } from '../simulator/simulatorProcess.mts';
import { install } from '../test/e2e/install.mts';
import { startN8n, type N8nServer } from '../test/e2e/n8n/server.mts';
import { postgresSettings } from '../test/e2e/n8n/settings.mts';
import { CREDENTIAL_TYPE, MAPPED_COLUMNS, node, PUSH_NODE_TYPE } from '../test/e2e/n8n/workflow.mts';
import { startPostgres, type Postgres } from '../test/e2e/services/postgres.mts';
import { packedPackage } from '../test/e2e/setup/packedPackage.mts';
import { createCrmCredential } from '../test/e2e/tests/crmDatabase.mts';
import { whenRegistered } from '../test/e2e/tests/exampleWorkflow.mts';
import { CREDENTIAL_NAME } from '../test/e2e/tests/scene.mts';
import { Crm } from '../test/e2e/tests/syncScene.mts';
import { packCommit } from './earlierCommit.mts';
import { cpuSeconds, forgetPeakMemory, mainThreadMs, peakMemoryMib } from './processFigures.mts';
import { atMost, show, spreadOf, type Section } from './report.mts';
import { alternate } from './rounds.mts';
import { simulatorCredential } from './rows.mts';

const LINE = 'n8n-2';
const BEFORE = '64dd000';
/** Numbers of customers; use smaller ones to try out the bench itself. */
const SIZES = (process.env.BENCH_SIZES ?? '20000,100000').split(',').map(Number);
const DEVICES = 5;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const HEAP_MIB = 1024;
const LOOK_EVERY_MS = 20;
const MOST_FIRST_RUNS = 5;

/** The output of a run's last node. */
interface Answer {
	Health?: string;
	Requests?: number;
}

/** What an undisturbed run took. */
interface Cost {
	/** Of n8n and all processes below it. */
	cpuS: number;
	peakMib: number;
	/** What PostgreSQL wrote to its write-ahead log for n8n's own database: all that n8n and the node store. Kilobytes of 1,000 bytes. */
	writtenKb: number;
}

/**
 * What a run took, and the longest stall of another run of the same case: to detect a stall, n8n is polled every few milliseconds, which
 * itself takes processor time, the more the longer a run takes.
 */
interface Figures extends Cost {
	/** The most processor time of n8n's main thread in which it answered no request. */
	stallS: number;
}

/** The node after the rows: Sync of this commit, Sync of the earlier one, or *Set* in its place. */
type Contender = 'now' | typeof BEFORE | 'floor';

/** The figures of one case: a number of customers, and how many of them have changed. */
type Measured = Record<Contender, Figures[]>;

export async function measureSyncFloor(): Promise<Section> {
	await install([LINE]);
	const folder = await mkdtemp(join(tmpdir(), 'bench-package-'));
	const simulator = await startSimulatorProcess();
	const crm = await startPostgres();
	const hosts: N8nHost[] = [];
	try {
		const now = await packedPackage('pool', folder);
		const { tarball: before } = await packCommit(BEFORE, 'pool', folder);
		const start = async (tarball: string) => {
			const host = await N8nHost.start(tarball, crm, simulator);
			hosts.push(host);
			return host;
		};
		const contenders = { now: await start(now), [BEFORE]: await start(before), floor: await start(now) };
		const measured = new Map<string, Measured>();
		for (const customers of SIZES) {
			const cases = await measureSize(customers, new Crm(crm), contenders);
			for (const [name, figures] of Object.entries(cases)) {
				measured.set(caseName(customers, name), figures);
			}
		}
		return report(measured);
	} finally {
		for (const host of hosts) {
			await host.stop();
		}
		await crm.stop();
		await simulator.stop();
		await rm(folder, { recursive: true, force: true });
	}
}

/** An n8n for one contender, with the credentials of its workflows. */
class N8nHost {
	readonly #server: N8nServer;
	readonly #database: Postgres;
	readonly #credentials: Record<'tencent' | 'postgres', { id: string; name: string }>;

	private constructor(
		server: N8nServer,
		database: Postgres,
		credentials: Record<'tencent' | 'postgres', { id: string; name: string }>,
	) {
		this.#server = server;
		this.#database = database;
		this.#credentials = credentials;
	}

	static async start(tarball: string, crm: Postgres, simulator: SimulatorProcess): Promise<N8nHost> {
		const database = await startPostgres();
		// Otherwise the first change of a page after a checkpoint writes the whole page, so that the figures depend on its time.
		await database.query('ALTER SYSTEM SET full_page_writes = off');
		await database.query('SELECT pg_reload_conf()');
		const more = {
			NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
			...postgresSettings(database.login),
		};
		const server = await startN8n({ line: LINE, tarball, more });
		const { client } = server;
		const tencent = await client.createCredential(CREDENTIAL_NAME, simulatorCredential(simulator.endpoint));
		const postgres = await createCrmCredential(client, crm.login);
		return new N8nHost(server, database, { tencent, postgres });
	}

	async stop(): Promise<void> {
		await this.#server.stop();
		await this.#database.stop();
	}

	/** Publishes a workflow: a webhook, the rows of a table, and then Sync or *Set*. */
	async publish(table: string, isFloor: boolean): Promise<void> {
		const { tencent, postgres } = this.#credentials;
		const reference = ({ id, name }: { id: string; name: string }) => ({ id, name });
		const query = `SELECT customer_id AS "CustomerId", serial_no AS "CustomerDeviceNo", device_id AS "DeviceId",
			product AS "ProductName" FROM ${table} ORDER BY customer_id, device_id`;
		const sync = {
			operation: 'sync',
			columns: MAPPED_COLUMNS,
			// No re-push: which customers are due depends on the hour.
			options: { outputItemPer: 'run', requestsPerSecond: 0, concurrency: 32, pushAgainAfter: 0 },
		};
		const last = isFloor
			? node('Set', 'n8n-nodes-base.set', {}, { typeVersion: 3.4, executeOnce: true })
			: node('Sync', PUSH_NODE_TYPE, sync, { credentials: { [CREDENTIAL_TYPE]: reference(tencent) } });
		const webhook = { httpMethod: 'POST', path: table, responseMode: 'lastNode', options: {} };
		const to = (name: string) => ({ main: [[{ node: name, type: 'main' as const, index: 0 }]] });
		const { client } = this.#server;
		const stored = await client.createWorkflow({
			name: table,
			nodes: [
				node('Webhook', 'n8n-nodes-base.webhook', webhook, { typeVersion: 2, webhookId: table }),
				node(
					'Rows',
					'n8n-nodes-base.postgres',
					{ operation: 'executeQuery', query, options: {} },
					{ typeVersion: 2.5, credentials: { postgres: reference(postgres) } },
				),
				last,
			],
			connections: { Webhook: to('Rows'), Rows: to(last.name) },
			settings: {
				executionOrder: 'v1',
				saveDataSuccessExecution: 'none',
				saveDataErrorExecution: 'none',
			},
		});
		await client.activate(stored);
	}

	/** The current position in PostgreSQL's write-ahead log, in bytes. */
	async #bytesWritten(): Promise<number> {
		const rows = await this.#database.query(`SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn`);
		return Number(rows[0]?.[0]);
	}

	/** Runs the workflow of a table to its end, and measures the cost. */
	async measureCost(table: string): Promise<Cost & { answer: Answer }> {
		const { pid } = this.#server.process;
		await forgetPeakMemory(pid);
		const writtenBefore = await this.#bytesWritten();
		const cpuBeforeS = await cpuSeconds(pid);
		const answer = await this.#run(table);
		const cpuS = (await cpuSeconds(pid)) - cpuBeforeS;
		const peakMib = await peakMemoryMib(pid);
		const writtenKb = ((await this.#bytesWritten()) - writtenBefore) / 1000;
		return { cpuS, peakMib, writtenKb, answer };
	}

	/** Runs the workflow of a table to its end, and measures the longest time in which n8n answers no request. */
	async measureStall(table: string): Promise<{ stallS: number; answer: Answer }> {
		const { url, process: n8n } = this.#server;
		const { pid } = n8n;
		let isOver = false;
		const running = this.#run(table).finally(() => {
			isOver = true;
		});
		let stallMs = 0;
		while (!isOver) {
			const askedMs = await mainThreadMs(pid);
			await fetch(`${url}/healthz`, { headers: { connection: 'close' } }).then(
				async (response) => await response.text(),
			);
			stallMs = Math.max(stallMs, (await mainThreadMs(pid)) - askedMs);
			await sleep(LOOK_EVERY_MS);
		}
		return { stallS: stallMs / 1000, answer: await running };
	}

	async #run(table: string): Promise<Answer> {
		const response = await whenRegistered(
			async () => await fetch(`${this.#server.url}/webhook/${table}`, { method: 'POST' }),
		);
		return (await response.json()) as Answer;
	}
}

/** The cases: one of how many customers changes before each run; 0 for none. */
const CHANGES = { 'nothing changed': 0, '1 % changed': 100 } as const;

async function measureSize(
	customers: number,
	crm: Crm,
	contenders: Record<Contender, N8nHost>,
): Promise<Record<string, Measured>> {
	const table = `crm_${customers}`;
	await crm.create(table, `of_${customers}_`, customers, DEVICES);
	await crm.query(`VACUUM ANALYZE ${table}`);
	for (const [name, host] of Object.entries(contenders)) {
		await host.publish(table, name === 'floor');
		await runFirst(host, table, name);
	}
	const cases: Record<string, Measured> = {};
	for (const [name, oneOf] of Object.entries(CHANGES)) {
		let changes = 0;
		const ids = Array.from({ length: oneOf === 0 ? 0 : customers / oneOf }, (_, index) => index + 1);
		const change = async () => {
			changes++;
			if (ids.length > 0) {
				const changed = ids.map((id) => `'of_${customers}_${id}'`).join(', ');
				// Unique numbers: a number that several devices share may be a copied row, and then each run checks all rows again.
				await crm.query(
					`UPDATE ${table} SET serial_no = 'SN-${changes}-' || customer_id
					WHERE customer_id IN (${changed}) AND device_id LIKE '%\\_1'`,
				);
			}
		};
		/** Runs the case for each contender in turns. The rows change before each round, which starts with this commit. */
		const inTurns = async <Part extends { answer: Answer }>(
			measure: (host: N8nHost) => Promise<Part>,
			warmUps: number,
		) => {
			const measured = await alternate(
				{
					now: async () => {
						await change();
						return await measure(contenders.now);
					},
					[BEFORE]: async () => await measure(contenders[BEFORE]),
					floor: async () => await measure(contenders.floor),
				},
				{ rounds: ROUNDS, warmUps },
			);
			for (const { answer } of [...measured.now, ...measured[BEFORE]]) {
				if (answer.Health !== 'ok' || answer.Requests !== ids.length) {
					throw new Error(`${name}: ${JSON.stringify(answer)}`);
				}
			}
			return measured;
		};
		const costs = await inTurns(async (host) => await host.measureCost(table), 1);
		const stalls = await inTurns(async (host) => await host.measureStall(table), 0);
		const figuresOf = (contender: Contender) =>
			costs[contender].map((cost, round) => ({ ...cost, stallS: stalls[contender][round]!.stallS }));
		const measured: Measured = {
			now: figuresOf('now'),
			[BEFORE]: figuresOf(BEFORE),
			floor: figuresOf('floor'),
		};
		cases[name] = measured;
		console.log(
			customers,
			name,
			JSON.stringify(measured, ['now', BEFORE, 'floor', 'cpuS', 'stallS', 'peakMib', 'writtenKb']),
		);
	}
	return cases;
}

/** Retries the first run: the earlier commit gives up its state if a statement takes four seconds, and then sends all customers again. */
async function runFirst(host: N8nHost, table: string, name: string): Promise<void> {
	for (let run = 1; run <= MOST_FIRST_RUNS; run++) {
		const { answer } = await host.measureCost(table);
		if (name === 'floor' || answer.Health === 'ok') {
			return;
		}
		console.log(`The first run of ${name} ended as ${answer.Health}`);
	}
	throw new Error('Every first run failed');
}

function caseName(customers: number, change: string): string {
	return `${customers} customers, ${change}`;
}

function report(measured: ReadonlyMap<string, Measured>): Section {
	const contenders = ['floor', 'now', BEFORE] as const;
	const median = (figures: readonly Figures[], figure: keyof Figures) =>
		spreadOf(figures.map((each) => each[figure])).median;
	const cell = (figures: readonly Figures[], figure: keyof Figures, digits: number) =>
		show(spreadOf(figures.map((each) => each[figure])), digits);
	return {
		title: 'Sync beside reading the rows',
		about: `A workflow of a webhook, a Postgres node with one row per device (${DEVICES} devices per customer), and Sync, in n8n 2 on PostgreSQL with a heap of ${HEAP_MIB} MiB, one n8n for each contender; median (min–max) of ${ROUNDS} rounds in turns after one warm-up. Floor: Set, executed once, in the place of Sync, so that the workflow only reads the rows. CPU s are those of n8n and its child processes; stretch is the most processor time of its main thread in which it answered no request, measured in separate runs because polling takes processor time; peak is the most memory of the main process; written is what PostgreSQL adds to its write-ahead log (without full-page writes) for n8n's own database: this commit keeps a receipt of each push, the earlier one did not. There is no rate limit.`,
		head: ['case', 'workflow', 'CPU s', 'longest stretch, s', 'peak MiB', 'written kB'],
		rows: [...measured].flatMap(([name, figures]) =>
			contenders.map((contender) => [
				name,
				contender,
				cell(figures[contender], 'cpuS', 2),
				cell(figures[contender], 'stallS', 2),
				cell(figures[contender], 'peakMib', 0),
				cell(figures[contender], 'writtenKb', 0),
			]),
		),
		targets: [...measured].flatMap(([name, { floor, now, [BEFORE]: before }]) => {
			const mostCpu = name.endsWith('nothing changed') ? 2.5 : 2.8;
			const beyondFloor = (figures: readonly Figures[]) =>
				median(figures, 'peakMib') - median(floor, 'peakMib');
			return [
				atMost(
					`processor time to that of the floor, ${name}`,
					median(now, 'cpuS') / median(floor, 'cpuS'),
					mostCpu,
				),
				atMost(
					`memory beyond the floor to that of ${BEFORE}, ${name}`,
					beyondFloor(now) / beyondFloor(before),
					0.6,
				),
				atMost(`longest stretch, ${name}`, median(now, 'stallS'), 0.2, ' s'),
			];
		}),
	};
}

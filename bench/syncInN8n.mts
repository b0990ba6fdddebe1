/** The cost of a run of Sync in a real n8n, compared with the commit that kept its state in the deduplication store. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '../simulator/simulator.mts';
import { install } from '../test/e2e/install.mts';
import { startN8n, type N8nServer } from '../test/e2e/n8n/server.mts';
import { postgresSettings } from '../test/e2e/n8n/settings.mts';
import { buildTablesNode, startTablesNode } from '../test/e2e/n8n/tablesNode.mts';
import { startPostgres, type Postgres } from '../test/e2e/services/postgres.mts';
import { packedPackage } from '../test/e2e/setup/packedPackage.mts';
import { CREDENTIAL_NAME, credentialFor } from '../test/e2e/tests/scene.mts';
import { createCrm, startSync, type Crm, type SyncedCrm } from '../test/e2e/tests/syncScene.mts';
import { packCommit } from './earlierCommit.mts';
import { cpuSeconds } from './processFigures.mts';
import { atMost, show, spreadOf, type Section, type Spread } from './report.mts';

const LINE = 'n8n-2';
/** The last commit with the state in the deduplication store. */
const BEFORE = '64dd000';
const SIZES = [40, 2000, 20_000];
/** How many customers the runs have for which writes are measured; use fewer to try out the bench itself. */
const MANY = Number(process.env.BENCH_CUSTOMERS ?? 100_000);
const DEVICES = 5;
const QUIET_RUNS = 9;
const INLINE_CALLS = 40;
/** A large heap: n8n holds all rows of a run. */
const HEAP = { NODE_OPTIONS: '--max-old-space-size=6144' };

/** The costs of one version of the package. */
interface Costs {
	/** Processor time of n8n for a run that finds nothing changed, by the number of customers. Milliseconds. */
	readonly quietMs: ReadonlyMap<number, Spread>;
	/** What n8n's database writes to its write-ahead log in a run of many customers, by case. MB. */
	readonly written: ReadonlyMap<string, number>;
}

export async function measureSyncInN8n(): Promise<Section> {
	await install([LINE]);
	const folder = await mkdtemp(join(tmpdir(), 'bench-package-'));
	try {
		const now = await packedPackage('verified', folder);
		const { tarball: before } = await packCommit(BEFORE, 'verified', folder);
		const inlineMs = await measureInlineCall();
		return report(inlineMs, await measureVersion(now), await measureVersion(before));
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** The processor time of n8n for an inline sub-workflow of one Data Table node. Milliseconds. */
async function measureInlineCall(): Promise<Spread> {
	const more = { N8N_CUSTOM_EXTENSIONS: await buildTablesNode() };
	const server = await startN8n({ line: LINE, tarball: undefined, more });
	try {
		const host = await startTablesNode(server, { database: 'sqlite', maxBytes: Infinity });
		const call = { steps: [{ do: 'list', nameContains: 'tencent' }] } as const;
		const run = async (calls: number) => {
			const cpuS = await cpuSeconds(server.process.pid);
			await host.run(Array.from({ length: calls }, () => call));
			return ((await cpuSeconds(server.process.pid)) - cpuS) * 1000;
		};
		await run(INLINE_CALLS);
		const each: number[] = [];
		for (let round = 0; round < 5; round++) {
			// A run of one call has the cost of the node and its webhook, which is subtracted.
			const alone = await run(1);
			each.push(((await run(INLINE_CALLS + 1)) - alone) / INLINE_CALLS);
		}
		return spreadOf(each);
	} finally {
		await server.stop();
	}
}

async function measureVersion(tarball: string): Promise<Costs> {
	const postgres = await startPostgres();
	const simulator = await startSimulator();
	try {
		const quietMs = await withN8n(tarball, postgres, simulator, HEAP, async (scene) => {
			const measured = new Map<number, Spread>();
			for (const customers of SIZES) {
				measured.set(customers, await measureQuietRuns(scene, customers));
			}
			return measured;
		});
		const ofN8n = await startPostgres();
		try {
			const more = { ...HEAP, ...postgresSettings(ofN8n.login) };
			const written = await withN8n(tarball, postgres, simulator, more, async (scene) => {
				return await measureWritten(scene, ofN8n);
			});
			return { quietMs, written };
		} finally {
			await ofN8n.stop();
		}
	} finally {
		await simulator.close();
		await postgres.stop();
	}
}

interface Scene {
	readonly server: N8nServer;
	readonly crm: Crm;
	/** Creates the workflow of some customers, and runs it for the first time. */
	start(customers: number, devices: number): Promise<{ synced: SyncedCrm; table: string }>;
}

async function withN8n<Result>(
	tarball: string,
	postgres: Postgres,
	simulator: Simulator,
	more: Readonly<Record<string, string>>,
	measure: (scene: Scene) => Promise<Result>,
): Promise<Result> {
	const server = await startN8n({ line: LINE, tarball, more });
	try {
		const { client, url } = server;
		const credential = await client.createCredential(CREDENTIAL_NAME, credentialFor(simulator));
		const parts = { client, url, simulator, credential, ...(await createCrm(client, postgres)) };
		const start = async (customers: number, devices: number) => {
			const table = `crm_${customers}`;
			await parts.crm.query(`DROP TABLE IF EXISTS ${table}`);
			await parts.crm.create(table, `of_${customers}_`, customers, devices);
			const synced = await startSync(parts, {
				name: `Sync ${customers}`,
				table,
				options: { concurrency: 32 },
				settings: { saveDataSuccessExecution: 'none' },
			});
			await pushEverybody(synced);
			return { synced, table };
		};
		return await measure({ server, crm: parts.crm, start });
	} finally {
		await server.stop();
	}
}

const MOST_FIRST_RUNS = 5;

/** Retries the first run: the earlier commit gives up its state if a statement takes four seconds, and then sends all customers again. */
async function pushEverybody(synced: SyncedCrm): Promise<void> {
	for (let run = 1; run <= MOST_FIRST_RUNS; run++) {
		const { report } = await synced.run();
		if (report?.Health === 'ok') {
			return;
		}
		console.log(`The first run ended as ${report?.Failures[0]?.code}`);
	}
	throw new Error('Every first run failed');
}

async function measureQuietRuns({ server, start }: Scene, customers: number): Promise<Spread> {
	const { synced } = await start(customers, 2);
	const { pid } = server.process;
	const times: number[] = [];
	for (let run = 0; run < QUIET_RUNS; run++) {
		const cpuS = await cpuSeconds(pid);
		const { report } = await synced.run();
		if (report?.Health !== 'ok' || report.Requests > 0) {
			throw new Error(`A run with nothing to send: ${JSON.stringify(report)}`);
		}
		times.push(((await cpuSeconds(pid)) - cpuS) * 1000);
	}
	return spreadOf(times);
}

async function measureWritten({ crm, start }: Scene, ofN8n: Postgres): Promise<Map<string, number>> {
	const { synced, table } = await start(MANY, DEVICES);
	const written = new Map<string, number>();
	const lsn = async () => (await ofN8n.query('SELECT pg_current_wal_lsn()'))[0]![0]!;
	const ids = Array.from({ length: MANY / 100 }, (_, index) => `of_${MANY}_${index + 1}`);
	const change = async () => await crm.change(table, ids, 'SN-changed');
	for (const [name, prepare] of [
		['nothing changed', async () => undefined],
		['1 % changed', change],
	] as const) {
		await prepare();
		await ofN8n.query('CHECKPOINT');
		const before = await lsn();
		const { report } = await synced.run();
		if (report?.Health !== 'ok') {
			throw new Error(`${name}: ${JSON.stringify(report)}`);
		}
		const [[bytes] = []] = await ofN8n.query(`SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '${before}')`);
		written.set(name, Number(bytes) / 1e6);
	}
	return written;
}

function report(inlineMs: Spread, now: Costs, before: Costs): Section {
	const quiet = SIZES.map((customers) => [
		`processor time of a run with nothing to send, ${customers} customers with 2 devices, ms`,
		show(before.quietMs.get(customers)!),
		show(now.quietMs.get(customers)!),
	]);
	const written = [...now.written.keys()].map((name) => [
		`written ahead, ${MANY} customers with ${DEVICES} devices, ${name}, MB`,
		before.written.get(name)!.toFixed(2),
		now.written.get(name)!.toFixed(2),
	]);
	const more = SIZES.map((customers) => {
		const medianMs = (costs: Costs) => costs.quietMs.get(customers)!.median;
		const ms = medianMs(now) - medianMs(before);
		return atMost(`processor time of ${customers} customers beyond ${BEFORE}`, ms, 400, ' ms');
	});
	return {
		title: 'Sync in n8n',
		about: `A workflow of a webhook, a Postgres node with the rows and Sync, in n8n 2. Processor time: n8n on SQLite, its main process and all child processes, the whole execution, median (min–max) of ${QUIET_RUNS} runs; one inline sub-workflow with one Data Table node, median of 5 times ${INLINE_CALLS}. Written ahead: what n8n's PostgreSQL writes to its write-ahead log during the run; successful executions are not stored. ${BEFORE} kept the state in the deduplication store.`,
		head: ['what', BEFORE, 'now'],
		rows: [['processor time of one inline call, ms', '–', show(inlineMs)], ...quiet, ...written],
		targets: [
			...more,
			atMost('written ahead with nothing changed', now.written.get('nothing changed')!, 0.1, ' MB'),
			atMost(
				`written ahead with 1 % changed, times ${BEFORE}`,
				now.written.get('1 % changed')! / before.written.get('1 % changed')!,
				1.2,
			),
		],
	};
}

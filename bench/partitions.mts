import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulatorProcess, type SimulatorProcess } from '../simulator/simulatorProcess.mts';
import { install } from '../test/e2e/install.mts';
import { startQueueMode, type QueueMode } from '../test/e2e/n8n/queueMode.mts';
import { startPostgres, type Postgres } from '../test/e2e/services/postgres.mts';
import { packedPackage } from '../test/e2e/setup/packedPackage.mts';
import { createCrmCredential, fillCrmDatabase } from '../test/e2e/tests/crmDatabase.mts';
import { createWebhookKey } from '../test/e2e/tests/exampleWorkflow.mts';
import { CREDENTIAL_NAME } from '../test/e2e/tests/scene.mts';
import { PartitionedCrm, type RoundTimes } from './partitionedCrm.mts';
import { cpuSeconds, forgetPeakMemory, peakMemoryMib } from './processFigures.mts';
import { atMost, type Section, type Target } from './report.mts';
import { simulatorCredential } from './rows.mts';

const LINE = 'n8n-2';
/** Fewer to try the bench itself, or on a busy machine. */
const CUSTOMERS = Number(process.env.BENCH_CUSTOMERS ?? 400_000);
const DEVICES = 5;
const PARTITIONS = 8;
/** How many executions a worker runs at once. With more, one that reads its rows blocks the others for seconds. */
const AT_ONCE = 1;
/** n8n's own times of locks, and memory for all rows in one run. */
const SETTINGS = {
	NODE_OPTIONS: '--max-old-space-size=8192',
	QUEUE_WORKER_LOCK_DURATION: '60000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '10000',
	QUEUE_WORKER_STALLED_INTERVAL: '30000',
};
/** The default of 'Requests per Second'. */
const DEFAULT_RATE = 20;
const ON_PAPER = 10_000_000;

const IN_PARTS = `${PARTITIONS} partitions`;
const IN_ONE = 'one run';

const FIRST = 'first push';
const UNCHANGED = '0 % changed';
const ROWS_ONLY = 'rows read only';
const FEW_CHANGED = '1 % changed';
const CASES = [FIRST, UNCHANGED, ROWS_ONLY, FEW_CHANGED];

/** What one round took. */
interface Figures extends RoundTimes {
	requests: number;
	/** Of both workers and of the main process. */
	workerCpuS: number;
	mainCpuS: number;
	/** Of each worker, with its idle memory. */
	peakMib: number[];
	load: number;
}

/** By case and way. */
type Runs = Record<string, Figures>;

/** What a Sync costs in partitions over two workers in queue mode, beside the same customers in one run. */
export async function measurePartitions(): Promise<Section> {
	await install([LINE]);
	const folder = await mkdtemp(join(tmpdir(), 'bench-package-'));
	const simulator = await startSimulatorProcess();
	const crm = await startPostgres();
	let n8n: QueueMode | undefined;
	try {
		await fillCrmDatabase(crm);
		await crm.query('CREATE INDEX ON crm_devices (customer_id)');
		const tarball = await packedPackage('pool', folder);
		n8n = await startQueueMode(LINE, tarball, { concurrency: AT_ONCE, isDirect: true, more: SETTINGS });
		await n8n.client.createCredential(CREDENTIAL_NAME, simulatorCredential(simulator.endpoint));
		await createWebhookKey(n8n.client);
		await createCrmCredential(n8n.client, crm.login);
		const bench = { n8n, crm, simulator };
		const inParts = await PartitionedCrm.start(n8n, crm, 'eight', PARTITIONS);
		const inOne = await PartitionedCrm.start(n8n, crm, 'one', 1);
		const runs: Runs = {};
		const keepAs =
			(kind: string): Keep =>
			(name, figures) => {
				console.log(`${name}, ${kind}: ${JSON.stringify(figures)}`);
				runs[`${name}, ${kind}`] = figures;
			};
		await measureWay(bench, inParts, keepAs(IN_PARTS));
		await measureWay(bench, inOne, keepAs(IN_ONE));
		return report(runs);
	} finally {
		await n8n?.stop();
		await crm.stop();
		await simulator.stop();
		await rm(folder, { recursive: true, force: true });
	}
}

/** Fills the CRM anew. */
async function fill(crm: Postgres): Promise<void> {
	await crm.query('TRUNCATE crm_devices, crm_customers');
	await crm.query(
		`INSERT INTO crm_customers SELECT 'customer_' || c FROM generate_series(1, ${CUSTOMERS}) c`,
	);
	await crm.query(`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
		SELECT 'customer_' || c, 'SN-' || c || '-' || d, 'ProductABC/Device' || c || '_' || d, 'Smart Lock'
		FROM generate_series(1, ${CUSTOMERS}) c, generate_series(1, ${DEVICES}) d`);
	await crm.query('VACUUM ANALYZE crm_devices');
}

interface Bench {
	n8n: QueueMode;
	crm: Postgres;
	simulator: SimulatorProcess;
}

type Keep = (name: string, figures: Figures) => void;

async function measureWay(bench: Bench, workflow: PartitionedCrm, keep: Keep): Promise<void> {
	await fill(bench.crm);
	const round = async () => await workflow.round();
	await measureRound(bench, FIRST, round, keep);
	await measureRound(bench, UNCHANGED, round, keep);
	const read = async () => {
		const wallMs = await workflow.readOnly();
		return { wallMs, executionMs: NaN, syncMs: NaN };
	};
	await measureRound(bench, ROWS_ONLY, read, keep);
	await bench.crm.query(
		"UPDATE crm_devices SET serial_no = 'SN-new-' || id WHERE abs(hashtext(customer_id)::bigint) / 8 % 100 = 7",
	);
	await measureRound(bench, FEW_CHANGED, round, keep);
}

async function measureRound(
	{ n8n, simulator }: Bench,
	name: string,
	round: () => Promise<RoundTimes>,
	keep: Keep,
): Promise<void> {
	// What an earlier round used is not this one's.
	await Promise.all(n8n.workers.map(async (_, worker) => await n8n.crash(worker)));
	await simulator.reset();
	const workers = n8n.workers.map(({ pid }) => pid);
	const cpuOf = async (pids: number[]) =>
		(await Promise.all(pids.map(cpuSeconds))).reduce((sum, seconds) => sum + seconds, 0);
	const before = { workers: await cpuOf(workers), main: await cpuOf([n8n.main.pid]) };
	for (const pid of workers) await forgetPeakMemory(pid);
	const times = await round();
	const figures = {
		...times,
		requests: (await simulator.counts()).requests,
		workerCpuS: (await cpuOf(workers)) - before.workers,
		mainCpuS: (await cpuOf([n8n.main.pid])) - before.main,
		peakMib: await Promise.all(workers.map(peakMemoryMib)),
		load: loadavg()[0]!,
	};
	keep(name, figures);
}

function report(runs: Runs): Section {
	const rows = CASES.flatMap((name) =>
		[IN_PARTS, IN_ONE].map((kind) => {
			const { wallMs, workerCpuS, mainCpuS, peakMib, requests, executionMs, syncMs, load } =
				runs[`${name}, ${kind}`]!;
			const own = Number.isFinite(syncMs) ? `${Math.round(100 * (1 - syncMs / executionMs))} %` : '';
			const seconds = [wallMs / 1000, workerCpuS, mainCpuS].map((value) => value.toFixed(1));
			const memory = peakMib.map((mib) => mib.toFixed(0)).join(' and ');
			const shown = [...seconds, memory, own, load.toFixed(1)];
			return [`${name}, ${CUSTOMERS} customers`, kind, String(requests), ...shown];
		}),
	);
	const figuresOf = (name: string) => [runs[`${name}, ${IN_PARTS}`]!, runs[`${name}, ${IN_ONE}`]!] as const;
	const [inParts, inOne] = figuresOf(UNCHANGED);
	const [fewInParts, fewInOne] = figuresOf(FEW_CHANGED);
	const targets: Target[] = [
		atMost('requests, unchanged', inParts.requests, 0),
		// In one run the same ones have changed.
		atMost('requests, 1 % changed, to those changed', fewInParts.requests / fewInOne.requests, 1.1),
		atMost(
			'peak memory of a worker to that of one run, unchanged',
			Math.max(...inParts.peakMib) / Math.max(...inOne.peakMib),
			0.7,
		),
	];
	return {
		title: 'Sync in partitions',
		about: `The example crm-to-iot-sync-partitioned, with the pool build, in a real n8n 2.x in queue mode, with two workers (${AT_ONCE} execution at once each), PostgreSQL and Redis, all on one machine with the simulator: customers of ${DEVICES} devices, in ${PARTITIONS} partitions, and in one run, which is the same workflow with one partition. Nothing limits the requests per second; at ${DEFAULT_RATE} a second the rows with requests take as long as their requests. The first push pushes all customers. Wall time from the start of the round to the last report; processor time of both workers, and of n8n's main process; peak memory of each worker, which began anew for each row; n8n's own is the share of the time of the executions outside the Sync node, which is reading the rows; load is the machine's load average at the end. Once each.`,
		head: [
			'case',
			'as',
			'requests',
			'wall s',
			'workers CPU s',
			'main CPU s',
			'peak MiB',
			"n8n's own",
			'load',
		],
		rows,
		targets,
		conclusion: onPaper(inParts),
	};
}

/** What follows for ten million customers. */
function onPaper({ wallMs, workerCpuS, peakMib }: Figures): string {
	const factor = ON_PAPER / CUSTOMERS;
	const partitions = Math.ceil(PARTITIONS * factor);
	const customers = Math.round(CUSTOMERS / PARTITIONS);
	const million = ON_PAPER / 1e6;
	const hours = (requests: number) => (requests / DEFAULT_RATE / 3600).toFixed(1);
	return `**On paper, ${million} million customers** by these figures, of which nothing was tried: ${(ON_PAPER * DEVICES) / 1e6} million rows in ${partitions} partitions of ${customers.toLocaleString('en')} customers. A round in which nothing has changed takes these two workers ${((wallMs / 60_000) * factor).toFixed(0)} minutes and ${((workerCpuS / 60) * factor).toFixed(0)} minutes of processor time; four times as many workers on processors of their own, a quarter of it. A worker that runs one partition at once needs ${(Math.max(...peakMib) / 1024).toFixed(1)} GiB, however many customers there are. n8n's database keeps ${((ON_PAPER * 54) / 1e6).toFixed(0)} MB of sync state, ${((customers * 54) / 1e6).toFixed(1)} MB a partition, which each run of a partition reads and, if anything was sent, writes anew. At ${DEFAULT_RATE} requests a second the service takes the first push, or another number of partitions, in ${hours(ON_PAPER)} hours, and 1 % of the customers in ${hours(ON_PAPER / 100)} hours: the limit of the service decides, not n8n.`;
}

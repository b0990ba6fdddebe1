import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';
import { install } from '../test/e2e/install.mts';
import type { StoredWorkflow } from '../test/e2e/n8n/client.mts';
import { startN8n, type N8nServer } from '../test/e2e/n8n/server.mts';
import type { N8nSettings } from '../test/e2e/n8n/settings.mts';
import type { WorkflowJson } from '../test/e2e/n8n/workflow.mts';
import { eventually } from '../test/e2e/setup/eventually.mts';
import { packedPackage } from '../test/e2e/setup/packedPackage.mts';
import type { Build } from '../embedded/builtNode.mts';
import { certificatePath } from '../simulator/certificate.mts';
import { startSimulatorProcess, type SimulatorProcess } from '../simulator/simulatorProcess.mts';
import { cpuSeconds, forgetPeakMemory, peakMemoryMib } from './processFigures.mts';
import { atLeast, atMost, show, spreadOf, type Section, type Spread } from './report.mts';
import { alternate } from './rounds.mts';
import { crmRows, simulatorCredential } from './rows.mts';

const LINE = 'n8n-2';
const DEVICES_PER_CUSTOMER = 5;
const ROUNDS = 5;
const LATENCY_MS = 30;

const LOOK_EVERY_MS = 50;

/** How long n8n may take to store the rest of an execution that has ended. Milliseconds. */
const STORING_MS = 500;

const LONGEST_EXECUTION_MS = 900_000;

/** A large heap: the workflow with the HTTP Request node holds all requests of an execution at once. */
const N8N_SETTINGS = {
	NODE_EXTRA_CA_CERTS: certificatePath,
	NODE_FUNCTION_ALLOW_BUILTIN: 'crypto',
	NODE_OPTIONS: '--max-old-space-size=8192',
	N8N_LOG_LEVEL: 'warn',
};

interface Case {
	name: string;
	customers: number;
	flags: string[];
	own: Own[];
}

/** This node: one of its builds, with this many requests in flight. */
interface Own {
	build: Build;
	concurrency: number;
}

const MOST: Own[] = [
	{ build: 'pool', concurrency: 64 },
	{ build: 'verified', concurrency: 64 },
];
const ALL: Own[] = [{ build: 'pool', concurrency: 16 }, ...MOST];
const HTTPS_30 = ['--tls', '--latency', String(LATENCY_MS)];
const CASES: Case[] = [
	{ name: 'http', customers: 2_000, flags: [], own: ALL },
	{ name: 'https', customers: 2_000, flags: ['--tls'], own: ALL },
	{ name: `https, ${LATENCY_MS} ms`, customers: 2_000, flags: HTTPS_30, own: ALL },
	{ name: `https, ${LATENCY_MS} ms`, customers: 10_000, flags: HTTPS_30, own: MOST },
];

/** What one execution took. */
interface Figures {
	/** Time of the nodes that are measured. */
	wallMs: number;
	/** Processor time of the whole execution, and of another one that only has the rows. */
	cpuSeconds: number;
	rowsCpuSeconds: number;
	peakMib: number;
	connections: number;
	tlsHandshakes: number;
	/** How many customers have devices at the service afterwards. */
	stored: number;
}

interface Contender {
	name: string;
	server: N8nServer;
	/** The nodes whose time is measured. */
	nodes: string[];
	workflow: StoredWorkflow;
	/** The same workflow without those nodes. */
	rowsOnly: StoredWorkflow;
}

/** Pushes in a real n8n: this node against a Code node that groups and signs, followed by the HTTP Request node. */
export async function measureEndToEnd(): Promise<Section> {
	await install([LINE]);
	const folder = await mkdtemp(join(tmpdir(), 'bench-package-'));
	const servers: N8nServer[] = [];
	try {
		// Each contender has its own n8n, so that none pays for the memory of another.
		const start = async (build: Build) => {
			const tarball = await packedPackage(build, folder);
			const server = await startN8n({ line: LINE, tarball, more: N8N_SETTINGS });
			servers.push(server);
			return server;
		};
		const n8n = { pool: await start('pool'), verified: await start('verified'), byHand: await start('pool') };
		const measured: MeasuredCase[] = [];
		for (const each of CASES) {
			measured.push(await measureCase(each, n8n));
		}
		return report(measured);
	} finally {
		for (const server of servers) {
			await server.stop();
		}
		await rm(folder, { recursive: true, force: true });
	}
}

interface MeasuredCase extends Case {
	/** By contender. */
	runs: Record<string, Figures[]>;
}

async function measureCase(each: Case, n8n: Record<Build | 'byHand', N8nServer>): Promise<MeasuredCase> {
	const simulator = await startSimulatorProcess(each.flags);
	try {
		const { endpoint } = simulator;
		const contenders: Contender[] = [];
		for (const contender of each.own) {
			const { build, concurrency } = contender;
			const credential = await n8n[build].client.createCredential(endpoint, simulatorCredential(endpoint));
			const file = withCustomers(await readWorkflow('device-push'), each.customers);
			const push = nodeOf(file, 'Push');
			(push.parameters.options as IDataObject).concurrency = concurrency;
			push.credentials = { tencentCloudIotApi: { id: credential.id, name: credential.name } };
			contenders.push(await createContender(nameOf(contender), n8n[build], file, ['Push']));
		}
		const file = withCustomers(await readWorkflow('http-request'), each.customers);
		nodeOf(file, 'Send').parameters.url = endpoint;
		contenders.push(await createContender(HTTP, n8n.byHand, file, ['Group and sign', 'Send']));
		const run = (contender: Contender) => async () => {
			const figures = await measureExecution(contender, simulator);
			console.log(`${each.name}, ${each.customers} customers, ${contender.name}: ${JSON.stringify(figures)}`);
			return figures;
		};
		const byName = contenders.map((contender) => [contender.name, run(contender)] as const);
		const runs = await alternate(Object.fromEntries(byName), { rounds: ROUNDS, warmUps: 1 });
		return { ...each, runs };
	} finally {
		await simulator.stop();
	}
}

async function createContender(
	name: string,
	server: N8nServer,
	workflow: WorkflowJson,
	nodes: string[],
): Promise<Contender> {
	const { Start } = workflow.connections;
	const rowsOnly = {
		...workflow,
		nodes: workflow.nodes.filter((node) => !nodes.includes(node.name)),
		connections: Start === undefined ? {} : { Start },
	};
	return {
		name,
		server,
		nodes,
		workflow: await server.client.createWorkflow(workflow),
		rowsOnly: await server.client.createWorkflow(rowsOnly),
	};
}

const HTTP = 'Code and HTTP Request';
const nameOf = ({ build, concurrency }: Own) => `${build} build, concurrency ${concurrency}`;

async function measureExecution(
	{ server, workflow, rowsOnly, nodes }: Contender,
	simulator: SimulatorProcess,
): Promise<Figures> {
	const { pid } = server.process;
	const rowsCpu = await cpuOf(server, rowsOnly);
	await simulator.reset();
	const before = await simulator.connections();
	await forgetPeakMemory(pid);
	const cpu = await cpuOf(server, workflow);
	const peakMib = await peakMemoryMib(pid);
	const after = await simulator.connections();
	const { customers } = await simulator.counts();
	// After thousands of requests n8n takes its database for lost, and does not respond for a while.
	const execution = await eventually(async () => await server.client.whenDone(cpu.executionId));
	const { runData } = execution.data!.resultData;
	return {
		wallMs: nodes.reduce((sum, name) => sum + (runData[name]?.[0]?.executionTime ?? NaN), 0),
		cpuSeconds: cpu.seconds,
		rowsCpuSeconds: rowsCpu.seconds,
		peakMib,
		// Asking the simulator opens one more.
		connections: after.total - before.total - 1,
		tlsHandshakes: Math.max(0, after.tlsHandshakes - before.tlsHandshakes - 1),
		stored: customers,
	};
}

/** Runs a workflow to its end. Its data is fetched later, because sending it takes processor time too. */
async function cpuOf(
	{ client, settings, process: { pid } }: N8nServer,
	workflow: StoredWorkflow,
): Promise<{ executionId: string; seconds: number }> {
	const before = await cpuSeconds(pid);
	const executionId = await client.start(workflow);
	await executionEnd(executionId, settings);
	return { executionId, seconds: (await cpuSeconds(pid)) - before };
}

/**
 * Waits until an execution has ended and is stored. It polls n8n's database, because a request to n8n's REST interface costs
 * 17 ms of processor time, and n8n does not respond at all while it has thousands of requests.
 */
async function executionEnd(executionId: string, { userFolder }: N8nSettings): Promise<void> {
	const path = join(userFolder, '.n8n', 'database.sqlite');
	const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
	try {
		const find = database.prepare('SELECT stoppedAt FROM execution_entity WHERE id = ?');
		const startMs = performance.now();
		while (find.get(Number(executionId))?.stoppedAt == null) {
			if (performance.now() - startMs > LONGEST_EXECUTION_MS) {
				throw new Error(`Execution ${executionId} did not end`);
			}
			await sleep(LOOK_EVERY_MS);
		}
		await sleep(STORING_MS);
	} finally {
		database.close();
	}
}

async function readWorkflow(name: string): Promise<WorkflowJson> {
	const file = new URL(`workflows/${name}.json`, import.meta.url);
	return JSON.parse(await readFile(file, 'utf8')) as WorkflowJson;
}

/** Pins the rows, so that creating them costs nothing. */
function withCustomers(workflow: WorkflowJson, customers: number): WorkflowJson {
	const rows = crmRows(customers, DEVICES_PER_CUSTOMER);
	return { ...workflow, pinData: { Rows: rows.map((json) => ({ json })) } };
}

function nodeOf({ nodes }: WorkflowJson, name: string): WorkflowJson['nodes'][number] {
	return nodes.find((node) => node.name === name)!;
}

function report(cases: readonly MeasuredCase[]): Section {
	const section: Section = {
		title: 'End to end in n8n 2.x',
		about: `${DEVICES_PER_CUSTOMER} devices per customer, the rows pinned; wall time of the nodes that group, sign and send; processor time of n8n and its task runner beyond an execution that only has the rows; median (min–max) of ${ROUNDS} executions in turns after one warm-up. Each contender has its own n8n. The workflows are in bench/workflows.`,
		head: ['case', 'contender', 'wall ms', 'CPU s', 'peak MiB', 'connections', 'TLS handshakes', 'stored'],
		rows: [],
		targets: [],
	};
	for (const { name, customers, own: contenders, runs } of cases) {
		const spread = (contender: string, figure: keyof Figures): Spread => {
			const ofContender = runs[contender]!;
			const rowsOnly = spreadOf(ofContender.map(({ rowsCpuSeconds }) => rowsCpuSeconds)).median;
			const beyond = figure === 'cpuSeconds' ? rowsOnly : 0;
			return spreadOf(ofContender.map((figures) => figures[figure] - beyond));
		};
		for (const contender of Object.keys(runs)) {
			const cell = (figure: keyof Figures, digits = 0) => show(spread(contender, figure), digits);
			section.rows.push([
				`${name}, ${customers} customers`,
				contender,
				cell('wallMs'),
				cell('cpuSeconds', 2),
				cell('peakMib'),
				cell('connections'),
				cell('tlsHandshakes'),
				cell('stored'),
			]);
		}
		for (const each of contenders) {
			const ratio = (figure: keyof Figures) =>
				spread(HTTP, figure).median / Math.max(0.01, spread(nameOf(each), figure).median);
			const of = `${name}, ${customers} customers, ${nameOf(each)}`;
			const { min } = spread(nameOf(each), 'stored');
			section.targets.push(atLeast(`customers stored, ${of}`, min, customers));
			// The verified build sends with n8n's own helper, like the HTTP Request node.
			if (each.build === 'verified') {
				continue;
			}
			const { concurrency } = each;
			for (const [figure, least] of Object.entries(leastRatios(name, customers, concurrency))) {
				const measured = ratio(figure === 'wall' ? 'wallMs' : 'cpuSeconds');
				section.targets.push(atLeast(`${figure} time, ${of}`, measured, least, ' times less'));
			}
			if (customers === 10_000) {
				const { max } = spread(nameOf(each), 'connections');
				section.targets.push(atMost(`connections, ${of}`, max, concurrency));
			}
		}
	}
	return section;
}

/**
 * How many times less wall and processor time the node must take; with 64 requests in flight it must never take more. With 16
 * in flight no client can get 2,000 responses of 30 ms each in less than 3.8 s, while thousands of connections at once can.
 */
function leastRatios(
	name: string,
	customers: number,
	concurrency: number,
): Partial<Record<'wall' | 'cpu', number>> {
	if (customers === 10_000) {
		return { wall: 5, cpu: 20 };
	}
	if (concurrency === 64) {
		return { wall: 1 };
	}
	return name === 'https' ? { wall: 8, cpu: 10 } : {};
}

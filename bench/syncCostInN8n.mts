import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { IRunExecutionData } from 'n8n-workflow';
import { startSimulatorProcess, type SimulatorProcess } from '../simulator/simulatorProcess.mts';
import { install } from '../test/e2e/install.mts';
import type { StoredWorkflow } from '../test/e2e/n8n/client.mts';
import { parseFlatted } from '../test/e2e/n8n/flattedJson.mts';
import { startN8n, type N8nServer } from '../test/e2e/n8n/server.mts';
import { node, PUSH_NODE_TYPE, workflowOfRows } from '../test/e2e/n8n/workflow.mts';
import { packedPackage } from '../test/e2e/setup/packedPackage.mts';
import { executionEnd } from './executionEnd.mts';
import { cpuSeconds, forgetPeakMemory, peakMemoryMib } from './processFigures.mts';
import { show, spreadOf, type Section } from './report.mts';
import { crmRows, simulatorCredential } from './rows.mts';

const LINE = 'n8n-2';
const DEVICES = 5;
const UNCHANGED_ROUNDS = 3;

/** The rows of an execution are n8n's own, several times over. */
const N8N_SETTINGS = { NODE_OPTIONS: '--max-old-space-size=8192', N8N_LOG_LEVEL: 'warn' };

/** What one execution took. */
interface Figures {
	requests: number;
	/** Of the node, n8n's database included. */
	ms: number;
	/** Of the execution beyond that of one that only reads the rows. */
	cpuSeconds: number;
	peakMib: number;
	/** What n8n's table has of each customer afterwards. */
	bytesPerCustomer: number;
}

/** What Sync costs in a real n8n with its own database, SQLite, where the rows come from an HTTP Request node. */
export async function measureSyncCostInN8n(): Promise<Section> {
	await install([LINE]);
	const folder = await mkdtemp(join(tmpdir(), 'bench-package-'));
	const simulator = await startSimulatorProcess();
	const crm = await startCrm();
	let server: N8nServer | undefined;
	try {
		server = await startN8n({ line: LINE, tarball: await packedPackage('pool', folder), more: N8N_SETTINGS });
		const cases: Array<[string, Figures[]]> = [];
		for (const customers of [10_000, 100_000]) {
			const run = await prepare(customers, server, simulator, crm);
			cases.push([`${customers} customers, first run`, [await run(0, 0)]]);
			const unchanged: Figures[] = [];
			for (let round = 0; round < UNCHANGED_ROUNDS; round++) unchanged.push(await run(0, 0));
			cases.push([`${customers} customers, unchanged`, unchanged]);
			cases.push([`${customers} customers, 1 % changed, 20 a second`, [await run(1, 20)]]);
		}
		return report(cases);
	} finally {
		await server?.stop();
		await simulator.stop();
		crm.stop();
		await rm(folder, { recursive: true, force: true });
	}
}

/** Serves rows; a path is how many customers there are, and how many percent of them have changed. */
async function startCrm(): Promise<{ url: string; stop: () => void }> {
	const server = createServer((request, response) => {
		const { pathname } = new URL(request.url!, 'http://crm');
		const [customers = 0, changedPercent = 0] = pathname.slice(1).split('/').map(Number);
		const rows = crmRows(customers, DEVICES).map((row, index) => {
			const isChanged = Math.floor(index / DEVICES) % 100 < changedPercent;
			return isChanged ? { ...row, ProductName: 'Another Lock' } : row;
		});
		response.setHeader('content-type', 'application/json').end(JSON.stringify(rows));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return { url: `http://127.0.0.1:${port}`, stop: () => void server.close() };
}

type Run = (changedPercent: number, requestsPerSecond: number) => Promise<Figures>;

async function prepare(
	customers: number,
	server: N8nServer,
	simulator: SimulatorProcess,
	crm: { url: string },
): Promise<Run> {
	const { client, settings, process } = server;
	const { endpoint } = simulator;
	const credential = await client.createCredential(`${customers}`, simulatorCredential(endpoint));
	const rows = (changedPercent: number) =>
		node(
			'Rows',
			'n8n-nodes-base.httpRequest',
			{ url: `${crm.url}/${customers}/${changedPercent}`, options: {} },
			{ typeVersion: 4.2 },
		);
	const build = (changedPercent: number, requestsPerSecond: number, withSync: boolean) => {
		const sync = node(
			'Sync',
			PUSH_NODE_TYPE,
			{
				...{ resource: 'deviceBinding', operation: 'sync' },
				columns: { mappingMode: 'autoMapInputData', value: null },
				options: { requestsPerSecond, concurrency: 16 },
			},
			{ credentials: { tencentCloudIotApi: credential } },
		);
		const workflow = workflowOfRows(`${customers}`, [], withSync ? [sync] : []);
		const nodes = workflow.nodes.map((each) =>
			each.name === 'Rows' ? { ...rows(changedPercent), position: each.position } : each,
		);
		return { ...workflow, nodes, pinData: {} };
	};
	// The memory belongs to the workflow: every run is one of the same.
	const stored = await client.createWorkflow(build(0, 0, true));
	const rowsOnly = await client.createWorkflow(build(0, 0, false));
	const execute = async (workflow: StoredWorkflow) => {
		const before = await cpuSeconds(process.pid);
		const executionId = await client.start(workflow);
		await executionEnd(executionId, settings);
		return { executionId, cpu: (await cpuSeconds(process.pid)) - before };
	};
	return async (changedPercent, requestsPerSecond) => {
		const without = await execute(rowsOnly);
		await simulator.reset();
		await forgetPeakMemory(process.pid);
		const { executionId, cpu } = await execute({
			...stored,
			...build(changedPercent, requestsPerSecond, true),
		});
		const peakMib = await peakMemoryMib(process.pid);
		const { requests } = await simulator.counts();
		const { ms, bytes } = readDatabase(server, executionId, stored.id);
		const figures = {
			requests,
			ms,
			cpuSeconds: cpu - without.cpu,
			peakMib,
			bytesPerCustomer: bytes / customers,
		};
		console.log(`${customers} customers, ${changedPercent} % changed: ${JSON.stringify(figures)}`);
		return figures;
	};
}

/** The time of the node, and what n8n keeps of it from run to run. */
function readDatabase(
	{ settings }: N8nServer,
	executionId: string,
	workflowId: string,
): { ms: number; bytes: number } {
	const path = join(settings.userFolder, '.n8n', 'database.sqlite');
	const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
	try {
		const stored = database
			.prepare('SELECT data FROM execution_data WHERE executionId = ?')
			.get(Number(executionId));
		const { resultData } = parseFlatted(String(stored?.data)) as IRunExecutionData;
		if (resultData.error !== undefined) throw new Error(resultData.error.message);
		const kept = database
			.prepare('SELECT sum(length(value)) AS bytes FROM processed_data WHERE workflowId = ?')
			.get(workflowId);
		return { ms: resultData.runData.Sync?.[0]?.executionTime ?? NaN, bytes: Number(kept?.bytes ?? NaN) };
	} finally {
		database.close();
	}
}

function report(cases: ReadonlyArray<readonly [string, readonly Figures[]]>): Section {
	const median = (name: string, figure: keyof Figures) =>
		spreadOf(cases.find(([each]) => each === name)![1].map((one) => one[figure])).median;
	return {
		title: 'Cost of Sync in n8n 2.x',
		about: `A real n8n with its database, SQLite; ${DEVICES} devices per customer, the rows read by an HTTP Request node. Wall time of the Sync node, n8n's database included; processor time of n8n beyond that of an execution that only reads the rows; bytes in the table processed_data; unchanged: median (min–max) of ${UNCHANGED_ROUNDS} runs one after the other.`,
		head: ['case', 'requests', 'node ms', 'CPU s', 'peak MiB', 'bytes per customer'],
		rows: cases.map(([name, figures]) => {
			const cell = (figure: keyof Figures, digits = 0) =>
				show(spreadOf(figures.map((one) => one[figure])), digits);
			return [
				name,
				cell('requests'),
				cell('ms'),
				cell('cpuSeconds', 2),
				cell('peakMib'),
				cell('bytesPerCustomer', 1),
			];
		}),
		targets: [
			{
				name: 'requests, 100,000 customers unchanged',
				measured: median('100000 customers, unchanged', 'requests'),
				atMost: 0,
			},
			{
				name: 'kept of each of 100,000 customers',
				measured: median('100000 customers, unchanged', 'bytesPerCustomer'),
				atMost: 40,
				unit: ' bytes',
			},
			{
				name: 'requests, 1 % of 100,000 customers changed',
				measured: median('100000 customers, 1 % changed, 20 a second', 'requests'),
				atMost: 1_000,
			},
		],
	};
}

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { startSimulatorProcess } from '../simulator/simulatorProcess.mts';
import { install } from '../test/e2e/install.mts';
import type { StoredWorkflow } from '../test/e2e/n8n/client.mts';
import { startN8n, type N8nServer } from '../test/e2e/n8n/server.mts';
import type { WorkflowJson } from '../test/e2e/n8n/workflow.mts';
import { startGroupRobot } from '../test/e2e/services/groupRobot.mts';
import { startPostgres, type Postgres } from '../test/e2e/services/postgres.mts';
import { packedPackage } from '../test/e2e/setup/packedPackage.mts';
import { createCrmCredential, fillCrmDatabase } from '../test/e2e/tests/crmDatabase.mts';
import {
	createFormLogin,
	ROBOT_ADDRESS,
	whenRegistered,
	withWebhook,
} from '../test/e2e/tests/exampleWorkflow.mts';
import { CREDENTIAL_NAME } from '../test/e2e/tests/scene.mts';
import { cpuSeconds, forgetPeakMemory, peakMemoryMib } from './processFigures.mts';
import { atMost, type Section } from './report.mts';
import { simulatorCredential } from './rows.mts';

const LINE = 'n8n-2';
const EXAMPLE = 'examples/workflows/crm-to-iot-sync.json';
/** The commit whose workflow stands beside: code in four nodes, a ledger, all rows in the one execution. */
const BEFORE = '99a43fb';
/** Fewer to try the bench itself. */
const CUSTOMERS = Number(process.env.BENCH_CUSTOMERS ?? 100_000);
const DEVICES = 5;
const HEAP_MIB = 1024;
const LOOK_EVERY_MS = 20;
const LONGEST_RUN_MS = 30 * 60_000;

/** What one run took. */
interface Figures {
	status: string;
	wallS: number;
	/** n8n and its task runner. */
	cpuS: number;
	/** The longest that n8n answered nobody. Milliseconds. */
	stallMs: number;
	peakMib: number;
	/** What n8n keeps of the execution. */
	storedKb: number;
	/** What PostgreSQL wrote ahead. */
	walMib: number;
}

/** The whole scheduled workflow, with messages and log, beside the one of an earlier commit. */
export async function measureScheduled(): Promise<Section> {
	await install([LINE]);
	const folder = await mkdtemp(join(tmpdir(), 'bench-package-'));
	try {
		const tarball = await packedPackage('pool', folder);
		const now = JSON.parse(await readFile(new URL(`../${EXAMPLE}`, import.meta.url), 'utf8')) as WorkflowJson;
		const { stdout } = await promisify(execFile)('git', ['show', `${BEFORE}:${EXAMPLE}`], { maxBuffer: 1e8 });
		const runs = {
			now: await measureWorkflow(now, tarball),
			before: await measureWorkflow(JSON.parse(stdout) as WorkflowJson, tarball),
		};
		return report(runs);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** Its cases, in the order in which they are measured. */
const CASES: Record<string, string> = {
	'first run': 'SELECT 1',
	'nothing changed': 'SELECT 1',
	'1 % changed': `UPDATE crm_devices SET serial_no = serial_no || 'b' WHERE id <= ${(CUSTOMERS * DEVICES) / 100}`,
	'stopped, waits for approval': "UPDATE crm_devices SET product = 'Smart Lock 2'",
	'stopped still, red': 'SELECT 1',
};

async function measureWorkflow(json: WorkflowJson, tarball: string): Promise<Record<string, Figures>> {
	const simulator = await startSimulatorProcess();
	const crm = await startPostgres();
	const robot = await startGroupRobot();
	let n8n: N8nServer | undefined;
	try {
		await fillCrmDatabase(crm);
		await fill(crm);
		n8n = await startN8n({ line: LINE, tarball, more: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` } });
		await n8n.client.createCredential(CREDENTIAL_NAME, simulatorCredential(simulator.endpoint));
		await createCrmCredential(n8n.client, crm.login);
		await createFormLogin(n8n.client);
		const text = JSON.stringify(json)
			.replaceAll(ROBOT_ADDRESS, robot.url)
			// Nothing limits it but n8n; which customers are due depends on the hour.
			.replaceAll(
				'"outputItemPer":"run"',
				'"outputItemPer":"run","requestsPerSecond":0,"concurrency":64,"pushAgainAfter":0',
			);
		const workflow = await n8n.client.importWorkflow(
			withWebhook(JSON.parse(text) as WorkflowJson, 'Every 15 Minutes', 'scheduled'),
		);
		await n8n.client.activate(workflow);
		const measured: Record<string, Figures> = {};
		for (const [name, change] of Object.entries(CASES)) {
			await crm.query(change);
			measured[name] = await measureRun(n8n, workflow, crm);
			console.log(`${name}: ${JSON.stringify(measured[name])}`);
		}
		return measured;
	} finally {
		await n8n?.stop();
		await robot.stop();
		await crm.stop();
		await simulator.stop();
	}
}

async function fill(crm: Postgres): Promise<void> {
	await crm.query('TRUNCATE crm_devices, crm_customers');
	await crm.query(
		`INSERT INTO crm_customers SELECT 'customer_' || c FROM generate_series(1, ${CUSTOMERS}) c`,
	);
	await crm.query(`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
		SELECT 'customer_' || c, 'SN-' || c || '-' || d, 'ProductABC/Device' || c || '_' || d, 'Smart Lock'
		FROM generate_series(1, ${CUSTOMERS}) c, generate_series(1, ${DEVICES}) d`);
	await crm.query('CREATE INDEX ON crm_devices (customer_id)');
	await crm.query('VACUUM ANALYZE crm_devices');
}

async function measureRun(n8n: N8nServer, workflow: StoredWorkflow, crm: Postgres): Promise<Figures> {
	const { url, settings } = n8n;
	const { pid } = n8n.process;
	const lsn = async () => (await crm.query('SELECT pg_current_wal_lsn()'))[0]![0]!;
	await crm.query('CHECKPOINT');
	const wal = await lsn();
	await forgetPeakMemory(pid);
	const database = new DatabaseSync(join(settings.userFolder, '.n8n', 'database.sqlite'), {
		readOnly: true,
		timeout: 30_000,
	});
	try {
		const stored = database.prepare(
			`SELECT id, status, (SELECT length(data) FROM execution_data WHERE executionId = id) AS bytes
				FROM execution_entity WHERE workflowId = ? AND id > ? AND mode <> 'integrated' AND deletedAt IS NULL ORDER BY id LIMIT 1`,
		);
		const last = database.prepare('SELECT coalesce(max(id), 0) AS id FROM execution_entity');
		const before = Number(last.get()!.id);
		const cpu = await cpuSeconds(pid);
		const startMs = performance.now();
		await whenRegistered(async () => await fetch(`${url}/webhook/scheduled`, { method: 'POST' }));
		let [stallMs, status, isBegun] = [0, 'running', false];
		while (status === 'running' || status === 'new') {
			const askedMs = performance.now();
			if (askedMs - startMs > LONGEST_RUN_MS) throw new Error('The run does not end');
			await fetch(`${url}/healthz`).then(async (response) => await response.text());
			stallMs = Math.max(stallMs, performance.now() - askedMs);
			await sleep(LOOK_EVERY_MS);
			const found = stored.get(workflow.id, before);
			isBegun ||= found !== undefined;
			// A success that is not kept is gone at its end.
			if (isBegun) status = found === undefined ? 'success' : String(found.status);
		}
		const wallS = (performance.now() - startMs) / 1000;
		const cpuS = (await cpuSeconds(pid)) - cpu;
		const { bytes = 0 } = stored.get(workflow.id, before) ?? {};
		const [[written] = []] = await crm.query(`SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '${wal}')`);
		return {
			...{ status, wallS, cpuS, stallMs, peakMib: await peakMemoryMib(pid) },
			...{ storedKb: Number(bytes) / 1000, walMib: Number(written) / 2 ** 20 },
		};
	} finally {
		database.close();
	}
}

function report(runs: Record<'now' | 'before', Record<string, Figures>>): Section {
	const cells = ({ status, wallS, cpuS, stallMs, peakMib, storedKb, walMib }: Figures) => [
		...[status, wallS.toFixed(1), cpuS.toFixed(1), stallMs.toFixed(0)],
		...[peakMib.toFixed(0), storedKb.toFixed(0), walMib.toFixed(1)],
	];
	const at = (name: string) => runs.now[name]!;
	const stalls = Object.values(runs.now).map(({ stallMs }) => stallMs / 1000);
	return {
		title: 'The whole scheduled workflow',
		about: `${CUSTOMERS} customers with ${DEVICES} devices in PostgreSQL, n8n 2 on SQLite with a heap of ${HEAP_MIB} MiB, messages and log included, beside the workflow of commit ${BEFORE} with the same node. CPU s are those of n8n and its task runner; stall is the longest that n8n answered nobody; stored is what n8n keeps of the execution. Nothing limits the requests a second. Once each.`,
		head: ['case', 'workflow', 'status', 'wall s', 'CPU s', 'stall ms', 'peak MiB', 'stored kB', 'WAL MiB'],
		rows: Object.keys(CASES).flatMap((name) =>
			(['now', 'before'] as const).map((which) => [name, which, ...cells(runs[which][name]!)]),
		),
		targets: [
			atMost('processor time, nothing changed', at('nothing changed').cpuS, 12, ' s'),
			atMost('longest stall of all', Math.max(...stalls), 0.7, ' s'),
			atMost('stored of a red execution', at('stopped still, red').storedKb, 1000, ' kB'),
			atMost('stored of one that waits', at('stopped, waits for approval').storedKb, 1000, ' kB'),
			atMost('written ahead, nothing changed', at('nothing changed').walMib, 1, ' MiB'),
		],
	};
}

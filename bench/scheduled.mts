import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { startSimulatorProcess } from '../simulator/simulatorProcess.mts';
import { install } from '../test/e2e/install.mts';
import { startN8n, type N8nServer } from '../test/e2e/n8n/server.mts';
import type { WorkflowJson } from '../test/e2e/n8n/workflow.mts';
import { startGroupRobot } from '../test/e2e/services/groupRobot.mts';
import { startPostgres, type Postgres } from '../test/e2e/services/postgres.mts';
import { rootFolder } from '../test/e2e/setup/folders.mts';
import { packedPackage } from '../test/e2e/setup/packedPackage.mts';
import { createCrmCredential, fillCrmDatabase } from '../test/e2e/tests/crmDatabase.mts';
import {
	createFormLogin,
	ROBOT_ADDRESS,
	whenRegistered,
	withWebhook,
} from '../test/e2e/tests/exampleWorkflow.mts';
import { CREDENTIAL_NAME } from '../test/e2e/tests/scene.mts';
import { packCommit } from './earlierCommit.mts';
import { cpuSeconds, forgetPeakMemory, mainThreadMs, peakMemoryMib } from './processFigures.mts';
import { atLeast, atMost, show, spreadOf, type Section } from './report.mts';
import { simulatorCredential } from './rows.mts';

const LINE = 'n8n-2';
const EXAMPLE = 'examples/workflows/crm-to-iot-sync.json';
/** The commit to compare with: its workflow has code in four nodes, a ledger, and all rows in one execution. */
const BEFORE = '99a43fb';
/** Use fewer to try out the bench itself. */
const CUSTOMERS = Number(process.env.BENCH_CUSTOMERS ?? 100_000);
const DEVICES = 5;
const HEAP_MIB = 1024;
/** The environment variables of n8n by default. */
const SMALL_HEAP: Readonly<Record<string, string>> = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` };
/** How often all cases of the workflow are measured, each time in a new n8n with a new database. */
const ROUNDS = 3;
/** How many copies of the workflow share this many times the customers. */
const COPIES = 4;
const LOOK_EVERY_MS = 20;
const LONGEST_RUN_MS = 30 * 60_000;

/** What one run took. */
interface Figures {
	status: string;
	wallS: number;
	/** Of n8n and its task runner. */
	cpuS: number;
	/** The most processor time of n8n's main thread in which it answered no request. Milliseconds. */
	stallMs: number;
	peakMib: number;
	/** The execution data that n8n stores. */
	storedKb: number;
	/** What PostgreSQL wrote to its write-ahead log. */
	walMib: number;
}

/** The whole scheduled workflow, with messages and log, compared with that of an earlier commit. */
export async function measureScheduled(): Promise<Section> {
	await install([LINE]);
	const folder = await mkdtemp(join(tmpdir(), 'bench-package-'));
	try {
		const now = { example: await readExample(rootFolder), tarball: await packedPackage('pool', folder) };
		const before = await packBefore(folder);
		const rounds: Array<Record<string, Figures>> = [];
		while (rounds.length < ROUNDS) {
			rounds.push(await measureWorkflow(now));
		}
		const compared = {
			[BEFORE]: await measureWorkflow(before, { more: {} }),
			'now, twice as many': await measureWorkflow(now, { ...LARGE, times: 2 }),
			[`now, ${COPIES} copies`]: await measureWorkflow(now, { ...LARGE, times: COPIES, copies: COPIES }),
		};
		return report(rounds, compared);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** The first run and one with nothing changed, with n8n's default heap. */
const LARGE = { cases: 2, more: {} };

/** A workflow, and the package that it needs. */
interface Version {
	example: WorkflowJson;
	tarball: string;
}

async function readExample(root: string): Promise<WorkflowJson> {
	return JSON.parse(await readFile(join(root, EXAMPLE), 'utf8')) as WorkflowJson;
}

/** Builds the version of the earlier commit. */
async function packBefore(folder: string): Promise<Version> {
	const { root, tarball } = await packCommit(BEFORE, 'pool', folder);
	return { example: await readExample(root), tarball };
}

/** The cases of the workflow in their order, each with the SQL that runs before it. */
const CASES: Record<string, string> = {
	'first run': 'SELECT 1',
	'nothing changed': 'SELECT 1',
	'1 % changed': `UPDATE crm_devices SET serial_no = serial_no || 'b' WHERE id <= ${(CUSTOMERS * DEVICES) / 100}`,
	'stopped, waits for approval': "UPDATE crm_devices SET product = 'Smart Lock 2'",
	'stopped still, red': 'SELECT 1',
};

/** The status with which each case must end. */
const ENDS: Record<string, string> = {
	...Object.fromEntries(Object.keys(CASES).map((name) => [name, 'success'])),
	'stopped, waits for approval': 'waiting',
	'stopped still, red': 'error',
};

/** @param times multiplies the customers @param more environment variables of n8n */
async function measureWorkflow(
	{ example, tarball }: Version,
	{ times = 1, copies = 1, cases = Infinity, more = SMALL_HEAP } = {},
): Promise<Record<string, Figures>> {
	const simulator = await startSimulatorProcess();
	const crm = await startPostgres();
	const robot = await startGroupRobot();
	let n8n: N8nServer | undefined;
	try {
		await fillCrmDatabase(crm);
		await fill(crm, times * CUSTOMERS);
		n8n = await startN8n({ line: LINE, tarball, more });
		await n8n.client.createCredential(CREDENTIAL_NAME, simulatorCredential(simulator.endpoint));
		await createCrmCredential(n8n.client, crm.login);
		await createFormLogin(n8n.client);
		const text = JSON.stringify(example)
			.replaceAll(ROBOT_ADDRESS, robot.url)
			// No rate limit, so that only n8n limits the run; no re-push, because that depends on the hour.
			.replaceAll(
				'"outputItemPer":"run"',
				'"outputItemPer":"run","requestsPerSecond":0,"concurrency":64,"pushAgainAfter":0',
			);
		for (let copy = 1; copy <= copies; copy++) {
			const workflow = JSON.parse(text) as WorkflowJson;
			readPart(workflow, copy, copies);
			const withStart = withWebhook(workflow, 'Every 15 Minutes', `scheduled-${copy}`);
			await n8n.client.activate(await n8n.client.importWorkflow(withStart));
		}
		const measured: Record<string, Figures> = {};
		for (const [name, change] of Object.entries(CASES).slice(0, cases)) {
			await crm.query(change);
			const ofCopies: Figures[] = [];
			while (ofCopies.length < copies) {
				ofCopies.push(await measureRun(n8n, ofCopies.length + 1, crm));
			}
			measured[name] = inAll(ofCopies);
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

async function fill(crm: Postgres, customers: number): Promise<void> {
	await crm.query('TRUNCATE crm_devices, crm_customers');
	await crm.query(
		`INSERT INTO crm_customers SELECT 'customer_' || c FROM generate_series(1, ${customers}) c`,
	);
	await crm.query(`INSERT INTO crm_devices (customer_id, serial_no, device_id, product)
		SELECT 'customer_' || c, 'SN-' || c || '-' || d, 'ProductABC/Device' || c || '_' || d, 'Smart Lock'
		FROM generate_series(1, ${customers}) c, generate_series(1, ${DEVICES}) d`);
	await crm.query('CREATE INDEX ON crm_devices (customer_id)');
	await crm.query('VACUUM ANALYZE crm_devices');
}

/** What the runs of all copies took together: they run one after the other. */
function inAll(copies: readonly Figures[]): Figures {
	const sum = (figure: 'wallS' | 'cpuS' | 'walMib') =>
		copies.reduce((total, figures) => total + figures[figure], 0);
	const most = (figure: 'stallMs' | 'peakMib' | 'storedKb') =>
		Math.max(...copies.map((figures) => figures[figure]));
	return {
		status: [...new Set(copies.map(({ status }) => status))].join(),
		wallS: sum('wallS'),
		cpuS: sum('cpuS'),
		walMib: sum('walMib'),
		stallMs: most('stallMs'),
		peakMib: most('peakMib'),
		storedKb: most('storedKb'),
	};
}

async function measureRun(n8n: N8nServer, copy: number, crm: Postgres): Promise<Figures> {
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
				FROM execution_entity WHERE id > ? AND mode <> 'integrated' AND deletedAt IS NULL ORDER BY id LIMIT 1`,
		);
		const last = database.prepare('SELECT coalesce(max(id), 0) AS id FROM execution_entity');
		const before = Number(last.get()!.id);
		const cpu = await cpuSeconds(pid);
		const startMs = performance.now();
		const address = `${url}/webhook/scheduled-${copy}`;
		await whenRegistered(async () => await fetch(address, { method: 'POST' }));
		let stallMs = 0;
		let status = 'running';
		let isStarted = false;
		while (status === 'running' || status === 'new') {
			const askedMs = await mainThreadMs(pid);
			if (performance.now() - startMs > LONGEST_RUN_MS) {
				throw new Error('The run does not end');
			}
			await fetch(`${url}/healthz`, { headers: { connection: 'close' } }).then(
				async (response) => await response.text(),
			);
			stallMs = Math.max(stallMs, (await mainThreadMs(pid)) - askedMs);
			await sleep(LOOK_EVERY_MS);
			const found = stored.get(before);
			isStarted ||= found !== undefined;
			// A successful execution that is not saved is deleted at its end.
			if (isStarted) {
				status = found === undefined ? 'success' : String(found.status);
			}
		}
		const wallS = (performance.now() - startMs) / 1000;
		const cpuS = (await cpuSeconds(pid)) - cpu;
		const { bytes = 0 } = stored.get(before) ?? {};
		const [[written] = []] = await crm.query(`SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '${wal}')`);
		return {
			status,
			wallS,
			cpuS,
			stallMs,
			peakMib: await peakMemoryMib(pid),
			storedKb: Number(bytes) / 1000,
			walMib: Number(written) / 2 ** 20,
		};
	} finally {
		database.close();
	}
}

/** @param rounds the figures of each case in each round @param compared the figures of each other workflow */
function report(
	rounds: ReadonlyArray<Record<string, Figures>>,
	compared: Record<string, Record<string, Figures>>,
): Section {
	const cells = (measured: readonly Figures[]) => {
		const cell = (figure: keyof Figures, digits = 0) =>
			show(spreadOf(measured.map((figures) => Number(figures[figure]))), digits);
		return [
			[...new Set(measured.map(({ status }) => status))].join(),
			cell('wallS', 1),
			cell('cpuS', 1),
			cell('stallMs'),
			cell('peakMib'),
			cell('storedKb'),
			cell('walMib', 1),
		];
	};
	const ofRounds = (name: string) => rounds.map((round) => round[name]!);
	const most = (name: string, figure: Exclude<keyof Figures, 'status'>) =>
		Math.max(...ofRounds(name).map((figures) => figures[figure]));
	const names = Object.keys(CASES);
	const isEnded = (round: Record<string, Figures>) =>
		Object.entries(round).every(([name, { status }]) => status === ENDS[name]);
	const stallS = Math.max(...names.map((name) => most(name, 'stallMs'))) / 1000;
	return {
		title: 'The whole scheduled workflow',
		about: `${CUSTOMERS} customers with ${DEVICES} devices in PostgreSQL, n8n 2 on SQLite with a heap of ${HEAP_MIB} MiB, messages and log included; median (min–max) of ${ROUNDS} rounds, each in a new n8n. For comparison, once each and with n8n's default heap: the workflow and the node of commit ${BEFORE}; twice as many customers; and ${COPIES} times as many in ${COPIES} copies of the workflow, run one after the other. CPU s are those of n8n and its task runner; stall is the most processor time of n8n's main thread in which it answered no request; stored is the execution data that n8n keeps. There is no rate limit.`,
		head: ['case', 'workflow', 'status', 'wall s', 'CPU s', 'stall ms', 'peak MiB', 'stored kB', 'WAL MiB'],
		rows: names.flatMap((name) => [
			[name, 'now', ...cells(ofRounds(name))],
			...Object.entries(compared).flatMap(([workflow, { [name]: figures }]) =>
				figures === undefined ? [] : [[name, workflow, ...cells([figures])]],
			),
		]),
		targets: [
			atLeast('rounds that ended as they should', rounds.filter(isEnded).length, ROUNDS),
			atMost('processor time, nothing changed', most('nothing changed', 'cpuS'), 12, ' s'),
			atMost('longest stall of all', stallS, 0.7, ' s'),
			atMost('stored of a red execution', most('stopped still, red', 'storedKb'), 1000, ' kB'),
			atMost('stored of one that waits', most('stopped, waits for approval', 'storedKb'), 1000, ' kB'),
			atMost('written ahead, nothing changed', most('nothing changed', 'walMib'), 1, ' MiB'),
			...Object.entries(compared).map(([workflow, round]) =>
				atLeast(`ended as they should, ${workflow}`, Number(isEnded(round)), 1),
			),
		],
	};
}

/** Changes the query of a copy so that it reads only its part of the customers. */
function readPart({ nodes }: WorkflowJson, copy: number, copies: number): void {
	const reading = nodes.find(({ name }) => name === 'Read All Customers');
	const query = String(reading?.parameters['query']);
	const part = `WHERE c.active AND mod(abs(hashtext(c.customer_id)::bigint), ${copies}) = ${copy - 1}`;
	Object.assign(reading?.parameters ?? {}, { query: query.replace('WHERE c.active', part) });
}

/** The cost of writing and finding receipts in a real n8n, on SQLite and on PostgreSQL. */
import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from '../test/e2e/install.mts';
import { startN8n } from '../test/e2e/n8n/server.mts';
import { postgresSettings } from '../test/e2e/n8n/settings.mts';
import { node, type WorkflowJson } from '../test/e2e/n8n/workflow.mts';
import { startPostgres } from '../test/e2e/services/postgres.mts';
import { whenRegistered } from '../test/e2e/tests/exampleWorkflow.mts';
import type { ReceiptsAnswer, ReceiptsQuestion } from './receiptsNode.mts';
import { atMost, show, spreadOf, type Section, type Spread } from './report.mts';

const LINE = 'n8n-2';
/** Use fewer to try out the bench itself. */
const CUSTOMERS = Number(process.env.BENCH_CUSTOMERS ?? 100_000);
/** Written before the measurement, so that what n8n loads and compiles once is not measured. */
const WARM_UP = 5_000;
/** How often time and memory are measured. */
const ROUNDS = 3;
const DATABASES = ['sqlite', 'postgres'] as const;
type Database = (typeof DATABASES)[number];
const PATH = 'receipts-bench';
const SOURCE = fileURLToPath(new URL('receiptsNode.mts', import.meta.url));

export async function measureReceipts(): Promise<Section> {
	await install([LINE]);
	const folder = await mkdtemp(join(tmpdir(), 'bench-receipts-'));
	try {
		await build({
			entryPoints: [SOURCE],
			outfile: join(folder, 'ReceiptsBench.node.js'),
			bundle: true,
			platform: 'node',
			format: 'cjs',
			external: ['n8n-workflow'],
		});
		const measured: Measured[] = [];
		for (const database of DATABASES) {
			measured.push(await measureOn(database, folder));
		}
		return report(measured);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** What was measured on one database. */
interface Measured {
	/** From the rounds that measured time. */
	times: ReceiptsAnswer[];
	/** From the rounds that measured memory. */
	heldMib: number[];
}

async function measureOn(database: Database, folder: string): Promise<Measured> {
	const postgres = database === 'postgres' ? await startPostgres() : undefined;
	const ofDatabase = postgres === undefined ? {} : postgresSettings(postgres.login);
	const more = {
		...ofDatabase,
		N8N_CUSTOM_EXTENSIONS: folder,
		// Memory is measured after garbage collection.
		NODE_OPTIONS: '--expose-gc',
	};
	const server = await startN8n({ line: LINE, tarball: undefined, more });
	try {
		await server.client.activate(await server.client.createWorkflow(workflow()));
		const ask = async (question: ReceiptsQuestion) => {
			const body = JSON.stringify(question);
			const headers = { 'content-type': 'application/json' };
			const response = await whenRegistered(
				async () => await fetch(`${server.url}/webhook/${PATH}`, { method: 'POST', headers, body }),
			);
			const answer = (await response.json()) as ReceiptsAnswer;
			if (answer.writtenCount !== question.customers || answer.found === 0) {
				throw new Error(`Not all receipts were written and found: ${JSON.stringify(answer)}`);
			}
			return answer;
		};
		await ask({ customers: WARM_UP, look: 'time' });
		const measured: Measured = { times: [], heldMib: [] };
		for (let round = 0; round < ROUNDS; round++) {
			measured.times.push(await ask({ customers: CUSTOMERS, look: 'time' }));
			measured.heldMib.push((await ask({ customers: CUSTOMERS, look: 'memory' })).heldMib);
			console.log(`${database}: ${JSON.stringify(measured.times.at(-1))}, ${measured.heldMib.at(-1)} MiB`);
		}
		return measured;
	} finally {
		await server.stop();
		await postgres?.stop();
	}
}

function workflow(): WorkflowJson {
	const webhook = { httpMethod: 'POST', path: PATH, responseMode: 'lastNode', options: {} };
	return {
		name: 'Receipts',
		nodes: [
			node('Webhook', 'n8n-nodes-base.webhook', webhook, { typeVersion: 2, webhookId: PATH }),
			node('Receipts', 'CUSTOM.receiptsBench', {}, { position: [220, 0] }),
		],
		connections: { Webhook: { main: [[{ node: 'Receipts', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1', saveDataSuccessExecution: 'none' },
	};
}

function report(measured: readonly Measured[]): Section {
	const timesOf = (figureOf: (answer: ReceiptsAnswer) => number) => {
		return measured.map(({ times }) => spreadOf(times.map(figureOf)));
	};
	const held = measured.map(({ heldMib }) => spreadOf(heldMib));
	const writingS = timesOf(({ writing }) => writing.cpuS);
	const stallS = timesOf(({ writing }) => writing.longestStallS);
	const readingS = timesOf(({ reading }) => reading.cpuS);
	const row = (name: string, spreads: readonly Spread[], digits: number) => {
		return [name, ...spreads.map((spread) => show(spread, digits))];
	};
	const target = (name: string, spreads: readonly Spread[], limit: number, unit: string) => {
		return atMost(name, Math.max(...spreads.map(({ median }) => median)), limit, unit);
	};
	return {
		title: 'Receipts',
		about: `The receipts of ${CUSTOMERS} customers with two devices, written by the node's own writer within a real n8n 2, and a query for the 50 newest ones of one customer; median (min–max) of ${ROUNDS} rounds. Processor time is that of n8n's process, which includes SQLite; a stall is the processor time of the main thread during it; memory is what is held beyond what is held at rest before or after, measured in separate rounds by collecting garbage repeatedly while receipts are written.`,
		head: ['what', ...DATABASES],
		rows: [
			row('processor time of writing, s', writingS, 1),
			row(
				'time of writing, s',
				timesOf(({ writing }) => writing.wallS),
				1,
			),
			row('longest stall of the event loop, s', stallS, 2),
			row('memory held, MiB', held, 0),
			row('processor time of finding the newest 50 of one, s', readingS, 2),
			row(
				'time of finding them, s',
				timesOf(({ reading }) => reading.wallS),
				2,
			),
		],
		targets: [
			target('processor time of writing', writingS, 10, ' s'),
			target('longest stall', stallS, 0.3, ' s'),
			target('memory held', held, 65, ' MiB'),
			target('processor time of finding the newest 50 of one', readingS, 0.3, ' s'),
		],
	};
}

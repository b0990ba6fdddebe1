/** What the receipts of a run take in a real n8n, on SQLite and on PostgreSQL. */
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
import type { ReceiptsAnswer } from './receiptsNode.mts';
import { atMost, type Section } from './report.mts';

const LINE = 'n8n-2';
/** Fewer to try the bench itself. */
const CUSTOMERS = Number(process.env.BENCH_CUSTOMERS ?? 100_000);
/** Before the writing that counts: what n8n loads and compiles once is no part of it. */
const WARM_UP = 5_000;
const DATABASES = ['sqlite', 'postgres'] as const;
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
		const measured: ReceiptsAnswer[] = [];
		for (const database of DATABASES) {
			measured.push(await measureOn(database, folder));
		}
		return report(measured);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

async function measureOn(database: (typeof DATABASES)[number], folder: string): Promise<ReceiptsAnswer> {
	const postgres = database === 'postgres' ? await startPostgres() : undefined;
	const ofDatabase = postgres === undefined ? {} : postgresSettings(postgres.login);
	const more = {
		...ofDatabase,
		N8N_CUSTOM_EXTENSIONS: folder,
		// Memory is counted without garbage.
		NODE_OPTIONS: '--expose-gc',
	};
	const server = await startN8n({ line: LINE, tarball: undefined, more });
	try {
		await server.client.activate(await server.client.createWorkflow(workflow()));
		const ask = async (customers: number) => {
			const body = JSON.stringify({ customers });
			const headers = { 'content-type': 'application/json' };
			const answer = await whenRegistered(
				async () => await fetch(`${server.url}/webhook/${PATH}`, { method: 'POST', headers, body }),
			);
			return (await answer.json()) as ReceiptsAnswer;
		};
		await ask(WARM_UP);
		const answer = await ask(CUSTOMERS);
		if (answer.written !== CUSTOMERS || answer.found === 0) {
			throw new Error(`Not all receipts were written and found: ${JSON.stringify(answer)}`);
		}
		return answer;
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

function report(measured: readonly ReceiptsAnswer[]): Section {
	const row = (name: string, figureOf: (answer: ReceiptsAnswer) => number, digits: number) => {
		return [name, ...measured.map((answer) => figureOf(answer).toFixed(digits))];
	};
	const worst = (figureOf: (answer: ReceiptsAnswer) => number) => Math.max(...measured.map(figureOf));
	return {
		title: 'Receipts',
		about: `The receipts of ${CUSTOMERS} customers with two devices, written by the node's own writer within a real n8n 2, and the 50 newest ones of one customer among them. Processor time is that of n8n's process, with SQLite in it; a stall is counted in processor time of the main thread; memory is what is held beyond what was held before, seen by collecting the garbage again and again during a second writing.`,
		head: ['what', ...DATABASES],
		rows: [
			row('processor time of writing, s', ({ writing }) => writing.cpuS, 1),
			row('time of writing, s', ({ writing }) => writing.wallS, 1),
			row('longest stall of the event loop, s', ({ writing }) => writing.longestStallS, 2),
			row('memory held, MiB', ({ heldMib }) => heldMib, 0),
			row('processor time of finding the newest 50 of one, s', ({ reading }) => reading.cpuS, 2),
			row('time of finding them, s', ({ reading }) => reading.wallS, 2),
		],
		targets: [
			atMost(
				'processor time of writing',
				worst(({ writing }) => writing.cpuS),
				10,
				' s',
			),
			atMost(
				'longest stall',
				worst(({ writing }) => writing.longestStallS),
				0.3,
				' s',
			),
			atMost(
				'memory held',
				worst(({ heldMib }) => heldMib),
				65,
				' MiB',
			),
			atMost(
				'processor time of finding the newest 50 of one',
				worst(({ reading }) => reading.cpuS),
				0.3,
				' s',
			),
		],
	};
}

import { build } from 'esbuild';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContractHost } from '../../tables/contract.mts';
import type { ContractResult } from '../../tables/contractNode.mts';
import type { OpenSyncTable } from '../../tables/syncTableContract.mts';
import { whenRegistered } from '../tests/exampleWorkflow.mts';
import type { StoredWorkflow } from './client.mts';
import type { RunningN8n } from './server.mts';
import { node, type WorkflowJson } from './workflow.mts';

const SOURCE = fileURLToPath(new URL('../../tables/contractNode.mts', import.meta.url));
const SYNC_TABLES_SOURCE = fileURLToPath(new URL('../../tables/syncTablesOver.mts', import.meta.url));
const PATH = 'tables-contract';

/** Builds the node that makes Data Table calls for a test. @returns the value for `N8N_CUSTOM_EXTENSIONS` */
export async function buildTablesNode(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'tables-node-'));
	await build({
		entryPoints: [SOURCE],
		outfile: join(folder, 'TablesContract.node.js'),
		bundle: true,
		platform: 'node',
		format: 'cjs',
		external: ['n8n-workflow'],
	});
	return folder;
}

/** The package's tables of Sync, connected through the node that makes Data Table calls. */
export async function openSyncTables(host: ContractHost): Promise<OpenSyncTable> {
	const outfile = join(await mkdtemp(join(tmpdir(), 'sync-tables-')), 'syncTablesOver.mjs');
	await build({ entryPoints: [SYNC_TABLES_SOURCE], outfile, bundle: true, platform: 'node', format: 'esm' });
	const { syncTablesOver } = (await import(outfile)) as typeof import('../../tables/syncTablesOver.mts');
	return syncTablesOver(host);
}

/** Creates and activates a workflow with that node. @returns a host that runs calls with it */
export async function startTablesNode(
	{ client, url }: Pick<RunningN8n, 'client' | 'url'>,
	limits: Pick<ContractHost, 'database' | 'maxBytes'>,
): Promise<ContractHost & { readonly workflow: StoredWorkflow }> {
	const webhook = { httpMethod: 'POST', path: PATH, responseMode: 'lastNode', options: {} };
	const json: WorkflowJson = {
		name: 'Tables',
		nodes: [
			node('Webhook', 'n8n-nodes-base.webhook', webhook, { typeVersion: 2, webhookId: PATH }),
			node('Tables', 'CUSTOM.tablesContract', {}, { position: [220, 0] }),
		],
		connections: { Webhook: { main: [[{ node: 'Tables', type: 'main', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	};
	const workflow = await client.createWorkflow(json);
	await client.activate(workflow);
	const run: ContractHost['run'] = async (calls, atOnce = false) => {
		const response = await whenRegistered(
			async () =>
				await fetch(`${url}/webhook/${PATH}`, {
					method: 'POST',
					headers: { 'content-type': 'application/json' },
					body: JSON.stringify({ calls, atOnce }),
				}),
		);
		const { results } = (await response.json()) as { results: ContractResult[] };
		return results;
	};
	return { ...limits, workflow, run };
}

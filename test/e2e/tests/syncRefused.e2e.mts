import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSimulator, type Simulator } from '../../../simulator/simulator.mts';
import { startN8n, type N8nServer } from '../n8n/server.mts';
import { buildTablesNode, startTablesNode } from '../n8n/tablesNode.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { credentialFor, CREDENTIAL_NAME, lineUnderTest, packForTest } from './scene.mts';
import { createCrm, CUSTOMERS, startSync, type SyncedCrm, type SyncParts } from './syncScene.mts';
import { SyncTables } from './syncTables.mts';

/** The space of all Data Tables together. Two empty ones take some tens of kilobytes. */
const MAX_BYTES = 512 * 1024;

let simulator: Simulator;
let postgres: Postgres;
let pack: Awaited<ReturnType<typeof packForTest>>;
before(async () => {
	pack = await packForTest();
	simulator = await startSimulator();
	postgres = await startPostgres();
});
after(async () => {
	await simulator?.close();
	await postgres?.stop();
	await pack?.end();
});

interface Scene {
	readonly server: N8nServer;
	readonly parts: SyncParts;
	readonly synced: SyncedCrm;
}

/** Runs a test in an n8n that has these environment variables and a workflow with Sync. */
async function within(
	more: Readonly<Record<string, string>>,
	use: (scene: Scene) => Promise<void>,
): Promise<void> {
	const server = await startN8n({ line: lineUnderTest(), tarball: pack.tarball, more });
	try {
		const { client, url } = server;
		const credential = await client.createCredential(CREDENTIAL_NAME, credentialFor(simulator));
		const parts = { client, url, simulator, credential, ...(await createCrm(client, postgres)) };
		await parts.crm.query('DROP TABLE IF EXISTS crm');
		await parts.crm.create('crm', 'user_', CUSTOMERS);
		const synced = await startSync(parts, { name: 'Sync', table: 'crm' });
		await use({ server, parts, synced });
	} finally {
		await server.stop();
	}
}

/** Checks that a run sends nothing and reports why. */
async function expectRefused(synced: SyncedCrm, why: RegExp): Promise<void> {
	const { report, sent } = await synced.run();
	const [failure] = report?.Failures ?? [];
	assert.deepEqual([report?.Health, failure?.code, sent], ['failing', 'STATE_NOT_USABLE', []]);
	assert.match(failure?.message ?? '', why);
}

test('If the Data Tables module is disabled, Sync sends nothing, and each run says why.', async () => {
	await within({ N8N_DISABLED_MODULES: 'data-table' }, async ({ synced }) => {
		await expectRefused(synced, /has no Data Tables/);
		await expectRefused(synced, /has no Data Tables/);
	});
});

test('If a node that Sync needs is excluded, Sync sends nothing and names that node.', async () => {
	const excluded = JSON.stringify(['n8n-nodes-base.dataTable']);
	await within({ NODES_EXCLUDE: excluded }, async ({ synced }) => {
		await expectRefused(synced, /has no Data Tables.*'Data Table'/);
	});
});

test('When Data Tables are full, Sync sends nothing and says why; once there is space, it sends the change.', async () => {
	const more = {
		N8N_DATA_TABLES_MAX_SIZE_BYTES: String(MAX_BYTES),
		N8N_DATA_TABLES_SIZE_CHECK_CACHE_DURATION_MS: '0',
		N8N_CUSTOM_EXTENSIONS: await buildTablesNode(),
	};
	await within(more, async ({ server, parts, synced }) => {
		const host = await startTablesNode(server, { database: 'sqlite', maxBytes: MAX_BYTES });
		const tables = new SyncTables(host);
		assert.equal((await synced.run()).report?.Pushed, CUSTOMERS);
		const freeSpace = await tables.fill(MAX_BYTES);
		await parts.crm.change('crm', ['user_3'], 'SN-full');
		await expectRefused(synced, /Data Tables are full/);
		await freeSpace();
		const { report, sent } = await synced.run();
		assert.deepEqual([report?.Health, sent], ['ok', ['user_3']]);
		await synced.expectNothingToSend();
	});
});

test('If somebody has created a table with the name of the Sync table, Sync sends nothing and says why.', async () => {
	await within({ N8N_CUSTOM_EXTENSIONS: await buildTablesNode() }, async ({ server, synced }) => {
		const host = await startTablesNode(server, { database: 'sqlite', maxBytes: Infinity });
		const create = { do: 'create', name: 'tencent_iot_sync', columns: { note: 'string' } } as const;
		await host.run([{ steps: [create] }]);
		await expectRefused(synced, /other columns/);
	});
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startSimulator, type Simulator } from '../../../simulator/simulator.mts';
import { startN8n, type N8nServer } from '../n8n/server.mts';
import { buildTablesNode, startTablesNode } from '../n8n/tablesNode.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { credentialFor, CREDENTIAL_NAME, lineUnderTest, packForTest } from './scene.mts';
import { createCrm, CUSTOMERS, startSync, type SyncedCrm, type SyncParts } from './syncScene.mts';
import { SyncTables } from './syncTables.mts';

/** All tables of n8n together. Two that are empty take some tens of kilobytes. */
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

/** Lets a test use an n8n with some environment variables, and a workflow with Sync in it. */
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

/** Sees that a run sends nothing, and says why. */
async function seeRefused(synced: SyncedCrm, why: RegExp): Promise<void> {
	const { report, sent } = await synced.run();
	const [failure] = report?.Failures ?? [];
	assert.deepEqual([report?.Health, failure?.code, sent], ['failing', 'STATE_NOT_USABLE', []]);
	assert.match(failure?.message ?? '', why);
}

test('Where the module of Data Tables is off, nothing is sent, and each run says what to do.', async () => {
	await within({ N8N_DISABLED_MODULES: 'data-table' }, async ({ synced }) => {
		await seeRefused(synced, /has no Data Tables/);
		await seeRefused(synced, /has no Data Tables/);
	});
});

test('Where a node is excluded that Sync needs, nothing is sent, and each run says what to do.', async () => {
	const excluded = JSON.stringify(['n8n-nodes-base.dataTable']);
	await within({ NODES_EXCLUDE: excluded }, async ({ synced }) => {
		await seeRefused(synced, /has no Data Tables.*'Data Table'/);
	});
});

test('Where the space of Data Tables is used up, nothing is sent, and the run says so; with space it goes on.', async () => {
	const more = {
		N8N_DATA_TABLES_MAX_SIZE_BYTES: String(MAX_BYTES),
		N8N_DATA_TABLES_SIZE_CHECK_CACHE_DURATION_MS: '0',
		N8N_CUSTOM_EXTENSIONS: await buildTablesNode(),
	};
	await within(more, async ({ server, parts, synced }) => {
		const host = await startTablesNode(server, { database: 'sqlite', maxBytes: MAX_BYTES });
		const tables = new SyncTables(host);
		assert.equal((await synced.run()).report?.Pushed, CUSTOMERS);
		const giveBack = await tables.fill(MAX_BYTES);
		await parts.crm.change('crm', ['user_3'], 'SN-full');
		await seeRefused(synced, /Data Tables are full/);
		await giveBack();
		const { report, sent } = await synced.run();
		assert.deepEqual([report?.Health, sent], ['ok', ['user_3']]);
		await synced.seeNothingToSend();
	});
});

test('A table of the same name that somebody has made by hand is not touched, and nothing is sent.', async () => {
	await within({ N8N_CUSTOM_EXTENSIONS: await buildTablesNode() }, async ({ server, synced }) => {
		const host = await startTablesNode(server, { database: 'sqlite', maxBytes: Infinity });
		const create = { do: 'create', name: 'tencent_iot_sync', columns: { note: 'string' } } as const;
		await host.run([{ steps: [create] }]);
		await seeRefused(synced, /other columns/);
	});
});

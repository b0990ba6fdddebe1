import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { CONTRACT, type ContractHost } from '../../tables/contract.mts';
import { type OpenSyncTable, SYNC_TABLE_CONTRACT } from '../../tables/syncTableContract.mts';
import type { StoredWorkflow } from '../n8n/client.mts';
import { startN8n, type N8nServer } from '../n8n/server.mts';
import { buildTablesNode, openSyncTables, startTablesNode } from '../n8n/tablesNode.mts';
import { postgresSettings } from '../n8n/settings.mts';
import { startPostgres, type Postgres } from '../services/postgres.mts';
import { endByExit } from '../setup/ownedProcesses.mts';
import { lineUnderTest } from './scene.mts';

const MAX_BYTES = 8 * 1024 * 1024;

const SETTINGS = {
	N8N_DATA_TABLES_MAX_SIZE_BYTES: String(MAX_BYTES),
	// By default n8n 2.15 checks the size every five seconds only.
	N8N_DATA_TABLES_SIZE_CHECK_CACHE_DURATION_MS: '0',
	// The strictest policy: no workflow may be called by another one.
	N8N_WORKFLOW_CALLER_POLICY_DEFAULT_OPTION: 'none',
	// For bodies of several megabytes.
	N8N_PAYLOAD_SIZE_MAX: '64',
};

endByExit();

for (const database of ['sqlite', 'postgres'] as const) {
	suite(`Data Tables of ${lineUnderTest()} with ${database}`, () => {
		let server: N8nServer;
		let postgres: Postgres | undefined;
		let host: ContractHost & { readonly workflow: StoredWorkflow };
		let openSyncTable: OpenSyncTable;
		before(async () => {
			postgres = database === 'postgres' ? await startPostgres() : undefined;
			const ofDatabase = postgres === undefined ? {} : postgresSettings(postgres.login);
			const folder = await buildTablesNode();
			const more = { ...SETTINGS, ...ofDatabase, N8N_CUSTOM_EXTENSIONS: folder };
			server = await startN8n({ line: lineUnderTest(), tarball: undefined, more });
			host = await startTablesNode(server, { database, maxBytes: MAX_BYTES });
			openSyncTable = await openSyncTables(host);
		});
		after(async () => {
			await server?.stop();
			await postgres?.stop();
		});

		for (const { name, see } of CONTRACT) {
			test(name, async () => await see(host));
		}

		// After the tests above, because large deleted rows count until PostgreSQL vacuums them.
		for (const { name, see } of SYNC_TABLE_CONTRACT) {
			test(`The table of Sync: ${name}`, async () => await see((node) => openSyncTable(node)));
		}

		test('Calls of Data Tables do not show up in the list of executions, whether they succeed or fail.', async () => {
			const { client } = server;
			const before = Number(await client.latestId(host.workflow));
			await host.run([{ steps: [{ do: 'list', nameContains: 'contract' }] }]);
			await host.run([{ steps: [{ do: 'read', table: { id: 'nosuchtable' } }] }]);
			await client.latest(host.workflow);
			const later = (await client.executions()).map(Number).filter((id) => id > before);
			assert.equal(later.length, 2);
		});
	});
}

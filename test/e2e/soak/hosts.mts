import { setTimeout as sleep } from 'node:timers/promises';
import type { N8nClient } from '../n8n/client.mts';
import type { QueueMode } from '../n8n/queueMode.mts';
import type { N8nServer } from '../n8n/server.mts';
import { startTablesNode } from '../n8n/tablesNode.mts';
import { SyncTables } from '../tests/syncTables.mts';

/** An n8n that runs Sync, and what may happen to the processes in which it runs. */
export interface SyncHost {
	readonly url: string;
	readonly client: N8nClient;
	/** As a power failure does; and starts them again. */
	kill(): Promise<void>;
	/** As an update of their containers does; and starts them again. */
	terminate(): Promise<void>;
	/** Lets them stand still. */
	freeze(ms: number): Promise<void>;
	/** Ends n8n's database with all connections for some seconds; undefined where it has none of its own. */
	readonly restartDatabase: (() => Promise<void>) | undefined;
	/** Uses up the space of Data Tables, and gives it back after some time; left out where it was not started for that. */
	readonly useUpSpace?: (ms: number) => Promise<void>;
}

/** All Data Tables of n8n together, where their space is to be used up. Bytes. */
const SPACE_BYTES = 4 * 1024 * 1024;

/** What n8n is started with, so that the space of its Data Tables can be used up. @param extensions of `buildTablesNode` */
export function settingsOfSpace(extensions: string): Readonly<Record<string, string>> {
	return {
		N8N_CUSTOM_EXTENSIONS: extensions,
		N8N_DATA_TABLES_MAX_SIZE_BYTES: String(SPACE_BYTES),
		N8N_DATA_TABLES_SIZE_CHECK_CACHE_DURATION_MS: '0',
	};
}

/** The same host, started with these settings, with a way to use up the space of its Data Tables. */
export async function withLittleSpace(host: SyncHost, database: 'sqlite' | 'postgres'): Promise<SyncHost> {
	const node = await startTablesNode(host, { database, maxBytes: SPACE_BYTES });
	const tables = new SyncTables(node);
	const useUpSpace = async (ms: number) => {
		const giveBack = await tables.fill(SPACE_BYTES);
		await sleep(ms);
		await giveBack();
	};
	return { ...host, useUpSpace };
}

/** How long a database is gone. Milliseconds. */
const DATABASE_GONE_MS = 3000;

/** n8n with SQLite: one process. */
export function hostOf(server: N8nServer): SyncHost {
	const { url, client } = server;
	return {
		url,
		client,
		kill: async () => await server.crash(),
		terminate: async () => await server.restart(),
		freeze: async (ms) => await server.process.freeze(ms),
		restartDatabase: undefined,
	};
}

/** n8n in queue mode: what runs Sync are its workers, all of which meet the same. */
export function hostOfQueue(n8n: QueueMode): SyncHost {
	const { url, client, workers, database } = n8n;
	const ofEach = async (work: (worker: number) => Promise<void>) => {
		await Promise.all(workers.map(async (_, worker) => await work(worker)));
	};
	return {
		url,
		client,
		kill: async () => await ofEach(async (worker) => await n8n.crash(worker)),
		terminate: async () => await ofEach(async (worker) => await n8n.restart(worker)),
		freeze: async (ms) => await ofEach(async (worker) => await workers[worker]!.freeze(ms)),
		restartDatabase: async () => {
			await database.restart(DATABASE_GONE_MS);
			// n8n looks every few seconds whether it is there again.
			await sleep(DATABASE_GONE_MS);
		},
	};
}

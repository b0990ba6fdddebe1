import { setTimeout as sleep } from 'node:timers/promises';
import type { N8nClient } from '../n8n/client.mts';
import type { QueueMode } from '../n8n/queueMode.mts';
import type { N8nServer } from '../n8n/server.mts';
import { startTablesNode } from '../n8n/tablesNode.mts';
import { SyncTables } from '../tests/syncTables.mts';

/** An n8n that runs Sync, and ways to disturb the processes in which Sync runs. */
export interface SyncHost {
	readonly url: string;
	readonly client: N8nClient;
	/** Kills them as a power failure would, and starts them again. */
	kill(): Promise<void>;
	/** Ends them as an update of their containers does, and starts them again. */
	terminate(): Promise<void>;
	/** Pauses them. */
	freeze(ms: number): Promise<void>;
	/** Stops n8n's database, with all connections, for some seconds; undefined if n8n has no separate database. */
	readonly restartDatabase: (() => Promise<void>) | undefined;
	/** Uses up the space of Data Tables and frees it later; undefined unless n8n was started with `settingsOfSpace`. */
	readonly useUpSpace?: (ms: number) => Promise<void>;
}

/** The limit of all Data Tables together in an n8n whose space is used up. Bytes. */
const SPACE_BYTES = 4 * 1024 * 1024;

/**
 * Environment variables of an n8n with little space for Data Tables.
 * @param extensions the result of `buildTablesNode`
 */
export function settingsOfSpace(extensions: string): Readonly<Record<string, string>> {
	return {
		N8N_CUSTOM_EXTENSIONS: extensions,
		N8N_DATA_TABLES_MAX_SIZE_BYTES: String(SPACE_BYTES),
		N8N_DATA_TABLES_SIZE_CHECK_CACHE_DURATION_MS: '0',
	};
}

/** Adds `useUpSpace` to a host that was started with `settingsOfSpace`. */
export async function withLittleSpace(host: SyncHost, database: 'sqlite' | 'postgres'): Promise<SyncHost> {
	const node = await startTablesNode(host, { database, maxBytes: SPACE_BYTES });
	const tables = new SyncTables(node);
	const useUpSpace = async (ms: number) => {
		const freeSpace = await tables.fill(SPACE_BYTES);
		await sleep(ms);
		await freeSpace();
	};
	return { ...host, useUpSpace };
}

/** How long a database is stopped. Milliseconds. */
const DATABASE_STOPPED_MS = 3000;

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

/** n8n in queue mode: Sync runs in the workers, so each disturbance affects all of them. */
export function hostOfQueue(n8n: QueueMode): SyncHost {
	const { url, client, workers, database } = n8n;
	const inEachWorker = async (work: (worker: number) => Promise<void>) => {
		await Promise.all(workers.map(async (_, worker) => await work(worker)));
	};
	return {
		url,
		client,
		kill: async () => await inEachWorker(async (worker) => await n8n.crash(worker)),
		terminate: async () => await inEachWorker(async (worker) => await n8n.restart(worker)),
		freeze: async (ms) => await inEachWorker(async (worker) => await workers[worker]!.freeze(ms)),
		restartDatabase: async () => {
			await database.restart(DATABASE_STOPPED_MS);
			// n8n checks every few seconds whether the database is back.
			await sleep(DATABASE_STOPPED_MS);
		},
	};
}

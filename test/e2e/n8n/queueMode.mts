import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type Postgres, type PostgresLogin } from '../services/postgres.mts';
import { Holds, startPostgresProxy } from '../services/postgresProxy.mts';
import { startRedis, type Redis } from '../services/redis.mts';
import type { N8nLine } from '../setup/folders.mts';
import { freePorts } from '../setup/freePort.mts';
import { installAsCommunityPackage, loseCommunityPackages } from '../setup/packedPackage.mts';
import { N8nClient } from './client.mts';
import { N8nProcess } from './n8nProcess.mts';
import { RestSession } from './restSession.mts';
import { isReady } from './server.mts';
import { newEncryptionKey, postgresSettings, WITHOUT_EDITOR, type N8nSettings } from './settings.mts';

/** How many database connections each process gets if n8n's default of 2 is not enough. */
export const MANY_CONNECTIONS = 20;

/** n8n in queue mode: a main process and two workers with PostgreSQL and Redis; each has the package installed. */
export interface QueueMode {
	readonly url: string;
	readonly client: N8nClient;
	readonly main: N8nProcess;
	readonly workers: readonly N8nProcess[];
	/** Kills a worker as a power failure would, and starts it again; without its packages if it is a new container. */
	crash(worker: number, options?: { isNewContainer: boolean }): Promise<void>;
	/** Ends a worker as an update of its container does, and starts it again. */
	restart(worker: number): Promise<void>;
	/** n8n's database. */
	readonly database: Postgres;
	/** Holds statements of the workers on their way to the database. */
	readonly holds: Holds;
	stop(): Promise<void>;
}

export interface QueueModeOptions {
	/** How many executions a worker runs at once; 2 by default. */
	readonly concurrency?: number;
	/**
	 * How many database connections each process has; n8n's default of 2 if omitted. A held statement keeps its connection, so with 2
	 * of them everything else waits, too.
	 */
	readonly connections?: number;
	/** More environment variables. */
	readonly more?: Readonly<Record<string, string>>;
}

/**
 * Starts all processes of a queue mode, each with its own user folder, as if on different machines.
 * @param tarball the packed package; undefined if n8n installs it itself
 */
export async function startQueueMode(
	line: N8nLine,
	tarball: string | undefined,
	{ concurrency = 2, connections, more: moreSettings = {} }: QueueModeOptions = {},
): Promise<QueueMode> {
	const pool: Record<string, string> =
		connections === undefined ? {} : { DB_POSTGRESDB_POOL_SIZE: String(connections) };
	const postgres = await startPostgres();
	const redis = await startRedis();
	const holds = new Holds();
	const proxy = await startPostgresProxy(postgres.login, holds);
	const encryptionKey = newEncryptionKey();
	const logins = [postgres.login, proxy.login, proxy.login];
	const settings = await Promise.all(
		logins.map(async (login) => {
			const more = { ...sharedSettings(login, redis), ...SHORT_LOCKS, ...pool, ...moreSettings };
			return await settingsOfProcess(tarball, encryptionKey, more);
		}),
	);
	const [mainSettings, ...workerSettings] = settings as [N8nSettings, ...N8nSettings[]];
	const url = `http://127.0.0.1:${mainSettings.port}`;
	const client = new N8nClient(new RestSession({ origin: url }));
	const main = new N8nProcess(line, ['start'], mainSettings);
	const workers: N8nProcess[] = [];
	const startWorker = async (worker: number) => {
		const started = new N8nProcess(line, ['worker', `--concurrency=${concurrency}`], workerSettings[worker]!);
		workers[worker] = started;
		await started.whenReady(async () => started.log.includes('n8n worker is now ready'));
	};
	const crash = async (worker: number, { isNewContainer } = { isNewContainer: false }) => {
		await workers[worker]!.kill();
		if (isNewContainer) {
			await loseCommunityPackages(workerSettings[worker]!.userFolder);
		}
		await startWorker(worker);
	};
	const restart = async (worker: number) => {
		await workers[worker]!.stop();
		await startWorker(worker);
	};
	const stop = async () => {
		await Promise.all([main, ...workers].map(async (each) => await each.stop()));
		await proxy.stop();
		await redis.stop();
		await postgres.stop();
		await Promise.all(
			settings.map(async ({ userFolder }) => await rm(userFolder, { recursive: true, force: true })),
		);
	};
	try {
		await main.whenReady(async () => await isReady(url));
		await client.setUpOwner();
		await Promise.all(workerSettings.map(async (_, worker) => await startWorker(worker)));
	} catch (cause) {
		await stop();
		throw cause;
	}
	return { url, client, main, workers, crash, restart, database: postgres, holds, stop };
}

/** The executions that a worker has finished so far. */
export function finishedBy(worker: N8nProcess): string[] {
	return Array.from(worker.log.matchAll(/Worker finished execution (\w+)/g), ([, id]) => id!);
}

/** n8n notices a killed worker when the locks of its jobs expire: with these values soon instead of after a minute. Milliseconds. */
const SHORT_LOCKS = {
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

function sharedSettings(login: PostgresLogin, redis: Redis): Record<string, string> {
	return {
		...WITHOUT_EDITOR,
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: '127.0.0.1',
		QUEUE_BULL_REDIS_PORT: String(redis.port),
		...postgresSettings(login),
		// At this level the workers log which executions they finished.
		N8N_LOG_LEVEL: 'info',
	};
}

async function settingsOfProcess(
	tarball: string | undefined,
	encryptionKey: string,
	more: Record<string, string>,
): Promise<N8nSettings> {
	const userFolder = await mkdtemp(join(tmpdir(), 'n8n-e2e-queue-'));
	if (tarball !== undefined) {
		await installAsCommunityPackage(tarball, userFolder);
	}
	const [port, brokerPort, healthPort] = (await freePorts(3)) as [number, number, number];
	const ownPorts = { QUEUE_HEALTH_CHECK_PORT: String(healthPort) };
	return { userFolder, port, brokerPort, encryptionKey, more: { ...more, ...ownPorts } };
}

import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../setup/freePort.mts';
import type { MachinePart } from '../setup/machinePart.mts';
import { runOrThrow } from '../setup/runCommand.mts';
import { CannotStart } from '../setup/stopMessage.mts';
import { startDaemon } from './daemon.mts';

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const missing = 'install PostgreSQL (Debian: apt-get install postgresql)';

/** The server, in the folders of Debian's package. */
export const postgresPart: MachinePart = {
	name: 'PostgreSQL',
	debianPackage: 'postgresql',
	isThere: () => findPrograms() !== undefined,
};

/** A login of the database's superuser; any password is accepted from this machine. */
export interface PostgresLogin {
	readonly host: string;
	readonly port: number;
	readonly database: string;
	readonly user: string;
	readonly password: string;
}

export interface Postgres {
	readonly login: PostgresLogin;
	/**
	 * Runs SQL and returns its rows, each a list of texts; an empty text may also mean null.
	 * @param database the name of a database; by default that of the login
	 */
	query(sql: string, database?: string): Promise<string[][]>;
	/** Stops it, which closes all connections, and starts it again after a pause. */
	restart(pauseMs: number): Promise<void>;
	stop(): Promise<void>;
}

/** Starts a separate PostgreSQL on a free port of this machine, in a folder that `stop` deletes. */
export async function startPostgres(): Promise<Postgres> {
	const programs = findPrograms();
	if (programs === undefined) {
		throw new CannotStart(`There is no PostgreSQL: ${missing}.`);
	}
	const folder = await mkdtemp(join(tmpdir(), 'e2e-postgres-'));
	const owner = await serverOwner();
	if (owner !== undefined) {
		await chown(folder, owner.uid, owner.gid);
	}
	await chmod(folder, 0o700);
	const run = { cwd: folder, missing, ...owner };
	const initdb = ['-D', folder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
	await runOrThrow(join(programs, 'initdb'), initdb, run);
	const [port] = (await freePorts(1)) as [number];
	const login = { host: '127.0.0.1', port, database: 'postgres', user: 'postgres', password: 'postgres' };
	const psql = [
		'-h',
		login.host,
		'-p',
		String(port),
		'-U',
		login.user,
		'-v',
		'ON_ERROR_STOP=1',
		'-A',
		'-t',
		'-F',
		'\t',
	];
	const query = async (sql: string, database = login.database) => {
		const out = await runOrThrow(join(programs, 'psql'), [...psql, '-d', database, '-q', '-c', sql], run);
		return out.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]));
	};
	const settings = [
		'fsync=off',
		'max_connections=200',
		'listen_addresses=127.0.0.1',
		`unix_socket_directories=${folder}`,
	];
	const args = ['-D', folder, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
	const isReady = async () => (await query('select 1'))[0]?.[0] === '1';
	const start = async () => {
		const options = { ...run, stopSignal: 'SIGINT', isReady } as const;
		return await startDaemon(join(programs, 'postgres'), args, options);
	};
	let server = await start();
	const restart = async (pauseMs: number) => {
		await server.stop();
		await sleep(pauseMs);
		server = await start();
	};
	const stop = async () => {
		await server.stop();
		await rm(folder, { recursive: true, force: true });
	};
	return { login, query, restart, stop };
}

/** Debian keeps the server's programs in a folder for each version, off the PATH. */
function findPrograms(): string | undefined {
	const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : [];
	const [newest] = versions
		.sort((a, b) => Number(b) - Number(a))
		.map((version) => join(DEBIAN_FOLDER, version, 'bin'))
		.filter((folder) => existsSync(join(folder, 'initdb')));
	return newest;
}

/** The user who must run the server if this process is root: PostgreSQL refuses to run as root. */
async function serverOwner(): Promise<{ uid: number; gid: number } | undefined> {
	if (userInfo().uid !== 0) {
		return undefined;
	}
	const id = async (flag: string) =>
		Number(await runOrThrow('id', [flag, 'postgres'], { cwd: tmpdir(), missing: 'install coreutils' }));
	return { uid: await id('-u'), gid: await id('-g') };
}

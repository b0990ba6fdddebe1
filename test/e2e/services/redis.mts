import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../setup/freePort.mts';
import { programPart } from '../setup/machinePart.mts';
import { runCommand } from '../setup/runCommand.mts';
import { startDaemon } from './daemon.mts';

const missing = 'install Redis (Debian: apt-get install redis-server)';

/** The server; the same package has the client. */
export const redisPart = programPart('redis-server');

export interface Redis {
	readonly port: number;
	stop(): Promise<void>;
}

/** Starts a separate Redis on a free port of this machine. It stores nothing on disk. */
export async function startRedis(): Promise<Redis> {
	const folder = await mkdtemp(join(tmpdir(), 'e2e-redis-'));
	const [port] = (await freePorts(1)) as [number];
	const args = [
		'--port',
		String(port),
		'--bind',
		'127.0.0.1',
		'--dir',
		folder,
		'--save',
		'',
		'--appendonly',
		'no',
	];
	const isReady = async () => {
		const { stdout } = await runCommand('redis-cli', ['-p', String(port), 'ping'], { cwd: folder, missing });
		return stdout.includes('PONG');
	};
	const redis = await startDaemon('redis-server', args, {
		cwd: folder,
		missing,
		stopSignal: 'SIGTERM',
		isReady,
	});
	const stop = async () => {
		await redis.stop();
		await rm(folder, { recursive: true, force: true });
	};
	return { port, stop };
}

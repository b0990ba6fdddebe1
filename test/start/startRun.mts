import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const script = join(import.meta.dirname, '../../start/start.mts');

/** How start/start.mts ended and what it wrote. */
export interface StartRun {
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Without the node's limit of 20 requests a second. */
export const FAST = ['--set', 'requestsPerSecond=0'];

/** Runs start/start.mts to its end, with no key or secret in its environment but the given ones. */
export async function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<StartRun> {
	const keys = { TENCENT_IOT_APP_KEY: undefined, TENCENT_IOT_APP_SECRET: undefined };
	const env = { ...process.env, ...keys, ...environment };
	const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
	const [stdout, stderr, [exitCode]] = await Promise.all([
		text(child.stdout),
		text(child.stderr),
		once(child, 'close') as Promise<[number | null]>,
	]);
	return { exitCode, stdout, stderr };
}

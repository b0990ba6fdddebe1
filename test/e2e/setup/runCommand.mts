import type { SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { spawnOwned } from './ownedProcesses.mts';
import { CannotStart } from './stopMessage.mts';

/** How a command is run. */
export interface CommandOptions {
	readonly cwd: string;
	readonly env?: NodeJS.ProcessEnv | undefined;
	/** What to do when the program is not on this machine, e.g. "install it with apt-get install npm". */
	readonly missing?: string | undefined;
	readonly uid?: number | undefined;
	readonly gid?: number | undefined;
	/** How long it may run before it is killed. */
	readonly timeoutMs?: number | undefined;
}

/** How a command ended. */
export interface CommandResult {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/**
 * Runs a program until it exits.
 *
 * @throws CannotStart if there is no such program; a program that fails is a result
 */
export async function runCommand(
	program: string,
	args: readonly string[],
	{ cwd, env = process.env, missing = 'install it', uid, gid, timeoutMs }: CommandOptions,
): Promise<CommandResult> {
	const spawnOptions: SpawnOptions = { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] };
	if (uid !== undefined) {
		spawnOptions.uid = uid;
	}
	if (gid !== undefined) {
		spawnOptions.gid = gid;
	}
	if (timeoutMs !== undefined) {
		spawnOptions.timeout = timeoutMs;
		spawnOptions.killSignal = 'SIGKILL';
	}
	const child = spawnOwned(program, args, spawnOptions);
	let stdout = '';
	let stderr = '';
	child.stdout!.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
	});
	child.stderr!.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	// Children of a killed program may hold its output open.
	child.once('exit', (_code, signal) => {
		if (signal === null) {
			return;
		}
		child.stdout!.destroy();
		child.stderr!.destroy();
	});
	try {
		const [code] = (await once(child, 'close')) as [number | null];
		return { code, stdout, stderr };
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
			throw cause;
		}
		throw new CannotStart(`The program ${program} is missing: ${missing}.`, { cause });
	}
}

/** Like runCommand, but throws if the program fails, with the end of its output. */
export async function runOrThrow(
	program: string,
	args: readonly string[],
	options: CommandOptions,
): Promise<string> {
	const { code, stdout, stderr } = await runCommand(program, args, options);
	if (code === 0) {
		return stdout;
	}
	const output = `${stdout}\n${stderr}`.trim().slice(-4000);
	throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`);
}

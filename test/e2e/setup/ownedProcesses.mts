import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';

const running = new Map<ChildProcess, NodeJS.Signals>();

/**
 * Starts a program that does not outlive this process, even when a test is ended by a time limit and cleans nothing up.
 *
 * @param lastSignal what it gets when it still runs at this process's end
 */
export function spawnOwned(
	program: string,
	args: readonly string[],
	options: SpawnOptions,
	lastSignal: NodeJS.Signals = 'SIGKILL',
): ChildProcess {
	const child = spawn(program, args, options);
	running.set(child, lastSignal);
	child.once('exit', () => running.delete(child));
	child.once('error', () => running.delete(child));
	return child;
}

process.on('exit', () => {
	for (const [child, signal] of running) {
		child.kill(signal);
	}
});

/** Lets a test file that is ended from outside take its programs with it. */
export function endByExit(): void {
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
		process.once(signal, () => process.exit(1));
	}
}

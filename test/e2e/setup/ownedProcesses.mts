import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';

const running = new Map<ChildProcess, NodeJS.Signals>();

/**
 * Starts a program that does not outlive this process, even if a time limit ends a test before it cleans up.
 *
 * @param lastSignal the signal that it gets if it is still running when this process exits
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

/** Makes a test file that is ended from outside end its programs, too. */
export function endByExit(): void {
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
		process.once(signal, () => process.exit(1));
	}
}

import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnOwned } from '../setup/ownedProcesses.mts';
import { CannotStart } from '../setup/stopMessage.mts';

/** How long a server may take to start. Milliseconds. */
const LONGEST_START_MS = 90_000;

/** How long a server may take to stop before it is killed. Milliseconds. */
const GRACE_MS = 20_000;

/** A server that runs until it is stopped. */
export interface Daemon {
	stop(): Promise<void>;
}

export interface DaemonOptions extends Pick<SpawnOptions, 'cwd' | 'uid' | 'gid'> {
	/** What to do when the program is not on this machine. */
	readonly missing: string;
	readonly stopSignal: NodeJS.Signals;
	readonly isReady: () => Promise<boolean>;
}

/** Starts a server and waits until it is ready. */
export async function startDaemon(
	program: string,
	args: readonly string[],
	{ missing, stopSignal, isReady, ...spawnOptions }: DaemonOptions,
): Promise<Daemon> {
	const child = spawnOwned(program, args, { ...spawnOptions, stdio: ['ignore', 'pipe', 'pipe'] }, stopSignal);
	let log = '';
	for (const stream of [child.stdout!, child.stderr!]) {
		stream.setEncoding('utf8').on('data', (text: string) => {
			log = (log + text).slice(-4000);
		});
	}
	let failure: Error | undefined;
	child.once('error', (cause) => {
		failure = cause;
	});
	const deadline = Date.now() + LONGEST_START_MS;
	while (!(await isReady().catch(() => false))) {
		if (failure !== undefined) {
			throw new CannotStart(`The program ${program} is missing: ${missing}.`, { cause: failure });
		}
		if (child.exitCode !== null) {
			throw new Error(`${program} ended at its start:\n${log}`);
		}
		if (Date.now() > deadline) {
			throw new Error(`${program} does not start:\n${log}`);
		}
		await sleep(200);
	}
	return { stop: async () => await end(child, stopSignal) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) {
		return;
	}
	const ended = once(child, 'exit');
	child.kill(signal);
	const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
	await ended;
	clearTimeout(timer);
}

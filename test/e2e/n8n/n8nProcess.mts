import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { n8nFolder, type N8nLine } from '../setup/folders.mts';
import { findNode24 } from '../setup/node24.mts';
import { spawnOwned } from '../setup/ownedProcesses.mts';
import { runCommand, type CommandResult } from '../setup/runCommand.mts';
import { n8nEnvironment, type N8nSettings } from './settings.mts';

/** How long n8n may take to end its running executions before it is killed. Milliseconds. */
const GRACE_MS = 20_000;

/** A throttled process is paused for a part of each of these periods, as under the kernel's CPU limit. Milliseconds. */
const THROTTLE_MS = 100;

const n8nProgram = (line: N8nLine): string => join(n8nFolder(line), 'node_modules', 'n8n', 'bin', 'n8n');

/** The file with the output of the current or last process with these settings. */
export const logFile = ({ userFolder }: N8nSettings): string => join(userFolder, 'printed.log');

/** One process of n8n: the main process or a worker. */
export class N8nProcess {
	readonly name: string;
	readonly #child: ChildProcess;
	readonly #logFile: string;

	constructor(line: N8nLine, args: readonly string[], settings: N8nSettings) {
		const { program, env } = findNode24();
		this.name = `n8n ${args.join(' ')}`.trim();
		this.#logFile = logFile(settings);
		const log = openSync(this.#logFile, 'w');
		this.#child = spawnOwned(program, [n8nProgram(line), ...args], {
			cwd: settings.userFolder,
			env: n8nEnvironment(line, settings, env),
			stdio: ['ignore', log, log],
		});
		closeSync(log);
	}

	/** Everything that it has printed so far. */
	get log(): string {
		return readFileSync(this.#logFile, 'utf8');
	}

	get pid(): number {
		return this.#child.pid ?? 0;
	}

	get hasEnded(): boolean {
		return this.#child.exitCode !== null || this.#child.signalCode !== null;
	}

	/** Waits until `isReady` returns true. */
	async whenReady(isReady: () => Promise<boolean>, timeoutMs = 180_000): Promise<void> {
		const deadline = Date.now() + timeoutMs;
		for (;;) {
			if (this.hasEnded) {
				throw new Error(`${this.name} ended at its start:\n${this.log.slice(-4000)}`);
			}
			if (await isReady().catch(() => false)) {
				return;
			}
			if (Date.now() > deadline) {
				throw new Error(`${this.name} does not start:\n${this.log.slice(-4000)}`);
			}
			await sleep(250);
		}
	}

	/** Ends it as Ctrl-C would, and kills it if it does not end. */
	async stop(): Promise<void> {
		await this.#end('SIGTERM');
	}

	/** Ends it as a power failure would. */
	async kill(): Promise<void> {
		await this.#end('SIGKILL');
	}

	/** Pauses it for a while, like a paused virtual machine or a process that is swapped out. */
	async freeze(ms: number): Promise<void> {
		this.#child.kill('SIGSTOP');
		await sleep(ms);
		this.#child.kill('SIGCONT');
	}

	/** Gives it only a share of a core's time. @returns a function that ends this */
	throttle(share: number): () => void {
		let isThrottled = true;
		const alternate = async () => {
			while (isThrottled) {
				this.#child.kill('SIGSTOP');
				await sleep(THROTTLE_MS * (1 - share));
				this.#child.kill('SIGCONT');
				await sleep(THROTTLE_MS * share);
			}
		};
		void alternate();
		return () => {
			isThrottled = false;
		};
	}

	async #end(signal: NodeJS.Signals): Promise<void> {
		if (this.hasEnded) {
			return;
		}
		const ended = once(this.#child, 'exit');
		this.#child.kill(signal);
		const timer = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
		await ended;
		clearTimeout(timer);
	}
}

/** Runs one of n8n's commands to its end, e.g. `['import:workflow', '--input=…']`. */
export async function runN8nCommand(
	line: N8nLine,
	args: readonly string[],
	settings: N8nSettings,
): Promise<CommandResult> {
	const { program, env } = findNode24();
	return await runCommand(program, [n8nProgram(line), ...args], {
		cwd: settings.userFolder,
		env: n8nEnvironment(line, settings, env),
	});
}

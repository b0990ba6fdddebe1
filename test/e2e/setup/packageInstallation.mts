import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { e2eFolder } from './folders.mts';
import { withoutNpmRun } from './node24.mts';
import { runCommand, type CommandResult } from './runCommand.mts';
import { CannotStart } from './stopMessage.mts';

/** How often a long installation prints that it is still running. Milliseconds. */
const PROGRESS_EVERY_MS = 30_000;

/** After this, an installation is considered stuck. Milliseconds. */
const LONGEST_INSTALLATION_MS = 15 * 60_000;

const NPM_LOCKFILE = 'package-lock.json';
const PNPM_LOCKFILE = 'pnpm-lock.yaml';

/** The prefix of an error message of npm or pnpm. */
const ERROR_PREFIX = /^(npm (error|ERR!)|\[ERR_PNPM_\w+\]) ?/;

/** The path of pnpm, once the packages of test/e2e are installed. */
const PNPM_PROGRAM = join(e2eFolder, 'node_modules', 'pnpm', 'bin', 'pnpm.mjs');

/** How a folder with a lockfile is installed. */
export interface Installation {
	/** Has the lockfile of npm or of pnpm; the lockfile decides which of them installs it. */
	readonly folder: string;
	/** What it is, for messages: "n8n 2.x". */
	readonly name: string;
	/** How much disk space it takes, in GB. */
	readonly neededGb: number;
	readonly env?: NodeJS.ProcessEnv | undefined;
	/** Runs after the packages are unpacked. */
	finish?(): Promise<void>;
}

/** The file that records which lockfile was installed. */
function markerIn(folder: string): string {
	return join(folder, 'node_modules', '.installed-for');
}

function usesPnpm(folder: string): boolean {
	return existsSync(join(folder, PNPM_LOCKFILE));
}

async function lockfileHash(folder: string): Promise<string> {
	const lockfile = await readFile(join(folder, usesPnpm(folder) ? PNPM_LOCKFILE : NPM_LOCKFILE));
	return createHash('sha256').update(lockfile).digest('hex');
}

/** Whether the packages in a folder's lockfile are installed. */
export async function isInstalled(folder: string): Promise<boolean> {
	const marker = markerIn(folder);
	return existsSync(marker) && (await readFile(marker, 'utf8')) === (await lockfileHash(folder));
}

/** Installs the packages in a folder's lockfile, unless that was done before. */
export async function installPackages({ folder, name, neededGb, env, finish }: Installation): Promise<void> {
	if (await isInstalled(folder)) {
		return;
	}
	await checkDisk(folder, name, neededGb);
	process.stdout.write(`Installing ${name} (about ${neededGb} GB) …\n`);
	const startedMs = Date.now();
	const seconds = () => `${Math.round((Date.now() - startedMs) / 1000)} s`;
	const progress = setInterval(() => process.stdout.write(`  ${name}: ${seconds()} …\n`), PROGRESS_EVERY_MS);
	const program = usesPnpm(folder) ? 'pnpm' : 'npm';
	const unpack = program === 'pnpm' ? unpackWithPnpm : unpackWithNpm;
	try {
		let result = await unpack(folder, env);
		if (result.code !== 0) {
			process.stdout.write(`  ${program} could not install ${name}: ${firstErrorOf(result)}. Once more …\n`);
			result = await unpack(folder, env);
		}
		if (result.code !== 0) {
			await checkDisk(folder, name, 0.2);
			throw new CannotStart(`${program} could not install ${name}: ${firstErrorOf(result)}.`);
		}
		await finish?.();
	} finally {
		clearInterval(progress);
	}
	await writeFile(markerIn(folder), await lockfileHash(folder));
	process.stdout.write(`Installed ${name} in ${seconds()}\n`);
}

// Install scripts would download binaries from many places; `finish` builds the modules that need it.

async function unpackWithNpm(folder: string, env: NodeJS.ProcessEnv | undefined): Promise<CommandResult> {
	return await npm(['ci', '--ignore-scripts'], folder, env);
}

/** Two installations at once would each download the packages that they share. */
const pnpmOneByOne = pLimit(1);

/** For n8n: pnpm takes a quarter of npm's processor time, and stores the files that both lines of n8n share only once. */
async function unpackWithPnpm(folder: string, env: NodeJS.ProcessEnv | undefined): Promise<CommandResult> {
	const args = [PNPM_PROGRAM, 'install', '--frozen-lockfile', '--ignore-scripts'];
	const options = {
		cwd: folder,
		env: env ?? withoutNpmRun(process.env),
		timeoutMs: LONGEST_INSTALLATION_MS,
	};
	return await pnpmOneByOne(async () => await runCommand(process.execPath, args, options));
}

/** Runs npm in a folder. */
export async function npm(
	args: readonly string[],
	cwd: string,
	env: NodeJS.ProcessEnv = withoutNpmRun(process.env),
): Promise<CommandResult> {
	return await runCommand('npm', args, {
		cwd,
		env,
		missing: 'install Node.js with npm',
		timeoutMs: LONGEST_INSTALLATION_MS,
	});
}

/** The first error of npm or pnpm, without its prefix. */
export function firstErrorOf({ stdout, stderr, code }: CommandResult): string {
	// pnpm writes errors to standard output.
	const lines = [...stderr.split('\n'), ...stdout.split('\n')]
		.filter((line) => ERROR_PREFIX.test(line) && !/complete log|A complete/.test(line))
		.map((line) => line.replace(ERROR_PREFIX, '').trim())
		.filter((line) => line !== '');
	return lines.at(0) ?? (code === null ? 'it took too long and was ended' : `it ended with ${code}`);
}

async function checkDisk(folder: string, name: string, neededGb: number): Promise<void> {
	const { bavail, bsize } = await statfs(folder);
	const freeGb = (bavail * bsize) / 1e9;
	if (freeGb >= neededGb) {
		return;
	}
	throw new CannotStart(
		`There is no room for ${name}: it needs ${neededGb} GB and ${freeGb.toFixed(1)} GB are free at ${folder}.`,
	);
}

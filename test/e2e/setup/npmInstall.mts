import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutNpmRun } from './node24.mts';
import { runCommand, type CommandResult } from './runCommand.mts';
import { CannotStart } from './stopMessage.mts';

/** How often a long installation says that it goes on. Milliseconds. */
const PROGRESS_EVERY_MS = 30_000;

/** After this, npm is taken to hang. Milliseconds. */
const LONGEST_NPM_MS = 15 * 60_000;

/** How a folder with a lockfile is installed. */
export interface Installation {
	readonly folder: string;
	/** What it is, for messages: "n8n 2.x". */
	readonly name: string;
	/** How much room it takes, in GB. */
	readonly neededGb: number;
	readonly env?: NodeJS.ProcessEnv | undefined;
	/** What is left to do after npm has unpacked the packages. */
	finish?(): Promise<void>;
}

/** Where an installation notes for which lockfile it was made. */
function markerIn(folder: string): string {
	return join(folder, 'node_modules', '.installed-for');
}

async function lockfileHash(folder: string): Promise<string> {
	const lockfile = await readFile(join(folder, 'package-lock.json'));
	return createHash('sha256').update(lockfile).digest('hex');
}

/** Whether what a folder's lockfile says is installed. */
export async function isInstalled(folder: string): Promise<boolean> {
	const marker = markerIn(folder);
	return existsSync(marker) && (await readFile(marker, 'utf8')) === (await lockfileHash(folder));
}

/** Installs what a folder's lockfile says, unless that was done before. */
export async function npmInstall({ folder, name, neededGb, env, finish }: Installation): Promise<void> {
	if (await isInstalled(folder)) {
		return;
	}
	await checkDisk(folder, name, neededGb);
	process.stdout.write(`Installing ${name} (about ${neededGb} GB) …\n`);
	const startedMs = Date.now();
	const seconds = () => `${Math.round((Date.now() - startedMs) / 1000)} s`;
	const progress = setInterval(() => process.stdout.write(`  ${name}: ${seconds()} …\n`), PROGRESS_EVERY_MS);
	try {
		let result = await npmCi(folder, env);
		if (result.code !== 0) {
			process.stdout.write(`  npm could not install ${name}: ${lastErrorOf(result)}. Once more …\n`);
			result = await npmCi(folder, env);
		}
		if (result.code !== 0) {
			await checkDisk(folder, name, 0.2);
			throw new CannotStart(`npm could not install ${name}: ${lastErrorOf(result)}.`);
		}
		await finish?.();
	} finally {
		clearInterval(progress);
	}
	await writeFile(markerIn(folder), await lockfileHash(folder));
	process.stdout.write(`Installed ${name} in ${seconds()}\n`);
}

/** Install scripts would download binaries from many places; what must be built is built by `finish`. */
async function npmCi(folder: string, env: NodeJS.ProcessEnv | undefined): Promise<CommandResult> {
	return await npm(['ci', '--ignore-scripts'], folder, env);
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
		timeoutMs: LONGEST_NPM_MS,
	});
}

/** The last thing npm complained about, without its prefix. */
export function lastErrorOf({ stderr, code }: CommandResult): string {
	const lines = stderr
		.split('\n')
		.filter((line) => /^npm (error|ERR!)/.test(line) && !/complete log|A complete/.test(line))
		.map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
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

import { accessSync, constants } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { runCommand } from './runCommand.mts';
import { CannotStart } from './stopMessage.mts';

/** Something that must be on the machine but that npm does not install. */
export interface MachinePart {
	/** What it is, for messages: "PostgreSQL". */
	readonly name: string;
	/** The Debian package that contains it. */
	readonly debianPackage: string;
	isThere(): boolean;
}

/** A program on the PATH. */
export function programPart(program: string, debianPackage = program): MachinePart {
	return { name: program, debianPackage, isThere: () => isProgram(program) };
}

/**
 * Makes sure that the machine has all parts. As root on Debian, installs those that are missing.
 *
 * @throws CannotStart with the missing parts and how to install them
 */
export async function requireOnMachine(parts: readonly MachinePart[]): Promise<void> {
	const missing = parts.filter((part) => !part.isThere());
	if (missing.length === 0) {
		return;
	}
	const names = missing.map(({ name }) => name).join(', ');
	const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))];
	if (userInfo().uid !== 0 || !isProgram('apt-get')) {
		throw new CannotStart(
			`This machine lacks ${names}: install what is missing (Debian: sudo apt-get install ${packages.join(' ')}).`,
		);
	}
	process.stdout.write(`Installing ${names} by apt-get …\n`);
	await aptGet(['update']);
	await aptGet(['install', '--yes', '--no-install-recommends', ...packages]);
	const stillMissing = missing.filter((part) => !part.isThere());
	if (stillMissing.length === 0) {
		return;
	}
	const stillNames = stillMissing.map(({ name }) => name).join(', ');
	throw new CannotStart(
		`apt-get installed ${packages.join(' ')}, and yet this machine lacks ${stillNames}: install it by hand.`,
	);
}

/** Retries downloads, and waits for another apt-get that is running. */
const PATIENCE = ['-o', 'Acquire::Retries=3', '-o', 'DPkg::Lock::Timeout=300'];
const LONGEST_APT_MS = 10 * 60_000;

async function aptGet(args: readonly string[]): Promise<void> {
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	const run = async () =>
		await runCommand('apt-get', [...PATIENCE, ...args], { cwd: tmpdir(), env, timeoutMs: LONGEST_APT_MS });
	let result = await run();
	if (result.code !== 0) {
		process.stdout.write(`apt-get ${args[0]} failed; once more …\n`);
		result = await run();
	}
	if (result.code === 0) {
		return;
	}
	const [error = `it ended with ${result.code}`] = result.stderr
		.split('\n')
		.filter((line) => line.startsWith('E: '))
		.map((line) => line.slice(3));
	throw new CannotStart(`apt-get ${args.join(' ')} failed: ${error}`);
}

function isProgram(name: string): boolean {
	const folders = (process.env.PATH ?? '').split(delimiter);
	return folders.some((folder) => {
		try {
			accessSync(join(folder, name), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

import { existsSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pLimit from 'p-limit';
import { startFirst } from './n8n/server.mts';
import { e2eFolder, n8nFolder, n8nLines, type N8nLine } from './setup/folders.mts';
import { programPart, requireOnMachine } from './setup/machinePart.mts';
import { findNode24 } from './setup/node24.mts';
import { firstErrorOf, npm, installPackages } from './setup/packageInstallation.mts';
import { CannotStart, runMain } from './setup/stopMessage.mts';

const NEEDED_GB: Readonly<Record<N8nLine, number>> = { 'n8n-2': 2.5, 'n8n-2.15': 1.5 };

/** The programs that compile a native module. */
const COMPILERS = ['python3', 'make', 'g++'].map((program) => programPart(program));

/** n8n's native database module. The lines of n8n have the same version of it, so they can share the built file. */
const SQLITE = join('node_modules', 'sqlite3');
const BUILT_SQLITE = join(SQLITE, 'build', 'Release', 'node_sqlite3.node');

/** Installs the browser driver, Node 24 and these lines of n8n, and starts each line once, unless that was done before. */
export async function install(lines: readonly N8nLine[]): Promise<void> {
	await installPackages({ folder: e2eFolder, name: 'Node 24, pnpm and the browser driver', neededGb: 0.5 });
	const { env } = findNode24();
	const oneByOne = pLimit(1);
	await Promise.all(
		lines.map(async (line) => {
			const folder = n8nFolder(line);
			const finish = async () => await oneByOne(async () => await provideSqlite(folder, env));
			await installPackages({ folder, name: line.replace('-', ' '), neededGb: NEEDED_GB[line], env, finish });
			await startFirst(line);
		}),
	);
}

/** Copies the one native module that n8n cannot start without from another line, or else builds it. */
async function provideSqlite(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
	const manifestIn = (of: string) => readFileSync(join(of, SQLITE, 'package.json'), 'utf8');
	const other = n8nLines
		.map(n8nFolder)
		.find(
			(each) =>
				existsSync(join(each, BUILT_SQLITE)) && each !== folder && manifestIn(each) === manifestIn(folder),
		);
	if (other === undefined) {
		await buildSqlite(folder, env);
		return;
	}
	await cp(join(other, BUILT_SQLITE), join(folder, BUILT_SQLITE));
}

/** Downloads the prebuilt module if possible, else compiles it. */
async function buildSqlite(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
	const rebuild = async () => await npm(['rebuild', 'sqlite3'], folder, env);
	if ((await rebuild()).code === 0) {
		return;
	}
	await requireOnMachine(COMPILERS);
	const result = await rebuild();
	if (result.code === 0) {
		return;
	}
	throw new CannotStart(`n8n's database module could not be compiled: ${firstErrorOf(result)}.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	const chosen = n8nLines.filter((line) => process.argv.includes(line));
	await runMain(async () => await install(chosen.length > 0 ? chosen : n8nLines));
}

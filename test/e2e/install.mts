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

/** What compiles a native module. */
const COMPILERS = ['python3', 'make', 'g++'].map((program) => programPart(program));

/** n8n's database module, as it is built: the same for each line, because the lines have the same version of it. */
const SQLITE = join('node_modules', 'sqlite3');
const BUILT_SQLITE = join(SQLITE, 'build', 'Release', 'node_sqlite3.node');

/** Installs the browser driver, Node 24 and the given lines of n8n, and starts each once, as far as that was not done yet. */
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

/** The one native module that n8n cannot start without: of another line where it is there, else built. */
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

/** Downloaded ready-made where possible, else compiled. */
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
	const asked = n8nLines.filter((line) => process.argv.includes(line));
	await runMain(async () => await install(asked.length > 0 ? asked : n8nLines));
}

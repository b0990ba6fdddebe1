import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { n8nFolder, type N8nLine } from '../setup/folders.mts';

// The result of a first start of n8n is stored next to the installed n8n, because a test run starts n8n sixty times. On a busy machine a
// start of n8n 2.41 took 10.0 s of processor time with an empty SQLite, 7.5 s with a migrated one, and 6.5 s with compiled modules, too.

/** The folder in which Node keeps the modules of a line of n8n in compiled form. */
export function compileCacheOf(line: N8nLine): string {
	return join(n8nFolder(line), 'node_modules', '.compile-cache');
}

/** The folder with the database of a first start, made by the installed version of n8n. */
function firstStartOf(line: N8nLine): string {
	const modules = join(n8nFolder(line), 'node_modules');
	const { version } = JSON.parse(readFileSync(join(modules, 'n8n', 'package.json'), 'utf8')) as {
		version: string;
	};
	return join(modules, `.first-start-${version}`);
}

export function hasFirstStart(line: N8nLine): boolean {
	return existsSync(firstStartOf(line));
}

/** Deletes the modules that were compiled since the first start: most belong to packages in deleted user folders, half a MB each. */
export async function forgetLaterModules(line: N8nLine): Promise<void> {
	const { mtimeMs: keptMs } = await stat(firstStartOf(line));
	const entries = await readdir(compileCacheOf(line), { recursive: true, withFileTypes: true });
	for (const { parentPath, name } of entries.filter((entry) => entry.isFile())) {
		const path = join(parentPath, name);
		if ((await stat(path)).mtimeMs > keptMs) {
			await rm(path, { force: true });
		}
	}
}

/** The folder in which n8n stores everything, below its user folder. */
const storeIn = (userFolder: string) => join(userFolder, '.n8n');

/** The settings file, which has the database's encryption key. */
const SETTINGS = 'config';

async function copyStore(from: string, to: string): Promise<void> {
	await mkdir(to, { recursive: true });
	const files = (await readdir(from)).filter(
		(file) => file === SETTINGS || file.startsWith('database.sqlite'),
	);
	await Promise.all(files.map(async (file) => await cp(join(from, file), join(to, file))));
}

/** Keeps the files of an n8n that was started once, without an owner and packages, and has ended. */
export async function keepFirstStart(line: N8nLine, userFolder: string): Promise<void> {
	const unfinished = await mkdtemp(`${firstStartOf(line)}-`);
	await copyStore(storeIn(userFolder), unfinished);
	await rename(unfinished, firstStartOf(line));
}

/**
 * Copies the files of a first start into an empty user folder.
 *
 * @returns the encryption key that n8n must use; undefined if no first start was kept
 */
export async function restoreFirstStart(line: N8nLine, userFolder: string): Promise<string | undefined> {
	if (!hasFirstStart(line)) {
		return undefined;
	}
	await copyStore(firstStartOf(line), storeIn(userFolder));
	const settings = await readFile(join(storeIn(userFolder), SETTINGS), 'utf8');
	return (JSON.parse(settings) as { encryptionKey: string }).encryptionKey;
}

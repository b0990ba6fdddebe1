import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRequire } from 'node:module';
import { BUILD_FOLDERS, type Build } from '../../embedded/builtNode.mts';
import { rootFolder } from './setup/folders.mts';
import { installedFolder } from './setup/packedPackage.mts';

// gulp has no types.
const { watch } = createRequire(import.meta.url)('gulp') as {
	watch(
		globs: string[],
		options: { cwd: string; delay: number },
		task: () => Promise<void>,
	): { close(): Promise<void> };
};

/** How long to wait for further changes: editors write several files at once, and some write a file twice. Milliseconds. */
const QUIET_MS = 200;

/** Makes n8n watch the files of its packages, and reload them when one changes. */
export const RELOADING = { N8N_DEV_RELOAD: 'true' };

/**
 * Rebuilds the package when a source changes, and copies it into a running n8n. Prints the result.
 * @returns a function that stops watching
 */
export function rebuildOnChange(build: Build, n8nUserFolder: string): () => void {
	const sources = ['nodes/**', 'credentials/**', 'icons/**'];
	const watcher = watch(sources, { cwd: rootFolder, delay: QUIET_MS }, async () => {
		await rebuild(build, n8nUserFolder);
	});
	return () => void watcher.close();
}

async function rebuild(build: Build, n8nUserFolder: string): Promise<void> {
	const startMs = performance.now();
	try {
		await promisify(execFile)('npx', ['gulp', `build:${build}`, '--silent'], { cwd: rootFolder });
		await cp(BUILD_FOLDERS[build], join(installedFolder(n8nUserFolder), 'dist'), { recursive: true });
		const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
		process.stdout.write(`Rebuilt in ${seconds} s. n8n loads the node again; reload the page to see it.\n`);
	} catch (error) {
		const { stderr, stdout, message } = error as Error & { stderr?: string; stdout?: string };
		process.stdout.write(`Not rebuilt, so n8n keeps the node that it has:\n${stderr || stdout || message}\n`);
	}
}

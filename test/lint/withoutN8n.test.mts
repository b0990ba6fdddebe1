import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';

const SOURCES = join(import.meta.dirname, '../../nodes/TencentCloudIot');

/** Packages that a bundle of all files of a folder, and of all that these import, takes from outside. */
async function packagesOf(folder: string): Promise<Set<string>> {
	const { metafile } = await build({
		entryPoints: globSync(join(SOURCES, folder, '**/*.ts')),
		bundle: true,
		platform: 'node',
		packages: 'external',
		outdir: 'out',
		write: false,
		metafile: true,
	});
	const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports);
	const packages = imported.flatMap(({ external, path }) => (external === true ? path : []));
	return new Set(packages.filter((name) => !name.startsWith('node:')));
}

/** The lint sees what a file imports itself; this sees what comes with it. */
test.each([
	['sync', ['uuid']],
	['binding', []],
	['audit', []],
	['service', ['uuid', 'proxy-from-env', 'undici']],
	['probe', ['uuid']],
	['messages', []],
])('%s/ runs without n8n, with these packages only: %j', async (folder, packages) => {
	expect([...(await packagesOf(folder))].sort()).toEqual([...packages].sort());
});

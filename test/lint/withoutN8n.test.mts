import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';

const SOURCES = join(import.meta.dirname, '../../nodes/TencentCloudIot');

/** The external packages of a bundle of a folder's files and all of their imports. */
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

/** The lint checks only direct imports; this also checks indirect ones. */
test.each([
	['sync', ['uuid']],
	['binding', []],
	['audit', []],
	['service', ['uuid', 'proxy-from-env', 'undici']],
	['probe', ['uuid']],
	['messages', []],
])('%s/ runs without n8n, with only these packages: %j', async (folder, packages) => {
	expect([...(await packagesOf(folder))].sort()).toEqual([...packages].sort());
});

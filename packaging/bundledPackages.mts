import type { Metafile } from 'esbuild';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

/** A package with at least one file in the bundle. */
export interface BundledPackage {
	readonly name: string;
	readonly version: string;
	/** From its package.json, e.g. `MIT`. */
	readonly licence: string;
	readonly folder: string;
	/** The names of the packages that it imports. */
	readonly dependencies: readonly string[];
	/** Below its folder, with slashes. */
	readonly files: readonly string[];
}

/**
 * The packages in the bundles, by name.
 *
 * @param metafiles esbuild's reports on the bundles, with paths relative to the current folder
 * @throws when a bundled file belongs to no package
 */
export async function bundledPackages(metafiles: readonly Metafile[]): Promise<BundledPackage[]> {
	const inputs = metafiles
		.flatMap(({ outputs }) => Object.values(outputs))
		.flatMap((output) => Object.keys(output.inputs))
		.filter((path) => path.includes('node_modules/'));
	const packages = new Map<string, BundledPackage>();
	for (const path of [...new Set(inputs)].sort().map((input) => resolve(input))) {
		const found = await packageOf(path);
		const { files } = packages.get(found.folder) ?? found;
		packages.set(found.folder, { ...found, files: [...files, withSlashes(relative(found.folder, path))] });
	}
	return [...packages.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The package in the nearest parent folder whose package.json has a name and a version. */
async function packageOf(path: string): Promise<BundledPackage> {
	for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
		const manifest = join(folder, 'package.json');
		if (!existsSync(manifest)) {
			continue;
		}
		const {
			name,
			version,
			license,
			dependencies = {},
		} = JSON.parse(await readFile(manifest, 'utf8')) as Record<string, unknown>;
		if (typeof name !== 'string' || typeof version !== 'string') {
			continue;
		}
		const imported = Object.keys(dependencies as object);
		return { name, version, licence: String(license), folder, dependencies: imported, files: [] };
	}
	throw new Error(`${path} is bundled but belongs to no package.`);
}

const withSlashes = (path: string) => path.replaceAll('\\', '/');

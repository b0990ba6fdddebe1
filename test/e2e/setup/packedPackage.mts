import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Build } from '../../../embedded/builtNode.mts';
import { rootFolder } from './folders.mts';
import { npm } from './packageInstallation.mts';
import { runOrThrow } from './runCommand.mts';
import { CannotStart } from './stopMessage.mts';

const PACKAGE_NAME = 'n8n-nodes-tencent-iot';

/**
 * The path of one build of the package as it is published: the tarball in E2E_TARBALL_POOL or E2E_TARBALL_VERIFIED,
 * or else one that is built and packed now.
 *
 * @param folder for a new tarball
 */
export async function packedPackage(build: Build, folder: string): Promise<string> {
	return process.env[tarballVariable(build)] ?? (await buildAndPack(build, join(folder, build)));
}

/** The environment variable with the tarball of a build. */
export const tarballVariable = (build: Build) => `E2E_TARBALL_${build.toUpperCase()}`;

/** Builds the package of a checkout and packs it. */
export async function buildAndPack(build: Build, folder: string, root = rootFolder): Promise<string> {
	await mkdir(folder, { recursive: true });
	const packed = await npm(['run', `pack:${build}`, '--', '--pack-destination', folder], root);
	const [name] = await readdir(folder);
	if (packed.code === 0 && name !== undefined) {
		return join(folder, name);
	}
	throw new CannotStart(
		`The package cannot be built and packed (was npm ci run in the checkout?): ${packed.stdout}${packed.stderr}`,
	);
}

/** Where n8n looks for community packages. */
const nodesFolderOf = (n8nUserFolder: string) => join(n8nUserFolder, '.n8n', 'nodes');

/** Where the package is installed in an n8n. */
export const installedFolder = (n8nUserFolder: string) =>
	join(nodesFolderOf(n8nUserFolder), 'node_modules', PACKAGE_NAME);

/** Removes all community packages of a stopped n8n, as when its container is replaced by a new one. */
export async function loseCommunityPackages(n8nUserFolder: string): Promise<void> {
	await rm(nodesFolderOf(n8nUserFolder), { recursive: true });
}

/**
 * Installs the tarball into n8n's own folder for community packages, step by step as n8n does when a user installs a
 * package by name: unpack, drop development dependencies, install the others without scripts, record the version.
 */
export async function installAsCommunityPackage(tarball: string, n8nUserFolder: string): Promise<void> {
	const nodesFolder = nodesFolderOf(n8nUserFolder);
	const packageFolder = installedFolder(n8nUserFolder);
	await rm(packageFolder, { recursive: true, force: true });
	await mkdir(packageFolder, { recursive: true });
	await runOrThrow('tar', ['-xzf', tarball, '-C', packageFolder, '--strip-components=1'], {
		cwd: nodesFolder,
	});
	const manifestPath = join(packageFolder, 'package.json');
	const manifest = JSON.parse(await readFile(manifestPath, 'utf8')) as Record<string, unknown>;
	const { devDependencies: _d, peerDependencies: _p, optionalDependencies: _o, ...kept } = manifest;
	await writeFile(manifestPath, JSON.stringify(kept, null, 2));
	const flags = ['--audit=false', '--fund=false', '--bin-links=false', '--install-strategy=shallow'];
	const install = ['install', ...flags, '--ignore-scripts=true', '--package-lock=false'];
	const installed = await npm(install, packageFolder);
	if (installed.code !== 0) {
		throw new Error(`npm cannot install the packed package: ${installed.stderr}`);
	}
	await writeFile(
		join(nodesFolder, 'package.json'),
		JSON.stringify(
			{ name: 'installed-nodes', private: true, dependencies: { [PACKAGE_NAME]: String(kept.version) } },
			null,
			2,
		),
	);
}

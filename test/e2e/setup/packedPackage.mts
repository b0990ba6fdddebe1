import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootFolder } from './folders.mts';
import { withoutNpmRun } from './node24.mts';
import { npm } from './npmInstall.mts';
import { runCommand, runOrThrow } from './runCommand.mts';
import { CannotStart } from './stopMessage.mts';

const PACKAGE_NAME = 'n8n-nodes-tencent-iot';

/**
 * The package as it is published: the tarball that E2E_TARBALL names, or else one that is built and packed now.
 *
 * @param folder where a new tarball is put
 */
export async function packedPackage(folder: string): Promise<string> {
	return process.env.E2E_TARBALL ?? (await buildAndPack(folder));
}

async function buildAndPack(folder: string): Promise<string> {
	const gulp = join(rootFolder, 'node_modules', '.bin', 'gulp');
	const env = withoutNpmRun(process.env);
	env.PATH = `${join(rootFolder, 'node_modules', '.bin')}:${env.PATH ?? ''}`;
	const missing = 'run npm ci in the checkout first';
	const built = await runCommand(gulp, ['build', '--no-color'], { cwd: rootFolder, env, missing });
	if (built.code !== 0) throw new CannotStart(`The package cannot be built: ${built.stdout}${built.stderr}`);
	await mkdir(folder, { recursive: true });
	const packed = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], rootFolder);
	if (packed.code !== 0) throw new CannotStart(`npm cannot pack the package: ${packed.stderr}`);
	return join(folder, readPackedName(packed.stdout));
}

/** Depending on its version, npm lists what it packed in an array or by name. */
function readPackedName(json: string): string {
	const [packed] = Object.values(JSON.parse(json) as Record<string, { filename: string }>);
	if (packed === undefined) throw new Error(`npm pack named no file: ${json}`);
	return packed.filename;
}

/**
 * Installs the tarball into n8n's own folder for community packages, step by step as n8n does when a user installs a
 * package by name: unpack, drop what is for development, install the dependencies without scripts, note the version.
 */
export async function installAsCommunityPackage(tarball: string, n8nUserFolder: string): Promise<void> {
	const nodesFolder = join(n8nUserFolder, '.n8n', 'nodes');
	const packageFolder = join(nodesFolder, 'node_modules', PACKAGE_NAME);
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
	if (installed.code !== 0) throw new Error(`npm cannot install the packed package: ${installed.stderr}`);
	await writeFile(
		join(nodesFolder, 'package.json'),
		JSON.stringify(
			{ name: 'installed-nodes', private: true, dependencies: { [PACKAGE_NAME]: String(kept.version) } },
			null,
			2,
		),
	);
}

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { communityPackages, firstDifference, readEntries } from './compare.mts';

const rootFolder = join(import.meta.dirname, '..');

/** The manifest inside a package. */
async function readManifest(tarball: string): Promise<{ name?: string; version?: string }> {
	try {
		const manifest = (await readEntries(tarball)).get('package.json')?.content.toString();
		return JSON.parse(manifest ?? '') as { name?: string; version?: string };
	} catch {
		throw new Error(`${tarball} is not an npm package: give the .tgz that npm pack or the release has.`);
	}
}

/**
 * The script that packs the build that a package claims to be.
 *
 * @throws when it is no package of this checkout's name and version
 */
async function packScript(tarball: string): Promise<'pack:verified' | 'pack:pool'> {
	if (!existsSync(tarball)) throw new Error(`There is no file ${tarball}.`);
	const { name, version = '' } = await readManifest(tarball);
	const own = JSON.parse(await readFile(join(rootFolder, 'package.json'), 'utf8')) as Record<string, string>;
	if (name !== own['name']) throw new Error(`${tarball} is the package ${name}, not ${own['name']}.`);
	const released = version.replace(/-undici\.0$/, '');
	if (released !== own['version']) {
		throw new Error(
			`${tarball} is version ${version}, and this checkout is ${own['version']}: run git checkout v${released} and npm ci first.`,
		);
	}
	return released === version ? 'pack:verified' : 'pack:pool';
}

/** Packs a build of this checkout as a release does, and compares. Resolves to what {@link firstDifference} does. */
async function differenceFromRebuilt(tarball: string): Promise<string | undefined> {
	const script = await packScript(tarball);
	const folder = await mkdtemp(join(tmpdir(), 'rebuilt-'));
	try {
		await promisify(execFile)('npm', ['run', script, '--', '--pack-destination', folder], {
			cwd: rootFolder,
			shell: process.platform === 'win32',
		});
		const [rebuilt = ''] = await readdir(folder);
		return await firstDifference(tarball, join(folder, rebuilt));
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

// `npm run verify -- <tgz>`: 0 when this checkout builds the very same package.
const [tarball, ...others] = process.argv.slice(2);
try {
	if (tarball === undefined || others.length > 0) {
		throw new Error('Give one package: npm run verify -- <file.tgz>');
	}
	const difference = await differenceFromRebuilt(tarball);
	const name = basename(tarball);
	if (difference !== undefined) throw new Error(`${name} is not what this checkout builds. ${difference}`);
	console.log(`${name} is what this checkout builds, byte for byte.`);
	console.log(`N8N_COMMUNITY_PACKAGES='${await communityPackages(tarball)}'`);
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}

/** `npm run verify -- FILE.tgz`: exits with 0 if this checkout packs the same bytes. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const rootFolder = join(import.meta.dirname, '..');

interface Manifest {
	readonly name: string;
	readonly version: string;
}

/** The manifest inside a package. */
async function readManifest(tarball: string): Promise<Manifest> {
	if (!existsSync(tarball)) {
		throw new Error(`There is no file ${tarball}.`);
	}
	try {
		const { stdout } = await run('tar', ['-xzOf', tarball, 'package/package.json']);
		return JSON.parse(stdout) as Manifest;
	} catch {
		throw new Error(`${tarball} is not an npm package: give the .tgz that npm pack or the release has.`);
	}
}

/**
 * The script that packs the build that a package claims to be.
 *
 * @throws when the package does not have this checkout's name and version
 */
async function packScript(tarball: string, { name, version }: Manifest): Promise<string> {
	const checkout = JSON.parse(await readFile(join(rootFolder, 'package.json'), 'utf8')) as Manifest;
	if (name !== checkout.name) {
		throw new Error(`${tarball} is the package ${name}, not ${checkout.name}.`);
	}
	const released = version.replace(/-undici\.0$/, '');
	if (released !== checkout.version) {
		throw new Error(
			`${tarball} is version ${version}, and this checkout is ${checkout.version}: run git checkout v${released} and npm ci first.`,
		);
	}
	return released === version ? 'pack:verified' : 'pack:pool';
}

/** Packs a build of this checkout as a release does, into a separate folder. */
async function rebuild(script: string): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'rebuilt-'));
	const shell = process.platform === 'win32';
	await run('npm', ['run', script, '--', '--pack-destination', folder], { cwd: rootFolder, shell });
	const [rebuilt = ''] = await readdir(folder);
	return join(folder, rebuilt);
}

/** @returns the output: the setting with which n8n installs exactly these bytes from a registry */
async function verify(tarball: string): Promise<string> {
	const manifest = await readManifest(tarball);
	const rebuilt = await rebuild(await packScript(tarball, manifest));
	const archive = await readFile(tarball);
	if (!archive.equals(await readFile(rebuilt))) {
		throw new Error(
			`${basename(tarball)} is not what this checkout builds: somebody changed it, or another npm or Node.js packed it. Compare it with ${rebuilt}`,
		);
	}
	await rm(join(rebuilt, '..'), { recursive: true });
	const { name, version } = manifest;
	const checksum = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
	return `${basename(tarball)} is what this checkout builds, byte for byte.
N8N_COMMUNITY_PACKAGES='${JSON.stringify([{ name, version, checksum }])}'`;
}

const [tarball, ...furtherArguments] = process.argv.slice(2);
try {
	if (tarball === undefined || furtherArguments.length > 0) {
		throw new Error('Give one package: npm run verify -- <file.tgz>');
	}
	console.log(await verify(tarball));
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}

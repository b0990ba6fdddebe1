import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Build } from '../../embedded/builtNode.mts';

const run = promisify(execFile);

export const rootFolder = join(import.meta.dirname, '../..');

/** Where each build's package.json is. */
const PACKAGE_FOLDERS: Readonly<Record<Build, string>> = { verified: '.', pool: './build/pool' };

/** A packed build and its contents. */
export interface Packed {
	readonly tarball: string;
	/** Size of the tarball in bytes. */
	readonly size: number;
	readonly manifest: Readonly<Record<string, unknown>>;
	/** The folder of the unpacked files. */
	readonly folder: string;
	/** All files, with slashes, sorted. */
	readonly files: readonly string[];
	readText(file: string): Promise<string>;
	remove(): Promise<void>;
}

/** The environment without the variables of `npm run`, which another npm would read as its own settings. */
export const outsideNpmRun = (): NodeJS.ProcessEnv =>
	Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

/** Packs a build without rebuilding it, and unpacks the tarball. */
export async function pack(build: Build): Promise<Packed> {
	const temporary = await mkdtemp(join(tmpdir(), 'packed-'));
	await run('npm', ['pack', PACKAGE_FOLDERS[build], '--ignore-scripts', '--pack-destination', temporary], {
		cwd: rootFolder,
		env: outsideNpmRun(),
	});
	return await unpack(temporary);
}

/** Unpacks the only tarball of a temporary folder. */
export async function unpack(temporary: string): Promise<Packed> {
	const tarballs = (await readdir(temporary)).filter((name) => name.endsWith('.tgz'));
	if (tarballs.length !== 1) {
		throw new Error(`npm packed ${tarballs.length} tarballs`);
	}
	const tarball = join(temporary, tarballs[0]!);
	const folder = join(temporary, 'package');
	await mkdir(folder);
	await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
	const readText = async (file: string) => await readFile(join(folder, file), 'utf8');
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const files = entries
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
	return {
		tarball,
		size: (await stat(tarball)).size,
		manifest: JSON.parse(await readText('package.json')) as Record<string, unknown>,
		folder,
		files: files.sort(),
		readText,
		remove: async () => await rm(temporary, { recursive: true, force: true }),
	};
}

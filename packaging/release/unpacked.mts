import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { ICredentialType, INodeType } from 'n8n-workflow';

const run = promisify(execFile);

/** The parts of a package's manifest that a release checks. */
export interface Manifest {
	readonly name?: string;
	readonly version?: string;
	readonly description?: string;
	readonly license?: string;
	readonly keywords?: readonly string[];
	readonly homepage?: string;
	readonly repository?: { readonly type?: string; readonly url?: string };
	readonly author?: { readonly name?: string; readonly email?: string };
	readonly files?: readonly string[];
	readonly dependencies?: Readonly<Record<string, string>>;
	readonly peerDependencies?: Readonly<Record<string, string>>;
	readonly overrides?: unknown;
	readonly scripts?: Readonly<Record<string, string>>;
	readonly publishConfig?: { readonly provenance?: boolean; readonly tag?: string };
	readonly n8n?: {
		readonly n8nNodesApiVersion?: number;
		readonly strict?: boolean;
		readonly nodes?: readonly string[];
		readonly credentials?: readonly string[];
	};
}

/** A packed and unpacked build. */
export interface Unpacked {
	readonly tarball: string;
	readonly folder: string;
	readonly manifest: Manifest;
	/** With slashes, in order. */
	readonly files: readonly string[];
	has(file: string): boolean;
	read(file: string): string;
	/** The classes that n8n would load, in the order of the manifest. */
	readonly nodes: readonly INodeType[];
	readonly credentials: readonly ICredentialType[];
}

/** The environment without the variables of `npm run`, which another npm would read as its own settings. */
export function outsideNpmRun(): NodeJS.ProcessEnv {
	const entries = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
	return Object.fromEntries(entries);
}

/**
 * Packs a package without building it.
 *
 * @param folder of its package.json
 * @param into the folder for the tarball; emptied first
 * @returns the tarball's path
 */
export async function pack(folder: string, into: string): Promise<string> {
	rmSync(into, { recursive: true, force: true });
	mkdirSync(into, { recursive: true });
	await run('npm', ['pack', '--ignore-scripts', '--pack-destination', resolve(into)], {
		cwd: folder,
		env: outsideNpmRun(),
	});
	const [name = ''] = readdirSync(into);
	return resolve(into, name);
}

/** Unpacks a tarball in its own folder, and loads the classes that n8n would load. */
export async function unpack(tarball: string): Promise<Unpacked> {
	const folder = join(tarball, '../package');
	rmSync(folder, { recursive: true, force: true });
	await run('tar', ['-xzf', tarball, '-C', join(tarball, '..')]);
	return readPackage(folder, tarball);
}

/** The contents of an unpacked package. */
export function readPackage(folder: string, tarball = ''): Unpacked {
	const read = (file: string) => readFileSync(join(folder, file), 'utf8');
	const manifest = JSON.parse(read('package.json')) as Manifest;
	const files = readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
		.sort();
	const require = createRequire(join(folder, 'package.json'));
	const load = <T,>(paths: readonly string[] = []) =>
		paths
			.filter((path) => existsSync(join(folder, path)))
			.flatMap((path) => {
				const exported = require(join(folder, path)) as Readonly<Record<string, new () => T>>;
				return Object.values(exported).map((Class) => new Class());
			});
	return {
		tarball,
		folder,
		manifest,
		files,
		has: (file) => files.includes(file),
		read,
		nodes: load<INodeType>(manifest.n8n?.nodes),
		credentials: load<ICredentialType>(manifest.n8n?.credentials),
	};
}

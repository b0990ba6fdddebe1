import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { readAdvisories } from './advisories.mts';
import { rowOf, type Row } from './row.mts';
import { pack } from './unpacked.mts';

const run = promisify(execFile);

/** The parts of a CycloneDX bill of materials that a release checks. */
export interface BillOfMaterials {
	readonly specVersion: string;
	readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
	readonly components?: ReadonlyArray<{
		readonly name: string;
		readonly version: string;
		readonly hashes?: ReadonlyArray<{ readonly alg: string; readonly content: string }>;
		readonly licenses?: readonly unknown[];
	}>;
}

/** Both packages of a release. */
export interface Builds {
	/** Path of the tarball. */
	readonly verified: string;
	readonly pool: string;
	/** The bills of materials of both. */
	readonly materials: readonly BillOfMaterials[];
}

/** Builds and packs both packages of a checkout into its `build/release`. */
export async function packBoth(root: string): Promise<Builds> {
	await run(process.execPath, [join(root, 'node_modules/gulp/bin/gulp.js'), 'build', '--silent'], {
		cwd: root,
	});
	const into = (name: string) => join(root, 'build/release', name);
	const verified = await pack(root, into('verified'));
	const pool = await pack(join(root, 'build/pool'), into('pool'));
	const materials = [verified, pool].map((tarball) => {
		const path = join(root, 'build', `${basename(tarball, '.tgz')}.cdx.json`);
		return JSON.parse(readFileSync(path, 'utf8')) as BillOfMaterials;
	});
	return { verified, pool, materials };
}

/** Each bundled library is in the bill of materials, with its licence and the hash with which npm installed it. */
export function checkBillOfMaterials(materials: readonly BillOfMaterials[]): Row {
	const details = materials.flatMap(({ metadata, specVersion, components = [] }) => {
		const whose = `${metadata.component.name} ${metadata.component.version}`;
		const problems = components.flatMap(({ name, version, hashes = [], licenses = [] }) => {
			const hasHash = hashes.some(({ alg, content }) => alg === 'SHA-512' && content.length === 128);
			return hasHash && licenses.length > 0 ? [] : [`${whose}: ${name} ${version} lacks a hash or a licence`];
		});
		if (components.length === 0) {
			problems.push(`${whose}: it names no library`);
		}
		return specVersion === '1.6' ? problems : [...problems, `${whose}: it is CycloneDX ${specVersion}`];
	});
	const names = new Set(materials.flatMap(({ components = [] }) => components.map(({ name }) => name)));
	return rowOf(`The bill of materials names ${[...names].join(', ')}, with licences and hashes`, details);
}

/** @param settings flags for npm, such as `--registry=…` */
export async function checkAdvisories(
	materials: readonly BillOfMaterials[],
	settings: readonly string[] = [],
): Promise<Row> {
	const libraries = new Map(
		materials.flatMap(({ components = [] }) => components).map((library) => [library.name, library]),
	);
	const name = 'No bundled library has a known advisory';
	const advisories = await readAdvisories([...libraries.values()], settings);
	if (advisories.kind === 'known') {
		return rowOf(name, advisories.found);
	}
	return { name, state: 'notKnown', details: [`The registry could not be queried: ${advisories.why}`] };
}

/** Building the commit again in a separate folder gives the same bytes. */
export async function checkRebuild(root: string, { verified, pool }: Builds): Promise<Row> {
	const folder = join(root, 'build/release/rebuilt');
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const archive = join(root, 'build/release/commit.tar');
	await run('git', ['archive', '--output', archive, 'HEAD'], { cwd: root });
	await run('tar', ['-xf', archive, '-C', folder]);
	symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
	const rebuilt = await packBoth(folder);
	const pairs = [
		[verified, rebuilt.verified],
		[pool, rebuilt.pool],
	] as const;
	const different = pairs
		.filter(([built, again]) => !readFileSync(built).equals(readFileSync(again)))
		.map(([built]) => basename(built));
	rmSync(folder, { recursive: true, force: true });
	return rowOf(
		'The commit, built in another folder, gives both packages byte for byte',
		different.map((name) => `${name} differs: is there an uncommitted change?`),
	);
}

import type { Metafile } from 'esbuild';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

/** Code of others inside a bundled package that does not carry their licence; the text is in `licences/`. */
const VENDORED = [
	{ name: 'llhttp', licence: 'MIT', within: 'undici', files: /^lib\/llhttp\// },
	{ name: 'Node.js', licence: 'MIT', within: 'undici', files: /^lib\/dispatcher\/fixed-queue\.js$/ },
	{ name: 'fetch-blob', licence: 'MIT', within: 'undici', files: /^lib\/core\/util\.js$/ },
	{ name: 'formdata-polyfill', licence: 'MIT', within: 'undici', files: /^lib\/web\/fetch\/body\.js$/ },
];

/** How a source says that a part of it comes from somewhere else. */
const ORIGIN =
	/extracted from|adapted from|copied from|taken from|licen[cs]ed under|\bMIT licen[cs]e|copyright/i;

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;
const RULE = '-'.repeat(80);

/** A package of which at least one file is in the bundle. */
interface BundledPackage {
	readonly name: string;
	readonly version: string;
	readonly licence: string;
	readonly folder: string;
	/** Below its folder, with slashes. */
	readonly files: string[];
}

/**
 * The notices that the bundled packages' licences ask for: of each package, and of others' code inside it, the name,
 * the version and the text of the licence.
 *
 * @param metafiles what esbuild says about the bundles; their paths start from the current folder
 * @throws when a licence's text is missing, or when a bundled file names an origin that is not known here
 */
export async function thirdPartyNotices(metafiles: readonly Metafile[]): Promise<string> {
	const sections: string[] = [];
	for (const bundled of await bundledPackages(metafiles)) {
		sections.push(...(await ownNotices(bundled)), ...(await vendoredNotices(bundled)));
	}
	return [`This package contains the following software of others.\n`, ...sections].join(`\n${RULE}\n\n`);
}

async function bundledPackages(metafiles: readonly Metafile[]): Promise<BundledPackage[]> {
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

/** The nearest folder above whose package.json has a name and a version. */
async function packageOf(path: string): Promise<BundledPackage> {
	for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
		const manifest = join(folder, 'package.json');
		if (!existsSync(manifest)) continue;
		const { name, version, license } = JSON.parse(await readFile(manifest, 'utf8')) as Record<
			string,
			unknown
		>;
		if (typeof name !== 'string' || typeof version !== 'string') continue;
		return { name, version, licence: String(license), folder, files: [] };
	}
	throw new Error(`${path} is bundled and belongs to no package.`);
}

/** The package's own licence, and those that lie in folders of its bundled files. */
async function ownNotices({ name, version, licence, folder, files }: BundledPackage): Promise<string[]> {
	const own = await licencesIn(folder);
	if (own.length === 0) {
		throw new Error(`${name} ${version} is bundled and has no licence text: it must not be published.`);
	}
	const inner = [...new Set(files.flatMap(foldersAbove))].sort();
	const sections = [`${name} ${version} (${licence})\n\n${own.join('\n')}`];
	for (const path of inner) {
		const texts = await licencesIn(join(folder, path));
		if (texts.length > 0) sections.push(`${path} in ${name} ${version}\n\n${texts.join('\n')}`);
	}
	return sections;
}

async function vendoredNotices({ name, version, folder, files }: BundledPackage): Promise<string[]> {
	const known = VENDORED.filter(({ within }) => within === name);
	for (const file of files) {
		if (known.some((entry) => entry.files.test(file))) continue;
		if (!ORIGIN.test(await readFile(join(folder, file), 'utf8'))) continue;
		throw new Error(
			`${file} in ${name} ${version} names an origin: find its licence, and add it to VENDORED.`,
		);
	}
	return await Promise.all(
		known.map(async (entry) => {
			if (!files.some((file) => entry.files.test(file))) {
				throw new Error(`${entry.name} is no longer in ${name} ${version}: correct VENDORED.`);
			}
			const text = await readFile(join(import.meta.dirname, 'licences', `${entry.name}.txt`), 'utf8');
			return `${entry.name} in ${name} ${version} (${entry.licence})\n\n${text}`;
		}),
	);
}

async function licencesIn(folder: string): Promise<string[]> {
	const entries = await readdir(folder, { withFileTypes: true });
	const names = entries.filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name));
	const texts = await Promise.all(
		names.map(async (entry) => await readFile(join(folder, entry.name), 'utf8')),
	);
	return texts.filter((text) => text.trim() !== '');
}

/** `a/b/c.js` lies in `a/b` and in `a`. */
function foldersAbove(file: string): string[] {
	const parts = file.split('/').slice(0, -1);
	return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

const withSlashes = (path: string) => path.replaceAll('\\', '/');

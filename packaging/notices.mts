import type { Metafile } from 'esbuild';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundledPackages, type BundledPackage } from './bundledPackages.mts';

/** Third-party code inside a bundled package that includes neither its licence nor its version; the text is in `licences/`. */
export const VENDORED = [
	{ name: 'llhttp', licence: 'MIT', within: 'undici', files: /^lib\/llhttp\// },
	{ name: 'Node.js', licence: 'MIT', within: 'undici', files: /^lib\/dispatcher\/fixed-queue\.js$/ },
	{ name: 'fetch-blob', licence: 'MIT', within: 'undici', files: /^lib\/core\/util\.js$/ },
	{ name: 'formdata-polyfill', licence: 'MIT', within: 'undici', files: /^lib\/web\/fetch\/body\.js$/ },
];

/** How a source file names the origin of copied code. */
const ORIGIN =
	/extracted from|adapted from|copied from|taken from|licen[cs]ed under|\bMIT licen[cs]e|copyright/i;

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;
const RULE = '-'.repeat(80);

/**
 * The notices that the bundled packages' licences require: for each package, and third-party code inside it, the name,
 * the version and the licence text.
 *
 * @param metafiles esbuild's reports on the bundles, with paths relative to the current folder
 * @throws when a licence text is missing, or when a bundled file names an unknown origin
 */
export async function thirdPartyNotices(metafiles: readonly Metafile[]): Promise<string> {
	const sections: string[] = [];
	for (const bundled of await bundledPackages(metafiles)) {
		sections.push(...(await ownNotices(bundled)), ...(await vendoredNotices(bundled)));
	}
	return [`This package contains the following software of others.\n`, ...sections].join(`\n${RULE}\n\n`);
}

/** The package's own licence, and the licences in the folders of its bundled files. */
async function ownNotices({ name, version, licence, folder, files }: BundledPackage): Promise<string[]> {
	const packageLicences = await licencesIn(folder);
	if (packageLicences.length === 0) {
		throw new Error(`${name} ${version} is bundled and has no licence text: it must not be published.`);
	}
	const inner = [...new Set(files.flatMap(foldersAbove))].sort();
	const sections = [`${name} ${version} (${licence})\n\n${packageLicences.join('\n')}`];
	for (const path of inner) {
		const texts = await licencesIn(join(folder, path));
		if (texts.length > 0) {
			sections.push(`${path} in ${name} ${version}\n\n${texts.join('\n')}`);
		}
	}
	return sections;
}

async function vendoredNotices({ name, version, folder, files }: BundledPackage): Promise<string[]> {
	const vendored = VENDORED.filter(({ within }) => within === name);
	for (const file of files) {
		if (vendored.some((entry) => entry.files.test(file))) {
			continue;
		}
		if (!ORIGIN.test(await readFile(join(folder, file), 'utf8'))) {
			continue;
		}
		throw new Error(
			`${file} in ${name} ${version} names an origin: find its licence, and add it to VENDORED.`,
		);
	}
	return await Promise.all(
		vendored.map(async (entry) => {
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
	const names = entries
		.filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
		.map((entry) => entry.name);
	// The order of a folder's entries depends on the file system.
	const texts = await Promise.all(
		names.sort().map(async (name) => await readFile(join(folder, name), 'utf8')),
	);
	return texts.filter((text) => text.trim() !== '');
}

/** For `a/b/c.js`, the folders `a/b` and `a`. */
function foldersAbove(file: string): string[] {
	const parts = file.split('/').slice(0, -1);
	return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

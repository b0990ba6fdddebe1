import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build, type Metafile } from 'esbuild';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { thirdPartyNotices } from '../../packaging/notices.mts';
import { rootFolder } from './packed.mts';

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'notices-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

/** Bundles one file that imports a package with the given files. */
async function bundleOf(name: string, files: Record<string, string>): Promise<Metafile> {
	const manifest = JSON.stringify({ name, version: '1.2.3', license: 'MIT', main: 'index.js' });
	for (const [file, content] of Object.entries({ 'package.json': manifest, ...files })) {
		const path = join(folder, 'node_modules', name, file);
		await mkdir(dirname(path), { recursive: true });
		await writeFile(path, content);
	}
	const stdin = { contents: `export * from '${name}';`, resolveDir: folder };
	const { metafile } = await build({ stdin, bundle: true, metafile: true, write: false, outfile: 'x.js' });
	return metafile;
}

test('A notice has the name, the version and the whole licence', async () => {
	const metafile = await bundleOf('licensed', {
		'index.js': 'export const a = 1;',
		LICENCE: 'As you like.\n',
	});
	const notices = await thirdPartyNotices([metafile]);
	expect(notices).toContain('licensed 1.2.3 (MIT)\n\nAs you like.\n');
});

test('A package in two bundles has one notice', async () => {
	const metafile = await bundleOf('twice', { 'index.js': 'export const a = 1;', LICENSE: 'As you like.\n' });
	const notices = await thirdPartyNotices([metafile, metafile]);
	expect(notices.match(/twice 1\.2\.3/g)).toHaveLength(1);
});

test('A licence in a folder of bundled files has its own notice, a licence in another folder has none', async () => {
	const metafile = await bundleOf('nested', {
		'index.js': `export * from './inner/deep/code.js';`,
		'inner/deep/code.js': 'export const a = 1;',
		'inner/LICENSE': 'Of the inner folder.\n',
		'other/LICENSE': 'Of what is not bundled.\n',
		'other/code.js': '',
		'license.md': 'Of all.\n',
	});
	const notices = await thirdPartyNotices([metafile]);
	expect(notices).toContain('nested 1.2.3 (MIT)\n\nOf all.\n');
	expect(notices).toContain('inner in nested 1.2.3\n\nOf the inner folder.\n');
	expect(notices).not.toContain('Of what is not bundled.');
});

test.each([
	['no licence file', {}],
	['an empty licence file', { LICENSE: ' \n' }],
	['a folder of that name only', { 'license/index.js': '' }],
	['a licence of another folder only', { 'docs/LICENSE': 'Of the documentation.' }],
])('A bundled package with %s fails the build', async (_, files) => {
	const metafile = await bundleOf(`unlicensed-${_.length}`, { 'index.js': 'export const a = 1;', ...files });
	await expect(thirdPartyNotices([metafile])).rejects.toThrow(
		/^unlicensed-\d+ 1\.2\.3 is bundled and has no licence text: it must not be published\.$/,
	);
});

test('A bundled file that names third-party code with an unknown licence fails the build', async () => {
	const metafile = await bundleOf('borrower', {
		'index.js': '// Extracted from elsewhere/queue.js\nexport const a = 1;',
		LICENSE: 'As you like.\n',
	});
	await expect(thirdPartyNotices([metafile])).rejects.toThrow('index.js in borrower 1.2.3 names an origin');
});

test('A vendored library that is no longer in its package fails the build', async () => {
	const metafile = await bundleOf('undici', { 'index.js': 'export const a = 1;', LICENSE: 'As you like.\n' });
	await expect(thirdPartyNotices([metafile])).rejects.toThrow('llhttp is no longer in undici 1.2.3');
});

/** The copyright holder that each licence names. */
const HOLDERS: ReadonlyArray<[name: string, holder: RegExp]> = [
	['uuid', /Robert Kieffer/],
	['proxy-from-env', /Rob Wu/],
	['undici', /Matteo Collina and Undici contributors/],
	['lib/web/fetch', /Ethan Arrowood/],
	['llhttp', /Fedor Indutny/],
	['Node.js', /Node\.js contributors/],
	['fetch-blob', /David Frank/],
	['formdata-polyfill', /Jimmy Karl Roland Wärting/],
];

test("The pool's notices have the whole licence of each bundled library and of the code inside undici.", async () => {
	const notices = await readFile(join(rootFolder, 'build/pool/THIRD-PARTY-NOTICES'), 'utf8');
	const sections = notices.split(/^-{80}\n\n/m).slice(1);
	expect(sections).toHaveLength(HOLDERS.length);
	for (const [name, holder] of HOLDERS) {
		const section = sections.find((each) => each.startsWith(`${name} `));
		expect(section).toMatch(holder);
		expect(section).toMatch(/WITHOUT WARRANTY OF ANY KIND/);
	}
});

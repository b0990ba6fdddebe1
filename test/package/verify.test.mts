import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { create } from 'tar';
import { communityPackages, firstDifference } from '../../packaging/compare.mts';
import { outsideNpmRun, pack, rootFolder, type Packed } from './packed.mts';

let folder: string;
let packed: Packed;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'verify-'));
	packed = await pack('verified');
}, 60_000);
afterAll(async () => {
	await packed?.remove();
	await rm(folder, { recursive: true, force: true });
});

let count = 0;

/** The package with something in it changed, and with some of its files packed again. */
async function changed(change: (folder: string) => Promise<void>, again: string[] = []): Promise<string> {
	const cwd = join(folder, String(count++));
	await cp(packed.folder, join(cwd, 'package'), { recursive: true });
	await change(join(cwd, 'package'));
	const entries = await readdir(join(cwd, 'package'), { recursive: true, withFileTypes: true });
	const files = entries
		.filter((entry) => entry.isFile())
		.map((entry) => relative(cwd, join(entry.parentPath, entry.name)));
	const file = join(cwd, 'changed.tgz');
	await create({ file, cwd, gzip: true, portable: true, mtime: new Date(0) }, [...files, ...again]);
	return file;
}

/** Changes one byte in the middle of a file. */
async function flip(file: string): Promise<void> {
	const content = await readFile(file);
	content[content.length >> 1]! ^= 1;
	await writeFile(file, content);
}

describe('A package that is compared with a rebuilt one', () => {
	test('is the same when all bytes are', async () => {
		const copy = join(folder, 'copy.tgz');
		await copyFile(packed.tarball, copy);
		expect(await firstDifference(copy, packed.tarball)).toBeUndefined();
	});

	test('differs by one byte of whichever of its files', async () => {
		expect(packed.files.length).toBeGreaterThan(9);
		for (const file of packed.files) {
			const tarball = await changed(async (content) => await flip(join(content, file)));
			expect(await firstDifference(tarball, packed.tarball)).toBe(
				`${file} has another content than this checkout builds.`,
			);
		}
	});

	test('differs by its first file of several, in the order of their paths', async () => {
		const tarball = await changed(async (content) => {
			for (const file of ['package.json', 'README.md']) await flip(join(content, file));
		});
		expect(await firstDifference(tarball, packed.tarball)).toMatch(/^README\.md /);
	});

	test('differs by a file too many, also one with a name that it has already', async () => {
		const more = await changed(async (content) => await writeFile(join(content, 'dist/more.js'), ''));
		expect(await firstDifference(more, packed.tarball)).toBe(
			'dist/more.js is in the package, and this checkout does not build it.',
		);
		const twice = await changed(async () => {}, ['package/package.json']);
		expect(await firstDifference(twice, packed.tarball)).toBe(
			'package.json (again) is in the package, and this checkout does not build it.',
		);
	});

	test('differs by a file too few', async () => {
		const tarball = await changed(async (content) => await rm(join(content, 'LICENSE.md')));
		expect(await firstDifference(tarball, packed.tarball)).toBe(
			'LICENSE.md is not in the package, and this checkout builds it.',
		);
	});

	test('differs by the mode of a file', async () => {
		const tarball = await changed(async (content) => await chmod(join(content, 'README.md'), 0o755));
		expect(await firstDifference(tarball, packed.tarball)).toBe(
			'README.md has the same content, and another type or mode than this checkout builds.',
		);
	});

	test('differs by the archive alone', async () => {
		const tarball = await changed(async () => {});
		expect(await firstDifference(tarball, packed.tarball)).toMatch(
			/^All files are the same, and the archive/,
		);
	});
});

test('What n8n is given to install a package by has the checksum that npm computes', async () => {
	const { stdout } = await promisify(execFile)('npm', ['pack', packed.tarball, '--dry-run', '--json'], {
		env: outsideNpmRun(),
	});
	const [{ name, version, integrity: checksum }] = JSON.parse(stdout) as [Record<string, string>];
	expect(JSON.parse(await communityPackages(packed.tarball))).toEqual([{ name, version, checksum }]);
});

/** Runs the command on a file, and gives how it ended and the one sentence that it said. */
async function verify(...files: string[]): Promise<{ code: number; said: string }> {
	return await new Promise((resolve) =>
		execFile('node', ['packaging/verify.mts', ...files], { cwd: rootFolder }, (error, stdout, stderr) =>
			resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
		),
	);
}

describe('npm run verify says in a sentence, and builds nothing, that', () => {
	const manifestOf = (manifest: object) => async (content: string) =>
		await writeFile(join(content, 'package.json'), JSON.stringify(manifest));

	test('it wants one package', async () => {
		const wanted = { code: 1, said: 'Give one package: npm run verify -- <file.tgz>\n' };
		expect(await verify()).toEqual(wanted);
		expect(await verify('a.tgz', 'b.tgz')).toEqual(wanted);
	});

	test('there is no such file', async () => {
		expect(await verify('none.tgz')).toEqual({ code: 1, said: 'There is no file none.tgz.\n' });
	});

	test.each([
		['a text', 'no archive'],
		['an empty file', ''],
	])('%s is no package', async (_, content) => {
		const file = join(folder, 'text.tgz');
		await writeFile(file, content);
		expect(await verify(file)).toEqual({
			code: 1,
			said: `${file} is not an npm package: give the .tgz that npm pack or the release has.\n`,
		});
	});

	test('the package is another one', async () => {
		const file = await changed(manifestOf({ name: 'another', version: '0.1.0' }));
		const { name } = packed.manifest;
		expect(await verify(file)).toEqual({ code: 1, said: `${file} is the package another, not ${name}.\n` });
	});

	test.each(['9.9.9', '9.9.9-undici.0'])('the package is of another version, %s', async (version) => {
		const file = await changed(manifestOf({ ...packed.manifest, version }));
		const own = packed.manifest['version'];
		expect(await verify(file)).toEqual({
			code: 1,
			said: `${file} is version ${version}, and this checkout is ${own}: run git checkout v9.9.9 and npm ci first.\n`,
		});
	});
});

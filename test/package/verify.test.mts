import { expect, test } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporaryFolder.mts';
import { rootFolder } from './packed.mts';

const folder = temporaryFolder();
const manifest = JSON.parse(readFileSync(join(rootFolder, 'package.json'), 'utf8')) as Record<string, string>;

function fileOf(content: string): string {
	const file = join(folder, 'text.tgz');
	writeFileSync(file, content);
	return file;
}

/** A package that contains only a manifest. */
function packageOf(manifest: object): string {
	const temporary = mkdtempSync(join(folder, 'packed-'));
	mkdirSync(join(temporary, 'package'));
	writeFileSync(join(temporary, 'package/package.json'), JSON.stringify(manifest));
	const file = join(temporary, 'a.tgz');
	execFileSync('tar', ['-czf', file, '-C', temporary, 'package']);
	return file;
}

/** Runs the command on files and returns its exit code and its only sentence. */
async function verify(...files: string[]): Promise<{ code: number; output: string }> {
	return await new Promise((resolve) =>
		execFile('node', ['packaging/verify.mts', ...files], { cwd: rootFolder }, (error, stdout, stderr) =>
			resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
		),
	);
}

const NO_PACKAGE = 'FILE is not an npm package: give the .tgz that npm pack or the release has.';
const otherVersion = (version: string) =>
	`FILE is version ${version}, and this checkout is ${manifest['version']}: run git checkout v9.9.9 and npm ci first.`;

test.each<[string, () => string[], string]>([
	['no package is given', () => [], 'Give one package: npm run verify -- <file.tgz>'],
	['two packages are given', () => ['a.tgz', 'b.tgz'], 'Give one package: npm run verify -- <file.tgz>'],
	['there is no such file', () => ['none.tgz'], 'There is no file FILE.'],
	['the file is text', () => [fileOf('no archive')], NO_PACKAGE],
	['it is empty', () => [fileOf('')], NO_PACKAGE],
	[
		'the package has another name',
		() => [packageOf({ name: 'another', version: '0.1.0' })],
		`FILE is the package another, not ${manifest['name']}.`,
	],
	...['9.9.9', '9.9.9-undici.0'].map((version): [string, () => string[], string] => [
		`it is version ${version}`,
		() => [packageOf({ ...manifest, version })],
		otherVersion(version),
	]),
])('npm run verify builds nothing and ends with one sentence if %s.', async (_, files, sentence) => {
	const given = files();
	const expectedText = sentence.replace('FILE', () => given[0]!);
	expect(await verify(...given)).toEqual({ code: 1, output: `${expectedText}\n` });
});

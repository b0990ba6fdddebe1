import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { releaseNotes } from '../../packaging/releaseNotes.mts';

const rootFolder = join(import.meta.dirname, '../..');

const CHANGELOG = `# Changelog

## Unreleased

- Not yet.

## 1.10.0 - 2026-12-01

- New.

### Details

More.

## 1.1.0

## 1.0.0

- First.
`;

test("A release's notes are the section of its version", () => {
	expect(releaseNotes(CHANGELOG, '1.10.0')).toBe('- New.\n\n### Details\n\nMore.');
	expect(releaseNotes(CHANGELOG, '1.0.0')).toBe('- First.');
});

test.each(['1.1.0', '1.1', '1.10', '2.0.0'])(
	'There is no release of %s, of which nothing is said',
	(version) => {
		expect(() => releaseNotes(CHANGELOG, version)).toThrow(`CHANGELOG.md says nothing about ${version}.`);
	},
);

test('The changelog says something about the version of package.json', () => {
	const read = (name: string) => readFileSync(join(rootFolder, name), 'utf8');
	const { version } = JSON.parse(read('package.json')) as { version: string };
	expect(releaseNotes(read('CHANGELOG.md'), version)).toMatch(/^- /);
});

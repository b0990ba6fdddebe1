import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { anchorsOf, linksIn, REPOSITORY, whyDead } from '../../packaging/release/links.mts';
import { temporaryFolder } from '../support/temporaryFolder.mts';

/** Files that are not text, are generated, or contain dead links on purpose. */
const NOT_READ = /\.(png|gif|webp|xlsx|pem|csv)$|package-lock\.json$|^packaging\/licences\/|^test\/|^LICENSE/;

const FILES = execFileSync('git', ['ls-files'], { encoding: 'utf8' })
	.split('\n')
	.filter((file) => file !== '' && !NOT_READ.test(file));

/**
 * The headings that the package, its forms and its workflows link to. If you rename one, rename it there too. An
 * installed version keeps linking to the old heading.
 */
const HEADINGS_POINTED_TO = [
	'docs/operations.md#the-credential',
	'docs/operations.md#what-each-operation-does',
];

test('Each link in the pages, the code, the workflows, the notes and the forms leads to an existing file and heading.', () => {
	expect(FILES.length).toBeGreaterThan(200);
	const links = FILES.flatMap(linksIn);
	expect(links.length).toBeGreaterThan(150);
	expect(links.flatMap((link) => whyDead(link) ?? [])).toEqual([]);
});

test('The headings that code links to are listed.', () => {
	const ofCode = FILES.filter((file) => !file.endsWith('.md')).flatMap(linksIn);
	const headings = ofCode.flatMap(({ to }) => (to?.includes('#') ? [to] : []));
	expect([...new Set(headings)].sort()).toEqual(HEADINGS_POINTED_TO);
});

describe('A link', () => {
	const folder = temporaryFolder();
	const page = join(folder, 'page.md');
	mkdirSync(join(folder, 'docs'));
	writeFileSync(join(folder, 'docs/other.md'), '# Other\n## The `code` of it\n## 中文 标题\n## Other\n');
	const why = (text: string, file = page) => {
		writeFileSync(file, text);
		return linksIn(relative('.', file)).map((link) => whyDead(link)?.split(': ').at(-1));
	};

	test.each<[string, string | undefined]>([
		['[a](docs/other.md)', undefined],
		['[a](docs/other.md#the-code-of-it)', undefined],
		['[a](docs/other.md#other-1)', undefined],
		['[a](docs/other.md#中文-标题)', undefined],
		['# Here\n[a](#here)', undefined],
		['[a](docs/other.md#gone)', 'no such heading'],
		['[a](docs/other.md#other-2)', 'no such heading'],
		['```\n# Not a heading\n```\n[a](#not-a-heading)', 'no such heading'],
		['[a](gone.md "title")', 'no such file'],
		['![a](docs/gone.png)', 'no such file'],
		['<img alt="a" src="docs/gone.png">', 'no such file'],
		[`[a](${REPOSITORY})`, undefined],
		[`[a](${REPOSITORY}/issues/new?template=bug.yml)`, undefined],
		[`[a](${REPOSITORY}#readme)`, undefined],
		[`[a](${REPOSITORY}#gone)`, 'no such heading'],
		[`[a](${REPOSITORY}/blob/main/docs/operations.md#the-credential)`, undefined],
		[`[a](${REPOSITORY}/blob/main/docs/operations.md#credential)`, 'no such heading'],
		[`[a](${REPOSITORY}/blob/master/README.md)`, 'no such file'],
		[`[a](${REPOSITORY}/wiki)`, 'no such file'],
	])('%j is dead: %s', (text, expected) => {
		expect(why(text)).toEqual([expected]);
	});

	test.each<[string, string | undefined]>([
		['// docs/operations.md says what each is for.', undefined],
		['"content": "All else: *docs/sync.md*"', undefined],
		['"content": "All else: *docs/sync.md#gone*"', 'no such heading'],
		['docs/gone.md', 'no such file'],
		[`documentationUrl = '${REPOSITORY}#credential';`, 'no such heading'],
		[`{ "url": "${REPOSITORY}/blob/main/docs/gone.md" }`, 'no such file'],
	])('in code is dead: %j, %s', (text, expected) => {
		expect(why(text, join(folder, 'code.ts'))).toEqual([expected]);
	});

	test('has the anchors that GitHub generates', () => {
		expect([...anchorsOf(join(folder, 'docs/other.md'))]).toEqual([
			'other',
			'the-code-of-it',
			'中文-标题',
			'other-1',
		]);
	});
});

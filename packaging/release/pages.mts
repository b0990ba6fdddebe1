import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { linksIn, whyDead } from './links.mts';
import { rowOf, type Row } from './row.mts';

const read = (path: string) => readFileSync(path, 'utf8');

const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' });

/** The sources of what pictures show: the panel, a credential's form and the canvases of the examples. */
const SHOWN_IN_PICTURES = ['nodes/TencentCloudIot/resources', 'credentials', 'examples/workflows', 'icons'];

/** The commit at which each picture was taken; `npm run pictures` writes it. */
export const TAKEN = 'docs/images/taken.json';

/** Pages whose commands contain the version. */
const PAGES_WITH_A_VERSION = [
	'README.md',
	'docs/README.zh-CN.md',
	'docs/installation.md',
	'docs/installation.zh-CN.md',
];

/** The lockfile and the commands on the pages have the version, and it has no tag. */
export function checkVersion(version: string): Row {
	const lockfile = JSON.parse(read('package-lock.json')) as { version: string };
	const details: string[] = [];
	if (lockfile.version !== version) {
		details.push(`package-lock.json says ${lockfile.version}: run npm install --package-lock-only`);
	}
	for (const page of PAGES_WITH_A_VERSION) {
		for (const [, named = ''] of read(page).matchAll(/n8n-nodes-tencent-iot[-@](\d+\.\d+\.\d+)/g)) {
			if (named !== version) {
				details.push(`${page} installs ${named}`);
			}
		}
	}
	if (git('tag', '--list', `v${version}`).trim() !== '') {
		details.push(`the tag v${version} is there: a published version never changes`);
	}
	return rowOf(`${version} is a version that no release has, in the lockfile and in all commands`, details);
}

/** The changelog's first section is this version's and is not empty. */
export function checkChangelog(version: string): Row {
	const [, section = ''] = read('CHANGELOG.md').split(/^## /m);
	const [title = ''] = section.split('\n', 1);
	const details: string[] = [];
	if (title.trim() !== version) {
		details.push(`its first section is "${title}"`);
	}
	if (!/^- \S/m.test(section)) {
		details.push('its first section has no entry');
	}
	return rowOf(`CHANGELOG.md begins with ${version}`, details);
}

/** What this version stores in workflows is kept, so that tests of later versions can open it. */
export function checkKeptVersion(version: string): Row {
	const path = `test/engine/kept/${version}.json`;
	return rowOf(
		`What ${version} stores is kept for later versions`,
		existsSync(path) ? [] : [`${path}: npm run keep`],
	);
}

/** All links between files of the repository work. */
export function checkLinks(): Row {
	const files = git('ls-files', ':!test', ':!*.png', ':!*.xlsx', ':!*package-lock.json', ':!LICENSE*');
	const links = files
		.split('\n')
		.filter((file) => file !== '' && !file.startsWith('packaging/licences/'))
		.flatMap(linksIn);
	return rowOf(
		`${links.length} links lead to files and headings`,
		links.flatMap((link) => whyDead(link) ?? []),
	);
}

/** Each picture is on a page and is up to date. */
export function checkPictures(): Row {
	const pages = globSync('{*.md,docs/*.md}').map(read).join('\n');
	const taken = existsSync(TAKEN) ? (JSON.parse(read(TAKEN)) as Record<string, string>) : {};
	const pictures = globSync('docs/images/*.{png,gif,webp}').map((path) => basename(path));
	const details = pictures.flatMap((picture) => {
		const problems = pages.includes(`images/${picture}`) ? [] : [`${picture} is on no page`];
		return [...problems, ...pictureProblems(picture, taken[picture])];
	});
	return rowOf(`${pictures.length} pictures are on pages and show what is shipped`, details);
}

function pictureProblems(picture: string, commit: string | undefined): string[] {
	if (commit === undefined) {
		return [`${picture} is not in ${TAKEN}: npm run pictures`];
	}
	try {
		const changed = git('diff', '--name-only', commit, 'HEAD', '--', ...SHOWN_IN_PICTURES).trim();
		const files = changed === '' ? [] : changed.split('\n');
		return files.length === 0
			? []
			: [`${picture} was taken at ${commit}, before ${files.length} files of the panel or examples changed`];
	} catch {
		return [`${picture} was taken at ${commit}, which this repository does not have`];
	}
}

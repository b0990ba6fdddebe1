import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** Where the repository is published; links to it are checked against this working copy. */
export const REPOSITORY = 'https://github.com/n8n-nodes-tencent-iot/n8n-nodes-tencent-iot';

/** Pages of GitHub itself that belong to the repository and have no file in it. */
const GITHUB_PAGES = /^(?:\.git|\/(?:issues|pulls|releases|actions|security|settings)(?:[/?#].*)?)?$/;

/** A file of the repository, at the branch that GitHub shows. */
const FILE_ON_GITHUB = /^\/(?:blob|tree|raw)\/main\/([^#?]+)(#.*)?$/;

/** A page that a text names without linking to it, e.g. a page's name in a note on a canvas. */
const NAMED_PAGE =
	/(?<![\w/.-])(?:docs\/[\w.-]+|bench\/results|README|SECURITY|CHANGELOG|CONTRIBUTING|LICENSE)\.md(?:#[\p{L}\p{N}_-]+)?/gu;

const LINK_IN_MARKDOWN = /\]\(\s*<?(?!https?:|mailto:)([^)\s>]+)>?[^)]*\)/g;
const LINK_IN_HTML = /<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)="(?!https?:|mailto:)([^"]+)"/g;
const LINK_TO_REPOSITORY = new RegExp(`${REPOSITORY.replaceAll('.', '\\.')}([^\\s"'\`)>\\\\]*)`, 'g');

/** A link of a file, as a path from the root of the repository with the heading's anchor. */
export interface Link {
	/** The file that has it. */
	readonly from: string;
	/** Undefined for a page of GitHub itself. */
	readonly to: string | undefined;
	/** As it is written. */
	readonly text: string;
}

/**
 * All links of a file into this repository: relative ones of Markdown and HTML, absolute ones, and pages that are named.
 *
 * @param file its path from the root of the repository
 */
export function linksIn(file: string): Link[] {
	const text = readFileSync(file, 'utf8');
	const links: Link[] = [];
	for (const [, path = ''] of text.matchAll(LINK_TO_REPOSITORY)) {
		links.push({ from: file, to: pathOnGitHub(path), text: `${REPOSITORY}${path}` });
	}
	if (file.endsWith('.md')) {
		for (const pattern of [LINK_IN_MARKDOWN, LINK_IN_HTML]) {
			for (const [, link = ''] of text.matchAll(pattern)) {
				links.push({ from: file, to: resolved(file, link), text: link });
			}
		}
		return links;
	}
	for (const [page] of text.matchAll(NAMED_PAGE)) {
		links.push({ from: file, to: page, text: page });
	}
	return links;
}

/** Why a link leads nowhere, e.g. `docs/sync.md: limits.md: no such file`; undefined when it leads somewhere. */
export function whyDead({ from, to, text }: Link): string | undefined {
	if (to === undefined) {
		return undefined;
	}
	const [path = '', anchor] = to.split('#');
	if (path === '' || !existsSync(path)) {
		return `${from}: ${text}: no such file`;
	}
	if (anchor === undefined || anchorsOf(path).has(decodeURIComponent(anchor))) {
		return undefined;
	}
	return `${from}: ${text}: no such heading`;
}

/** The anchors of a document's headings, as GitHub makes them: of the same heading the second one ends with `-1`. */
export function anchorsOf(path: string): ReadonlySet<string> {
	const anchors = new Set<string>();
	const text = readFileSync(path, 'utf8').replaceAll(/^```[^]*?^```$/gm, '');
	for (const [, heading = ''] of text.matchAll(/^#+ (.*)$/gm)) {
		const anchor = heading
			.toLowerCase()
			.replace(/[^\p{L}\p{N} _-]/gu, '')
			.replaceAll(' ', '-');
		let unique = anchor;
		for (let count = 1; anchors.has(unique); count++) {
			unique = `${anchor}-${count}`;
		}
		anchors.add(unique);
	}
	return anchors;
}

/** @param pathInRepository of an address behind the repository, with its anchor */
function pathOnGitHub(pathInRepository: string): string | undefined {
	if (pathInRepository === '#readme') {
		return 'README.md';
	}
	if (pathInRepository.startsWith('#')) {
		return `README.md${pathInRepository}`;
	}
	if (GITHUB_PAGES.test(pathInRepository)) {
		return undefined;
	}
	const [, path, anchor = ''] = FILE_ON_GITHUB.exec(pathInRepository) ?? [];
	// An address of another form is no file either.
	return path === undefined ? pathInRepository : `${path}${anchor}`;
}

function resolved(file: string, link: string): string {
	if (link.startsWith('#')) {
		return `${file}${link}`;
	}
	return posix.normalize(join(dirname(file), link));
}

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** The address of the published repository; links to it are checked against this working copy. */
export const REPOSITORY = 'https://github.com/n8n-nodes-tencent-iot/n8n-nodes-tencent-iot';

/** Pages of the repository on GitHub that are not files in it. */
const GITHUB_PAGES = /^(?:\.git|\/(?:issues|pulls|releases|actions|security|settings)(?:[/?#].*)?)?$/;

/** A file of the repository on GitHub's default branch. */
const FILE_ON_GITHUB = /^\/(?:blob|tree|raw)\/main\/([^#?]+)(#.*)?$/;

/** A page that a text mentions without a link, e.g. in a note on a canvas. */
const NAMED_PAGE =
	/(?<![\w/.-])(?:docs\/[\w.-]+|bench\/results|README|SECURITY|CHANGELOG|CONTRIBUTING|LICENSE)\.md(?:#[\p{L}\p{N}_-]+)?/gu;

const LINK_IN_MARKDOWN = /\]\(\s*<?(?!https?:|mailto:)([^)\s>]+)>?[^)]*\)/g;
const LINK_IN_HTML = /<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)="(?!https?:|mailto:)([^"]+)"/g;
const LINK_TO_REPOSITORY = new RegExp(`${REPOSITORY.replaceAll('.', '\\.')}([^\\s"'\`)>\\\\]*)`, 'g');

/** A link in a file, as a path from the root of the repository with the heading's anchor. */
export interface Link {
	/** The file that contains it. */
	readonly from: string;
	/** Undefined for a page of GitHub itself. */
	readonly to: string | undefined;
	/** As written in the file. */
	readonly text: string;
}

/**
 * All links from a file into this repository: relative ones in Markdown and HTML, absolute ones, and mentioned pages.
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

/** Why a link is dead, e.g. `docs/sync.md: limits.md: no such file`; undefined if it works. */
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

/** The anchors of a document's headings, as GitHub generates them: the second one of the same heading ends with `-1`. */
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

/** @param pathInRepository the part of an address after the repository, with the anchor */
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
	// An address of another form is not a file either.
	return path === undefined ? pathInRepository : `${path}${anchor}`;
}

function resolved(file: string, link: string): string {
	if (link.startsWith('#')) {
		return `${file}${link}`;
	}
	return posix.normalize(join(dirname(file), link));
}

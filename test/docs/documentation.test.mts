import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const DOCUMENTS = globSync('{*.md,docs/*.md}').sort();
const NOT_OURS = /^(\..*|node_modules|dist|build|coverage)$/;

const read = (path: string) => readFileSync(path, 'utf8');

function foldersIn(path: string): string[] {
	const entries = readdirSync(path, { withFileTypes: true });
	return entries.filter((entry) => entry.isDirectory() && !NOT_OURS.test(entry.name)).map(({ name }) => name);
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(path: string): string[] {
	return Array.from(read(path).matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
		heading
			.toLowerCase()
			.replace(/[^\p{L}\p{N} _-]/gu, '')
			.replaceAll(' ', '-'),
	);
}

/** Why a link of a document leads nowhere, or undefined when it leads somewhere. */
function deadLink(document: string, link: string): string | undefined {
	const [path = '', anchor] = link.split('#');
	const target = path === '' ? document : join(dirname(document), path);
	if (!existsSync(target)) return `${link}: no such file`;
	if (anchor === undefined || anchorsOf(target).includes(anchor)) return undefined;
	return `${link}: no such heading`;
}

describe.each(DOCUMENTS)('%s', (document) => {
	const text = read(document);

	test('links to what is there', () => {
		const links = Array.from(text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g), ([, link = '']) => link);
		expect(links.flatMap((link) => deadLink(document, link) ?? [])).toEqual([]);
	});

	test('names paths that are there', () => {
		const paths = text.matchAll(
			/`((?:nodes|credentials|simulator|embedded|start|bench|docs|test)\/[\w./*-]*)`/g,
		);
		const missing = Array.from(paths, ([, path = '']) => path).filter((path) => globSync(path).length === 0);
		expect(missing).toEqual([]);
	});

	test('names scripts that are there', () => {
		const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
		const named = Array.from(text.matchAll(/\bnpm run ([\w:]+)/g), ([, script = '']) => script);
		expect(named.filter((script) => !(script in scripts))).toEqual([]);
	});
});

/** What looks like a code and is an outcome, the status of a row, of another program, or never told. */
const NO_CODE = /^(NOT_SENT|REFUSED|UNKNOWN|UNCHANGED|POSTPONED|DEFAULT|ERR_ASSERTION|TIME_OVER)$/;

test.each(['docs/reliability.md', 'docs/reliability.zh-CN.md'])(
	'%s says what to do about each code of the node.',
	(document) => {
		const sources = globSync('nodes/**/*.ts').map(read).join('\n');
		const literals = new Set(Array.from(sources.matchAll(/'([A-Z_]{6,})'/g), ([, literal = '']) => literal));
		const codes = [...literals].filter((literal) => !NO_CODE.test(literal));
		const told = read(document)
			.split('\n')
			.flatMap((line) => (line.startsWith('| `') ? (line.split('|')[1]?.match(/\w+/g) ?? []) : []));
		expect(codes.length).toBeGreaterThan(30);
		expect(codes.filter((code) => !told.includes(code))).toEqual([]);
	},
);

test('docs/architecture.md says what each folder is for.', () => {
	const NODE = 'nodes/TencentCloudIot';
	const services = foldersIn(`${NODE}/service`).map((folder) => `service/${folder}`);
	const transports = foldersIn(`${NODE}/service/transport`).map((folder) => `service/transport/${folder}`);
	const folders = [...foldersIn('.'), ...foldersIn(NODE), ...services, ...transports, ...foldersIn('test')];
	const text = read('docs/architecture.md');
	expect(folders.filter((folder) => !text.includes(`\`${folder}/`))).toEqual([]);
});

import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type OwnCode, type Words, wordsOf } from '../../nodes/TencentCloudIot/messages/failures';
import { readServiceError } from '../../nodes/TencentCloudIot/service/response/classify';
import {
	classifyTransportError,
	type TransportErrorKind,
} from '../../nodes/TencentCloudIot/service/transportError';
import { chineseOf, englishOf } from '../support/texts.mts';

const DOCUMENTS = globSync('{*.md,docs/*.md}').sort();
const NOT_OURS = /^(\..*|node_modules|dist|build|coverage)$/;

const read = (path: string) => readFileSync(path, 'utf8');

function foldersIn(path: string): string[] {
	const entries = readdirSync(path, { withFileTypes: true });
	return entries.filter((entry) => entry.isDirectory() && !NOT_OURS.test(entry.name)).map(({ name }) => name);
}

/** The rows of all tables, as cell texts. */
function rowsOf(markdown: string): string[][] {
	const lines = markdown.split('\n').filter((line) => line.startsWith('|'));
	return lines.map((line) =>
		line
			.split('|')
			.slice(1, -1)
			.map((cell) => cell.trim()),
	);
}

describe.each(DOCUMENTS)('%s', (document) => {
	const text = read(document);

	test('names only paths that exist', () => {
		const paths = text.matchAll(
			/`((?:nodes|credentials|simulator|embedded|start|bench|docs|test)\/[\w./*-]*)`/g,
		);
		const missing = Array.from(paths, ([, path = '']) => path).filter((path) => globSync(path).length === 0);
		expect(missing).toEqual([]);
	});

	test('names only scripts that exist', () => {
		const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
		const named = Array.from(text.matchAll(/\bnpm run ([\w:]+)/g), ([, script = '']) => script);
		expect(named.filter((script) => !(script in scripts))).toEqual([]);
	});
});

/** The texts of a code, called without facts. */
const ofOwn = (code: OwnCode) => (wordsOf as (named: OwnCode) => Words)(code);

test('docs/reliability.zh-CN.md gives the same advice for each code as the messages.', () => {
	const plain = (text: string) =>
		text
			.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
			.replace(/\*\*|`/g, '')
			.replace(/(?<![A-Z])_|_(?![A-Z])/g, '');
	const [, table = ''] = read('docs/reliability.zh-CN.md').split(/^\| 代码 .*\n/m);
	const rows = rowsOf(table).flatMap(([codes = '', advice = '']) =>
		Array.from(codes.matchAll(/`([^`]+)`/g), ([, code = '']) => [code, plain(advice)] as const),
	);
	const adviceOf = (code: string) => {
		return (/^[A-Z_]+$/.test(code) ? ofOwn(code as OwnCode) : consequencesOf(code)).advice;
	};
	// The advice of some codes depends on their facts.
	const listedCodes = rows.filter(([code]) => {
		const text = adviceOf(code);
		return !/^HTTP_/.test(code) && 'template' in text && !text.template[1].includes('{');
	});
	expect(listedCodes.length).toBeGreaterThan(40);
	// A document may contain more.
	const missing = listedCodes.filter(([code, advice]) => !advice.includes(chineseOf(adviceOf(code))));
	expect(missing.map(([code]) => [code, chineseOf(adviceOf(code))])).toEqual([]);
	const [, catalogue = ''] = read('nodes/TencentCloudIot/messages/failures.ts').split(
		/^(?:const FAILURES = \{|\} as const satisfies.*AnySay>>>;)$/m,
	);
	const members = Array.from(catalogue.matchAll(/^\t([A-Z_]+): /gm), ([, code = '']) => code);
	expect(members.length).toBeGreaterThan(50);
	// A run that reached its time limit needs no action.
	const documented = ['TIME_OVER', ...rows.map(([code]) => code)];
	expect(members.filter((code) => !documented.includes(code))).toEqual([]);
});

const consequencesOf = (code: string) =>
	readServiceError(code.replace('Unsupported…', 'UnsupportedOperation').replace(/\.?…$/, ''), '')
		.consequences;

test('docs/reliability.md advises to try again for the same codes as the messages.', () => {
	const [, table = ''] = read('docs/reliability.md').split('\n## Codes and what to do\n');
	const adviceOf = (code: string) =>
		/^[A-Z_]+$/.test(code)
			? englishOf(classifyTransportError({ kind: code as TransportErrorKind, written: false }).advice)
			: englishOf(consequencesOf(code).advice);
	const compared = rowsOf(table.split(/^## /m)[0]!).flatMap(([codes = '', advice = '']) =>
		Array.from(codes.matchAll(/`([\w.…]+)`/g), ([, code = '']) => [code, adviceOf(code), advice] as const),
	);
	const isAgain = (advice: string) => advice.startsWith('Try again');
	const comparedCodes = compared.filter(
		([code, inCode]) => inCode !== undefined && !code.startsWith('HTTP_'),
	);
	expect(comparedCodes.filter(([, inCode]) => isAgain(inCode)).length).toBeGreaterThan(5);
	expect(comparedCodes.filter(([, inCode, inTable]) => isAgain(inCode) !== isAgain(inTable))).toEqual([]);
});

test('docs/architecture.md describes each folder.', () => {
	const NODE = 'nodes/TencentCloudIot';
	const services = foldersIn(`${NODE}/service`).map((folder) => `service/${folder}`);
	const transports = foldersIn(`${NODE}/service/transport`).map((folder) => `service/transport/${folder}`);
	const folders = [...foldersIn('.'), ...foldersIn(NODE), ...services, ...transports, ...foldersIn('test')];
	const text = read('docs/architecture.md');
	expect(folders.filter((folder) => !text.includes(`\`${folder}/`))).toEqual([]);
});

test.each(['The whole node, in one walk', 'The way of one customer through Sync'])(
	'A section of docs/architecture.md has at most 600 words: %s.',
	(heading) => {
		const [, section = ''] = read('docs/architecture.md').split(`## ${heading}\n`);
		const [walk = ''] = section.split(/^## /m);
		const words = walk.split(/\s+/).length;
		expect(words).toBeGreaterThan(100);
		expect(words).toBeLessThanOrEqual(600);
	},
);

test('docs/architecture.md names existing files and functions on the way of a row.', () => {
	const text = read('docs/architecture.md');
	const ways = text.slice(
		text.indexOf('## The whole node, in one walk'),
		text.indexOf('## Where each promise lives'),
	);
	const files = Array.from(ways.matchAll(/`([\w/.]+\.ts)`/g), ([, file = '']) => file);
	expect(files.length).toBeGreaterThan(0);
	expect(files.filter((file) => !existsSync(join('nodes/TencentCloudIot', file)))).toEqual([]);
});

test('CONTRIBUTING.md has mutation scores of existing folders only.', () => {
	const [, scores = ''] = read('CONTRIBUTING.md').split('## Mutation scores');
	const folders = rowsOf(scores.split(/^## /m)[0]!).flatMap(([name = '']) => /`(.+)`/.exec(name)?.[1] ?? []);
	expect(folders.length).toBeGreaterThan(0);
	expect(folders.filter((folder) => !existsSync(join('nodes/TencentCloudIot', folder)))).toEqual([]);
});

test.each(['README.md', 'docs/README.zh-CN.md'])(
	'%s has the measured times of a workflow built by hand.',
	(path) => {
		const measured = rowsOf(read('bench/results.md')).find(([name]) => name === 'Remove Duplicates');
		expect(/1,200 [^.]*?(\d+)/.exec(read(path).replace(/(\d+) of 1,200/, '1,200 $1'))?.[1]).toBe(
			measured?.[1],
		);
	},
);

/** The units in the table of docs/beyond-n8n.md, in seconds. */
const SECONDS: Readonly<Record<string, number>> = { s: 1, minutes: 60, hours: 3600 };

test('docs/beyond-n8n.md calculates with the default rate.', () => {
	const [, perSecond = ''] = /requestsPerSecond: (\d+),/.exec(read('examples/cron/settings.mts')) ?? [];
	expect(read('nodes/TencentCloudIot/resources/runOptions.ts')).toMatch(
		new RegExp(`displayName: 'Requests per Second',[^}]*}[^}]*default: ${perSecond},`),
	);
	const [, table = ''] = read('docs/beyond-n8n.md').split('## The wall is the rate');
	const rows = rowsOf(table.split(/^## /m)[0]!).filter(([first = '']) => /^\d/.test(first));
	expect(rows.length).toBeGreaterThan(3);
	for (const [customers = '', first = '', changed = '', average = ''] of rows) {
		const count = Number(customers.replaceAll(',', ''));
		for (const [time, requests] of [
			[first, count],
			[changed, count / 100],
		] as const) {
			const [number = '', unit = ''] = time.split(' ');
			const seconds = Number(number) * (SECONDS[unit] ?? NaN);
			expect(Math.abs(seconds / (requests / Number(perSecond)) - 1)).toBeLessThan(0.05);
		}
		const perSecondOnAverage = count / (7 * 24 * 3600);
		expect(Math.abs(Number.parseFloat(average) - perSecondOnAverage)).toBeLessThan(0.05);
	}
});

test('Each picture is used in a document.', () => {
	const shown = DOCUMENTS.map(read).join('\n');
	const pictures = globSync('docs/images/*.{png,svg,webp}');
	expect(pictures.length).toBeGreaterThan(5);
	expect(pictures.filter((picture) => !shown.includes(picture.replace('docs/', '')))).toEqual([]);
});

test('npm run n8n names each example.', () => {
	const printed = read('test/e2e/demo.mts');
	const names = globSync('examples/workflows/*.json').map((path) => basename(path, '.json'));
	const isNamed = (name: string) =>
		printed.includes(name) || printed.includes(`: ${name.replace('-', ' ')}"`);
	expect(names.length).toBeGreaterThan(5);
	expect(names.filter((name) => !isNamed(name))).toEqual([]);
});

/** Claims about Tencent's console, with the page of Tencent that shows them; undefined if nothing is promised. */
const CONSOLE_CLAIMS: ReadonlyArray<readonly [words: string, source: string | undefined]> = [
	["in IoT Explorer's console, your project, *物联使能 → SaaS 服务*", 'product/1465/59055'],
	["IoT Explorer's console, your project, *物联使能 → SaaS 服务*", 'product/1465/59055'],
	["in IoT Explorer's console: your project, IoT Enablement, SaaS services", 'product/1465/59055'],
	['在物联网开发平台控制台进入项目，从 *物联使能 → SaaS 服务* 复制', 'product/1465/59055'],
	['物联网开发平台控制台，进入项目，*物联使能 → SaaS 服务*', 'product/1465/59055'],
	["unless the console shows you a customer's devices (no page of Tencent says that it does)", undefined],
	['如果控制台能显示客户的设备，也可以在那里看（腾讯云的文档没有这样说明）', undefined],
	['no page of Tencent says that the console does', undefined],
	['腾讯云的文档也没有说明控制台可以做到', undefined],
];

test("The documents make only claims about Tencent's console that a page of Tencent supports.", () => {
	const paths = globSync('{*.md,docs/*.md,{credentials,nodes}/**/*.ts}');
	const texts = paths.map((path) =>
		read(path)
			.replaceAll(/console\.\w+\(/g, '')
			.replaceAll(/\s+/g, ' '),
	);
	const claimsFound = CONSOLE_CLAIMS.filter(([words]) => texts.some((text) => text.includes(words)));
	expect(claimsFound).toEqual(CONSOLE_CLAIMS);
	const withoutClaims = texts.map((text) =>
		CONSOLE_CLAIMS.reduce((remaining, [words]) => remaining.replaceAll(words, ''), text),
	);
	expect(withoutClaims.flatMap((text) => text.match(/.{0,60}(?:console|控制台).{0,30}/gi) ?? [])).toEqual([]);
});

test.each(['docs/operations.md', 'docs/operations.zh-CN.md'])('%s links to each example.', (document) => {
	const text = read(document);
	expect(globSync('examples/workflows/*.json').filter((path) => !text.includes(`(../${path})`))).toEqual([]);
});

describe('The documents', () => {
	test('name the version that package.json has', () => {
		const { version } = JSON.parse(read('package.json')) as { version: string };
		const named = DOCUMENTS.flatMap((document) =>
			Array.from(read(document).matchAll(/n8n-nodes-tencent-iot[-@](\d+\.\d+\.\d+)/g), ([, each]) => each),
		);
		expect([...new Set(named)]).toEqual([version]);
		expect(read('CHANGELOG.md')).toMatch(new RegExp(`^## ${version}\n\n- `, 'm'));
	});

	test('name the format of the sync state', () => {
		const source = read('nodes/TencentCloudIot/sync/state/content.ts');
		const [, format] = /FORMAT_NUMBER = (\d+);/.exec(source)!;
		const [newest = ''] = read('CHANGELOG.md').split(/^## /m).slice(1);
		expect(newest).toContain(`format ${format}:`);
	});

	test('install the package with the same commands', () => {
		const pages = ['README.md', 'docs/README.zh-CN.md', 'docs/installation.md', 'docs/installation.zh-CN.md'];
		const commands = pages.map(
			(page) => /^npm ci && npm run pack:pool\nnpm install[^]*?(?=```)/m.exec(read(page))?.[0],
		);
		expect(commands[0]).toBeDefined();
		expect(new Set(commands).size).toBe(1);
	});
});

describe('The terms of docs/architecture.md', () => {
	const [, section = ''] = /^## Terms\n([^]*?)^## /m.exec(read('docs/architecture.md')) ?? [];
	const named = Array.from(
		section.matchAll(/^\| ([^|]+) \| [^|]+ \| `(\w+)` in `([\w/.]+)` \|$/gm),
		([, term = '', type = '', file = '']) => ({ term, type, file }),
	);

	test('are at most 40', () => {
		expect(named.length).toBeGreaterThan(20);
		expect(section.match(/^\| \w/gm)!.length).toBeLessThanOrEqual(41);
	});

	test.each(named)('$term is $type in $file', ({ type, file }) => {
		const source = read(join('nodes/TencentCloudIot', file));
		expect(source).toMatch(new RegExp(`\\b(?:interface|type|class|const|function) ${type}\\b`));
	});
});

describe('The sample operation of docs/architecture.md', () => {
	const PATH = 'nodes/TencentCloudIot/resources/deviceData/reportState.operation.ts';
	const [, section = ''] = read('docs/architecture.md').split('## Adding an operation');

	test('is a complete operation of the node that is built, checked and tested unchanged', () => {
		expect(/^```ts\n([^]*?)^```$/m.exec(section)?.[1]).toBe(read(PATH));
	});

	test('is in all places that the table lists, and outside the tests in no other', () => {
		const isIn = (path: string) => /report(Device)? ?State/i.test(read(path));
		const rows = section.split('\n').filter((line) => line.startsWith('| `'));
		const places = rows.flatMap((row) => row.split('|')[1]?.match(/[\w./-]+/g) ?? []);
		// The text of a version names the changes for users.
		const named = places.filter((path) => path !== 'CHANGELOG.md');
		expect(named.filter((path) => !isIn(path))).toEqual([]);
		const sources = globSync(
			'{*.md,docs/{README,operations}*.md,{nodes,credentials,simulator,embedded,start,packaging}/**/*.*ts}',
		);
		expect(sources.filter((path) => isIn(path) && !named.includes(path))).toEqual([]);
		expect(named.length).toBeGreaterThan(5);
	});
});

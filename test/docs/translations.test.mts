import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { TencentCloudIotApi } from '../../credentials/TencentCloudIotApi.credentials';
import { FIELDS } from '../../nodes/TencentCloudIot/binding/row';
import { panel } from '../../nodes/TencentCloudIot/resources/nodeProperties';

/** A heading and the text up to the next one. */
interface Section {
	heading: string;
	level: number;
	/** The first cell of each table row, if it has no words to translate. */
	rows: string[];
	/** Images and code blocks. */
	shown: string[];
}

/** Names, codes and numbers, which are the same in every language: bold, italic or code. */
const NAMES = /`[^`]+`|\*[^*]+\*/g;

function sectionsOf(path: string): Section[] {
	const text = readFileSync(path, 'utf8');
	const [, ...sections] = text.split(/^(?=#+ )/m);
	return sections.map((section) => {
		const lines = section.split('\n').filter((line) => /^\| (?!-)/.test(line));
		return {
			heading: /^#+ (.*)$/m.exec(section)?.[1] ?? '',
			level: section.indexOf(' '),
			rows: lines.map((line) => (line.split('|')[1]?.match(NAMES) ?? []).join(' ')),
			shown: [
				...Array.from(section.matchAll(/!\[.*\]\((?:.*\/)?(.*)\)/g), ([, image = '']) => image),
				...(section.match(/^```[^]*?^```/gm) ?? []).map(withoutComments),
			],
		};
	});
}

const withoutComments = (code: string) => code.replaceAll(/ *#.*$/gm, '');

/** Only the Chinese README has this table, because the panel is in English. */
const CHINESE_NAMES = '面板字段的中文名';

const PAGES = [
	'README',
	'binding-apis',
	'compatibility',
	'installation',
	'operations',
	'personal-data',
	'reliability',
	'sync',
];

describe.each(PAGES)('%s in Chinese', (name) => {
	const english = sectionsOf(name === 'README' ? 'README.md' : `docs/${name}.md`);
	const chinese = sectionsOf(`docs/${name}.zh-CN.md`).filter(({ heading }) => heading !== CHINESE_NAMES);

	test('has the same sections', () => {
		expect(chinese.map(({ level }) => level)).toEqual(english.map(({ level }) => level));
	});

	test.each(['rows', 'shown'] as const)('has the same %s in each section', (part) => {
		expect(chinese.map((section) => section[part])).toEqual(english.map((section) => section[part]));
	});
});

const tableRowsOf = (path: string) =>
	readFileSync(path, 'utf8')
		.split('\n')
		.filter((line) => line.startsWith('| '))
		.map((line) => line.split('|').map((cell) => cell.trim()));

/** The operations of each resource. */
const operations = panel.properties
	.filter(({ name }) => name === 'operation')
	.map(({ options, displayOptions }) => ({
		resource: resourceNamed(displayOptions?.show?.['resource']?.[0]),
		names: optionsOf(options).map(({ name }) => name),
	}));

describe.each(['docs/operations.md', 'docs/operations.zh-CN.md'])('%s', (path) => {
	const rows = tableRowsOf(path);

	test('lists all operations, each with its Action', () => {
		const expected = operations.flatMap(({ resource, names }) => names.map((name) => `${resource}: ${name}`));
		const listed = rows.filter((cells) => /^(`Service|none$|无$)/.test(cells[4] ?? ''));
		expect(listed.map((cells) => `${cells[1]}: ${cells[2]}`).sort()).toEqual(expected.sort());
	});

	test.each(['options', 'rowHandling', 'safetyChecks'])('lists all %s of Push and Sync', (group) => {
		const groups = panel.properties.filter(
			({ name, displayOptions }) =>
				name === group && displayOptions?.show?.['resource']?.includes('deviceBinding'),
		);
		const names = groups.flatMap(({ options }) => optionsOf(options).map((option) => option.displayName));
		const listed = rows.map((cells) => cells[1] ?? '');
		expect(names.filter((name) => !listed.includes(name))).toEqual([]);
		expect(names.length).toBeGreaterThan(2);
	});
});

describe('The Chinese README', () => {
	const [, table = ''] = readFileSync('docs/README.zh-CN.md', 'utf8').split(`## ${CHINESE_NAMES}\n`);
	const named = Array.from(table.matchAll(/^\| (.+) \| (.+) \|$/gm), ([, label = '', name = '']) => ({
		label,
		name,
	}));

	test('has one Chinese name for each field of the panel, and lists no other field', () => {
		const labels = [...panel.properties, ...new TencentCloudIotApi().properties].flatMap(labelsOf);
		const [, ...listed] = named.map(({ label }) => label);
		expect(listed.sort()).toEqual([...new Set([...labels, ...FIELDS])].sort());
	});

	test('has a name in Chinese characters for each field', () => {
		const [, ...fields] = named;
		expect(fields.filter(({ name }) => !/\p{Script=Han}/u.test(name))).toEqual([]);
	});
});

/** Avoided words. The Chinese pages use 响应, 提示条, 同步状态, 版本, 输出项. */
const OTHER_WORDS = /答复|横幅|记忆|构建|条目/g;

test.each(PAGES)('The Chinese %s uses one term for each thing.', (name) => {
	expect(readFileSync(`docs/${name}.zh-CN.md`, 'utf8').match(OTHER_WORDS)).toBeNull();
});

/** The labels of a property and of nested ones; the text of a notice is not a label. */
function labelsOf(property: INodeProperties | INodePropertyCollection | INodePropertyOptions): string[] {
	if (!('displayName' in property)) {
		return [];
	}
	if (!('type' in property)) {
		return [property.displayName, ...property.values.flatMap(labelsOf)];
	}
	return property.type === 'notice'
		? []
		: [property.displayName, ...(property.options ?? []).flatMap(labelsOf)];
}

type Option = INodePropertyOptions | INodeProperties | INodePropertyCollection;

function optionsOf(options: Option[] | undefined): Array<{ name: string; displayName: string }> {
	return (options ?? []).map((option) => ({
		name: option.name,
		displayName: 'displayName' in option ? option.displayName : option.name,
	}));
}

function resourceNamed(value: unknown): string {
	const resources = panel.properties.find(({ name }) => name === 'resource');
	return (resources?.options as INodePropertyOptions[]).find((option) => option.value === value)?.name ?? '';
}

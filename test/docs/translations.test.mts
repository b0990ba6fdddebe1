import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { resourceProperties } from '../../nodes/TencentCloudIot/resources/nodeProperties';

/** A heading and what is below it, up to the next one. */
interface Section {
	level: number;
	/** Of each row of its tables: the first cell, where it has no words to translate. */
	rows: string[];
	/** Images and blocks of code. */
	shown: string[];
}

/** Names, codes and numbers, which are the same in every language: bold, cursive or as code. */
const NAMES = /`[^`]+`|\*[^*]+\*/g;

function sectionsOf(path: string): Section[] {
	const text = readFileSync(path, 'utf8');
	const [, ...sections] = text.split(/^(?=#+ )/m);
	return sections.map((section) => {
		const lines = section.split('\n').filter((line) => /^\| (?!-)/.test(line));
		return {
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

describe.each(['README', 'installation', 'reliability', 'sync'])('%s in Chinese', (name) => {
	const english = sectionsOf(name === 'README' ? 'README.md' : `docs/${name}.md`);
	const chinese = sectionsOf(`docs/${name}.zh-CN.md`);

	test('has the same sections', () => {
		expect(chinese.map(({ level }) => level)).toEqual(english.map(({ level }) => level));
	});

	test.each(['rows', 'shown'] as const)('has the same %s in each section', (part) => {
		// How it is tested is for developers, and told in English only.
		const compared = english.filter((_, index) => name !== 'reliability' || index < english.length - 1);
		expect(compared.map((_, index) => [index, chinese[index]?.[part]])).toEqual(
			compared.map((section, index) => [index, section[part]]),
		);
	});
});

describe.each(['README.md', 'docs/README.zh-CN.md'])('%s', (path) => {
	const rows = readFileSync(path, 'utf8')
		.split('\n')
		.filter((line) => line.startsWith('| '))
		.map((line) => line.split('|').map((cell) => cell.trim()));

	test('lists all operations', () => {
		const operations = resourceProperties
			.filter(({ name }) => name === 'operation')
			.flatMap(({ options, displayOptions }) =>
				optionsOf(options).map(
					({ name }) => `${resourceNamed(displayOptions?.show?.['resource']?.[0])}: ${name}`,
				),
			);
		const listed = rows.filter((cells) => cells[4]?.startsWith('`Service'));
		expect(listed.map((cells) => `${cells[1]}: ${cells[2]}`).sort()).toEqual(operations.sort());
	});

	test('lists all options of Push', () => {
		const push = resourceProperties.find(
			({ name, displayOptions }) =>
				name === 'options' &&
				displayOptions?.show?.['operation']?.includes('push') &&
				displayOptions.show['resource']?.includes('deviceBinding'),
		);
		const names = optionsOf(push?.options).map((option) => option.displayName);
		const listed = rows.map((cells) => cells[1] ?? '');
		expect(names.filter((name) => !listed.includes(name))).toEqual([]);
		expect(names.length).toBeGreaterThan(5);
	});
});

type Option = INodePropertyOptions | INodeProperties | INodePropertyCollection;

function optionsOf(options: Option[] | undefined): Array<{ name: string; displayName: string }> {
	return (options ?? []).map((option) => ({
		name: option.name,
		displayName: 'displayName' in option ? option.displayName : option.name,
	}));
}

function resourceNamed(value: unknown): string {
	const resources = resourceProperties.find(({ name }) => name === 'resource');
	return (resources?.options as INodePropertyOptions[]).find((option) => option.value === value)?.name ?? '';
}

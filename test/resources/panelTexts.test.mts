import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
	Workflow,
	type ILoadOptionsFunctions,
	type INode,
	type INodeProperties,
	type INodeTypes,
} from 'n8n-workflow';
import { TencentCloudIotApi } from '../../credentials/TencentCloudIotApi.credentials';
import { editorLists } from '../../nodes/TencentCloudIot/editor/lists';
import { resources } from '../../nodes/TencentCloudIot/resources';
import { TencentCloudIot } from '../../nodes/TencentCloudIot/TencentCloudIot.node';

/** The maximum length of a text that can be read at a glance. */
const LONGEST_TEXT = 90;

/** Counts whose label names what is counted, and a measured value, whose unit depends on its property. */
const WITHOUT_UNIT = ['concurrency', 'itemNum', 'limit', 'maxAttempts', 'value'];

const UNIT = / \((Days|MB|Minutes|Months|Seconds|%|% Changed)\)$| per Second$/;

/** A text of the panel and its location. */
type PanelText = readonly [where: string, text: string | undefined];

const node = new TencentCloudIot().description;
const credential = new TencentCloudIotApi();
const everyProperty = [...node.properties, ...credential.properties].flatMap(withNested);

function withNested(property: INodeProperties): INodeProperties[] {
	const { options = [] } = property;
	const nested = options.flatMap((option) => {
		if ('values' in option) {
			return option.values;
		}
		return 'type' in option ? [option] : [];
	});
	return [property, ...nested.flatMap(withNested)];
}

function textsOf({
	name,
	displayName,
	description,
	placeholder,
	hint,
	...property
}: INodeProperties): PanelText[] {
	const { type, options = [], modes = [], default: standard } = property;
	return [
		[name, displayName],
		// n8n shows no description of a resource mapper.
		[type === 'resourceMapper' ? `${name} (not shown)` : name, description],
		[name, placeholder],
		[name, hint],
		[`${name} (for models)`, name === 'toolDescription' ? String(standard) : undefined],
		...modes.flatMap((mode) =>
			[mode.displayName, mode.hint, mode.placeholder].map((text) => [name, text] as const),
		),
		...options.flatMap((option): PanelText[] => [
			[name, 'displayName' in option ? option.displayName : option.name],
			[name, 'description' in option ? option.description : undefined],
			[name, 'action' in option ? option.action : undefined],
		]),
	];
}

const texts: PanelText[] = [
	['node', node.displayName],
	['node', node.description],
	['node', node.subtitle],
	['node', String(node.defaults.name)],
	['credential', credential.displayName],
	...everyProperty.flatMap(textsOf),
];

describe('The texts of node and credential', () => {
	test('are in English only', async () => {
		const { fields } = await editorLists.columns.list.call({} as ILoadOptionsFunctions);
		expect(fields.filter(({ id, displayName }) => displayName !== id)).toEqual([]);
		const foreign = texts.filter(([, text = '']) =>
			/[\p{Script=Han}\p{Script=Hangul}\u3000-\u30FF\uFF00-\uFFEF]/u.test(text),
		);
		expect(foreign).toEqual([]);
		expect(texts.length).toBeGreaterThan(500);
	});

	test('are short if n8n shows them in full', () => {
		const shown = texts.filter(([where, text]) => !where.endsWith(')') && text !== node.subtitle);
		expect(shown.filter(([, text = '']) => text.length > LONGEST_TEXT)).toEqual([]);
	});

	test('name the unit in the label of each number', () => {
		const numbers = everyProperty.filter(({ type }) => type === 'number');
		const bare = numbers.filter(({ displayName }) => !UNIT.test(displayName)).map(({ name }) => name);
		expect([...new Set(bare)].sort()).toEqual(WITHOUT_UNIT);
		expect(numbers.length).toBeGreaterThan(50);
	});

	test('name the platform', () => {
		expect(node.displayName).toContain('IoT Enablement');
		expect(node.defaults.name).toBe(node.displayName);
	});
});

test('Documents, messages and examples quote labels with their units', () => {
	const unit = / \(.*\)$/;
	const withUnit = everyProperty.map(({ displayName }) => displayName).filter((label) => unit.test(label));
	const labels = withUnit.map((label) => label.replace(unit, ''));
	const bare = new RegExp(`(['_*])(${[...new Set(labels)].join('|')})\\1`, 'g');
	const paths = globSync(['*.md', 'docs/*.md', 'nodes/**/*.ts', 'examples/**/*.json', 'start/*.mts']);
	const found = paths.map((path) => [path, readFileSync(path, 'utf8').match(bare)] as const);
	expect(found.filter(([, labels]) => labels !== null)).toEqual([]);
	expect(new Set(labels).size).toBeGreaterThan(4);
	expect(paths.length).toBeGreaterThan(100);
});

test('A notice above the columns of Sync says that it needs all customers, and what a DeviceId is', () => {
	const notices = (operation: string) =>
		node.properties
			.filter(
				({ type, displayOptions: { show } = {} }) =>
					type === 'notice' && show?.['operation']?.includes(operation),
			)
			.map(({ displayName }) => displayName);
	expect(notices('push')).toEqual([expect.stringContaining('DeviceId is ProductId/DeviceName')]);
	expect(notices('sync')).toEqual([expect.stringContaining('all customers in one run'), ...notices('push')]);
});

const operations = resources.flatMap((resource) =>
	resource.operations.map(
		({ value, option }) => [resource.value, value, `${option.name}: ${resource.name}`] as const,
	),
);

test.each(operations)(
	'On the canvas a node of %s %s has the subtitle %s',
	(resource, operation, subtitle) => {
		const parameters = { resource, operation };
		const shown: INode = {
			id: '',
			name: 'Node',
			type: node.name,
			typeVersion: 1,
			position: [0, 0],
			parameters,
		};
		const nodeTypes = { getByNameAndVersion: () => new TencentCloudIot() } as unknown as INodeTypes;
		const workflow = new Workflow({ nodes: [shown], connections: {}, active: false, nodeTypes });
		expect(workflow.expression.getSimpleParameterValue(shown, node.subtitle, 'internal', {})).toBe(subtitle);
	},
);

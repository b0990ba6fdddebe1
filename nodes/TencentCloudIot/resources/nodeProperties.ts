import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Operation } from '../operation';
import { resources, type Resource } from './index';
import { outputItemPerRun, runOptions } from './runOptions';

/** All fields of the node, computed from the list of resources. */
export const resourceProperties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: resources.map(({ name, value }) => ({ name, value })),
		default: 'deviceBinding',
	},
	...resources.flatMap(propertiesOfResource),
];

const lists = resources.flatMap(({ operations }: Resource) => operations.flatMap((one) => one.lists));

/** What the editor calls to fill these fields, by the names that their properties have. */
export const editorMethods = {
	listSearch: Object.fromEntries(lists.flatMap((one) => ('search' in one ? [[one.method, one.search]] : []))),
	resourceMapping: Object.fromEntries(
		lists.flatMap((one) => ('list' in one ? [[one.method, one.list]] : [])),
	),
};

function propertiesOfResource({ value: resource, operations }: Resource): INodeProperties[] {
	const defaultOperation = operations[0]?.value ?? '';
	const operationProperty: INodeProperties = {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource] } },
		options: operations
			.map(({ value, option }): INodePropertyOptions => ({ ...option, value }))
			.sort((a, b) => a.name.localeCompare(b.name)),
		default: defaultOperation,
	};
	return [
		operationProperty,
		...operations.flatMap((operation) => propertiesOfOperation(resource, operation)),
	];
}

function propertiesOfOperation(resource: string, operation: Operation<unknown>): INodeProperties[] {
	const show = { resource: [resource], operation: [operation.value] };
	const options: INodeProperties = {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: optionsOf(operation).sort((a, b) => a.displayName.localeCompare(b.displayName)),
	};
	return [
		toolDescription(operation),
		...operation.properties,
		...(operation.optionGroups ?? []),
		options,
	].map((property) => ({
		...property,
		displayOptions: { ...property.displayOptions, show: { ...show, ...property.displayOptions?.show } },
	}));
}

/** The tool's description for models, unless the user writes another: the field that n8n itself would add. */
function toolDescription({ option, toolAdvice }: Operation<unknown>): INodeProperties {
	const advice = toolAdvice === undefined ? '' : `. ${toolAdvice}`;
	return {
		displayName: 'Description',
		name: 'toolDescription',
		type: 'string',
		required: true,
		typeOptions: { rows: 3 },
		displayOptions: { show: { '@tool': [true] } },
		default: `${option.description}${advice}`,
		description: 'What the model is told of this tool',
	};
}

/** A run that pushes sets can be reported as a whole. */
function optionsOf({ options, fullReplace }: Operation<unknown>): INodeProperties[] {
	const usual = fullReplace ? runOptions.map(withRun) : runOptions;
	return [...options, ...usual];
}

function withRun(option: INodeProperties): INodeProperties {
	return option.name === outputItemPerRun.name ? outputItemPerRun : option;
}

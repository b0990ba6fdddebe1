import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { propertiesOf } from '../input/fields/fields';
import type { LocalOperation } from './operation/localOperation';
import type { ListedOperation } from './operation/operation';
import { resources } from './index';
import { shownOptions } from './runOptions';

const allOperations = resources.flatMap(({ operations }) => operations);
const allLocalOperations = resources.flatMap(({ localOperations = [] }) => localOperations);

const lists = allOperations.flatMap((operation) => operation.lists);
const pickLists = lists.filter((list) => 'search' in list);
const fieldLists = lists.filter((list) => 'list' in list);

const resourceProperty: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	options: resources.map(({ name, value }) => ({ name, value })),
	default: 'deviceBinding',
};

/** What n8n's editor shows of the operations, computed from the list of resources. */
export const panel = {
	/** All fields of the node. */
	properties: [resourceProperty, ...resources.flatMap(propertiesOfResource)],

	/** What the canvas shows below the node's name, by display names: "Push: Device Binding". */
	subtitle: `={{ ${displayNameExpression(
		'operation',
		// Resources may share a value such as `getMany`. The operations with that value then also share the name.
		[...allOperations, ...allLocalOperations].map(({ value, option }) => [value, option.name]),
	)} + ": " + ${displayNameExpression(
		'resource',
		resources.map(({ value, name }) => [value, name]),
	)} }}`,

	/** The methods that the editor calls to fill lists and mappers. The properties refer to them by these names. */
	methods: {
		listSearch: Object.fromEntries(pickLists.map(({ method, search }) => [method, search])),
		resourceMapping: Object.fromEntries(fieldLists.map(({ method, list }) => [method, list])),
	},
};

/** Writes the part of an n8n expression that looks up the display name of a parameter's value. */
function displayNameExpression(parameter: string, names: Array<[value: string, name: string]>): string {
	return `(${JSON.stringify(Object.fromEntries(names))})[$parameter["${parameter}"]]`;
}

function propertiesOfResource({
	value: resource,
	operations,
	localOperations = [],
}: (typeof resources)[number]): INodeProperties[] {
	const firstOperation = operations[0] ?? localOperations[0];
	const defaultOperation = firstOperation?.value ?? '';
	const operationChoices = operations.map(
		({ value, option }): INodePropertyOptions => ({ ...option, value }),
	);
	const localChoices = localOperations.map(choiceOfLocal);
	return [
		{
			displayName: 'Operation',
			name: 'operation',
			type: 'options',
			noDataExpression: true,
			displayOptions: { show: { resource: [resource] } },
			options: [...operationChoices, ...localChoices].sort((a, b) => a.name.localeCompare(b.name)),
			default: defaultOperation,
		},
		...operations.flatMap((operation) => {
			const properties = [...operation.properties, ...propertiesOf(shownOptions(operation))];
			return propertiesFor(resource, operation, properties);
		}),
		...localOperations.flatMap((operation) => {
			return propertiesFor(resource, operation, propertiesOf(operation.fields));
		}),
	];
}

/** The entry for a local operation in the dropdown of operations. A tool does not show operations that are not for models. */
function choiceOfLocal({ value, option, isForModels }: LocalOperation): INodePropertyOptions {
	const choice: INodePropertyOptions = { ...option, value };
	if (!isForModels) {
		choice.displayOptions = { hide: { '@tool': [true] } };
	}
	return choice;
}

/** The properties of one operation, shown only for that operation, below the tool's description. */
function propertiesFor(
	resource: string,
	operation: ListedOperation,
	properties: readonly INodeProperties[],
): INodeProperties[] {
	const show = { resource: [resource], operation: [operation.value] };
	return [toolDescription(operation), ...properties].map((property) => ({
		...property,
		displayOptions: { ...property.displayOptions, show: { ...show, ...property.displayOptions?.show } },
	}));
}

/** The field with the tool's description for models. n8n would add one itself, with another default. */
function toolDescription({ option, toolAdvice }: ListedOperation): INodeProperties {
	const advice = toolAdvice === undefined ? '' : `. ${toolAdvice}`;
	return {
		displayName: 'Description',
		name: 'toolDescription',
		type: 'string',
		required: true,
		typeOptions: { rows: 3 },
		displayOptions: { show: { '@tool': [true] } },
		default: `${option.description}${advice}`,
		description: 'Text for the model',
	};
}

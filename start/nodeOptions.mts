import type { INodeParameters, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { loadBuiltNode } from '../embedded/builtNode.mts';
import { InputError } from './inputError.mts';

export type BindingOperation = 'push' | 'sync';

/** Options that the command sets itself. */
const OWN = new Set(['dryRun', 'includeDevices', 'outputItemPer']);

/**
 * The node's options, by group, e.g. `{ rowHandling: { emptyCustomerId: 'above' } }`.
 *
 * @param texts such as `emptyCustomerId=above`
 * @throws InputError naming an option or a value that the node does not have
 */
export function readNodeOptions(texts: readonly string[], operation: BindingOperation): INodeParameters {
	const groups: Record<string, INodeParameters> = {};
	if (texts.length === 0) {
		return groups;
	}
	const options = optionsOf(operation);
	for (const text of texts) {
		const [name = '', ...valueParts] = text.split('=');
		const found = options.find(({ option }) => option.name === name);
		if (found === undefined) {
			const names = options.map(({ option }) => option.name).join(', ');
			throw new InputError(
				`--set must be one of ${names} and a value, such as emptyCustomerId=above, not "${text}".`,
			);
		}
		groups[found.group] = { ...groups[found.group], [name]: readValue(found.option, valueParts.join('=')) };
	}
	return groups;
}

function optionsOf(operation: BindingOperation): Array<{ group: string; option: INodeProperties }> {
	const { properties } = loadBuiltNode().nodeType.description;
	const isOfOperation = ({ displayOptions: { show } = {} }: INodeProperties) =>
		show?.['resource']?.includes('deviceBinding') === true && show['operation']?.includes(operation) === true;
	return properties
		.filter((property) => property.type === 'collection' && isOfOperation(property))
		.flatMap(({ name: group, options = [] }) =>
			(options as INodeProperties[]).map((option) => ({ group, option })),
		)
		.filter(({ option }) => !OWN.has(option.name));
}

function readValue({ name, type, options = [] }: INodeProperties, text: string): string | number {
	const choices = (options as INodePropertyOptions[]).map(({ value }) => String(value));
	if (choices.length > 0 && !choices.includes(text)) {
		throw new InputError(`--set ${name} must be one of ${choices.join(', ')}, not "${text}".`);
	}
	if (type !== 'number') {
		return text;
	}
	const number = Number(text);
	if (text.trim() === '' || !Number.isFinite(number)) {
		throw new InputError(`--set ${name} must be a number, not "${text}".`);
	}
	return number;
}

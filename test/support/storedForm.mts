import type { INodeProperties } from 'n8n-workflow';

/**
 * What workflows and credentials store of parameters, one line for each: names, types, values, defaults and when a
 * field is shown. Labels and descriptions may change, also those that models read; none of this may.
 */
export function storedForm(properties: readonly INodeProperties[], path = ''): string[] {
	return properties.flatMap((property) => {
		const { name, type, default: standard, displayOptions } = property;
		const shown = displayOptions === undefined ? '' : ` when ${JSON.stringify(displayOptions)}`;
		const fields = (property.options ?? []).filter((option): option is INodeProperties => 'type' in option);
		const groups = (property.options ?? []).filter((option) => 'values' in option);
		return [
			`${path}${name}: ${type}${valuesOf(property)} = ${name === 'toolDescription' ? 'a text' : JSON.stringify(standard)}${shown}`,
			...storedForm(fields, `${path}${name}.`),
			...groups.flatMap((group) => storedForm(group.values, `${path}${name}.${group.name}.`)),
		];
	});
}

/** The values of a dropdown, e.g. ` (a, b)`. */
export function valuesOf({ options = [] }: INodeProperties): string {
	const values = options.flatMap((option) => ('value' in option ? [String(option.value)] : []));
	return values.length > 0 ? ` (${values.join(', ')})` : '';
}

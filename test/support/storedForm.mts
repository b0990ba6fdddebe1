import type { INodeProperties } from 'n8n-workflow';

/**
 * What workflows and credentials store for each parameter, one line each: names, types, values, defaults and when a
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

const VALUES = / \(([^)]*)\)/;

/**
 * The stored lines that are gone or changed. New parameters between them and new values of a dropdown are allowed.
 * @param before the result of `storedForm` for an earlier version
 */
export function changesOf(before: readonly string[], now: readonly string[]): string[] {
	let next = 0;
	return before.filter((line) => {
		const found = now.findIndex((candidate, index) => index >= next && isCompatible(line, candidate));
		if (found >= 0) {
			next = found + 1;
		}
		return found < 0;
	});
}

/** Whether two lines are the same, except for additional dropdown values in the second one. */
function isCompatible(before: string, now: string): boolean {
	const [, values = ''] = VALUES.exec(before) ?? [];
	const [, currentValues = ''] = VALUES.exec(now) ?? [];
	const current = currentValues.split(', ');
	const hasAll = values.split(', ').every((value) => value === '' || current.includes(value));
	return hasAll && before.replace(VALUES, '') === now.replace(VALUES, '');
}

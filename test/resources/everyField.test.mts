import type { INodeProperties } from 'n8n-workflow';
import { describe, expect, test } from '@jest/globals';
import type { Operation } from '../../nodes/TencentCloudIot/resources/operation/operation';
import { resources } from '../../nodes/TencentCloudIot/resources';
import { readItem } from '../support/readItem.mts';

/** What programs and spreadsheets write for a missing value. */
const PLACEHOLDERS = ['undefined', '#N/A', '[object Object]', '无', 'N/A', 'null', 'NaN'];
const NOTHING = ['', '  ', null, undefined];

const EXPRESSION = '={{ $json.value }}';

interface FieldCase {
	/** The label in the panel. */
	label: string;
	/** The parameters with a value in this field. */
	withValue: (value: unknown) => Record<string, unknown>;
}

/** Each field that accepts expressions, including fields in collections and lists. */
function casesOf({ name, type, displayName, noDataExpression, options = [] }: INodeProperties): FieldCase[] {
	if (noDataExpression || type === 'notice' || type === 'resourceMapper') {
		return [];
	}
	const within = (nested: INodeProperties[], wrap: (members: object) => unknown) =>
		nested.flatMap(casesOf).map(({ label, withValue }) => ({
			label,
			withValue: (value: unknown) => ({ [name]: wrap(withValue(value)) }),
		}));
	if (type === 'collection') {
		return within(options as INodeProperties[], (members) => members);
	}
	if (type === 'fixedCollection') {
		return options.flatMap((group) => {
			const { values = [] } = group as { values?: INodeProperties[] };
			const defaults = Object.fromEntries(values.map((property) => [property.name, property.default]));
			return within(values, (members) => ({ [group.name]: [{ ...defaults, ...members }] }));
		});
	}
	return [{ label: displayName, withValue: (value) => ({ [name]: value }) }];
}

const fields = resources.flatMap(({ value, operations }) =>
	operations
		.filter(({ customers }: Operation<unknown>) => customers === undefined)
		.flatMap((operation: Operation<unknown>) =>
			operation.properties
				.flatMap(casesOf)
				.map((field) => [`${value}.${operation.value}`, field.label, operation, field] as const),
		),
);

/** The fields with a finding if an expression returns such a value for this field. */
function refused(operation: Operation<unknown>, { withValue }: FieldCase, value: unknown): string[] {
	const defaults = Object.fromEntries(
		operation.properties.map((property) => [property.name, property.default]),
	);
	const values = { ...defaults, ...withValue(value) };
	return readItem(operation, values, { ...defaults, ...withValue(EXPRESSION) }).findings.map(
		({ field }) => field,
	);
}

describe('No field of any operation sends a placeholder for a missing value:', () => {
	test.each(fields)('%s, %s', (_, label, operation, field) => {
		for (const value of PLACEHOLDERS) {
			expect([value, refused(operation, field, value)]).toEqual([value, expect.arrayContaining([label])]);
		}
	});
});

describe('An added field that evaluates to nothing is reported, not left out:', () => {
	// May be empty if the phone number begins with it.
	const mayBeEmpty = (name: string, label: string) => name === 'customer.create' && label === 'Country Code';
	test.each(fields.filter(([name, label]) => !mayBeEmpty(name, label)))(
		'%s, %s',
		(_, label, operation, field) => {
			for (const value of NOTHING) {
				expect([value, refused(operation, field, value)]).toEqual([value, expect.arrayContaining([label])]);
			}
		},
	);
});

test.each<[string, string]>([
	['customer', 'customerId'],
	['order', 'orderNo'],
])('A blank filter of a list of %ss that is not an expression is left out: %s', (resource, name) => {
	const { operations } = resources.find(({ value }) => value === resource)!;
	const getMany = operations.find(({ value }) => value === 'getMany')!;
	const values = { returnAll: true, filters: { [name]: ' ' } };
	expect(readItem(getMany, values).findings).toEqual([]);
});

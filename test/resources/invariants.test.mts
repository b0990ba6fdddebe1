import type { INodeProperties } from 'n8n-workflow';
import { describe, expect, test } from '@jest/globals';
import type { Call, Operation } from '../../nodes/TencentCloudIot/resources/operation/operation';
import { findLocalOperation, findOperation, resources } from '../../nodes/TencentCloudIot/resources';
import { panel } from '../../nodes/TencentCloudIot/resources/nodeProperties';
import { readRunOptions, shownOptions } from '../../nodes/TencentCloudIot/resources/runOptions';
import { NotSendable } from '../../nodes/TencentCloudIot/service/outcome';

const operations = resources.flatMap((resource) =>
	resource.operations.map((operation: Operation<unknown>) => ({ resource: resource.value, operation })),
);
const named = operations.map(({ resource, operation }) => [resource, operation.value, operation] as const);

const defaultsOf = (operation: Operation<unknown>) => readRunOptions(operation, () => ({})).options;

/** The fields that an operation shows. */
const fieldsOf = (resource: string, operation: string): INodeProperties[] =>
	panel.properties.filter(({ displayOptions }) => {
		const { show } = displayOptions ?? {};
		return show?.['resource']?.includes(resource) && show['operation']?.includes(operation);
	});

/** The conditions of a field besides its resource and operation. */
function shownOnly(operation: string, name: string): object {
	const asTool = { '@tool': [true] };
	const fields: Record<string, { show?: object; hide?: object }> = {
		toolDescription: { show: asTool },
		liveDevice: { show: asTool },
		limit: { show: { returnAll: [false] } },
		data: { show: { specifyData: ['json'] } },
		properties: { show: { specifyData: ['fields'] } },
		itemVNO: { hide: { itemId: expect.any(Array) } },
	};
	const ofList: typeof fields = {
		devicesFrom: { show: asTool },
		customerId: { show: { ...asTool, devicesFrom: ['list'] } },
		devices: { show: { ...asTool, devicesFrom: ['list'] } },
	};
	if (operation === 'push' && name.startsWith('columns')) {
		return expect.anything();
	}
	const conditions = operation === 'push' ? { ...fields, ...ofList } : fields;
	return { show: {}, hide: undefined, ...conditions[name] };
}

/** Fields including nested ones. */
const withNested = (properties: readonly INodeProperties[]): INodeProperties[] =>
	properties.flatMap((property) => [
		property,
		...withNested((property.options ?? []).filter((option): option is INodeProperties => 'type' in option)),
		...withNested((property.options ?? []).flatMap((option) => ('values' in option ? option.values : []))),
	]);

const isUnique = (values: readonly unknown[]) => new Set(values).size === values.length;
const isSorted = (names: readonly string[]) =>
	names.every((name, index) => index === 0 || names[index - 1]!.localeCompare(name) <= 0);

describe('Resources and operations', () => {
	test('have unique values in camelCase', () => {
		expect(isUnique(resources.map(({ value }) => value))).toBe(true);
		for (const { operations: list } of resources) {
			expect(isUnique(list.map(({ value }) => value))).toBe(true);
		}
		for (const [resource, operation] of named) {
			expect([resource, operation].join('')).toMatch(/^[a-z][A-Za-z0-9]*$/);
		}
	});

	test('are each in a dropdown of fixed values', () => {
		const dropdowns = panel.properties.filter(({ name }) => name === 'resource' || name === 'operation');
		expect(dropdowns).toHaveLength(1 + resources.length);
		for (const { noDataExpression, options = [], default: standard } of dropdowns) {
			expect(noDataExpression).toBe(true);
			expect(options.map((option) => 'value' in option && option.value)).toContain(standard);
		}
	});

	test('have devices that can be typed by name, and other picked values by id', () => {
		const pickers = panel.properties.filter(({ type }) => type === 'resourceLocator');
		expect(new Set(pickers.map(({ name, modes = [] }) => `${name}: ${modes[1]?.displayName}`))).toEqual(
			new Set(['actionId: By ID', 'customerId: By ID', 'deviceName: By Name', 'fieldName: By ID']),
		);
	});

	test.each(named)('%s %s is found by its values', (resource, value, operation) => {
		expect(findOperation(resource, value)).toBe(operation);
	});

	test.each(
		resources.flatMap(({ value, localOperations = [] }) =>
			localOperations.map((operation) => [value, operation.value, operation] as const),
		),
	)('%s %s, which makes no request, is found by its stored values', (resource, value, operation) => {
		expect(findLocalOperation(resource, value)).toBe(operation);
	});

	test.each([
		['gone', 'push'],
		['sync', 'gone'],
		['sync', 'toString'],
		['deviceBinding', 'push'],
	])('%j %j is not an operation without requests', (resource, operation) => {
		expect(findLocalOperation(resource, operation)).toBeUndefined();
	});

	test.each([
		['deviceBinding', 'gone'],
		['gone', 'push'],
		['constructor', 'push'],
		['deviceBinding', 'toString'],
		['', ''],
	])('%j %j is not an operation, which is reported before anything is sent', (resource, operation) => {
		expect(() => findOperation(resource, operation)).toThrow(NotSendable);
		expect(() => findOperation(resource, operation)).toThrow(
			expect.objectContaining({
				failure: expect.objectContaining({
					code: 'NO_SUCH_OPERATION',
					reason: 'This version of the node has no such operation.',
					advice: "Choose another 'Operation', or update the package: the workflow is of another version",
				}),
			}),
		);
	});
});

describe.each(named)('Of %s %s', (resource, value, operation) => {
	const fields = fieldsOf(resource, value);
	const everyField = withNested(fields);
	const collections = fields.filter(({ type }) => type === 'collection');

	test('the list entry describes the operation, in sentence case', () => {
		const { name, action, description } = operation.option;
		expect(name).toMatch(/^[A-Z]/);
		expect(action).toMatch(/^[A-Z][^A-Z.]+$/);
		expect(description).toMatch(/^[A-Z].*[^.]$/);
		expect(operation.action).toMatch(/^Service[A-Z]\w+$/);
		expect(operation.unit).toMatch(/^[a-z]+$/);
	});

	test('each field is shown only for it', () => {
		for (const { name, displayOptions: { show, hide } = {} } of fields) {
			const { resource: shownResource, operation: itsOperation, ...furtherConditions } = show ?? {};
			expect([shownResource, itsOperation]).toEqual([[resource], [value]]);
			expect([name, { show: furtherConditions, hide }]).toEqual([name, shownOnly(value, name)]);
		}
		expect(fields.length).toBe(operation.properties.length + Object.keys(shownOptions(operation)).length + 1);
	});

	test('no field is shown by a regular expression: a busy n8n stops it after 250 ms and refuses the workflow', () => {
		const conditions = JSON.stringify(everyField.map(({ displayOptions }) => displayOptions));
		expect(conditions).not.toContain('regex');
	});

	test('field names are unique', () => {
		// Only one field for the version of an item is shown, see itemVersions.test, and only one for the columns of Push.
		const names = fields.map(({ name }) => name).filter((name) => !['itemVNO', 'columns'].includes(name));
		expect(isUnique(names)).toBe(true);
		for (const { options = [] } of collections) {
			expect(isUnique(options.map(({ name }) => name))).toBe(true);
		}
	});

	test('each field has a label, a default and a description; booleans begin with "Whether"', () => {
		for (const { displayName, name, type, description, default: standard } of everyField) {
			expect([name, displayName]).toEqual([
				expect.stringMatching(/^[a-z]\w*$/),
				expect.stringMatching(/^[A-Z]/),
			]);
			expect([name, standard]).not.toEqual([name, undefined]);
			if (type === 'notice' || name === 'options') {
				continue;
			}
			expect([name, description]).toEqual([name, expect.stringMatching(/^[A-Z].{10}/)]);
			if (type === 'boolean') {
				expect(description).toMatch(/^Whether /);
			}
		}
	});

	test('nothing within a collection depends on other fields, and its entries are in alphabetical order', () => {
		expect(collections.map(({ name }) => name).at(-1)).toBe('options');
		expect(collections.length).toBeLessThanOrEqual(4);
		for (const { options = [] } of collections) {
			const entries = options as INodeProperties[];
			expect(entries.filter(({ displayOptions }) => displayOptions !== undefined)).toEqual([]);
			expect(isSorted(entries.map(({ displayName }) => displayName))).toBe(true);
		}
	});

	test('dropdowns have sorted entries, unique values and a default that is one of them', () => {
		for (const { name, options = [], default: standard } of everyField.filter(
			({ type }) => type === 'options',
		)) {
			const values = options.map((option) => 'value' in option && option.value);
			// Test orders are listed before live ones.
			const sorted = name === 'itemId' || isSorted(options.map((option) => option.name));
			expect([name, isUnique(values), sorted]).toEqual([name, true, true]);
			expect(values).toContain(standard);
		}
	});

	test('the defaults of numbers are within their limits', () => {
		for (const { default: standard, typeOptions = {} } of everyField.filter(
			({ type }) => type === 'number',
		)) {
			const { minValue = -Infinity, maxValue = Infinity } = typeOptions;
			expect(minValue <= Number(standard) && Number(standard) <= maxValue).toBe(true);
		}
	});

	test('a response without proof proves nothing', () => {
		for (const data of [{}, { Status: 'ok' }, { Status: true }, { RequestId: 'r' }]) {
			expect(operation.isDone(data)).toBe(false);
		}
	});

	test('required fields are shown directly, and optional fields are in a collection', () => {
		const optional = operation.properties.filter(({ required, type }) => !required && type !== 'notice');
		const shown = optional.filter(({ type }) => type !== 'collection').map(({ name }) => name);
		// Fields that were required once stay where stored workflows have them.
		const optionalByHistory = [
			'returnAll',
			'limit',
			'waitForResult',
			'startTime',
			'endTime',
			'countryCode',
			'liveOrder',
			'liveDevice',
		];
		expect(shown.filter((name) => !optionalByHistory.includes(name))).toEqual([]);
	});

	test('non-idempotent operations have advice for unclear results, and lists only read', () => {
		expect(operation.effect !== 'once' || operation.unclearAdvice !== undefined).toBe(true);
		if (operation.paging) {
			expect(operation.effect).toBe('read');
		}
	});

	test('no input gives no output', async () => {
		const noBatches = (async function* () {})();
		expect(await operation.toCalls(noBatches, defaultsOf(operation))).toMatchObject({
			calls: [],
			withheld: [],
		});
	});
});

test.each(named)(
	'%s: %s shows nothing of a response but what is kept of it',
	(_resource, _value, operation) => {
		const shown = new Set<string | symbol>();
		const record = { a: 1 };
		const data = new Proxy(
			{ Data: '{}', Result: '{}', Model: record, Device: record, ClientToken: 't', Status: 'OK', URL: 'u' },
			{
				get: (target, name) => {
					shown.add(name);
					return Reflect.get(target, name) as unknown;
				},
				getOwnPropertyDescriptor: (target, name) => {
					shown.add(name);
					return Reflect.getOwnPropertyDescriptor(target, name);
				},
			},
		);
		const call: Call = { parameters: { DeviceInfos: [] }, itemIndexes: [0] };
		const result = { data, RequestId: 'r', Attempts: 1, timezone: 'UTC' };
		operation.toJson(call, result, defaultsOf(operation));
		expect([...shown].filter((name) => !operation.reads.includes(String(name)))).toEqual([]);
		if (operation.paging === undefined && operation.customers?.purpose !== 'audit') {
			expect(operation.reads.filter((name) => !shown.has(name))).toEqual([]);
		}
	},
);

import { describe, expect, test } from '@jest/globals';
import type { INodeParameters, INodeProperties } from 'n8n-workflow';
import { resources } from '../../nodes/TencentCloudIot/resources';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { picked } from '../support/picked.mts';
import { customerCases } from './customerCases.mts';
import { deviceCases } from './deviceCases.mts';
import { deviceDataCases } from './deviceDataCases.mts';
import { runOperation } from './operationRun.mts';
import { errorOf } from './pushRun.mts';
import { contents } from './serviceContents.mts';

/** What programs and spreadsheets write for a missing value. */
const PLACEHOLDERS = ['undefined', '#N/A', '[object Object]', '无', 'N/A', 'null', 'NaN'];
const NOTHING = ['', '  ', null, undefined];

const EXPRESSION = '={{ $json.value }}';

/** One field of an operation, and the parameters in which it alone is the expression. */
interface FieldCase {
	operation: string;
	/** The label, which the user reads. */
	label: string;
	property: INodeProperties;
	parameters: INodeParameters;
}

/** A case of each operation that has fields of its own; Push and Sync read columns of the rows. */
const cases = new Map(
	[...customerCases, ...deviceCases, ...deviceDataCases].map(({ operation, parameters }) => [
		operation,
		parameters,
	]),
);

/** Each field that an expression can fill, within collections and lists as well. */
const fieldCases = resources.flatMap(({ value: resource, operations }) =>
	operations
		.filter(({ customers, properties }) => customers === undefined && properties.length > 0)
		.flatMap(({ value, properties }) => {
			const operation = `${resource}.${value}`;
			const parameters = cases.get(operation);
			if (parameters === undefined) throw new Error(`There is no case of ${operation}`);
			const known = 'returnAll' in parameters ? { ...parameters, returnAll: false } : parameters;
			return properties.flatMap((property) => casesOf(operation, property, known));
		}),
);

function casesOf(operation: string, property: INodeProperties, known: INodeParameters): FieldCase[] {
	const { name, type, displayName, noDataExpression, options = [] } = property;
	if (noDataExpression || type === 'notice' || type === 'resourceMapper') return [];
	const within = (nested: INodeProperties, wrap: (value: INodeParameters) => INodeParameters) =>
		casesOf(operation, nested, {}).map(({ parameters, ...one }) => ({
			...one,
			parameters: { ...known, [name]: wrap(parameters) },
		}));
	if (type === 'collection') return options.flatMap((entry) => within(entry as INodeProperties, (v) => v));
	if (type === 'fixedCollection') {
		return options.flatMap((group) => {
			const { values = [] } = group as { values?: INodeProperties[] };
			const defaults = Object.fromEntries(values.map((one) => [one.name, one.default]));
			return values.flatMap((entry) =>
				within(entry, (value) => ({ [group.name]: [{ ...defaults, ...value }] }) as INodeParameters),
			);
		});
	}
	const value = type === 'resourceLocator' ? picked(EXPRESSION) : EXPRESSION;
	return [{ operation, label: displayName, property, parameters: { ...known, [name]: value } }];
}

const named = fieldCases.map((one) => [one.operation, one.label, one] as const);

/** What becomes of one row for each value. */
async function readValues({ operation, parameters }: FieldCase, values: ReadonlyArray<unknown>) {
	const simulator = await runSimulator(contents);
	const rows = values.map((value) => ({ value: value as never }));
	const { error } = await runOperation(simulator, {
		operation,
		parameters,
		rows,
		onError: 'continueErrorOutput',
	});
	return { requests: simulator.requests.length, error: error.map(errorOf) };
}

describe('A placeholder for a missing value is sent by no field of any operation:', () => {
	test.each(named)('%s, %s', async (_, label, one) => {
		const { requests, error } = await readValues(one, PLACEHOLDERS);
		expect(requests).toBe(0);
		expect(error).toHaveLength(PLACEHOLDERS.length);
		for (const item of error) {
			expect(item).toMatchObject({ code: 'INVALID_ROWS', outcome: 'NOT_SENT' });
			expect(item?.message).toContain(`'${label}' `);
		}
	});
});

describe('A field that was added and evaluates to nothing is a finding, and not one that is left out:', () => {
	// May be empty where the phone number begins with it: then it is the number that has to be complete.
	const mayBeEmpty = ({ operation, label }: FieldCase) =>
		operation === 'customer.create' && label === 'Country Code';
	test.each(named.filter(([, , one]) => !mayBeEmpty(one)))('%s, %s', async (_, label, one) => {
		const { requests, error } = await readValues(one, NOTHING);
		expect(requests).toBe(0);
		expect(error).toHaveLength(NOTHING.length);
		for (const item of error) expect(item?.message).toContain(`'${label}' `);
	});
});

test.each([
	['customer.getMany', { filters: { customerId: '', phoneNumber: ' ' } }],
	['order.getMany', { filters: { customerId: '', orderNo: '' } }],
	['deviceData.getEvents', { ...cases.get('deviceData.getEvents'), filters: { startTime: '', endTime: '' } }],
])('A blank that is no expression is left out: %s', async (operation, parameters) => {
	const simulator = await runSimulator(contents);
	const { failure } = await runOperation(simulator, { operation, parameters });
	expect(failure).toBeUndefined();
	expect(simulator.requests).toHaveLength(1);
});

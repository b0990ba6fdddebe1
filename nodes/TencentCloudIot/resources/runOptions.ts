import type {
	IDataObject,
	INodeProperties,
	INodePropertyOptions,
	INodePropertyTypeOptions,
} from 'n8n-workflow';

import { notSent, type Failure } from '../service/outcome';

const outputItemPer: INodeProperties = {
	displayName: 'One Output Item Per',
	name: 'outputItemPer',
	type: 'options',
	noDataExpression: true,
	default: 'request',
	options: [
		{
			name: 'Input Row',
			value: 'row',
			description: "Each row with its own columns and its request's result, for writing back to the CRM",
		},
		{
			name: 'Request',
			value: 'request',
			description: 'One item per request, or per record of a list',
		},
	],
	description: 'What each output item is',
};

/** The entries of 'Options' that every operation has: how a run goes to the service and what comes out of it. */
export const runOptions: INodeProperties[] = [
	{
		displayName: 'Concurrency',
		name: 'concurrency',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 256, numberPrecision: 0 },
		default: 10,
		description: 'Maximum parallel requests',
	},
	{
		displayName: 'Dry Run',
		name: 'dryRun',
		type: 'boolean',
		noDataExpression: true,
		// On as soon as it is added.
		default: true,
		description: 'Whether to preview requests only',
	},
	{
		displayName: 'Max Attempts',
		name: 'maxAttempts',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 10, numberPrecision: 0 },
		default: 3,
		description: 'Attempts per request',
	},
	outputItemPer,
	{
		displayName: 'Requests per Second',
		name: 'requestsPerSecond',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 100000 },
		default: 20,
		description: 'Highest rate (0 = no limit)',
	},
	{
		displayName: 'Timeout (Seconds)',
		name: 'timeout',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 600 },
		default: 30,
		description: 'Time per request',
	},
];

/** 'One Output Item Per' of an operation that can report a run as a whole. */
export const outputItemPerRun: INodeProperties = {
	...outputItemPer,
	options: [
		...(outputItemPer.options as INodePropertyOptions[]),
		{
			name: 'Run',
			value: 'run',
			description: "One item with the run's health and counts, followed by an item for each failure",
		},
	],
};

/** The typed values of the options above. */
export interface RunOptions {
	concurrency: number;
	dryRun: boolean;
	maxAttempts: number;
	outputItemPer: 'request' | 'row' | 'run';
	requestsPerSecond: number;
	/** Seconds. */
	timeout: number;
}

/**
 * The user's options with the defaults filled in, a yes/no option that was not added being off.
 * @param own the operation's entries of 'Options'
 * @returns also why the run may not begin: numbers outside of their limits, as an expression may give them. Nothing, read as
 * a 0, would be no limit at all.
 */
export function readRunOptions(
	userOptions: IDataObject,
	own: readonly INodeProperties[] = [],
): { options: RunOptions & IDataObject; invalid: Failure | undefined } {
	const options: IDataObject = { ...userOptions };
	const wrong: string[] = [];
	for (const { name, displayName, default: defaultValue, typeOptions } of [...runOptions, ...own]) {
		if (typeof defaultValue === 'number' && name in options) {
			const { minValue, maxValue } = typeOptions ?? {};
			const number = within(options[name], typeOptions);
			if (number === undefined) wrong.push(`'${displayName}' (${minValue} to ${maxValue})`);
			options[name] = number ?? defaultValue;
		} else {
			options[name] ??= typeof defaultValue === 'boolean' ? false : (defaultValue as IDataObject[string]);
		}
	}
	const reason = `Not a number within its limits: ${wrong.join(', ')}.`;
	const invalid = notSent('INVALID_OPTION', reason, 'Correct the option or its expression');
	return {
		options: options as RunOptions & IDataObject,
		invalid: wrong.length > 0 ? invalid : undefined,
	};
}

/** A number, also from a text; undefined where it is none, or outside of its limits. */
function within(value: unknown, limits: INodePropertyTypeOptions = {}): number | undefined {
	const { minValue = 0, maxValue = Infinity, numberPrecision } = limits;
	const isGiven = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
	const number = isGiven ? Number(value) : NaN;
	// Whatever is compared with NaN is false.
	if (!(number >= minValue && number <= maxValue)) return undefined;
	return numberPrecision === 0 ? Math.round(number) : number;
}

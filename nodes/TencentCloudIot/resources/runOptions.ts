import type {
	IDataObject,
	INodeProperties,
	INodePropertyOptions,
	INodePropertyTypeOptions,
} from 'n8n-workflow';

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
 * The user's options with the defaults filled in, a yes/no option that was not added being off, and numbers kept within
 * their limits, however they were set.
 * @param own the operation's entries of 'Options'
 */
export function readRunOptions(
	userOptions: IDataObject,
	own: readonly INodeProperties[] = [],
): RunOptions & IDataObject {
	const options: IDataObject = { ...userOptions };
	for (const { name, default: defaultValue, typeOptions } of [...runOptions, ...own]) {
		const absent = typeof defaultValue === 'boolean' ? false : (defaultValue as IDataObject[string]);
		const value = options[name] ?? absent;
		options[name] = typeof defaultValue === 'number' ? within(value, typeOptions, defaultValue) : value;
	}
	return options as RunOptions & IDataObject;
}

function within(value: unknown, limits: INodePropertyTypeOptions = {}, fallback: number): number {
	const { minValue = -Infinity, maxValue = Infinity, numberPrecision } = limits;
	const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : NaN;
	if (Number.isNaN(number)) return fallback;
	const limited = Math.min(maxValue, Math.max(minValue, number));
	return numberPrecision === 0 ? Math.round(limited) : limited;
}

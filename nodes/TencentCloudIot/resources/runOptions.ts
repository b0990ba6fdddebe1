import { FieldValue, type Fields, type Options } from '../input/fields/field';
import { optionGroup, flag, limit, setting } from '../input/fields/fields';
import type { Operation } from './operation/operation';
import { FINDING_TEXT, type Finding } from '../messages/findings';
import { notSent, type Failure } from '../service/outcome';
import type { includeSecrets } from './device/deviceInfo';
import type { keepReceipts, largestLog, messages } from './deviceBinding/keeping';
import type { longestRun } from './deviceBinding/longestRun';
import type { rowHandling } from './deviceBinding/rowHandling';
import { inClauses } from '../messages/text';

const PER_ROW = {
	name: 'Input Row',
	value: 'row',
	description: "Each row with its own columns and its request's result, for writing back to the CRM",
} as const;
const PER_REQUEST = {
	name: 'Request',
	value: 'request',
	description: 'One item per request, or per record of a list',
} as const;
const PER_RUN = {
	name: 'Run',
	value: 'run',
	description: 'A report with health and counts, then the records of all customers, then each failure',
} as const;

const outputItemPer = {
	displayName: 'One Output Item Per',
	noDataExpression: true,
	default: 'request',
	description: 'What each output item is',
} as const;

/** The entries of 'Options' that every operation has: how a run sends its requests and what it outputs. */
const runOptions = {
	concurrency: limit({
		displayName: 'Concurrency',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 256, numberPrecision: 0 },
		default: 10,
		description: 'Maximum parallel requests',
	}),
	dryRun: flag({
		displayName: 'Dry Run',
		noDataExpression: true,
		// Adding the option turns it on.
		default: true,
		description: 'Whether to show the requests without sending them',
	}),
	maxAttempts: limit({
		displayName: 'Max Attempts',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 10, numberPrecision: 0 },
		default: 3,
		description: 'Attempts per request',
	}),
	nameCustomers: {
		...flag({
			displayName: 'Name Customers',
			noDataExpression: true,
			default: true,
			description: "Whether a run's report has customer IDs and values of rows",
		}),
		ifNotAdded: true,
	},
	outputItemPer: setting({ ...outputItemPer, options: [PER_ROW, PER_REQUEST, PER_RUN] }),
	requestsPerSecond: limit({
		displayName: 'Requests per Second',
		typeOptions: { minValue: 0, maxValue: 100000 },
		default: 20,
		description: 'Highest rate (0 = no limit)',
	}),
	timeout: limit({
		displayName: 'Timeout (Seconds)',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 600 },
		default: 30,
		description: 'Time per request',
	}),
};

/** 'One Output Item Per' of an operation that cannot report a run as a whole. */
const itemPerRequest = setting({ ...outputItemPer, options: [PER_ROW, PER_REQUEST] });

/** What the user chose for a run: the options that all operations have, and those options of Push and Sync that the run itself reads. */
type RunOptions = Options<typeof runOptions> &
	Partial<
		Options<{
			includeSecrets: typeof includeSecrets;
			keepReceipts: typeof keepReceipts;
			largestLog: typeof largestLog;
			messages: typeof messages;
			longestRun: ReturnType<typeof longestRun>;
			rowHandling: typeof rowHandling;
		}>
	>;

/** Whether an entry is a group of options that the panel shows next to 'Options'. */
const isGroup = ([, { properties }]: [string, Fields[string]]) => properties[0].type === 'collection';

/** The options of an operation as the node shows them: the groups next to 'Options', and 'Options' itself. */
export function shownOptions(operation: Operation<unknown>): Fields {
	const declared = Object.entries(operation.options);
	const labelOf = ([, { properties }]: (typeof declared)[number]) => properties[0].displayName;
	const singleOptions = declared.filter((option) => !isGroup(option));
	const fields = [...singleOptions, ...Object.entries(offeredOptions(operation))];
	return {
		...Object.fromEntries(declared.filter(isGroup)),
		options: optionGroup({
			displayName: 'Options',
			placeholder: 'Add option',
			fields: Object.fromEntries(fields.sort((a, b) => labelOf(a).localeCompare(labelOf(b)))),
		}),
	};
}

/** The options that an operation offers. Only a run over customers can be reported as a whole, and a probe has its own rate and attempts. */
function offeredOptions({ customers, ownRate }: Operation<unknown>): Fields {
	const { dryRun, nameCustomers, ...requestOptions } = runOptions;
	if (ownRate !== undefined) {
		return { timeout: requestOptions.timeout };
	}
	if (customers === undefined) {
		return { dryRun, ...requestOptions, outputItemPer: itemPerRequest };
	}
	// An audit only reads, so there is nothing to preview.
	if (customers.purpose === 'audit') {
		return { nameCustomers, ...requestOptions };
	}
	return { dryRun, nameCustomers, ...requestOptions };
}

/**
 * Reads the options that the user chose, with defaults filled in.
 * @param chosenIn returns what the user chose in 'Options', or in a group next to it
 * @returns the options. If a value cannot be used, e.g. an expression that returns nothing, also the failure that keeps the run from starting
 */
export function readRunOptions<OwnOptions extends Fields>(
	{ options: declared }: { options: OwnOptions },
	chosenIn: (group: string) => unknown,
): { options: RunOptions & Options<OwnOptions>; invalidOption: Failure | undefined } {
	const findings: Finding[] = [];
	const item = { itemIndex: 0, timezone: '', isTool: false, findings };
	const valueOf = (name: string) =>
		new FieldValue(name, item, { stored: undefined, evaluate: () => chosenIn(name) });
	const groups = Object.entries(declared).filter(isGroup);
	const singleOptions = Object.entries(declared).filter((option) => !isGroup(option));
	const options = Object.assign(
		valueOf('options').options({ ...runOptions, ...Object.fromEntries(singleOptions) }),
		Object.fromEntries(groups.map(([name, group]) => [name, group.read(valueOf(name))])),
	) as RunOptions & Options<OwnOptions>;
	const invalidOption = notSent('INVALID_OPTION', { wrong: inClauses(findings.map(FINDING_TEXT.ofField)) });
	return { options, invalidOption: findings.length > 0 ? invalidOption : undefined };
}

import { FieldValue, type Fields, type Options } from '../input/fields/field';
import { optionGroup, flag, limit, setting } from '../input/fields/fields';
import type { Operation } from '../operation/operation';
import { whyInWords, type Finding } from '../messages/findings';
import { joined, type Message } from '../messages/message';
import { notSent, type Failure } from '../service/outcome';
import type { includeSecrets } from './device/deviceInfo';
import type { longestRun } from './deviceBinding/longestRun';
import type { rowHandling } from './deviceBinding/rowHandling';

const ROW = {
	name: 'Input Row',
	value: 'row',
	description: "Each row with its own columns and its request's result, for writing back to the CRM",
} as const;
const REQUEST = {
	name: 'Request',
	value: 'request',
	description: 'One item per request, or per record of a list',
} as const;
const RUN = {
	name: 'Run',
	value: 'run',
	description: "One item with the run's health and counts, followed by an item for each failure",
} as const;

const outputItemPer = {
	displayName: 'One Output Item Per',
	noDataExpression: true,
	default: 'request',
	description: 'What each output item is',
} as const;

/** The entries of 'Options' that every operation has: how a run goes to the service and what comes out of it. */
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
		// On as soon as it is added.
		default: true,
		description: 'Whether to preview requests only',
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
			description: 'Whether the report of a run has the IDs of customers and values of their rows',
		}),
		ifLeftOut: true,
	},
	outputItemPer: setting({ ...outputItemPer, options: [ROW, REQUEST, RUN] }),
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
const itemPerRequest = setting({ ...outputItemPer, options: [ROW, REQUEST] });

/** What the user chose for a run: what all operations have, and what some have that a run goes by. */
export type RunOptions = Options<typeof runOptions> &
	Partial<
		Options<{
			includeSecrets: typeof includeSecrets;
			longestRun: ReturnType<typeof longestRun>;
			rowHandling: typeof rowHandling;
		}>
	>;

/** Whether options are a group beside 'Options'. */
const isGroup = ([, { properties }]: [string, Fields[string]]) => properties[0].type === 'collection';

/** The options of an operation as the node shows them: the groups beside 'Options', and 'Options' itself. */
export function shownOptions(operation: Operation<unknown>): Fields {
	const own = Object.entries(operation.options);
	const labelOf = ([, { properties }]: (typeof own)[number]) => properties[0].displayName;
	const fields = [...own.filter((one) => !isGroup(one)), ...Object.entries(offered(operation))];
	return {
		...Object.fromEntries(own.filter(isGroup)),
		options: optionGroup({
			displayName: 'Options',
			placeholder: 'Add option',
			fields: Object.fromEntries(fields.sort((a, b) => labelOf(a).localeCompare(labelOf(b)))),
		}),
	};
}

/** A run over the rows of customers can be reported as a whole; a probe has a rate and attempts of its own. */
function offered({ customers, probes }: Operation<unknown>): Fields {
	const { dryRun, nameCustomers, ...others } = runOptions;
	if (probes) {
		return { timeout: others.timeout };
	}
	if (customers === undefined) {
		return { dryRun, ...others, outputItemPer: itemPerRequest };
	}
	// What only reads, and needs all of it to say something, has no preview.
	return { ...(customers.audit === undefined && { dryRun }), nameCustomers, ...others };
}

/**
 * Reads what the user chose, with the defaults filled in.
 * @param given the values of 'Options', or of a group beside it
 * @returns also why the run may not begin: values that cannot be used, e.g. of an expression that gives nothing
 */
export function readRunOptions<Own extends Fields>(
	{ options: own }: { options: Own },
	given: (group: string) => unknown,
): { options: RunOptions & Options<Own>; invalid: Failure | undefined } {
	const findings: Finding[] = [];
	const item = { itemIndex: 0, timezone: '', isTool: false, findings };
	const valueOf = (name: string) =>
		new FieldValue(name, item, { stored: undefined, evaluate: () => given(name) });
	const groups = Object.entries(own).filter(isGroup);
	const others = Object.entries(own).filter((one) => !isGroup(one));
	const options = Object.assign(
		valueOf('options').options({ ...runOptions, ...Object.fromEntries(others) }),
		Object.fromEntries(groups.map(([name, group]) => [name, group.read(valueOf(name))])),
	) as RunOptions & Options<Own>;
	const whys = findings.map((one): Message => {
		const [english, chinese] = whyInWords(one);
		return [`'${one.field}' ${english}`, `${one.field} ${chinese}`];
	});
	const [wrong, wrongZh] = joined(whys);
	const invalid = notSent('INVALID_OPTION', { wrong, wrongZh });
	return { options, invalid: findings.length > 0 ? invalid : undefined };
}

import type { IExecuteFunctions } from 'n8n-workflow';

import { notSent } from '../service/outcome';
import { readRowHandling } from '../resources/deviceBinding/rowHandling';
import { isToolCall } from '../input/agentInput';
import { digestOfText } from '../service/digest';
import { inBatches } from '../input/batches';
import type { Call, Withheld } from '../operation';
import { executionState } from './executionState';
import type { Check, Run } from './run';

/** With 'Execute Once' the engine hands the node the first item alone, and so a part of a customer's set. */
export const executeOnce: Check = (_, { context, operation }) => {
	if ((!operation.fullReplace && !operation.conduct) || context.getNode().executeOnce !== true) return {};
	const arrived = context.getExecuteData().data.main?.[0]?.length ?? 0;
	if (arrived <= 1) return {};
	return {
		calls: [],
		withheld: [],
		blocked: notSent(
			'EXECUTE_ONCE',
			`The node gets only the first of ${arrived} rows, because 'Execute Once' is on.`,
			"Switch off 'Execute Once' under Settings; if only the first row is meant, put a Limit node before the node",
		),
	};
};

/**
 * Blocks a further run in an execution that keeps nothing of the earlier ones: whether they had other rows of the same
 * customers is not known, and the last push would replace theirs. Unless the user says that each run has them all.
 */
export const lostRuns: Check = (_, { operation, options, hasLostEarlierRuns }) => {
	if (!hasLostEarlierRuns || !operation.fullReplace) return {};
	if (readRowHandling(options).repeatedCustomers === 'allow') return {};
	return {
		blocked: notSent(
			'EARLIER_RUNS_UNKNOWN',
			"The node ran before in this execution, and this workflow's engine keeps nothing of that run.",
			`Give the node all rows in one run: put it outside the loop. ${allowIf(operation)}`,
		),
	};
};

/** What to do where each run is whole, such as in a workflow that waits and starts again. */
function allowIf({ incremental }: Run['operation']): string {
	const whole = incremental === undefined ? 'all devices of its customers' : 'the rows of all customers';
	return `If each run has ${whole}, choose Allow under 'Same Customer in Several Runs'`;
}

/** What the first Sync of a node in an execution was about. */
interface FirstSync {
	run: number;
	/** A digest of all its customers. */
	customers: string;
}

/**
 * Blocks a Sync that has other customers than an earlier one of the same node in the same execution: in a loop, or where two
 * branches lead to the node, each run has a part of the customers and takes it for all of them.
 */
export const otherCustomers: Check = ({ calls, withheld }, { context, operation, options }) => {
	if (operation.incremental === undefined || options.dryRun || isToolCall(context)) return {};
	if (readRowHandling(options).repeatedCustomers === 'allow') return {};
	const ids = new Set([
		...calls.map(({ customer }) => customer?.id),
		...withheld.map((one) => one.customerId),
	]);
	const customers = digestOfText(JSON.stringify([...ids].sort()), 22);
	const { run, state } = firstSyncOf(context);
	const { firstSync } = state;
	// Retry On Fail runs the first one again.
	if (firstSync === undefined || firstSync.run === run) state.firstSync = { run, customers };
	else if (firstSync.customers !== customers) {
		return {
			blocked: notSent(
				'OTHER_SET_EARLIER',
				'An earlier run of this node in the same execution synced other customers.',
				`Give Sync the rows of all customers in one run: put the node outside the loop, and join branches with a Merge node. ${allowIf(operation)}`,
			),
		};
	}
	return {};
};

/** A run that was blocked has synced nobody. */
export function forgetFirstSync(context: IExecuteFunctions): void {
	const { run, state } = firstSyncOf(context);
	if (state.firstSync?.run === run) delete state.firstSync;
}

function firstSyncOf(context: IExecuteFunctions): { run: number; state: { firstSync?: FirstSync } } {
	return { run: Number(context.getWorkflowDataProxy(0).$runIndex), state: executionState(context) };
}

/** What the runs of an execution pushed, the last run's apart: Retry On Fail runs it again, and then it is counted anew. */
interface PushedSets {
	execution: string;
	run: string;
	/** The devices of each customer when it was last pushed, both as digests; empty where rows of it were withheld. */
	earlier: Record<string, string>;
	/** Both digests of each set, in one text: most executions have one run, and nobody looks up what it pushed. */
	now: string[];
}

/** 66 bits, so that neither ids of users nor large texts stand in the execution's data. */
const DIGEST_LENGTH = 11;

/**
 * Withholds what would fully replace a customer's set by another one than an earlier run of the same execution pushed: in
 * a loop, or where two branches lead to the node, each run has a part of the rows. The same set again passes. Where an
 * agent itself calls its tool nothing is kept from one run to the next.
 */
export const partialSets: Check = async ({ calls, withheld }, { context, operation, options }) => {
	if (!operation.fullReplace || isToolCall(context)) return {};
	const { earlier, now } = pushedSets(context, options.dryRun);
	const { repeatedCustomers, sendsValidDevices } = readRowHandling(options);
	// A lookup in an object costs more than a digest, and most executions have one run.
	const isFirst = Object.keys(earlier).length === 0;
	const kept: Call[] = [];
	const refused: Withheld[] = [];
	for await (const batch of inBatches(calls)) {
		for (const call of batch) {
			const { id, devices } = call.customer!;
			const deviceIds = devices.map(({ DeviceId }) => DeviceId);
			const [customer, set] = [digest(id), digest(deviceIds.sort().join('\n'))];
			const before = isFirst ? undefined : earlier[customer];
			if (before === undefined || before === set || repeatedCustomers === 'allow') {
				now.push(customer + set);
				kept.push(call);
			} else refused.push(withhold(call, id, before === '', allowIf(operation)));
		}
	}
	if (!sendsValidDevices) {
		for (const { customerId } of withheld) {
			if (customerId !== undefined) now.push(digest(customerId));
		}
	}
	return { calls: kept, withheld: [...withheld, ...refused] };
};

/** @param hadInvalidRows whether rows of the customer were withheld in the earlier run */
function withhold({ itemIndexes }: Call, id: string, hadInvalidRows: boolean, allow: string): Withheld {
	const what = hadInvalidRows
		? 'had rows that could not be used earlier in this execution'
		: 'came earlier in this execution with other devices';
	const text = `is '${id}', who ${what}: put the node outside the loop`;
	const [itemIndex = 0] = itemIndexes;
	return {
		parameters: { CustomerId: id },
		itemIndexes,
		customerId: id,
		findings: [{ itemIndex, field: 'CustomerId', text }],
		refusal: {
			code: 'OTHER_SET_EARLIER',
			advice: `Give the node all rows of a customer in one run: put it outside the loop, and join branches with a Merge node. ${allow}`,
		},
	};
}

function digest(text: string): string {
	return digestOfText(text, DIGEST_LENGTH);
}

/**
 * What earlier runs of this execution pushed, and where this run's is kept: in the execution's own data, for all nodes with
 * the same credential; a Dry Run counts for other Dry Runs. n8n's own Retry of a failed execution takes the data along, but
 * is another execution, before which somebody may have corrected something.
 */
function pushedSets(context: IExecuteFunctions, dryRun: boolean): PushedSets {
	const flow = context.getContext('flow');
	const name = nameOf(context, dryRun);
	const { id } = context.getNode();
	const execution = context.getExecutionId();
	const run = `${id} ${String(context.getWorkflowDataProxy(0).$runIndex)}`;
	const known = flow[name] as PushedSets | undefined;
	const last: Omit<PushedSets, 'execution'> =
		known?.execution === execution ? known : { run, earlier: {}, now: [] };
	const { earlier } = last;
	if (last.run !== run) {
		for (const set of last.now) earlier[set.slice(0, DIGEST_LENGTH)] = set.slice(DIGEST_LENGTH);
	}
	const pushed: PushedSets = { execution, run, earlier, now: [] };
	flow[name] = pushed;
	return pushed;
}

/** A run that was blocked has pushed nothing. */
export function forgetPushedSets(context: IExecuteFunctions, dryRun: boolean): void {
	const kept = context.getContext('flow')[nameOf(context, dryRun)] as PushedSets | undefined;
	if (kept !== undefined) kept.now = [];
}

function nameOf(context: IExecuteFunctions, dryRun: boolean): string {
	const [credential] = Object.values(context.getNode().credentials ?? {});
	return `tencentCloudIotSets ${credential?.id ?? ''}${dryRun ? ' dry' : ''}`;
}

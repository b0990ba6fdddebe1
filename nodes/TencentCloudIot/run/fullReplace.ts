import { notSent } from '../service/outcome';
import { inBatches } from '../input/batches';
import type { Call, Withheld } from '../operation';
import { bringsSets } from './result';
import type { Check, Run } from './run';

/** With 'Execute Once' the engine hands the node the first item alone, and so a part of a customer's set. */
export const executeOnce: Check = (_, { context, operation }) => {
	if (operation.customers === undefined || context.getNode().executeOnce !== true) return {};
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
export const lostRuns: Check = (_, { operation, options, memory }) => {
	if (!memory.hasLostEarlierRuns || !bringsSets(operation)) return {};
	if (options.rowHandling?.repeatedCustomers === 'allow') return {};
	return {
		blocked: notSent(
			'EARLIER_RUNS_UNKNOWN',
			"The node ran before in this execution, and this workflow's engine keeps nothing of that run.",
			`Give the node all rows in one run: put it outside the loop. ${allowIf(operation)}`,
		),
	};
};

/** What to do where each run is whole, such as in a workflow that waits and starts again. */
function allowIf({ customers }: Run['operation']): string {
	const whole = customers?.readSyncOptions ? 'the rows of all customers' : 'all devices of its customers';
	return `If each run has ${whole}, choose Allow under 'Same Customer in Several Runs'`;
}

/**
 * Blocks a Sync that has other customers than an earlier one of the same node in the same execution: in a loop, or where two
 * branches lead to the node, each run has a part of the customers and takes it for all of them.
 */
export const otherCustomers: Check = ({ calls, withheld }, { memory, operation, options }) => {
	if (operation.customers?.readSyncOptions === undefined || options.dryRun) return {};
	if (options.rowHandling?.repeatedCustomers === 'allow') return {};
	const sent = calls.map(({ customer }) => customer?.id);
	if (!memory.syncedOthers([...sent, ...withheld.map(({ customerId }) => customerId)])) return {};
	return {
		blocked: notSent(
			'OTHER_SET_EARLIER',
			'An earlier run of this node in the same execution synced other customers.',
			`Give Sync the rows of all customers in one run: put the node outside the loop, and join branches with a Merge node. ${allowIf(operation)}`,
		),
	};
};

/**
 * Withholds what would fully replace a customer's set by another one than an earlier run of the same execution pushed: in
 * a loop, or where two branches lead to the node, each run has a part of the rows. The same set again passes.
 */
export const partialSets: Check = async ({ calls, withheld }, { memory, operation, options }) => {
	if (!bringsSets(operation)) return {};
	const sets = memory.pushedSets(options.dryRun);
	const { repeatedCustomers, invalidRows } = options.rowHandling ?? {};
	const kept: Call[] = [];
	const refused: Withheld[] = [];
	for await (const batch of inBatches(calls)) {
		for (const call of batch) {
			const { id, devices } = call.customer!;
			const deviceIds = devices.map(({ DeviceId }) => DeviceId);
			const before = sets.add(id, deviceIds, repeatedCustomers === 'allow');
			if (before === undefined) kept.push(call);
			else refused.push(withhold(call, id, before === 'withheld', allowIf(operation)));
		}
	}
	if (invalidRows !== 'sendValid') {
		for (const { customerId } of withheld) {
			if (customerId !== undefined) sets.addWithheld(customerId);
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

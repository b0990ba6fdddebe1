import type { IExecuteFunctions } from 'n8n-workflow';

import { isToolCall } from '../../input/agentInput';
import { digestOfText } from '../../service/digest';
import { notSent } from '../../service/outcome';
import { executionState } from '../host/executionState';
import type { Check } from './check';

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
	const ids = new Set([
		...calls.map(({ customer }) => customer?.id),
		...withheld.map((one) => one.customerId),
	]);
	const customers = digestOfText(JSON.stringify([...ids].sort()), 22);
	const run = Number(context.getWorkflowDataProxy(0).$runIndex);
	const state = executionState(context) as { firstSync?: FirstSync };
	const { firstSync } = state;
	// Retry On Fail runs the first one again.
	if (firstSync === undefined || firstSync.run === run) state.firstSync = { run, customers };
	else if (firstSync.customers !== customers) {
		return {
			blocked: notSent(
				'OTHER_SET_EARLIER',
				'An earlier run of this node in the same execution synced other customers.',
				'Give Sync the rows of all customers in one run: put the node outside the loop, and join branches with a Merge node',
			),
		};
	}
	return {};
};

/** A run that was blocked has synced nobody. */
export function forgetFirstSync(context: IExecuteFunctions): void {
	const state = executionState(context) as { firstSync?: FirstSync };
	if (state.firstSync?.run === Number(context.getWorkflowDataProxy(0).$runIndex)) delete state.firstSync;
}

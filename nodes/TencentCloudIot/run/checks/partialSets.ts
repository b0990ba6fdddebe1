import { isToolCall } from '../../input/agentInput';
import { inBatches } from '../../input/batches';
import type { Call, Calls, CustomerSet, Withheld } from '../../operation';
import { readRowHandling, type RowHandling } from '../../resources/deviceBinding/rowHandling';
import { digestOfText } from '../../service/digest';
import { pushedSets } from '../host/pushedSets';
import type { Check } from './check';

/** What earlier runs of an execution pushed, and where this run's is put down. */
export interface PushedSets {
	/** The devices of each customer when it was last pushed, both as digests; empty where rows of it were withheld. */
	earlier: Record<string, string>;
	/** Both digests of each set, in one text: most executions have one run, and nobody looks up what it pushed. */
	now: string[];
}

/** 66 bits, so that neither ids of users nor large texts stand in the execution's data. */
const DIGEST_LENGTH = 11;

const ADVICE =
	"Give the node all rows of a customer in one run: put it outside the loop, and join branches with a Merge node. If each run has all devices of its customers, choose Allow under 'Same Customer in Several Runs'";

/**
 * Withholds what would fully replace a customer's set by another one than an earlier run of the same execution pushed: in
 * a loop, or where two branches lead to the node, each run has a part of the rows. The same set again is no harm. Where an
 * agent itself calls its tool nothing is kept from one run to the next.
 */
export const partialSets: Check = async (plan, { context, operation, options }) => {
	if (!operation.fullReplace || isToolCall(context)) return {};
	const pushed = pushedSets(context, options.dryRun, DIGEST_LENGTH);
	return await withholdOtherSets(plan, pushed, readRowHandling(options));
};

/** @param pushed gets the sets of this run */
export async function withholdOtherSets(
	{ calls, withheld }: Calls,
	{ earlier, now }: PushedSets,
	{ repeatedCustomers, sendsValidDevices }: Pick<RowHandling, 'repeatedCustomers' | 'sendsValidDevices'>,
): Promise<Calls> {
	// A lookup in an object costs more than a digest, and most executions have one run.
	const isFirst = Object.keys(earlier).length === 0;
	const kept: Call[] = [];
	const refused: Withheld[] = [];
	for await (const batch of inBatches(calls)) {
		for (const call of batch) {
			const { id, devices } = call.customer!;
			const [customer, set] = [digest(id), digestOfSet(devices)];
			const before = isFirst ? undefined : earlier[customer];
			if (before === undefined || before === set || repeatedCustomers === 'allow') {
				now.push(customer + set);
				kept.push(call);
			} else {
				refused.push(withhold(call, id, before === ''));
			}
		}
	}
	if (!sendsValidDevices) {
		for (const { customerId } of withheld) {
			if (customerId !== undefined) now.push(digest(customerId));
		}
	}
	return { calls: kept, withheld: [...withheld, ...refused] };
}

/** @param hadInvalidRows whether rows of the customer were withheld in the earlier run */
function withhold({ itemIndexes }: Call, id: string, hadInvalidRows: boolean): Withheld {
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
		refusal: { code: 'OTHER_SET_EARLIER', advice: ADVICE },
	};
}

function digestOfSet(devices: CustomerSet['devices']): string {
	const ids = devices.map(({ DeviceId }) => DeviceId);
	return digest(ids.sort().join('\n'));
}

function digest(text: string): string {
	return digestOfText(text, DIGEST_LENGTH);
}

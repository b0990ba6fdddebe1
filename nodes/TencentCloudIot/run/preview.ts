import { aboutDuration, counted } from '../messages/words';
import type { Call } from '../resources/operation/operation';
import { firstPage } from '../service/paging';
import type { Verdict } from '../sync/verdicts';
import { type PlannedCall, type Preview, tallyPreview } from './report/result';
import { stopsForRows, type Plan, type Run, type Selection } from './run';
import { writeEnglish } from '../messages/text';

/** Why a Sync would send a customer, as the beginning of the item's `Message`. */
const WHY_SENT: Readonly<Record<Verdict, string>> = {
	new: 'New customer: ',
	changed: 'Other devices than were accepted last: ',
	waiting: 'Left over from the last run: ',
	failed: 'Failed in the last run: ',
	due: 'Unchanged, re-pushed on schedule: ',
	unchanged: "Unchanged, and 'Send' is Every Customer: ",
};

/** The result of a Dry Run, with the calls in the order in which a run would send them. */
export function previewRun(run: Run, plan: Plan, { order, verdicts, blocked, facts }: Selection): Preview {
	const { calls, withheld, leftOut, remarks } = plan;
	const { operation, items } = run;
	const toSend = new Set(order);
	const { paging } = operation;
	const wouldBeOf = (call: Call, index: number): PlannedCall['wouldBe'] => {
		if (!toSend.has(index)) {
			return { Status: 'UNCHANGED', Message: 'Tencent accepted exactly this last' };
		}
		if (blocked !== undefined) {
			return { Status: 'NOT_SENT', Message: writeEnglish(blocked.reason, 'everything') };
		}
		const { customer } = call;
		const content = customer ? counted(customer.devices.length, 'device') : operation.countPlanned([call]);
		const verdict = verdicts?.[index];
		return { Status: 'WOULD_SEND', Message: `${verdict === undefined ? '' : WHY_SENT[verdict]}${content}` };
	};
	const plannedOf = (index: number): PlannedCall[] => {
		const planned = calls[index];
		if (planned === undefined) {
			return [];
		}
		const { parameters } = planned;
		const call = paging === undefined ? planned : { ...planned, parameters: firstPage(parameters, paging) };
		const deviceChanges = facts?.deviceChanges?.[index];
		return [{ call, verdict: verdicts?.[index], wouldBe: wouldBeOf(call, index), deviceChanges }];
	};
	const unchanged = [...calls.keys()].filter((index) => !toSend.has(index));
	const toBeSent = order.flatMap((index) => calls[index] ?? []);
	const plannedCalls = [...order, ...unchanged].flatMap(plannedOf);
	return {
		operation,
		timezone: run.execution.timezone,
		calls: plannedCalls,
		withheld,
		leftOut,
		remarks,
		planned: describePlan(run, toBeSent, blocked !== undefined),
		requests: order.length,
		blocked,
		stopsForRows: stopsForRows(plan, run),
		sync: facts,
		rowCount: items.length,
		tally: tallyPreview({ calls: plannedCalls, withheld, operation }),
	};
}

/** E.g. "9 customers, 12 devices: 9 requests, about 1 s at 20 requests per second". A blocked run has a plan, but sends nothing. */
function describePlan(run: Run, calls: readonly Call[], isBlocked: boolean): string {
	if (calls.length === 0) {
		return isBlocked ? 'The plan has no requests' : 'There is nothing to send';
	}
	const requests = describeRequests(run, calls);
	return isBlocked ? `The plan is ${requests}` : requests;
}

function describeRequests(
	{ operation, options: { requestsPerSecond } }: Run,
	calls: readonly Call[],
): string {
	const requests = counted(calls.length, 'request');
	const rate = `${requestsPerSecond} ${requestsPerSecond === 1 ? 'request' : 'requests'} per second`;
	const timeClause =
		requestsPerSecond > 0 ? `, ${aboutDuration((1000 * calls.length) / requestsPerSecond)} at ${rate}` : '';
	// How many pages a list has is known only when it is read.
	if (operation.paging !== undefined) {
		return `At least ${requests}${timeClause}`;
	}
	return `${operation.countPlanned(calls)}: ${requests}${timeClause}`;
}

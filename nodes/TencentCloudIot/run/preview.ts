import { aboutDuration, counted } from '../messages/words';
import type { Call } from '../operation/operation';
import { firstPage } from '../service/paging';
import { DRY_RUN } from '../sync/state/run';
import type { Verdict } from '../sync/verdicts';
import { stopsForRows } from './planRun';
import { type CallResult, NO_SIGNING, type RunResult } from './report/result';
import type { Plan, Run, Selection } from './run';

/** Why a Sync would send a customer. */
const WHY_SENT: Readonly<Record<Verdict, string>> = {
	new: 'New customer: ',
	changed: 'Other devices than were accepted last: ',
	waiting: 'Left over from the last run: ',
	failed: 'Failed in the last run: ',
	due: 'Unchanged, re-pushed on schedule: ',
	unchanged: "Unchanged, and 'Send' is Every Customer: ",
};

/** What a run would do, its calls in the order in which it would send them: a Dry Run tries none. */
export function previewRun(run: Run, plan: Plan, { order, verdicts, blocked, facts }: Selection): RunResult {
	const { calls, withheld, leftOut, remarks } = plan;
	const { operation, items } = run;
	const toSend = new Set(order);
	const { paging } = operation;
	const resultOf = (index: number): CallResult => {
		const [own, verdict] = [calls[index]!, verdicts?.[index]];
		const { customer, parameters } = own;
		const call = paging === undefined ? own : { ...own, parameters: firstPage(parameters, paging) };
		const what = customer ? counted(customer.devices.length, 'device') : operation.countPlanned([call]);
		const message = `${verdict === undefined ? '' : WHY_SENT[verdict]}${what}`;
		const wouldBe = !toSend.has(index)
			? ({ Status: 'UNCHANGED', Message: 'Tencent accepted exactly this last' } as const)
			: blocked !== undefined
				? ({ Status: 'NOT_SENT', Message: blocked.reason } as const)
				: ({ Status: 'WOULD_SEND', Message: message } as const);
		const deviceChanges = facts?.deviceChanges?.[index];
		return { call, verdict, wouldBe, deviceChanges, fate: { kind: 'notTried', why: DRY_RUN } };
	};
	const unchanged = [...calls.keys()].filter((index) => !toSend.has(index));
	const is = blocked === undefined ? '' : 'The plan is ';
	const nothing = blocked === undefined ? 'There is nothing to send' : 'The plan has no requests';
	const sent = order.map((index) => calls[index]!);
	const planned = sent.length === 0 ? nothing : `${is}${describePlan(run, sent)}`;
	return {
		...NO_SIGNING,
		calls: [...order, ...unchanged].map(resultOf),
		withheld,
		leftOut,
		remarks,
		blocked: DRY_RUN,
		endedEarly: undefined,
		preview: { planned, requests: order.length, blocked, stopsForRows: stopsForRows(plan, run) },
		isRetry: false,
		sync: facts,
		rowCount: items.length,
		durationMs: 0,
	};
}

/** "9 customers, 12 devices: 9 requests, about 1 s at 20 requests per second". */
function describePlan({ operation, options: { requestsPerSecond } }: Run, calls: readonly Call[]): string {
	const requests = counted(calls.length, 'request');
	const rate = `${requestsPerSecond} ${requestsPerSecond === 1 ? 'request' : 'requests'} per second`;
	const time =
		requestsPerSecond > 0 ? `, ${aboutDuration((1000 * calls.length) / requestsPerSecond)} at ${rate}` : '';
	// How many pages a list has is known only when it is read.
	if (operation.paging !== undefined) return `At least ${requests}${time}`;
	return `${operation.countPlanned(calls)}: ${requests}${time}`;
}

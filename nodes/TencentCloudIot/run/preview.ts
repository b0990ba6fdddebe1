import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { RUN } from '../messages/run';
import { aboutDuration, counted, joinSentences } from '../messages/words';
import { firstPage } from '../service/paging';
import { DRY_RUN } from '../sync/state/settings';
import { stopsForRows } from './planRun';
import { showHint, shownText } from '../host/shown';
import type { Call } from '../operation/operation';
import { NO_SIGNING, type RunResult, tallied, type Tally } from './report/result';
import { describeCounts, remarksOf, withheldCounts } from './report/summary';
import {
	itemsInForm,
	itemsPerRequest,
	NO_DEVICES,
	reportStyle,
	unsendableOutput,
	withheldOutput,
} from './items';
import type { Verdict } from '../sync/verdicts';
import { outputsRunItem, type Plan, type Run, type Selection } from './run';
import { reportRun } from './report/runReport';

/** Why a Sync would send a customer. */
const WHY_SENT: Readonly<Record<Verdict, string>> = {
	new: 'New customer',
	changed: 'Other devices than were accepted last',
	waiting: 'Left over from the last run',
	failed: 'Failed in the last run',
	due: 'Unchanged, re-pushed on schedule',
	unchanged: "Unchanged, and 'Send' is Every Customer",
	unjudged: 'What has changed is unknown',
};

/**
 * What a Dry Run outputs: each request, those first that a run would send, then what cannot be sent; or one item with the
 * counts. And an execution hint.
 */
export async function previewItems(
	run: Run,
	plan: Plan,
	selection: Selection,
	result: RunResult,
): Promise<INodeExecutionData[]> {
	const { context, operation } = run;
	const { calls, withheld } = plan;
	const { order, verdicts, blocked, facts } = selection;
	const isWarning = withheld.length > 0 || blocked !== undefined || facts?.state === 'interrupted';
	const { tally } = tallied(result, operation);
	const summary = describePreview(run, plan, selection, tally);
	showHint(context, summary, isWarning ? 'warning' : 'info');
	const failed = withheld.map(withheldOutput);
	if (outputsRunItem(run)) {
		// Whoever runs a workflow by hand sees that it is a Dry Run.
		const report =
			facts?.isManual === false
				? reportRun(operation, { ...result, tally }, reportStyle(run))
				: { Summary: shownText(`${summary}.`) };
		const json = { ...countPreview(calls, selection, tally), ...report } as IDataObject;
		const all = { json, itemIndexes: [0] };
		return itemsPerRequest([all, ...failed]);
	}
	const sent = new Set(order);
	const unsent = [...calls.keys()].filter((index) => !sent.has(index));
	const statusOf = (index: number): PreviewStatus => {
		if (!sent.has(index)) return { Status: 'UNCHANGED', Message: '' };
		if (blocked !== undefined) return { Status: 'NOT_SENT', Message: shownText(blocked.reason) };
		const verdict = verdicts[index];
		return { Status: 'WOULD_SEND', Message: verdict === undefined ? '' : WHY_SENT[verdict] };
	};
	const previews = [...order, ...unsent].map((index) =>
		previewOutput(operation, calls[index]!, statusOf(index)),
	);
	if (context.getNode().onError === 'continueErrorOutput')
		return await itemsInForm(run, previews, failed, NO_DEVICES);
	// Where they share a table with the others they have the same columns.
	const unsendable = withheld.map((one) => unsendableOutput(operation, one, previews[0]?.json));
	return await itemsInForm(run, [...previews, ...unsendable], [], NO_DEVICES);
}

/** What would become of a request. */
interface PreviewStatus {
	Status: 'WOULD_SEND' | 'UNCHANGED' | 'NOT_SENT';
	/** Why. */
	Message: string;
}

/** The data of an output item that previews a request: by what a user knows it, what would become of it, and what it says. */
function previewOutput(
	{ action, paging, namedBy }: Run['operation'],
	call: Call,
	status: PreviewStatus,
): ReturnType<typeof unsendableOutput> {
	const parameters = paging === undefined ? call.parameters : firstPage(call.parameters, paging);
	const named = Object.fromEntries(namedBy.map((name) => [name, parameters[name]]));
	return {
		json: { ...named, ...status, ...parameters, Action: call.action ?? action } as IDataObject,
		itemIndexes: call.itemIndexes,
		own: call.ownParameters,
	};
}

/** What became of the calls of a Dry Run. */
export function dryRunResult(
	{ items }: Run,
	{ calls, withheld, leftOut }: Plan,
	{ verdicts, facts }: Selection,
): RunResult {
	const fate = { kind: 'notTried', why: DRY_RUN } as const;
	const results = calls.map((call, index) => ({ call, fate, verdict: verdicts[index] }));
	const ended = { blocked: DRY_RUN, endedEarly: undefined, isRetry: false, durationMs: 0 };
	return { ...NO_SIGNING, ...ended, calls: results, withheld, leftOut, sync: facts, rowCount: items.length };
}

/** The counts of a Dry Run. */
function countPreview(
	calls: Plan['calls'],
	{ order, blocked, facts }: Selection,
	{ counts, verdicts }: Tally,
): IDataObject {
	return {
		DryRun: true,
		Customers: calls.length + counts.Withheld,
		...(facts && verdicts),
		...(facts?.gone !== undefined && { Gone: facts.gone }),
		Requests: order.length,
		...(blocked && {
			StopCode: blocked.code,
			Stop: shownText(blocked.reason),
			Advice: shownText(blocked.advice),
		}),
	};
}

const INTERRUPTED = 'another run of this node is active or was interrupted, so what has changed is unknown';

/** "Dry run: nothing was sent. 9 customers, 12 devices: 9 requests, about 1 s at 20 requests per second". */
function describePreview(run: Run, plan: Plan, { order, blocked, facts }: Selection, tally: Tally): string {
	const { calls } = plan;
	const sent = order.map((index) => calls[index]!);
	const parts = [
		order.length === 0
			? blocked === undefined
				? 'There is nothing to send'
				: 'The plan has no requests'
			: `${blocked === undefined ? '' : 'The plan is '}${describeRequests(run, sent)}`,
		...(blocked?.planId === undefined ? [] : [`the plan ID is ${blocked.planId}`]),
		...describeCounts([[calls.length - order.length, RUN.unchanged], ...withheldCounts(tally)]),
		...remarksOf(plan, tally),
		...(stopsForRows(plan, run) ? ['Stop Workflow would end the run for them before anything is sent'] : []),
		...(facts?.gone ? [RUN.gone(facts.gone)[0]] : []),
		...(facts?.state === 'interrupted' ? [INTERRUPTED] : []),
	];
	const stop = blocked === undefined ? [] : [`A run would send nothing: ${blocked.reason}`];
	return joinSentences(['Dry run: nothing was sent.', ...stop, parts.join('; ')]);
}

function describeRequests({ operation, options: { requestsPerSecond } }: Run, calls: Plan['calls']): string {
	const requests = counted(calls.length, 'request');
	const rate = `${requestsPerSecond} ${requestsPerSecond === 1 ? 'request' : 'requests'} per second`;
	const time =
		requestsPerSecond > 0 ? `, ${aboutDuration((1000 * calls.length) / requestsPerSecond)} at ${rate}` : '';
	// How many pages a list has is known only when it is read.
	if (operation.paging !== undefined) return `At least ${requests}${time}`;
	return `${operation.countPlanned(calls)}: ${requests}${time}`;
}

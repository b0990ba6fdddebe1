import type { INodeExecutionData } from 'n8n-workflow';

import { counted } from '../resources/counted';
import type { RunOptions } from '../resources/runOptions';
import type { Failure } from '../service/outcome';
import { showHint } from '../shown';
import { tellCounts, tellHeldBack, type PlanFacts } from './counts';
import { aboutDuration } from './duration';
import { heldBackOutput, previewOutput } from './outputItems';
import type { Plan } from './plan';
import type { RememberedRun } from './rememberedRun';
import type { RowForm } from './rowItems';
import type { Run } from './run';
import { toItems } from './runItems';

/** What a row of a Dry Run says. */
const DRY_RUN: RowForm['status'] = { Status: 'NOT_SENT', Message: 'Dry run: nothing was sent.' };

/** What a Dry Run found. */
interface PreviewFacts extends PlanFacts {
	/** How many calls would not be sent, because nothing changed. */
	unchanged: number;
	options: Pick<RunOptions, 'requestsPerSecond'>;
	/** Whether rows that cannot be used would end the run. */
	stopsForRows: boolean;
	/** Why nothing at all would be sent. */
	stopped: Failure | undefined;
}

/** What a Dry Run gives: each request, whatever is wrong with others, and a banner. */
export function showPlan(run: Run, plan: Plan, remembered: RememberedRun | undefined): INodeExecutionData[] {
	const { context, operation } = run;
	const { calls, heldBack } = plan;
	const { verdicts, stopped } = remembered?.begun ?? { verdicts: [], stopped: undefined };
	const sent = remembered?.order.map((index) => calls[index]!) ?? calls;
	const message = summarizePreview({
		...run,
		heldBack,
		calls: sent,
		unchanged: calls.length - sent.length,
		stopsForRows: stopsForRows(run, plan),
		stopped,
	});
	showHint(context, message, heldBack.length > 0 || stopped !== undefined ? 'warning' : 'info');
	const previews = calls.map((call, index) => previewOutput(operation, call, verdicts[index]));
	return toItems(run, previews, heldBack.map(heldBackOutput), DRY_RUN);
}

/** Whether rows that cannot be used end the run before it begins. */
export function stopsForRows({ stopAtFailure, options }: Run, { heldBack }: Plan): boolean {
	return stopAtFailure && heldBack.length > 0 && options.invalidRows !== 'sendValid';
}

/** The banner of a Dry Run: "Dry run: nothing was sent. 9 customers, 12 devices: 9 requests, about 1 s at 20 requests per second". */
function summarizePreview(facts: PreviewFacts): string {
	const { calls, heldBack, unchanged, stopsForRows, stopped } = facts;
	const parts = [
		calls.length === 0 ? 'There is nothing to send' : describePlan(facts),
		...tellCounts([[unchanged, 'unchanged']]),
		...tellHeldBack(heldBack),
		...(stopsForRows ? ['Stop Workflow would end the run for them before anything is sent'] : []),
		...(stopped === undefined ? [] : [`a run would send nothing: ${stopped.reason}`]),
	];
	return `Dry run: nothing was sent. ${parts.join('; ')}`;
}

function describePlan({ operation, calls, options: { requestsPerSecond } }: PreviewFacts): string {
	const requests = counted(calls.length, 'request');
	const rate = `${requestsPerSecond} ${requestsPerSecond === 1 ? 'request' : 'requests'} per second`;
	const time =
		requestsPerSecond > 0 ? `, ${aboutDuration((1000 * calls.length) / requestsPerSecond)} at ${rate}` : '';
	// How many pages a list has is known only when it is read.
	if (operation.paging !== undefined) return `At least ${requests}${time}`;
	return `${operation.countPlanned(calls)}: ${requests}${time}`;
}

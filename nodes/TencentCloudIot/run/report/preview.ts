import type { INodeExecutionData } from 'n8n-workflow';

import { counted } from '../../service/words';
import { stopsForRows } from '../checks/invalidRows';
import { showHint } from '../../shown';
import { describeCounts, describeWithheld } from '../counts';
import { previewOutput, withheldOutput } from '../output/requestItems';
import { itemsInForm } from '../output/resultItems';
import type { RowForm } from '../output/rowItems';
import type { Plan } from '../planRun';
import type { Run } from '../run';
import type { Selection } from '../selection';
import { aboutDuration } from './duration';

/** The status of a row in a Dry Run. */
const DRY_RUN: RowForm['status'] = { Status: 'NOT_SENT', Message: 'Dry run: nothing was sent.' };

/** What a Dry Run outputs: each request, whatever is wrong with others, and an execution hint. */
export function previewItems(run: Run, plan: Plan, selection: Selection): INodeExecutionData[] {
	const { context, operation } = run;
	const { calls, withheld } = plan;
	const isWarning = withheld.length > 0 || selection.blocked !== undefined;
	showHint(context, describePreview(run, plan, selection), isWarning ? 'warning' : 'info');
	const previews = calls.map((call, index) => previewOutput(operation, call, selection.verdicts[index]));
	return itemsInForm(run, previews, withheld.map(withheldOutput), DRY_RUN);
}

/** "Dry run: nothing was sent. 9 customers, 12 devices: 9 requests, about 1 s at 20 requests per second". */
function describePreview(run: Run, plan: Plan, { order, blocked }: Selection): string {
	const { calls, withheld } = plan;
	const parts = [
		order.length === 0
			? 'There is nothing to send'
			: describeRequests(
					run,
					order.map((index) => calls[index]!),
				),
		...describeCounts([[calls.length - order.length, 'unchanged']]),
		...describeWithheld(withheld),
		...(stopsForRows(plan, run) ? ['Stop Workflow would end the run for them before anything is sent'] : []),
		...(blocked === undefined ? [] : [`a run would send nothing: ${blocked.reason}`]),
	];
	return `Dry run: nothing was sent. ${parts.join('; ')}`;
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

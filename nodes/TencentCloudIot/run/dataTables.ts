/**
 * Access to n8n's Data Tables. Only n8n's own Data Table node may use them, so each call runs an inline sub-workflow. A call uses up an
 * execution id and takes some tens of milliseconds of processor time, whatever it does.
 */
import type { IExecuteFunctions } from 'n8n-workflow';

import {
	type ResultsOf,
	type DataTables,
	type TableStep,
	TableUnusable,
	type WhyUnusable,
} from '../tables/dataTables';
import { inlineWorkflowOf } from './inlineWorkflow';

/** The part of an execution's context that calls of the Data Tables need. */
type TablesContext = Pick<IExecuteFunctions, 'executeWorkflow' | 'getExecutionCancelSignal'>;

/** Errors of the Data Tables that a retry cannot mend. The node recognizes an error by the words of n8n's Data Table node or of its server. */
const REFUSALS: ReadonlyArray<readonly [RegExp, WhyUnusable]> = [
	[/module is disabled|unrecognized node type|unknown node type/i, 'absent'],
	[/size limit exceeded/i, 'full'],
	[/cannot be called by this workflow|may not be called|not allowed to be called/i, 'notAllowed'],
	[/unknown column name|do not exist in the selected table|does not match column type/i, 'otherColumns'],
	[/could not be found in this project|could not find the data table/i, 'notFound'],
	// Before n8n 2.15 the Data Table node has no resource Table, and n8n drops the operation parameter.
	[/could not get parameter "operation"|reading 'execute'/i, 'tooOld'],
];

/**
 * The Data Tables of the workflow's project.
 *
 * A sub-workflow has the deadline of the execution that waits for it. After the deadline n8n starts only sub-workflows that nobody waits
 * for. So `run` repeats the first call after the deadline that changes something, e.g. frees the lock row, and does not wait for it. The
 * promise of `run` still rejects, because the result is not known.
 */
export class ProjectTables implements DataTables {
	readonly #context: TablesContext;
	#hasMadeLastCall = false;

	constructor(context: TablesContext) {
		this.#context = context;
	}

	async run<const Steps extends readonly TableStep[]>(steps: Steps): Promise<ResultsOf<Steps>> {
		const { workflow, input, resultsIn } = inlineWorkflowOf(steps);
		try {
			const { data } = await this.#context.executeWorkflow(workflow, input);
			return resultsIn(data[0] ?? []) as ResultsOf<Steps>;
		} catch (cause) {
			const isExecutionOver = this.#context.getExecutionCancelSignal()?.aborted === true;
			const isWorthLastCall = !this.#hasMadeLastCall && steps.some(changesSomething);
			if (isExecutionOver && isWorthLastCall) {
				this.#hasMadeLastCall = true;
				const withoutWaiting = { doNotWaitToFinish: true };
				await this.#context.executeWorkflow(workflow, input, undefined, withoutWaiting);
			}
			throw refusalOf(cause as Error) ?? cause;
		}
	}
}

function refusalOf(cause: Error): TableUnusable | undefined {
	const errorText = `${cause.message} ${(cause as { description?: string }).description ?? ''}`;
	const [, why] = REFUSALS.find(([pattern]) => pattern.test(errorText)) ?? [];
	return why && new TableUnusable(why, { cause });
}

function changesSomething(step: TableStep): boolean {
	return !['find', 'list', 'read'].includes(step.do);
}

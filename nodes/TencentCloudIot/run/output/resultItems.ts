import type { INodeExecutionData } from 'n8n-workflow';

import { inBatches } from '../../input/batches';
import { timezoneOf } from '../../input/dateTime';
import { outcomeOf, requestIdsOf } from '../../service/fate';
import type { CallResult, RunResult } from '../result';
import { outputsRunItem, type Run } from '../run';
import {
	failureOutput,
	itemsPerRequest,
	successOutputs,
	unsentOutput,
	withheldOutput,
	type Output,
} from './requestItems';
import { itemsPerRow, rowForm, type RowForm } from './rowItems';
import { runItem } from './runItem';

/** The outputs of a run, each in the order of the rows. */
export interface Outputs {
	done: Output[];
	failed: Output[];
}

/** What a run outputs. */
export async function outputsOf(run: Run, { calls, withheld }: RunResult): Promise<Outputs> {
	const outputs: Outputs = { done: [], failed: [] };
	for await (const batch of inBatches(calls)) {
		for (const result of batch) addOutputs(run, result, outputs);
	}
	for (const one of withheld) outputs.failed.push(withheldOutput(one));
	return outputs;
}

function addOutputs(run: Run, { call, fate }: CallResult, { done, failed }: Outputs): void {
	const { context, operation, options } = run;
	if (fate.kind === 'unchanged' || fate.kind === 'postponed') {
		if (options.outputItemPer === 'row') done.push(unsentOutput(call, fate));
		return;
	}
	const outcome = outcomeOf(fate)!;
	const requestIds = requestIdsOf(fate);
	if (outcome.outcome !== 'OK') {
		failed.push(failureOutput(outcome, call, requestIds));
		return;
	}
	const RequestId = outcome.requestId ?? requestIds.at(-1) ?? '';
	const timezone = timezoneOf(context);
	const response = { data: outcome.data, RequestId, Attempts: requestIds.length, timezone };
	const json = operation.toJson(call, response, options);
	for (const output of successOutputs(call, json, fate)) done.push(output);
}

/** The items of a run: successes first. */
export function resultItems(run: Run, result: RunResult, { done, failed }: Outputs): INodeExecutionData[] {
	return outputsRunItem(run) ? [runItem(result), ...itemsPerRequest(failed)] : itemsInForm(run, done, failed);
}

/**
 * Items per request or per row, as the user chose: successes first.
 * @param status what a row that is no failure is called
 */
export function itemsInForm(
	{ options, items, context }: Run,
	done: Output[],
	failed: Output[],
	status?: RowForm['status'],
): INodeExecutionData[] {
	if (options.outputItemPer !== 'row') return itemsPerRequest([...done, ...failed]);
	// A row whose list had no records stays a row.
	const linked = new Set([...done, ...failed].flatMap(({ itemIndexes }) => itemIndexes));
	const unlinked = [...items.keys()].filter((index) => !linked.has(index));
	const form = { ...rowForm(context, items), status };
	return [...itemsPerRow([...done, { json: {}, itemIndexes: unlinked }], form), ...itemsPerRow(failed, form)];
}

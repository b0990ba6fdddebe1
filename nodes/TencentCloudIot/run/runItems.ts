import type { INodeExecutionData } from 'n8n-workflow';

import { timezoneOf } from '../input/timezone';
import type { Call } from '../operation';
import type { Delivered } from '../service/delivery/sender';
import { failureOutput, itemsPerRequest, successOutputs, type Output } from './outputItems';
import { itemsPerRow, rowForm, type RowForm } from './rowItems';
import type { Run } from './run';

/** What the output says of a call that was tried. */
export function toOutputs(
	{ context, operation, options }: Run,
	call: Call,
	{ outcome, requestIds }: Delivered,
): Output[] {
	if (outcome.outcome !== 'OK') return [failureOutput(outcome, call, requestIds)];
	const RequestId = outcome.requestId ?? requestIds.at(-1) ?? '';
	const timezone = timezoneOf(context);
	const result = { data: outcome.data, RequestId, Attempts: requestIds.length, timezone };
	return successOutputs(call, operation.toJson(call, result, options), requestIds);
}

/**
 * The items of a run: successes first.
 * @param status what a row that is no failure is called
 */
export function toItems(
	run: Run,
	done: Output[],
	failed: Output[],
	status?: RowForm['status'],
): INodeExecutionData[] {
	const { options, items, context } = run;
	if (options.outputItemPer !== 'row') return itemsPerRequest([...done, ...failed]);
	// A row whose list had no records stays a row.
	const linked = new Set([...done, ...failed].flatMap(({ itemIndexes }) => itemIndexes));
	const unlinked = [...items.keys()].filter((index) => !linked.has(index));
	const form = { ...rowForm(context, items), status };
	return [...itemsPerRow([...done, { json: {}, itemIndexes: unlinked }], form), ...itemsPerRow(failed, form)];
}

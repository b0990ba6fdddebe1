import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Failure } from '../../service/outcome';
import type { RunResult } from '../result';
import { failureOutput, itemsPerRequest } from './requestItems';
import { itemsPerRow, rowForm } from './rowItems';
import { runItem } from './runItem';

/**
 * The items of a run that could do nothing: one for all rows, or one for each.
 * @param result of a run that outputs one item with its counts before
 */
export function blockedItems(
	context: IExecuteFunctions,
	items: INodeExecutionData[],
	blocked: Failure,
	result?: RunResult,
): INodeExecutionData[] {
	const output = failureOutput(blocked, { parameters: {}, itemIndexes: [...items.keys()] });
	if (isPerRow(context)) return itemsPerRow([output], rowForm(context, items));
	return [...(result === undefined ? [] : [runItem(result)]), ...itemsPerRequest([output])];
}

/** Also before the options could be read: as the node stores them. */
function isPerRow(context: IExecuteFunctions): boolean {
	const { options } = context.getNode().parameters;
	return typeof options === 'object' && options !== null && 'outputItemPer' in options
		? options.outputItemPer === 'row'
		: false;
}

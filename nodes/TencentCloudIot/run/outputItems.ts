import type { IDataObject, INodeExecutionData, IPairedItemData } from 'n8n-workflow';

import { describeFinding, rowNumber } from '../input/finding';
import { counted } from '../resources/counted';
import type { Call, HeldBack, Operation } from '../operation';
import { describe, notSent, type Failure } from '../service/outcome';
import { firstPage } from '../service/paging';

type Previewed = Pick<Operation<unknown>, 'action' | 'paging'>;

/** What one output item is made of. */
export interface Output {
	json: IDataObject;
	itemIndexes: readonly number[];
}

/** The data of the output items for a request that was done: one, or one for each record of a list. */
export function successOutputs(
	{ itemIndexes }: Call,
	json: IDataObject | IDataObject[],
	requestIds: readonly string[],
): Output[] {
	if (Array.isArray(json)) return json.map((record) => ({ json: record, itemIndexes }));
	// No request at all: the service accepted it in an earlier try of this run.
	const earlier = requestIds.length === 0 && { AlreadyDone: true };
	return [{ json: { ...json, ...earlier, ...allRequestIds(requestIds) }, itemIndexes }];
}

/**
 * The data of an error item. Its only key is `error`, with an object as value: the one shape that every version of
 * n8n sends to the error output.
 */
export function failureOutput(failure: Failure, call: Call, requestIds: readonly string[] = []): Output {
	const { code, outcome, advice, requestId, status } = failure;
	const RequestId = requestId ?? requestIds.at(-1);
	const error: IDataObject = {
		message: describe(failure),
		code,
		outcome,
		...call.parameters,
		...(RequestId !== undefined && { RequestId }),
		...allRequestIds(requestIds),
		...(status !== undefined && { httpStatus: status }),
		rows: call.itemIndexes.map(rowNumber),
		attempts: requestIds.length,
		advice,
	};
	return { json: { error }, itemIndexes: call.itemIndexes };
}

/** The data of an error item for rows that were not sent: it names each row, field and what to do. */
export function heldBackOutput({ parameters, itemIndexes, findings }: HeldBack): Output {
	const [first] = findings;
	const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
	const reason = first === undefined ? '' : `${describeFinding(first)}${more}.`;
	const advice = `Correct ${counted(new Set(findings.map(({ itemIndex }) => itemIndex)).size, 'row')} and run the workflow again`;
	const output = failureOutput(notSent('INVALID_ROWS', reason, advice), { parameters, itemIndexes });
	(output.json.error as IDataObject).reasons = findings.map(({ itemIndex, field, text }) => ({
		row: rowNumber(itemIndex),
		field,
		text,
	}));
	return output;
}

/** The data of an output item that shows what a request would say. */
export function previewOutput({ action, paging }: Previewed, call: Call): Output {
	const parameters = paging === undefined ? call.parameters : firstPage(call.parameters, paging);
	return {
		json: { Action: call.action ?? action, ...(parameters as IDataObject) },
		itemIndexes: call.itemIndexes,
	};
}

export function isFailure({ json }: Output): boolean {
	return 'error' in json;
}

/** One item for each output, linked to exactly the rows that went into it. */
export function itemsPerRequest(outputs: readonly Output[]): INodeExecutionData[] {
	return outputs.map(({ json, itemIndexes }) => ({ json, pairedItem: linkTo(itemIndexes) }));
}

/** One item for each row of the outputs, in input order: the row's own columns plus what became of its request. */
export function itemsPerRow(
	outputs: readonly Output[],
	items: readonly INodeExecutionData[],
): INodeExecutionData[] {
	return outputs
		.flatMap(({ json, itemIndexes }) => itemIndexes.map((item) => ({ json, item })))
		.sort((a, b) => a.item - b.item)
		.map(({ json, item }) => ({ json: withColumns(json, item, items), pairedItem: { item } }));
}

function withColumns(json: IDataObject, item: number, items: readonly INodeExecutionData[]): IDataObject {
	// The engine itself adds the row's columns to an error item, whose single key must stay.
	if ('error' in json) return { error: { ...(json.error as IDataObject), rows: [rowNumber(item)] } };
	const { error, ...columns } = items[item]?.json ?? {};
	// A column named `error` would make the engine take a done row for a failed one.
	return { ...columns, ...(error !== undefined && { row_error: error }), ...json };
}

function linkTo(itemIndexes: readonly number[]): IPairedItemData | IPairedItemData[] {
	const [item, ...others] = itemIndexes;
	if (item !== undefined && others.length === 0) return { item };
	return itemIndexes.map((index) => ({ item: index }));
}

function allRequestIds(requestIds: readonly string[]): IDataObject {
	return requestIds.length > 1 ? { RequestIds: [...requestIds] } : {};
}

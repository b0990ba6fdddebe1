import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { rowNumber } from '../../input/finding';
import type { Outcome } from '../../service/outcome';
import { isFailure, type Output } from './requestItems';

/** What became of a row, as the first two columns of its item. */
type RowStatus = { Status: Outcome['outcome']; Message: string };

/** How items of single rows are made. */
export interface RowForm {
	items: readonly INodeExecutionData[];
	/** Whether the engine splits failures off to the error output, and adds the rows' columns to them itself. */
	isErrorSplit: boolean;
	/** What a row that is no failure is called. */
	status?: RowStatus | undefined;
}

/**
 * One item for each row of the outputs, in input order: what became of it, the row's own columns, and the result with
 * what belongs to this row alone.
 */
export function itemsPerRow(outputs: readonly Output[], form: RowForm): INodeExecutionData[] {
	return outputs
		.flatMap(({ json, itemIndexes, own }) => {
			const ofRows = own?.();
			return itemIndexes.map((item) => ({ json, item, own: ofRows?.get(item) ?? {} }));
		})
		.sort((a, b) => a.item - b.item)
		.map(({ json, item, own }) => {
			const columns = form.items[item]?.json ?? {};
			const result = isFailure({ json })
				? { error: { ...(json.error as IDataObject), ...own, rows: [rowNumber(item)] } }
				: { ...json, ...present(own, json) };
			return { json: rowJson(result, columns, form), pairedItem: { item } };
		});
}

const DONE: RowStatus = { Status: 'OK', Message: '' };

function rowJson(result: IDataObject, columns: IDataObject, form: RowForm): IDataObject {
	const error = result.error as IDataObject | undefined;
	if (error === undefined) {
		const reported: IDataObject = { ...(form.status ?? DONE), ...result };
		// A column named `error` would make the engine take a done row for a failed one.
		return inOrder(reported, besides(columns, { ...reported, error: '' }));
	}
	// To an error item, whose single key must stay, the engine adds the columns: all but one of the same name.
	if (form.isErrorSplit) return { error: { ...error, ...besides({ error: columns.error }, result) } };
	const { outcome: Status, message: Message, RequestId = '', attempts: Attempts } = error;
	const reported: IDataObject = { Status, Message, Attempts, error, RequestId };
	return inOrder(reported, besides(columns, reported));
}

function inOrder(reported: IDataObject, columns: IDataObject): IDataObject {
	const { Status, Message, ...others } = reported;
	return { Status, Message, ...columns, ...others };
}

/** The row's own columns; one that has a name of the result's is kept under `row_…`. */
function besides(columns: IDataObject, result: IDataObject): IDataObject {
	const kept = Object.entries(columns).filter(([, value]) => value !== undefined);
	const named = kept.map(([name, value]): [string, IDataObject[string]] => {
		let free = name;
		while (Object.hasOwn(result, free) || (free !== name && Object.hasOwn(columns, free)))
			free = `row_${free}`;
		return [free, value];
	});
	return Object.fromEntries(named);
}

function present(own: IDataObject, json: IDataObject): IDataObject {
	return Object.fromEntries(Object.entries(own).filter(([name]) => Object.hasOwn(json, name)));
}

/** As the node is set up. */
export function rowForm(context: IExecuteFunctions, items: readonly INodeExecutionData[]): RowForm {
	return { items, isErrorSplit: context.getNode().onError === 'continueErrorOutput' };
}

/** Makes n8n's items of the outputs of a run: one for each output, or one for each row with the row's own columns. */
import type { INodeExecutionData, IDataObject } from 'n8n-workflow';

import { inBatches } from '../input/batches';
import { rowNumber } from '../messages/rows';
import type { Call } from '../resources/operation/operation';

/** The data of one output item. If the user wants an item for each row, one such item is output for each of `itemIndexes`. */
export interface Output {
	json: IDataObject;
	/** The rows that the item is linked to. */
	itemIndexes: readonly number[];
	/**
	 * By item index, members that replace those of the same names in `json` if the row of that item gets an output item of its own: e.g. only
	 * the devices of this row in place of all devices of its customer.
	 */
	membersByRow?: Call['parametersByRow'];
}

/** Whether an output is an error item, whose only key is `error`. */
export function isFailure({ json }: Pick<Output, 'json'>): boolean {
	return 'error' in json;
}

/** One item for each output, linked to exactly the rows that went into it. */
export function itemsPerRequest(outputs: readonly Output[]): INodeExecutionData[] {
	return outputs.map(({ json, itemIndexes }) => {
		const links = itemIndexes.map((item) => ({ item }));
		const [link] = links;
		return { json, pairedItem: links.length === 1 && link !== undefined ? link : links };
	});
}

/**
 * One item for each row of the outputs, in input order. It has the row's status, its own columns and the result; of members that differ from
 * row to row, such as devices, only those of this row.
 */
export async function itemsPerRow(
	outputs: readonly Output[],
	inputItems: readonly INodeExecutionData[],
	hasErrorOutput: boolean,
): Promise<INodeExecutionData[]> {
	const rowOutputs = outputs
		.flatMap(({ json, itemIndexes, membersByRow }) => {
			const membersByItem = membersByRow?.();
			return itemIndexes.map((item) => ({ json, item, membersOfRow: membersByItem?.get(item) ?? {} }));
		})
		.sort((a, b) => a.item - b.item);
	const items: INodeExecutionData[] = [];
	for await (const batch of inBatches(rowOutputs)) {
		for (const { json, item, membersOfRow } of batch) {
			const columns = inputItems[item]?.json ?? {};
			const replacements = Object.entries(membersOfRow).filter(([name]) => Object.hasOwn(json, name));
			const result = isFailure({ json })
				? { error: { ...(json.error as IDataObject), ...membersOfRow, rows: [rowNumber(item)] } }
				: { ...json, ...Object.fromEntries(replacements) };
			items.push({ json: rowJson(result, columns, hasErrorOutput), pairedItem: { item } });
		}
	}
	return items;
}

/**
 * The item of one row: status and message first, then the row's own columns, then the result. An error item has the single key `error` if
 * the node has an error output.
 */
function rowJson(result: IDataObject, columns: IDataObject, hasErrorOutput: boolean): IDataObject {
	const error = result.error as IDataObject | undefined;
	if (error === undefined) {
		const reportedMembers: IDataObject = { Status: 'OK', Message: '', ...result };
		// The row's own column `error` is renamed, too: because of it n8n would take the row for a failed one.
		return withColumns(reportedMembers, renameTakenColumns(columns, { ...reportedMembers, error: '' }));
	}
	// An error item must have the single key `error`. n8n adds the row's columns to it, except a column `error`, which is put inside as `row_error`.
	if (hasErrorOutput) {
		return { error: { ...error, ...renameTakenColumns({ error: columns.error }, result) } };
	}
	const { outcome, Status = outcome, message: Message, RequestId = '', attempts: Attempts } = error;
	const reportedMembers: IDataObject = { Status, Message, Attempts, error, RequestId };
	return withColumns(reportedMembers, renameTakenColumns(columns, reportedMembers));
}

/** Puts the row's own columns after its status and message, and before the other members. */
function withColumns(reportedMembers: IDataObject, columns: IDataObject): IDataObject {
	const { Status, Message, ...resultMembers } = reportedMembers;
	return { Status, Message, ...columns, ...resultMembers };
}

/** Returns the row's own columns. If the result has a member of the same name, the column is renamed to `row_…`. */
function renameTakenColumns(columns: IDataObject, result: IDataObject): IDataObject {
	const filledColumns = Object.entries(columns).filter(([, value]) => value !== undefined);
	const renamedColumns = filledColumns.map(([name, value]): [string, IDataObject[string]] => {
		const isOtherColumn = (column: string) => column !== name && Object.hasOwn(columns, column);
		let freeName = name;
		while (Object.hasOwn(result, freeName) || isOtherColumn(freeName)) {
			freeName = `row_${freeName}`;
		}
		return [freeName, value];
	});
	return Object.fromEntries(renamedColumns);
}

import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { counted, countedOf } from '../service/words';
import type { ItemFields } from '../input/itemFields';
import type { Operation } from '../operation';
import { perItemOperation, type ItemRequest, type PerItemOperation } from './perItemOperation';
import { isObject, type AnswerData } from '../service/response/answer';
import { recordsIn, type Paging } from '../service/paging';

const RETURN_ALL: INodeProperties = {
	displayName: 'Return All',
	name: 'returnAll',
	type: 'boolean',
	default: false,
	description: 'Whether to return all results or only up to a given limit',
};

const LIMIT: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	displayOptions: { show: { returnAll: [false] } },
	typeOptions: { minValue: 1 },
	default: 50,
	description: 'Max number of results to return',
};

type Told = 'value' | 'option' | 'toolAdvice' | 'properties' | 'options' | 'action' | 'parameters';

/** What an operation says that reads a list. */
export interface ListOperation extends Pick<PerItemOperation, Told> {
	paging: Paging;
	/** What a record is, in the singular, for the summary. */
	record: string;
	/**
	 * The output item's data for one record.
	 * @param timezone the workflow's, in which times are told
	 */
	toRecord(record: AnswerData, parameters: IDataObject, options: IDataObject, timezone: string): IDataObject;
}

/**
 * An operation that reads a list for each item and gives one output item for each record, linked to that item. As in
 * n8n's own nodes a list without records gives no output item; the summary counts the requests besides the records,
 * and One Output Item Per: Input Row keeps the row.
 */
export function listOperation({ paging, record, toRecord, ...told }: ListOperation): Operation<ItemRequest> {
	const { list, size } = paging;
	const { properties, parameters } = told;
	const operation = perItemOperation({
		...told,
		properties: [
			...properties.filter(({ required }) => required),
			RETURN_ALL,
			LIMIT,
			...properties.filter(({ required }) => !required),
		],
		parameters: (item, options) => ({ ...parameters(item, options), ...wanted(item, size) }),
		effect: 'read',
		isDone: (data) => recordsIn(data, list)?.every(isObject) === true,
		reads: [list, 'Total', 'Context'],
		toJson: () => ({}),
		unit: 'request',
		done: 'done',
	});
	return {
		...operation,
		paging,
		toJson: ({ parameters: asked }, { data, timezone }, options) =>
			(recordsIn(data, list) ?? []).map((found) => toRecord(found as AnswerData, asked, options, timezone)),
		countDone: (calls, total, outputs) =>
			`${counted(outputs, record)} found by ${countedOf(calls.length, total, 'request')}`,
	};
}

function wanted(item: ItemFields, size: Paging['size']): IDataObject {
	return item.flag('returnAll') ? {} : { [size]: item.integer('limit', 1) };
}

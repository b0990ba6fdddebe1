import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Fields, Item, Options } from '../input/fields/field';
import { count, flag } from '../input/fields/fields';
import type { Operation } from '../operation';
import { recordsIn, type Paging } from '../service/paging';
import { isObject } from '../service/response/parseResponse';
import type { ResponseData } from '../service/outcome';
import { counted, countedOf } from '../service/words';
import { perItemOperation, type ItemRequest, type PerItemOperation } from './perItemOperation';

const limits = {
	returnAll: flag({
		displayName: 'Return All',
		description: 'Whether to return all results or only up to a given limit',
	}),
	limit: count({
		displayName: 'Limit',
		displayOptions: { show: { returnAll: [false] } },
		default: 50,
		description: 'Max number of results to return',
	}),
};

type Shared = 'value' | 'option' | 'toolAdvice' | 'fields' | 'options' | 'action' | 'parameters';

/** What an operation declares that reads a list. */
interface ListOperation<Declared extends Fields, Own extends Fields>
	extends Pick<PerItemOperation<Declared, Own>, Shared> {
	paging: Paging;
	/** What a record is, in the singular, for the summary. */
	record: string;
	/**
	 * The output item's data for one record.
	 * @param timezone the workflow's, in which times are shown
	 */
	toRecord(
		record: ResponseData,
		parameters: IDataObject,
		options: Options<Own>,
		timezone: string,
	): IDataObject;
}

/**
 * An operation that reads a list for each item and gives one output item for each record, linked to that item. As in
 * n8n's own nodes a list without records gives no output item; the summary counts the requests besides the records,
 * and One Output Item Per: Input Row keeps the row.
 */
export function listOperation<Declared extends Fields, Own extends Fields>({
	paging,
	record,
	toRecord,
	parameters,
	fields,
	...shared
}: ListOperation<Declared, Own>): Operation<ItemRequest, Own> {
	const { list, size } = paging;
	const operation = perItemOperation({
		...shared,
		fields: { ...fields, ...limits },
		parameters: (item, options) => ({
			...parameters(item as Item<Declared>, options),
			...(!item.returnAll && { [size]: item.limit }),
		}),
		isDone: (data) => recordsIn(data, list)?.every(isObject) === true,
		reads: [list, 'Total', 'Context'],
		toJson: () => ({}),
		unit: 'request',
		namedBy: [],
		done: 'done',
	});
	return {
		...operation,
		properties: limitsBeforeOptional(operation.properties),
		paging,
		toJson: ({ parameters: sent }, { data, timezone }, options) =>
			(recordsIn(data, list) ?? []).map((found) => toRecord(found as ResponseData, sent, options, timezone)),
		countDone: (calls, total, outputs) =>
			`${counted(outputs, record)} found by ${countedOf(calls.length, total, 'request')}`,
	};
}

/** As n8n's own nodes show them. */
function limitsBeforeOptional(properties: readonly INodeProperties[]): INodeProperties[] {
	const rank = ({ name, required }: INodeProperties) => (required ? 0 : name in limits ? 1 : 2);
	return properties.toSorted((a, b) => rank(a) - rank(b));
}

import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { readFields, type Fields, type ItemFields, type Options } from '../../input/fields/field';
import { listsOf, propertiesOf, count, flag } from '../../input/fields/fields';
import type { Call, Calls, Withheld, Operation } from './operation';
import { because, type Finding, type Why, ELSEWHERE } from '../../messages/findings';
import { EFFECTS, type Action } from '../../service/actions';
import { hasList, pagingConduct } from '../../service/delivery/pager';
import type { ResponseData } from '../../service/outcome';
import { recordsIn, type Paging } from '../../service/paging';
import { counted, countedOf } from '../../messages/words';
import { OPERATION_ADVICE } from '../../messages/operations';
import { inQuotes, ours } from '../../messages/text';

/** The request of one item. */
interface ItemRequest {
	itemIndex: number;
	action: Action;
	parameters: IDataObject;
	findings: readonly Finding[];
	/** The value of `uniqueField`, and how to refuse it. */
	unique?: { value: unknown; refuse: (why: Why) => void };
}

/** The declaration of an operation that makes one request for each item. */
interface PerItemOperation<Declared extends Fields, OwnOptions extends Fields>
	extends Pick<
		Operation<ItemRequest>,
		'value' | 'option' | 'action' | 'toolAdvice' | 'unclearAdvice' | 'unit' | 'namedBy'
	> {
	/** Default: a response with the Status `OK` is done. */
	isDone?: Operation<ItemRequest>['isDone'];
	/** Default: no members. */
	reads?: readonly string[];
	/** The parameters at the start of the output item. Default: those of `namedBy`. */
	shown?: readonly string[];
	/** The fields of the node, by their names. */
	fields: Declared;
	/** A field whose value must be different in each item: an item that repeats the value of an earlier one is withheld. */
	uniqueField?: keyof Declared & string;
	options?: OwnOptions;
	/** The Action's own parameters. */
	parameters(item: ItemFields<Declared>, options: Options<OwnOptions>): IDataObject;
	/** The Action for one item, if it depends on the item. */
	actionFor?(item: ItemFields<Declared>): Action;
	/**
	 * The members of the output item that follow its parameters and come before RequestId and Attempts. Default: the Status.
	 * @param timezone the workflow's time zone, in which times are shown
	 */
	toJson?(response: ResponseData, options: Options<OwnOptions>, timezone: string): IDataObject;
	/** What a successful request did, for the summary: "created" in "3 customers created". */
	done: string;
}

/** Makes an operation that sends one request for each item. An invalid item is withheld and shows why. */
export function perItemOperation<Declared extends Fields, OwnOptions extends Fields>({
	done,
	fields,
	uniqueField,
	parameters,
	actionFor,
	isDone = ({ Status }) => Status === 'OK',
	reads = [],
	toJson = () => ({ Status: 'OK' }),
	...declared
}: PerItemOperation<Declared, OwnOptions>): Operation<ItemRequest, OwnOptions> {
	const { shown = declared.namedBy, ...shared } = declared;
	const properties = propertiesOf(fields);
	return {
		...shared,
		isDone,
		reads,
		effect: EFFECTS[shared.action],
		properties,
		lists: listsOf(fields),
		options: shared.options ?? ({} as OwnOptions),
		refusedAdvice: OPERATION_ADVICE.checkFields({
			fields: inQuotes(labelsOf(properties).map((label) => ours(label))),
		}),

		inputReader: (options) => (reader, itemIndex) => {
			const findings: Finding[] = [];
			const item = readFields(fields, reader, { itemIndex, findings });
			const action = actionFor?.(item) ?? shared.action;
			const request = { itemIndex, action, parameters: parameters(item, options), findings };
			if (uniqueField === undefined) {
				return request;
			}
			const refuse = (why: Why) => item.refuse(uniqueField, why);
			return { ...request, unique: { value: item[uniqueField], refuse } };
		},

		async toCalls(batches): Promise<Calls> {
			const calls: Call[] = [];
			const withheld: Withheld[] = [];
			const firstItemByValue = new Map<unknown, number>();
			for await (const requests of batches) {
				for (const request of requests) {
					refuseRepeated(request, firstItemByValue);
					if (request.findings.length > 0) {
						withheld.push(toWithheld(request));
					} else {
						calls.push(toCall(request, shared.action));
					}
				}
			}
			return { calls, withheld };
		},

		toJson: (call, { data, RequestId, Attempts, timezone }, options) => ({
			...valuesOf(call, shown),
			...toJson(data, options, timezone),
			RequestId,
			Attempts,
		}),

		countPlanned: (calls) => counted(calls.length, shared.unit),

		countDone: (doneCalls, total) => `${countedOf(doneCalls.length, total, shared.unit)} ${done}`,
	};
}

/** Refuses an item if an earlier one has its unique value. @param firstItemByValue the index of the first item with each value */
function refuseRepeated({ unique, itemIndex }: ItemRequest, firstItemByValue: Map<unknown, number>): void {
	if (unique === undefined) {
		return;
	}
	const firstItem = firstItemByValue.get(unique.value);
	if (firstItem === undefined) {
		firstItemByValue.set(unique.value, itemIndex);
	} else {
		unique.refuse(because('repeated', { row: ELSEWHERE.row(firstItem) }));
	}
}

/** The call of an item. It names its Action only if that differs from the operation's. */
function toCall({ parameters, itemIndex, action }: ItemRequest, actionOfOperation: Action): Call {
	const call: Call = { parameters, itemIndexes: [itemIndex] };
	if (action !== actionOfOperation) {
		call.action = action;
	}
	return call;
}

function valuesOf({ parameters }: Call, names: readonly string[]): IDataObject {
	return Object.fromEntries(names.map((name) => [name, parameters[name]]));
}

/** The labels of the fields whose values the service may have refused: the required ones, and the groups of optional ones. */
function labelsOf(properties: readonly INodeProperties[]): string[] {
	return properties
		.filter(({ required, type }) => required === true || type === 'collection')
		.map(({ displayName }) => displayName);
}

/** A withheld item, with the valid texts and numbers of its request. */
function toWithheld({ itemIndex, parameters, findings }: ItemRequest): Withheld {
	const usableParameters = Object.entries(parameters).filter(
		([, value]) => (typeof value === 'string' && value !== '') || Number.isFinite(value),
	);
	return { parameters: Object.fromEntries(usableParameters), itemIndexes: [itemIndex], findings };
}

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

/** The declaration of an operation that reads a list. */
interface ListOperation<Declared extends Fields, OwnOptions extends Fields>
	extends Pick<
		PerItemOperation<Declared, OwnOptions>,
		'value' | 'option' | 'toolAdvice' | 'fields' | 'options' | 'action' | 'parameters' | 'shown'
	> {
	paging: Paging;
	/** The kind of record, in the singular, for the summary: "device". */
	recordUnit: string;
	/**
	 * The data of the output item for one record, which follows the parameters in `shown`.
	 * @param timezone the workflow's time zone, in which times are shown
	 */
	toRecord(record: ResponseData, options: Options<OwnOptions>, timezone: string): IDataObject;
}

/**
 * Makes an operation that reads a list for each item and outputs an item for each record, linked to that item. As in n8n's own nodes, an
 * empty list outputs no item. The summary counts requests and records, and One Output Item Per: Input Row keeps the row.
 */
export function listOperation<Declared extends Fields, OwnOptions extends Fields>({
	paging,
	recordUnit,
	toRecord,
	parameters,
	fields,
	shown = [],
	...shared
}: ListOperation<Declared, OwnOptions>): Operation<ItemRequest, OwnOptions> {
	const { list, size } = paging;
	const operation = perItemOperation({
		...shared,
		fields: { ...fields, ...limits },
		parameters: (item, options) => {
			const filters = parameters(item as ItemFields<Declared>, options);
			return item.returnAll ? filters : { ...filters, [size]: item.limit };
		},
		isDone: (data) => hasList(data, list),
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
		async toCalls(batches, options) {
			const planned = await operation.toCalls(batches, options);
			const conductOf = pagingConduct(paging);
			const calls = planned.calls.map((call): Call => {
				return { ...call, conduct: conductOf({ Action: operation.action, ...call.parameters }) };
			});
			return { ...planned, calls };
		},
		toJson: (call, { data, timezone }, options) =>
			(recordsIn(data, list) ?? []).map((entry) => ({
				...valuesOf(call, shown),
				...toRecord(entry as ResponseData, options, timezone),
			})),
		countDone: (doneCalls, total, outputs) =>
			`${counted(outputs, recordUnit)} found by ${countedOf(doneCalls.length, total, 'request')}`,
	};
}

/** Moves the limits after the required fields and before the optional ones, as n8n's own nodes have them. */
function limitsBeforeOptional(properties: readonly INodeProperties[]): INodeProperties[] {
	const required = properties.filter((property) => property.required);
	const optional = properties.filter((property) => !property.required);
	return [
		...required,
		...optional.filter(({ name }) => name in limits),
		...optional.filter(({ name }) => !(name in limits)),
	];
}

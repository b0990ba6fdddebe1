import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { mergeMethods } from '../input/editorMethods';
import type { Fields, Item } from '../input/field';
import { propertiesOf } from '../input/fieldGroups';
import { FieldValue, itemOf } from '../input/fieldValue';
import { rowNumber, type Finding } from '../input/finding';
import type { ItemReader } from '../input/itemReader';
import type { Call, Calls, Withheld, Operation } from '../operation';
import type { ResponseData } from '../service/response/parseResponse';
import { counted, countedOf, quoted } from '../service/words';

/** One item as the request that it stands for. */
export interface ItemRequest {
	itemIndex: number;
	action: string;
	parameters: IDataObject;
	findings: Finding[];
	/** The value of the field that comes once in a run, where there is one. */
	unique?: unknown;
}

type Shared =
	| 'value'
	| 'option'
	| 'action'
	| 'effect'
	| 'toolAdvice'
	| 'unclearAdvice'
	| 'isDone'
	| 'reads'
	| 'unit'
	| 'namedBy';

/** What an operation declares that makes one request of each item. */
export interface PerItemOperation<Declared extends Fields> extends Pick<Operation<ItemRequest>, Shared> {
	/** The fields of the node, by their names. */
	fields: Declared;
	/** A field of which a run sends each value once: a later item with the same one is withheld. */
	uniqueField?: keyof Declared & string;
	options?: INodeProperties[];
	/** The Action's own parameters. */
	parameters(item: Item<Declared>, options: IDataObject): IDataObject;
	/** The Action for one item, where it is not the same for all. */
	actionFor?(item: Item<Declared>): string;
	/**
	 * What the output item shows besides RequestId and Attempts.
	 * @param timezone the workflow's, in which times are shown
	 */
	toJson(
		parameters: IDataObject,
		response: ResponseData,
		options: IDataObject,
		timezone: string,
	): IDataObject;
	/** What was done to the unit, for the summary: "created". */
	done: string;
}

/** An operation that makes one request of each item. An item that cannot be used is withheld and shows why. */
export function perItemOperation<Declared extends Fields>({
	done,
	fields,
	uniqueField,
	parameters,
	actionFor,
	toJson,
	...shared
}: PerItemOperation<Declared>): Operation<ItemRequest> {
	const properties = propertiesOf(fields);
	const repeated = (first: number) => ({
		field: fields[uniqueField ?? '']?.properties[0].displayName ?? '',
		text: `is that of row ${rowNumber(first)} as well: correct one of them, or remove this row`,
	});
	return {
		...shared,
		properties,
		methods: mergeMethods(Object.values(fields).map(({ methods }) => methods)),
		options: shared.options ?? [],
		refusedAdvice: `Check ${quoted(labelsOf(properties))} and run the workflow again`,

		readItem(reader, itemIndex, options) {
			const findings: Finding[] = [];
			const item = readFields(fields, reader, { itemIndex, findings });
			const action = actionFor?.(item) ?? shared.action;
			const unique = uniqueField && item[uniqueField];
			return { itemIndex, action, parameters: parameters(item, options), findings, unique };
		},

		async toCalls(batches): Promise<Calls> {
			const calls: Call[] = [];
			const withheld: Withheld[] = [];
			const firstItems = new Map<unknown, number>();
			for await (const requests of batches) {
				for (const request of requests) {
					const { unique, itemIndex } = request;
					const first = unique ? firstItems.get(unique) : undefined;
					if (first !== undefined) request.findings.push({ itemIndex, ...repeated(first) });
					else firstItems.set(unique, itemIndex);
					if (request.findings.length === 0) calls.push(toCall(request, shared.action));
					else withheld.push(toWithheld(request));
				}
			}
			return { calls, withheld };
		},

		toJson: (call, { data, RequestId, Attempts, timezone }, options) => ({
			...toJson(call.parameters, data, options, timezone),
			RequestId,
			Attempts,
		}),

		countPlanned: (calls) => counted(calls.length, shared.unit),

		countDone: (calls, total) => `${countedOf(calls.length, total, shared.unit)} ${done}`,
	};
}

function readFields<Declared extends Fields>(
	fields: Declared,
	reader: ItemReader,
	place: { itemIndex: number; findings: Finding[] },
): Item<Declared> {
	const { timezone, isTool } = reader;
	const context = { ...place, timezone, isTool };
	return itemOf(fields, context, (name, label) => {
		const { noDataExpression, type } = fields[name]!.properties[0];
		const stored = reader.stored(name);
		// A resource mapper is no expression itself, but has them inside.
		const isFixed = noDataExpression === true && type !== 'resourceMapper';
		const evaluate = () => (isFixed ? stored : reader.read(name, place.itemIndex));
		return new FieldValue(label, context, { stored, evaluate });
	});
}

/** The labels of the fields that a request is made of. */
function labelsOf(properties: readonly INodeProperties[]): string[] {
	return properties
		.filter(({ required, type }) => required === true || type === 'collection')
		.map(({ displayName }) => displayName);
}

function toCall({ itemIndex, action, parameters }: ItemRequest, usualAction: string): Call {
	return { parameters, itemIndexes: [itemIndex], ...(action !== usualAction && { action }) };
}

/** What is known of a request that is not made: the texts and numbers that can be used. */
function toWithheld({ itemIndex, parameters, findings }: ItemRequest): Withheld {
	const usable = Object.entries(parameters).filter(
		([, value]) => (typeof value === 'string' && value !== '') || Number.isFinite(value),
	);
	return { parameters: Object.fromEntries(usable), itemIndexes: [itemIndex], findings };
}

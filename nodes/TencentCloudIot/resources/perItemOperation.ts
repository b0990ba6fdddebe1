import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { readFields, type Fields, type Item, type Options } from '../input/fields/field';
import { listsOf, propertiesOf } from '../input/fields/fieldGroups';
import { rowNumber, type Finding } from '../input/finding';
import type { Call, Calls, Withheld, Operation } from '../operation';
import { EFFECTS, type Action } from '../service/actions';
import type { ResponseData } from '../service/outcome';
import { counted, countedOf, quoted } from '../service/words';

/** One item as the request that it stands for. */
export interface ItemRequest {
	itemIndex: number;
	action: Action;
	parameters: IDataObject;
	findings: readonly Finding[];
	/** The field of which each value is sent once, where there is one. */
	unique?: { value: unknown; refuse: (why: string) => void };
}

type Shared =
	| 'value'
	| 'option'
	| 'action'
	| 'toolAdvice'
	| 'unclearAdvice'
	| 'isDone'
	| 'reads'
	| 'unit'
	| 'namedBy';

/** What an operation declares that makes one request of each item. */
export interface PerItemOperation<Declared extends Fields, Own extends Fields>
	extends Pick<Operation<ItemRequest>, Shared> {
	/** The fields of the node, by their names. */
	fields: Declared;
	/** A field of which a run sends each value once: a later item with the same one is withheld. */
	uniqueField?: keyof Declared & string;
	options?: Own;
	/** The Action's own parameters. */
	parameters(item: Item<Declared>, options: Options<Own>): IDataObject;
	/** The Action for one item, where it is not the same for all. */
	actionFor?(item: Item<Declared>): Action;
	/**
	 * What the output item shows besides RequestId and Attempts.
	 * @param timezone the workflow's, in which times are shown
	 */
	toJson(
		parameters: IDataObject,
		response: ResponseData,
		options: Options<Own>,
		timezone: string,
	): IDataObject;
	/** What was done to the unit, for the summary: "created". */
	done: string;
}

/** An operation that makes one request of each item. An item that cannot be used is withheld and shows why. */
export function perItemOperation<Declared extends Fields, Own extends Fields>({
	done,
	fields,
	uniqueField,
	parameters,
	actionFor,
	toJson,
	...shared
}: PerItemOperation<Declared, Own>): Operation<ItemRequest, Own> {
	const properties = propertiesOf(fields);
	return {
		...shared,
		effect: EFFECTS[shared.action],
		properties,
		lists: listsOf(fields),
		options: shared.options ?? ({} as Own),
		refusedAdvice: `Check ${quoted(labelsOf(properties))} and try again`,

		inputReader: (options) => (reader, itemIndex) => {
			const findings: Finding[] = [];
			const item = readFields(fields, reader, { itemIndex, findings });
			const action = actionFor?.(item) ?? shared.action;
			const request = { itemIndex, action, parameters: parameters(item, options), findings };
			if (uniqueField === undefined) return request;
			const refuse = (why: string) => item.refuse(uniqueField, why);
			return { ...request, unique: { value: item[uniqueField], refuse } };
		},

		async toCalls(batches): Promise<Calls> {
			const calls: Call[] = [];
			const withheld: Withheld[] = [];
			const firstItems = new Map<unknown, number>();
			for await (const requests of batches) {
				for (const request of requests) {
					const { unique, itemIndex } = request;
					const first = unique && firstItems.get(unique.value);
					if (first === undefined) firstItems.set(unique?.value, itemIndex);
					else
						unique?.refuse(
							`is that of row ${rowNumber(first)} as well: give each a number of its own, or keep one of the rows`,
						);
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

/** The labels of the fields that a request is made of. */
function labelsOf(properties: readonly INodeProperties[]): string[] {
	return properties
		.filter(({ required, type }) => required === true || type === 'collection')
		.map(({ displayName }) => displayName);
}

function toCall({ itemIndex, action, parameters }: ItemRequest, usualAction: Action): Call {
	return { parameters, itemIndexes: [itemIndex], ...(action !== usualAction && { action }) };
}

/** What is known of a request that is not made: the texts and numbers that can be used. */
function toWithheld({ itemIndex, parameters, findings }: ItemRequest): Withheld {
	const usable = Object.entries(parameters).filter(
		([, value]) => (typeof value === 'string' && value !== '') || Number.isFinite(value),
	);
	return { parameters: Object.fromEntries(usable), itemIndexes: [itemIndex], findings };
}

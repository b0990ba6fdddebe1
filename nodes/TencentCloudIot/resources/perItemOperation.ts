import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Finding } from '../input/finding';
import { counted, countedOf, quoted } from '../service/words';
import { ItemFields } from '../input/itemFields';
import type { Call, Calls, Withheld, Operation } from '../operation';
import type { AnswerData } from '../service/response/answer';

/** One item as the request that it stands for. */
export interface ItemRequest {
	itemIndex: number;
	action: string;
	parameters: IDataObject;
	findings: readonly Finding[];
}

type Told =
	| 'value'
	| 'option'
	| 'properties'
	| 'action'
	| 'effect'
	| 'toolAdvice'
	| 'unclearAdvice'
	| 'isDone'
	| 'reads'
	| 'unit';

/** What an operation says that makes one request of each item. */
export interface PerItemOperation extends Pick<Operation<ItemRequest>, Told> {
	options?: INodeProperties[];
	/** The Action's own parameters. */
	parameters(item: ItemFields, options: IDataObject): IDataObject;
	/** The Action for one item, where it is not the same for all. */
	actionFor?(item: ItemFields): string;
	/**
	 * What the output item says besides RequestId and Attempts.
	 * @param timezone the workflow's, in which times are told
	 */
	toJson(parameters: IDataObject, answer: AnswerData, options: IDataObject, timezone: string): IDataObject;
	/** What was done to the unit, for the summary: "created". */
	done: string;
}

/** An operation that makes one request of each item. An item that cannot be used is held back and says why. */
export function perItemOperation({
	done,
	parameters,
	actionFor,
	toJson,
	...told
}: PerItemOperation): Operation<ItemRequest> {
	const options = told.options ?? [];
	const fields = new Map(fieldsByPath(told.properties));
	return {
		...told,
		options,
		refusedAdvice: `Check ${quoted(labelsOf(told.properties))} and run the workflow again`,

		readItem(reader, itemIndex, chosen) {
			const item = new ItemFields(reader, itemIndex, fields);
			const action = actionFor?.(item) ?? told.action;
			return { itemIndex, action, parameters: parameters(item, chosen), findings: item.findings };
		},

		async toCalls(batches): Promise<Calls> {
			const calls: Call[] = [];
			const withheld: Withheld[] = [];
			for await (const requests of batches) {
				for (const request of requests) {
					if (request.findings.length === 0) calls.push(toCall(request, told.action));
					else withheld.push(toWithheld(request));
				}
			}
			return { calls, withheld };
		},

		toJson: (call, { data, RequestId, Attempts, timezone }, chosen) => ({
			...toJson(call.parameters, data, chosen, timezone),
			RequestId,
			Attempts,
		}),

		countPlanned: (calls) => counted(calls.length, told.unit),

		countDone: (calls, total) => `${countedOf(calls.length, total, told.unit)} ${done}`,
	};
}

/** The labels of the fields that a request is made of. */
function labelsOf(properties: readonly INodeProperties[]): string[] {
	return properties
		.filter(({ required, type }) => required === true || type === 'collection')
		.map(({ displayName }) => displayName);
}

/** Every field with those that it holds, by its path. */
function fieldsByPath(properties: readonly INodeProperties[], within = ''): Array<[string, INodeProperties]> {
	return properties.flatMap((field): Array<[string, INodeProperties]> => {
		const path = within + field.name;
		const held = (field.options ?? []).flatMap((option): Array<[string, INodeProperties]> => {
			const inner = `${path}.${option.name}`;
			if ('values' in option) return [[inner, field], ...fieldsByPath(option.values, `${inner}.`)];
			return 'type' in option ? fieldsByPath([option], `${path}.`) : [];
		});
		return [[path, field], ...held];
	});
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

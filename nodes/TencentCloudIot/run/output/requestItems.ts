import type { IDataObject, INodeExecutionData, IPairedItemData } from 'n8n-workflow';

import { rowNumber, type Finding } from '../../input/finding';
import type { Call, Operation, Withheld } from '../../operation';
import { requestIdsOf, type Fate, type Postponed, type Unchanged } from '../../service/fate';
import { describe, type Failure } from '../../service/outcome';
import { firstPage } from '../../service/paging';
import type { Verdict } from '../../sync/verdicts';
import { withheldFor } from '../checks/invalidRows';

/** What one output item is made of. */
export interface Output {
	json: IDataObject;
	itemIndexes: readonly number[];
	/** What the item of one row shows of that row alone, in place of the members of the same names. */
	own?: Call['ownParameters'];
}

/** The data of the output items for a request that was done: one, or one for each record of a list. */
export function successOutputs(
	{ itemIndexes, ownParameters }: Call,
	json: IDataObject | IDataObject[],
	fate: Fate,
): Output[] {
	if (Array.isArray(json)) return json.map((record) => ({ json: record, itemIndexes }));
	const earlier = fate.kind === 'earlierAttempt' && { AlreadyDone: true };
	const { RequestId, ...members } = json;
	const all = { ...members, ...earlier, ...allRequestIds(requestIdsOf(fate)), RequestId };
	return [{ json: all, itemIndexes, own: ownParameters }];
}

/**
 * The data of an error item. Its only key is `error`, with an object as value: the one shape that every version of
 * n8n sends to the error output.
 */
export function failureOutput(
	failure: Failure,
	call: Pick<Call, 'parameters' | 'itemIndexes' | 'ownParameters'>,
	requestIds: readonly string[] = [],
): Output {
	const { code, outcome, advice, planId, requestId, status, details } = failure;
	const RequestId = requestId ?? requestIds.at(-1);
	const error: IDataObject = {
		message: describe(failure),
		code,
		outcome,
		...call.parameters,
		...details,
		...(status !== undefined && { httpStatus: status }),
		rows: call.itemIndexes.map(rowNumber),
		attempts: requestIds.length,
		advice,
		...(planId !== undefined && { planId }),
		...allRequestIds(requestIds),
		...(RequestId !== undefined && { RequestId }),
	};
	return { json: { error }, itemIndexes: call.itemIndexes, own: call.ownParameters };
}

/** The data of an error item for rows that were not sent: it names each row, field and what to do. */
export function withheldOutput(withheld: Withheld): Output {
	const { parameters, itemIndexes, findings, mayBeStored, refusal } = withheld;
	const failureFor = (some: readonly Finding[]): Failure => {
		const failure = withheldFor(some, refusal);
		return mayBeStored ? { ...failure, outcome: 'UNKNOWN' } : failure;
	};
	const output = failureOutput(failureFor(findings), { parameters, itemIndexes });
	(output.json.error as IDataObject).reasons = findings.map(describeReason);
	return { ...output, own: () => ownReasons(withheld, (some) => describe(failureFor(some))) };
}

/** A good row that waits for another of its customer has no reasons of its own, and shows the other's. */
function ownReasons(
	{ itemIndexes, findings }: Withheld,
	describeAll: (some: readonly Finding[]) => string,
): ReadonlyMap<number, IDataObject> {
	const byItem = new Map<number, Finding[]>(itemIndexes.map((itemIndex) => [itemIndex, []]));
	for (const finding of findings) byItem.get(finding.itemIndex)?.push(finding);
	const own = ([itemIndex, its]: [number, Finding[]]): [number, IDataObject] => [
		itemIndex,
		{ ...(its.length > 0 && { message: describeAll(its) }), reasons: its.map(describeReason) },
	];
	return new Map([...byItem].map(own));
}

function describeReason({ itemIndex, field, text }: Finding): IDataObject {
	return { row: rowNumber(itemIndex), field, text };
}

/** The data of an output item that previews a request. */
export function previewOutput(
	{ action, paging }: Pick<Operation<unknown>, 'action' | 'paging'>,
	call: Call,
	verdict?: Verdict,
): Output {
	const parameters = paging === undefined ? call.parameters : firstPage(call.parameters, paging);
	return {
		json: {
			Action: call.action ?? action,
			...(verdict !== undefined && { Verdict: verdict }),
			...(parameters as IDataObject),
		},
		itemIndexes: call.itemIndexes,
		own: call.ownParameters,
	};
}

export function isFailure({ json }: Pick<Output, 'json'>): boolean {
	return 'error' in json;
}

/** The data of a row that was not sent although nothing went wrong. */
export function unsentOutput({ parameters, itemIndexes }: Call, fate: Unchanged | Postponed): Output {
	const [Status, Message] = fate.kind === 'unchanged' ? ['UNCHANGED', ''] : ['POSTPONED', fate.why.reason];
	const { CustomerId } = parameters;
	return { json: { Status, Message, CustomerId }, itemIndexes };
}

/** One item for each output, linked to exactly the rows that went into it. */
export function itemsPerRequest(outputs: readonly Output[]): INodeExecutionData[] {
	return outputs.map(({ json, itemIndexes }) => ({ json, pairedItem: linkTo(itemIndexes) }));
}

export function linkTo(itemIndexes: readonly number[]): IPairedItemData | IPairedItemData[] {
	const [item, ...others] = itemIndexes;
	if (item !== undefined && others.length === 0) return { item };
	return itemIndexes.map((index) => ({ item: index }));
}

function allRequestIds(requestIds: readonly string[]): IDataObject {
	return requestIds.length > 1 ? { RequestIds: [...requestIds] } : {};
}

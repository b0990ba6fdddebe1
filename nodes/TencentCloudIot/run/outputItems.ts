import type { IDataObject, INodeExecutionData, IPairedItemData } from 'n8n-workflow';

import { describeFinding, rowNumber, type Finding } from '../input/finding';
import { counted, quoted } from '../resources/counted';
import type { Call, HeldBack, Operation } from '../operation';
import { describe, notSent, type Failure } from '../service/outcome';
import { firstPage } from '../service/paging';
import type { Verdict } from '../sync/plan';

type Previewed = Pick<Operation<unknown>, 'action' | 'paging'>;

/** What one output item is made of. */
export interface Output {
	json: IDataObject;
	itemIndexes: readonly number[];
	/** What the item of one row says of that row alone, in place of the members of the same names. */
	own?: Call['ownParameters'];
}

/** The data of the output items for a request that was done: one, or one for each record of a list. */
export function successOutputs(
	{ itemIndexes, ownParameters }: Call,
	json: IDataObject | IDataObject[],
	requestIds: readonly string[],
): Output[] {
	if (Array.isArray(json)) return json.map((record) => ({ json: record, itemIndexes }));
	// No request at all: the service accepted it in an earlier try of this run.
	const earlier = requestIds.length === 0 && { AlreadyDone: true };
	const { RequestId, ...told } = json;
	const all = { ...told, ...earlier, ...allRequestIds(requestIds), RequestId };
	return [{ json: all, itemIndexes, own: ownParameters }];
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
		...(status !== undefined && { httpStatus: status }),
		rows: call.itemIndexes.map(rowNumber),
		attempts: requestIds.length,
		advice,
		...allRequestIds(requestIds),
		...(RequestId !== undefined && { RequestId }),
	};
	return { json: { error }, itemIndexes: call.itemIndexes, own: call.ownParameters };
}

/** The data of an error item for rows that were not sent: it names each row, field and what to do. */
export function heldBackOutput({
	parameters,
	itemIndexes,
	findings,
	mayBeStored,
	refusal,
}: HeldBack): Output {
	const tell = (told: readonly Finding[]): Failure => {
		const failure = invalidRows(told, refusal);
		return mayBeStored ? { ...failure, outcome: 'UNKNOWN' } : failure;
	};
	const output = failureOutput(tell(findings), { parameters, itemIndexes });
	(output.json.error as IDataObject).reasons = findings.map(describeReason);
	const own = () => ownReasons(itemIndexes, findings, (told) => describe(tell(told)));
	return { ...output, own };
}

/** Why rows are not sent, as a failure. */
export function invalidRows(findings: readonly Finding[], refusal: HeldBack['refusal']): Failure {
	const [first] = findings;
	const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
	const reason = first === undefined ? '' : `${describeFinding(first)}${more}.`;
	const { code, advice } = refusal ?? { code: 'INVALID_ROWS', advice: adviceOn(findings) };
	return notSent(code, reason, advice);
}

/** What to correct, as an advice. */
export function adviceOn(findings: readonly Finding[]): string {
	const rows = new Set(findings.map(({ itemIndex }) => itemIndex)).size;
	const where = rows > 1 ? ` in ${counted(rows, 'row')}` : '';
	return `Correct ${quoted(findings.map(({ field }) => field))}${where} and run the workflow again`;
}

/** A good row that waits for another of its customer has no reasons of its own, and tells of the other's. */
function ownReasons(
	itemIndexes: readonly number[],
	findings: readonly Finding[],
	describeAll: (told: readonly Finding[]) => string,
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

/** The data of an output item that shows what a request would say. */
export function previewOutput({ action, paging }: Previewed, call: Call, verdict?: Verdict): Output {
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

/** The item of a whole run, linked to all of its rows. */
export function itemOfRun(json: object, rowCount: number): INodeExecutionData {
	return { json: { ...json }, pairedItem: linkTo(Array.from({ length: rowCount }, (_, index) => index)) };
}

/** What a row says of which nothing was sent, and nothing went wrong. */
export function unsentOutput(
	{ parameters, itemIndexes }: Call,
	isUnchanged: boolean,
	paused: Failure | undefined,
): Output {
	const [Status, Message] = isUnchanged ? ['UNCHANGED', ''] : ['POSTPONED', paused?.reason ?? ''];
	const { CustomerId } = parameters;
	return { json: { Status, Message, CustomerId }, itemIndexes };
}

/** One item for each output, linked to exactly the rows that went into it. */
export function itemsPerRequest(outputs: readonly Output[]): INodeExecutionData[] {
	return outputs.map(({ json, itemIndexes }) => ({ json, pairedItem: linkTo(itemIndexes) }));
}

function linkTo(itemIndexes: readonly number[]): IPairedItemData | IPairedItemData[] {
	const [item, ...others] = itemIndexes;
	if (item !== undefined && others.length === 0) return { item };
	return itemIndexes.map((index) => ({ item: index }));
}

function allRequestIds(requestIds: readonly string[]): IDataObject {
	return requestIds.length > 1 ? { RequestIds: [...requestIds] } : {};
}

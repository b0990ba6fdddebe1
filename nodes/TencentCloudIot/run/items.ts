import type { INodeExecutionData, IDataObject } from 'n8n-workflow';

import { inBatches, inGroups } from '../input/batches';
import { decidingRequestIdOf, outcomeOf, requestIdsOf } from '../service/fate';
import {
	describe,
	type DetailedFailure,
	type Failure,
	type Outcome,
	requestFailureOf,
} from '../service/outcome';
import { asStop } from '../sync/stop';
import {
	bringsFullSets,
	type Call,
	type Calls,
	type Operation,
	type Withheld,
} from '../resources/operation/operation';
import { presentMembers } from '../resources/operation/presentMembers';
import { FINDING_TEXT, type Finding } from '../messages/findings';
import { rowNumber } from '../messages/rows';
import {
	type CallResult,
	type EndedRun,
	type PlannedCall,
	type Preview,
	type RunResult,
	failureOfWithheld,
} from './report/result';
import { shownText } from '../host/shown';
import { isFailure, itemsPerRequest, itemsPerRow, type Output } from './outputItems';
import { outputsRunItem, type Run } from './run';
import { systemClock } from '../host/systemClock';
import { type OutcomeRecord, OutcomeRecords } from './report/records';
import type { PreparedGroupMessage } from './groupMessage';
import { dryRun } from './preview';
import type { ReceiptCounts } from './receiptCounts';
import { reportRun } from './report/runReport';
import { writeEnglish } from '../messages/text';

/** The outputs of a run, successes and failures apart, both in the order of the rows. */
type Outputs = Record<'done' | 'failed', Output[]>;

/** The output of a row whose customer is left out, and of a blank row. */
const NO_DEVICES: RowStatus = {
	Status: 'NO_DEVICES',
	Message: 'The row or its customer has no device: left out.',
};

/**
 * What a run keeps for people, besides the sync state: its receipts and its message to the group. From `lastReceiptsOfGone` a report takes the
 * ids of customers that the rows no longer have.
 */
export interface KeptForPeople extends Pick<RunResult, 'lastReceiptsOfGone'> {
	receiptCounts: ReceiptCounts;
	/** The run's message to its group; undefined for any operation but Sync. */
	groupMessage: PreparedGroupMessage | undefined;
}

/** Makes the output items of a run. The option 'One Output Item Per' says whether each is for a request, for a row or for the whole run. */
export class RunItems {
	readonly #run: Run;
	readonly #kept: KeptForPeople | undefined;

	/** @param kept undefined for a Dry Run, unless it is that of a scheduled Sync */
	constructor(run: Run, kept?: KeptForPeople) {
		this.#run = run;
		this.#kept = kept;
	}

	/**
	 * The items of a run that was blocked, perhaps before its options could be read: one for all rows, or one for each row.
	 * @param reportItems the items that report the run, which come first; none if the run outputs no report
	 */
	static async ofBlocked(
		{ execution, input }: Pick<Run, 'execution' | 'input'>,
		items: INodeExecutionData[],
		blocked: Failure,
		reportItems: INodeExecutionData[],
	): Promise<INodeExecutionData[]> {
		const output = failureOutput(blocked, { parameters: {}, itemIndexes: [...items.keys()] });
		const { options } = input.stored;
		if ((options as IDataObject | undefined)?.outputItemPer === 'row') {
			return await itemsPerRow([output], items, execution.hasErrorOutput);
		}
		return [...reportItems, ...itemsPerRequest([output])];
	}

	/** The error item of a local operation for one input item. Its message does not say whether anything was sent: the operation makes no request. */
	static ofLocalFailure(failure: Failure, itemIndex: number): INodeExecutionData {
		const message = shownText(writeEnglish(failure.reason, 'everything'));
		const { json } = failureOutput(failure, { parameters: {}, itemIndexes: [itemIndex] });
		return { json: { error: { ...(json.error as IDataObject), message } }, pairedItem: { item: itemIndex } };
	}

	/** Makes the outputs of a run: of its calls, of withheld rows, and of the rows of customers that are left out. */
	async outputsOf({ calls, withheld, leftOut }: RunResult): Promise<Outputs> {
		const outputs: Outputs = { done: [], failed: [] };
		for await (const batch of inBatches(calls)) {
			for (const callResult of batch) {
				this.#addOutputs(callResult, outputs);
			}
		}
		for await (const batch of inBatches(this.#splitIfItemPerRow(withheld))) {
			for (const withheldRows of batch) {
				outputs.failed.push(withheldOutput(withheldRows, failureOfWithheld(withheldRows)));
			}
		}
		this.#addLeftOut(leftOut, outputs);
		return outputs;
	}

	/** The items of a run, as the user chose: for each request or row, successes first; or the report of the run, and then what failed. */
	async ofResult(ended: EndedRun, outputs: Outputs): Promise<INodeExecutionData[]> {
		const run = this.#run;
		if (run.isReportedInOneItem) {
			// An Audit reports itself: the first output of the Audit is the report.
			return outputsRunItem(run) ? await this.ofReport(ended) : itemsPerRequest(outputs.done.slice(0, 1));
		}
		if (outputsRunItem(run)) {
			return [...(await this.ofReport(ended)), ...itemsPerRequest(outputs.failed)];
		}
		// An operation may find an empty list for an item. That is a success, so the row's output item has only its status.
		return await this.#itemsPerRequestOrRow(outputs, bringsFullSets(run.operation) ? NO_DEVICES : {});
	}

	/**
	 * The items of a whole run: its report, the records of its customers, and, if customers are gone, the ids of all customers in the rows.
	 * All these items are linked to the first row only: links to all rows would take more memory than the items.
	 */
	async ofReport(ended: EndedRun): Promise<INodeExecutionData[]> {
		const run = this.#run;
		const { calls, withheld, leftOut, sync, blocked } = ended;
		const outcomeRecords = await OutcomeRecords.prepare(ended);
		const records = await outcomeRecords.ofRun(ended, systemClock.nowMs());
		const recordTexts: string[] = [];
		for await (const batch of inBatches(inGroups(records))) {
			for (const group of batch) {
				recordTexts.push(JSON.stringify(group.map(showRecord)));
			}
		}
		const reportJson = {
			...reportRun(ended, run.places.report),
			...this.#showKeptForPeople(),
			RecordCount: records.length,
		};
		if (run.isReportedInOneItem) {
			// All records are one text, because expressions of n8n cannot join more than some 20,000 records.
			const Records = `[${recordTexts.map((text) => text.slice(1, -1)).join(',')}]`;
			return [{ json: { ...reportJson, Records }, pairedItem: { item: 0 } }];
		}
		const itemJsons: IDataObject[] = [{ ...reportJson }, ...recordTexts.map((Records) => ({ Records }))];
		if (blocked === undefined && (sync?.gone ?? 0) > 0) {
			const customerIds = [
				...calls.flatMap(({ call }) => call.customer?.id ?? []),
				...withheld.flatMap(({ customerId }) => customerId ?? []),
				...(leftOut?.keys() ?? []),
			];
			itemJsons.push({ CustomerIds: JSON.stringify([...new Set(customerIds)]) });
		}
		return itemJsons.map((json) => ({ json, pairedItem: { item: 0 } }));
	}

	/** The items of a Dry Run, as the user chose: for each request or row; or its counts, and then the withheld rows. */
	async ofPreview(preview: Preview): Promise<INodeExecutionData[]> {
		const run = this.#run;
		const outputs = await this.#previewOutputs(preview);
		if (!outputsRunItem(run)) {
			return await this.#itemsPerRequestOrRow(outputs, NO_DEVICES);
		}
		const json: IDataObject = { ...dryRun.report(preview, run.places.report), ...this.#showKeptForPeople() };
		const reportItem = { json, pairedItem: { item: 0 } };
		return run.isReportedInOneItem ? [reportItem] : [reportItem, ...itemsPerRequest(outputs.failed)];
	}

	async #previewOutputs({ calls, withheld, leftOut }: Preview): Promise<Outputs> {
		const run = this.#run;
		const outputs: Outputs = { done: [], failed: [] };
		for await (const batch of inBatches(calls)) {
			for (const { call, expectedStatus, deviceChanges } of batch) {
				const previewMembers = { ...expectedStatus, ...dryRun.deviceChangeColumns(deviceChanges) };
				outputs.done.push(previewOutput(run.operation, call, previewMembers));
			}
		}
		// Withheld rows that are shown in one table with the requests get the same columns.
		const [first] = outputs.done;
		const isInOneTable = !outputsRunItem(run) && !run.execution.hasErrorOutput;
		for await (const batch of inBatches(this.#splitIfItemPerRow(withheld))) {
			for (const withheldRows of batch) {
				const failure = failureOfWithheld(withheldRows);
				if (isInOneTable) {
					const Message = writeEnglish(failure.reason, 'everything');
					const previewMembers = { Status: 'NOT_SENT', Message } as const;
					outputs.done.push(previewOutput(run.operation, withheldRows, previewMembers, first?.json));
				} else {
					outputs.failed.push(withheldOutput(withheldRows, failure));
				}
			}
		}
		this.#addLeftOut(leftOut, outputs);
		return outputs;
	}

	/** Splits the withheld rows of each customer into single rows if the user wants an item for each row. Else they stay together. */
	#splitIfItemPerRow(withheld: readonly Withheld[]): readonly Withheld[] {
		return this.#run.options.outputItemPer === 'row' ? withheld.flatMap(splitByRow) : withheld;
	}

	/** Adds the rows of customers that are left out, if the output has an item for each row. */
	#addLeftOut(leftOut: Calls['leftOut'], { done }: Outputs): void {
		if (this.#run.options.outputItemPer !== 'row') {
			return;
		}
		for (const itemIndexes of leftOut?.values() ?? []) {
			done.push({ json: NO_DEVICES, itemIndexes });
		}
	}

	/** Adds the outputs of one call. An unchanged or postponed call has an output only if the user wants an item for each row. */
	#addOutputs({ call, fate }: CallResult, { done, failed }: Outputs): void {
		const { execution, operation, options } = this.#run;
		if (fate.kind === 'unchanged' || fate.kind === 'postponed') {
			if (options.outputItemPer === 'row') {
				const Message = fate.kind === 'unchanged' ? '' : writeEnglish(fate.why.reason, 'everything');
				const json = { Status: fate.kind.toUpperCase(), Message, CustomerId: call.customer?.id };
				done.push({ json, itemIndexes: call.itemIndexes });
			}
			return;
		}
		const outcome = outcomeOf(fate)!;
		const requestIds = requestIdsOf(fate);
		if (outcome.outcome !== 'OK') {
			failed.push(failureOutput(outcome, call, requestIds));
			return;
		}
		const RequestId = decidingRequestIdOf(fate) ?? '';
		const { timezone } = execution;
		const response = { data: outcome.data, RequestId, Attempts: requestIds.length, timezone };
		if (operation.toOutputs !== undefined) {
			for (const output of operation.toOutputs(call, response, options)) {
				(isFailure(output) ? failed : done).push(output);
			}
			return;
		}
		const json = operation.toJson(call, response, options);
		const { itemIndexes, parametersByRow: membersByRow } = call;
		if (Array.isArray(json)) {
			for (const element of json) {
				done.push({ json: element, itemIndexes });
			}
			return;
		}
		const alreadyDone = fate.kind === 'earlierAttempt' && { AlreadyDone: true };
		const { RequestId: lastRequestId, ...members } = json;
		const shownJson = { ...members, ...alreadyDone, ...allRequestIds(requestIds), RequestId: lastRequestId };
		done.push({ json: shownJson, itemIndexes, membersByRow });
	}

	/**
	 * The items of a run for each request or row.
	 * @param jsonOfUnlinkedRow the data of an item for a row to which no output is linked; used only if the user wants an item for each row
	 */
	async #itemsPerRequestOrRow(
		{ done, failed }: Outputs,
		jsonOfUnlinkedRow: IDataObject,
	): Promise<INodeExecutionData[]> {
		const { options, items, execution } = this.#run;
		if (options.outputItemPer !== 'row') {
			return itemsPerRequest([...done, ...failed]);
		}
		// A row has an item even if the list that was requested for it came back empty, so that no row is lost from the output.
		const linkedIndexes = new Set([...done, ...failed].flatMap(({ itemIndexes }) => itemIndexes));
		const unlinkedRowIndexes = [...items.keys()].filter((index) => !linkedIndexes.has(index));
		const { hasErrorOutput } = execution;
		const outputOfUnlinkedRows = { json: jsonOfUnlinkedRow, itemIndexes: unlinkedRowIndexes };
		const doneItems = await itemsPerRow([...done, outputOfUnlinkedRows], items, hasErrorOutput);
		return doneItems.concat(await itemsPerRow(failed, items, hasErrorOutput));
	}

	/** What the report of a run shows of the receipts and of the message to the group. */
	#showKeptForPeople(): IDataObject {
		if (this.#kept === undefined) {
			return {};
		}
		const { receiptCounts, groupMessage } = this.#kept;
		const { writtenCount, missing } = receiptCounts;
		const shownMembers: IDataObject = { Receipts: writtenCount, ReceiptsMissing: missing };
		if (groupMessage !== undefined) {
			/** Whether there is news of this run or an earlier one that the node *Confirm News* has not confirmed. */
			shownMembers['News'] = groupMessage.hasNews;
			/** The body to post to the robot; '' without news. */
			shownMembers['Message'] = groupMessage.messageBody;
		}
		return shownMembers;
	}
}

/** What became of a row, as the first two columns of its item. */
type RowStatus = { Status: Outcome['outcome'] | 'NO_DEVICES'; Message: string };

/** The record of a customer, as an item shows it. */
function showRecord({ customerId, atMs, outcome, code, reason, devices, requestId }: OutcomeRecord) {
	return {
		/** The CustomerId as it was sent. */
		CustomerId: customerId,
		Outcome: outcome,
		/** The code of the failure; for a customer that was accepted without its invalid rows, the code of those rows. */
		Code: code ?? null,
		Reason: reason ?? null,
		/** The devices as they were sent; empty if the customer's rows were invalid or name no device. */
		Devices: devices,
		/** The RequestId of the response that decided the outcome, or else of the last request; null if no request was made. */
		RequestId: requestId ?? null,
		/** When the outcome was known, UTC: `2026-11-28T19:25:01.123Z`. */
		At: new Date(atMs).toISOString(),
	};
}

/**
 * The data of an error item. Its only key is `error`, with an object as value: the one shape that every version of
 * n8n sends to the error output.
 */
function failureOutput(
	failure: Failure,
	call: Pick<Call, 'parameters' | 'itemIndexes' | 'parametersByRow'>,
	requestIds: readonly string[] = [],
): Output {
	const { code, outcome, advice, requestId } = failure;
	// n8n shows the members of an error in this order.
	const error = presentMembers<IDataObject>({
		message: shownText(describe(failure, 'everything')),
		code,
		outcome,
		...call.parameters,
		...detailsIn(failure),
		httpStatus: requestFailureOf(failure)?.status,
		rows: call.itemIndexes.map(rowNumber),
		attempts: requestIds.length,
		advice: shownText(writeEnglish(advice, 'everything')),
		planId: asStop(failure)?.planId,
		...allRequestIds(requestIds),
		RequestId: requestId ?? requestIds.at(-1),
	});
	return { json: { error }, itemIndexes: call.itemIndexes, membersByRow: call.parametersByRow };
}

function detailsIn(failure: Failure): object {
	return 'details' in failure ? (failure as DetailedFailure).details : {};
}

/** The data of an error item for rows that were not sent: which rows and fields are wrong and why, and what to do. */
function withheldOutput(withheldRows: Withheld, failure: Failure): Output {
	const withheldIndexes = new Set(withheldRows.itemIndexes);
	const reasons = withheldRows.findings.flatMap((finding) => {
		const { itemIndex, field, value } = finding;
		if (!withheldIndexes.has(itemIndex)) {
			return [];
		}
		const valueMember = value !== undefined && { value: shownText(value) };
		return {
			row: rowNumber(itemIndex),
			field,
			...valueMember,
			text: shownText(writeEnglish(FINDING_TEXT.why(finding), 'everything')),
		};
	});
	const detailedFailure: DetailedFailure = { ...failure, details: { reasons } };
	return failureOutput(detailedFailure, withheldRows);
}

/** Splits withheld rows: each row with findings apart, and the good rows of the customer together, with all findings, which say why. */
function splitByRow(withheld: Withheld): Withheld[] {
	const findingsByItemIndex = new Map(withheld.itemIndexes.map((index): [number, Finding[]] => [index, []]));
	for (const finding of withheld.findings) {
		findingsByItemIndex.get(finding.itemIndex)?.push(finding);
	}
	const itemsWithFindings = [...findingsByItemIndex].filter(([, findings]) => findings.length > 0);
	const itemIndexesWithoutFinding = withheld.itemIndexes.filter(
		(itemIndex) => findingsByItemIndex.get(itemIndex)?.length === 0,
	);
	const rowsWithFindings = itemsWithFindings.map(([itemIndex, findings]) => ({
		...withheld,
		itemIndexes: [itemIndex],
		findings,
	}));
	return itemIndexesWithoutFinding.length > 0
		? [...rowsWithFindings, { ...withheld, itemIndexes: itemIndexesWithoutFinding }]
		: rowsWithFindings;
}

/**
 * The data of an item of a Dry Run, about a request or about rows that cannot be sent. Its members are the names by which a user knows the
 * request or the rows, what would become of them, and the parameters.
 * @param columnsLike an item of the same table. Each member that only `columnsLike` has is added to the new item with an empty value, because
 * n8n's table shows *undefined* for a missing member
 */
function previewOutput(
	operation: Pick<Operation<unknown>, 'action' | 'namedBy'>,
	{
		parameters,
		itemIndexes,
		action,
		parametersByRow,
	}: Pick<Call, 'parameters' | 'itemIndexes'> & Partial<Call>,
	{ Status, Message, ...changes }: PlannedCall['expectedStatus'] & IDataObject,
	columnsLike: IDataObject = {},
): Output {
	const nameMembers = operation.namedBy.map((name) => [name, parameters[name] ?? '']);
	const emptyMembers = Object.entries(columnsLike).map(([name, value]) => [
		name,
		Array.isArray(value) ? [] : '',
	]);
	const members = Object.fromEntries([...nameMembers, ...emptyMembers]) as IDataObject;
	const statusMembers = { Status, Message: shownText(Message), ...changes };
	const json = { ...members, ...statusMembers, ...parameters, Action: action ?? operation.action };
	return { json, itemIndexes, membersByRow: parametersByRow };
}

/** The member with all RequestIds of a call; none if the call took at most one request. */
function allRequestIds(requestIds: readonly string[]): IDataObject {
	return requestIds.length > 1 ? { RequestIds: [...requestIds] } : {};
}

import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { systemClock } from '../host/systemClock';
import { isTool } from '../input/agentInput';
import { timezoneOf } from '../input/dateTime';
import { readFields } from '../input/fields/field';
import { readItems } from '../input/itemReader';
import { describeField, type Finding } from '../messages/findings';
import { TABLES } from '../messages/tables';
import { inClauses, inSentences, writeEnglish } from '../messages/text';
import type { Kept, KeptOperation } from '../resources/operation/keptOperation';
import { type Failure, NotSendable, notSent } from '../service/outcome';
import { StateHashes } from '../sync/state/hashes';
import { type DataTables, TableUnusable } from '../tables/dataTables';
import { connectionOf } from './connection';
import { openDataTables } from './dataTables';
import { failureItem } from './items';
import type { Hint } from './report/summary';

/** The application of the credential in the log, where an App Secret that was changed is the same application. */
export async function logAccountOf(context: IExecuteFunctions): Promise<string> {
	return new StateHashes(await connectionOf(context)).application;
}

/**
 * Runs an operation on what the node keeps, for each item. It makes no request. Never rejects.
 * @returns the items; or what to stop with, at the first item that failed where the node does not continue on failures
 */
export async function runKept(
	context: IExecuteFunctions,
	operation: KeptOperation,
	items: readonly INodeExecutionData[],
): Promise<INodeExecutionData[] | Hint> {
	const outputs: INodeExecutionData[] = [];
	const failed: INodeExecutionData[] = [];
	const stop = (failure: Failure): Hint => {
		const message = writeEnglish(inSentences([failure.reason, failure.advice]), 'everything');
		return { message, reasons: [] };
	};
	try {
		requireAllowed(context, operation);
		for await (const { itemIndex, outcome } of outcomesOf(context, operation, items)) {
			if (Array.isArray(outcome)) {
				outputs.push(...outcome.map((json) => ({ json, pairedItem: { item: itemIndex } })));
				continue;
			}
			if (!context.continueOnFail()) {
				return stop(outcome);
			}
			failed.push(failureItem(outcome, itemIndex));
		}
	} catch (cause) {
		const failure = failureOf(cause);
		return context.continueOnFail() ? items.map((_, index) => failureItem(failure, index)) : stop(failure);
	}
	return [...outputs, ...failed];
}

/** For each item what it gives, or why it gives nothing. */
async function* outcomesOf(
	context: IExecuteFunctions,
	operation: KeptOperation,
	items: readonly INodeExecutionData[],
): AsyncGenerator<{ itemIndex: number; outcome: IDataObject[] | Failure }> {
	const tables = openDataTables(context);
	const inputs = readItems(context, items, undefined, (reader, itemIndex) => {
		const findings: Finding[] = [];
		const values = readFields(operation.fields, reader, { itemIndex, findings });
		// Each field is read when it is asked for.
		for (const name of Object.keys(operation.fields)) {
			void values[name];
		}
		return { values, itemIndex, findings };
	});
	for await (const batch of inputs) {
		for (const { values, itemIndex, findings } of batch) {
			const kept = keptFor(context, tables, items[itemIndex]);
			const run = async () => {
				requireUsable(findings);
				return await operation.run(values, kept);
			};
			yield { itemIndex, outcome: await run().catch(failureOf) };
		}
	}
}

/** @throws NotSendable where a model may not call the operation */
function requireAllowed(context: IExecuteFunctions, { isForModels }: KeptOperation): void {
	if (isTool(context) && !isForModels) {
		throw new NotSendable(notSent('NOT_FOR_MODELS'));
	}
}

function keptFor(context: IExecuteFunctions, tables: DataTables, item: INodeExecutionData | undefined): Kept {
	return {
		tables,
		account: async () => await logAccountOf(context),
		timezone: timezoneOf(context),
		nowMs: systemClock.nowMs(),
		workflowId: context.getWorkflow().id ?? '',
		execution: context.getExecutionId(),
		input: item?.json ?? {},
	};
}

function requireUsable(findings: readonly Finding[]): void {
	if (findings.length === 0) {
		return;
	}
	throw new NotSendable(notSent('INVALID_OPTION', { wrong: inClauses(findings.map(describeField)) }));
}

function failureOf(cause: unknown): Failure {
	if (cause instanceof NotSendable) {
		return cause.failure;
	}
	const failure = notSent('TABLES_NOT_USABLE');
	if (cause instanceof TableUnusable) {
		const { happened, advice } = TABLES[cause.why];
		return { ...failure, reason: happened(), advice: advice() };
	}
	return failure;
}

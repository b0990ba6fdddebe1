import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { systemClock } from '../host/systemClock';
import { readFields } from '../input/fields/field';
import { openReader, readItems } from '../input/itemReader';
import { describeField, type Finding } from '../messages/findings';
import { wordsOfTables } from '../messages/tables';
import { inClauses, inSentences, writeEnglish } from '../messages/text';
import type { Kept, KeptOperation } from '../resources/operation/keptOperation';
import { type Failure, NotSendable, notSent } from '../service/outcome';
import { type DataTables, TableUnusable } from '../tables/dataTables';
import { failureItem } from './items';
import type { Hint } from './report/summary';
import type { Surroundings } from './run';

/**
 * Runs an operation on what the node keeps, for each item. It makes no request. Never rejects.
 * @returns the items; or what to stop with, at the first item that failed where the node does not continue on failures
 */
export async function runKept(
	surroundings: Surroundings,
	operation: KeptOperation,
	items: readonly INodeExecutionData[],
): Promise<INodeExecutionData[] | Hint> {
	const { isTool, continuesOnFail } = surroundings.execution;
	const outputs: INodeExecutionData[] = [];
	const failed: INodeExecutionData[] = [];
	const stop = (failure: Failure): Hint => {
		const message = writeEnglish(inSentences([failure.reason, failure.advice]), 'everything');
		return { message, reasons: [] };
	};
	try {
		requireAllowed(operation, isTool);
		for await (const { itemIndex, outcome } of outcomesOf(surroundings, operation, items)) {
			if (Array.isArray(outcome)) {
				outputs.push(...outcome.map((json) => ({ json, pairedItem: { item: itemIndex } })));
				continue;
			}
			if (!continuesOnFail) {
				return stop(outcome);
			}
			failed.push(failureItem(outcome, itemIndex));
		}
	} catch (cause) {
		const failure = failureOf(cause);
		return continuesOnFail ? items.map((_, index) => failureItem(failure, index)) : stop(failure);
	}
	return [...outputs, ...failed];
}

/** The output of each item, or why there is none. */
async function* outcomesOf(
	surroundings: Surroundings,
	operation: KeptOperation,
	items: readonly INodeExecutionData[],
): AsyncGenerator<{ itemIndex: number; outcome: IDataObject[] | Failure }> {
	const tables = surroundings.ports.openTables();
	const opened = await openReader(surroundings.input, undefined);
	const inputs = readItems(opened, (reader, itemIndex) => {
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
			const kept = keptFor(surroundings, tables, items[itemIndex]);
			const run = async () => {
				requireUsable(findings);
				return await operation.run(values, kept);
			};
			yield { itemIndex, outcome: await run().catch(failureOf) };
		}
	}
}

/** @throws NotSendable where a model may not call the operation */
function requireAllowed({ isForModels }: KeptOperation, isTool: boolean): void {
	if (isTool && !isForModels) {
		throw new NotSendable(notSent('NOT_FOR_MODELS'));
	}
}

function keptFor(
	{ execution, ports }: Surroundings,
	tables: DataTables,
	item: INodeExecutionData | undefined,
): Kept {
	return {
		tables,
		account: async () => await ports.credential.logAccount(),
		timezone: execution.timezone,
		nowMs: systemClock.nowMs(),
		workflowId: execution.workflow.id,
		execution: execution.id,
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
	return cause instanceof TableUnusable ? { ...failure, ...wordsOfTables(cause.why) } : failure;
}

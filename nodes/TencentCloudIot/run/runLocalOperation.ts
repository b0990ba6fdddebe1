import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { systemClock } from '../host/systemClock';
import { readFields } from '../input/fields/field';
import { openReader, readItems } from '../input/itemReader';
import { FINDING_TEXT, type Finding } from '../messages/findings';
import { wordsOfTables } from '../messages/tables';
import { inClauses, inSentences, writeEnglish } from '../messages/text';
import type { LocalEnvironment, LocalOperation } from '../resources/operation/localOperation';
import { type Failure, NotSendable, notSent } from '../service/outcome';
import { type DataTables, TableUnusable } from '../tables/dataTables';
import { RunItems } from './items';
import type { Hint } from './report/summary';
import type { RunEnvironment } from './run';

/**
 * Runs a local operation for each item. Never rejects.
 * @returns the output items; or, if an item fails and the node does not continue on failures, the error that stops the workflow
 */
export async function runLocalOperation(
	environment: RunEnvironment,
	operation: LocalOperation,
	items: readonly INodeExecutionData[],
): Promise<INodeExecutionData[] | Hint> {
	const { isTool, continuesOnFail } = environment.execution;
	const outputItems: INodeExecutionData[] = [];
	const failedItems: INodeExecutionData[] = [];
	const stopMessageFor = (failure: Failure): Hint => {
		const message = writeEnglish(inSentences([failure.reason, failure.advice]), 'everything');
		return { message, reasons: [] };
	};
	try {
		requireAllowedForModel(operation, isTool);
		for await (const { itemIndex, outputOrFailure } of outputsOrFailures(environment, operation, items)) {
			if (Array.isArray(outputOrFailure)) {
				outputItems.push(...outputOrFailure.map((json) => ({ json, pairedItem: { item: itemIndex } })));
				continue;
			}
			if (!continuesOnFail) {
				return stopMessageFor(outputOrFailure);
			}
			failedItems.push(RunItems.ofLocalFailure(outputOrFailure, itemIndex));
		}
	} catch (cause) {
		const failure = failureOfCause(cause);
		return continuesOnFail
			? items.map((_, index) => RunItems.ofLocalFailure(failure, index))
			: stopMessageFor(failure);
	}
	return [...outputItems, ...failedItems];
}

/** Runs the operation for each item, and yields the item's output or why the item failed. */
async function* outputsOrFailures(
	environment: RunEnvironment,
	operation: LocalOperation,
	items: readonly INodeExecutionData[],
): AsyncGenerator<{ itemIndex: number; outputOrFailure: IDataObject[] | Failure }> {
	const tables = environment.ports.openTables();
	const itemReader = await openReader(environment.input, undefined);
	const inputs = readItems(itemReader, (reader, itemIndex) => {
		const findings: Finding[] = [];
		const values = readFields(operation.fields, reader, { itemIndex, findings });
		// Reads all fields now, so that their findings are known before the operation runs: a field is otherwise read when it is first used.
		for (const name of Object.keys(operation.fields)) {
			void values[name];
		}
		return { values, itemIndex, findings };
	});
	for await (const batch of inputs) {
		for (const { values, itemIndex, findings } of batch) {
			const localEnvironment = localEnvironmentFor(environment, tables, items[itemIndex]);
			const validateAndRun = async () => {
				requireValidFields(findings);
				return await operation.run(values, localEnvironment);
			};
			yield { itemIndex, outputOrFailure: await validateAndRun().catch(failureOfCause) };
		}
	}
}

/** @throws NotSendable if an agent's model calls an operation that is not for models */
function requireAllowedForModel({ isForModels }: LocalOperation, isTool: boolean): void {
	if (isTool && !isForModels) {
		throw new NotSendable(notSent('NOT_FOR_MODELS'));
	}
}

function localEnvironmentFor(
	{ execution, ports }: RunEnvironment,
	tables: DataTables,
	item: INodeExecutionData | undefined,
): LocalEnvironment {
	return {
		tables,
		accountHash: async () => await ports.credential.accountHash(),
		timezone: execution.timezone,
		nowMs: systemClock.nowMs(),
		workflowId: execution.workflow.id,
		executionId: execution.id,
		input: item?.json ?? {},
	};
}

function requireValidFields(findings: readonly Finding[]): void {
	if (findings.length === 0) {
		return;
	}
	throw new NotSendable(notSent('INVALID_OPTION', { wrong: inClauses(findings.map(FINDING_TEXT.ofField)) }));
}

function failureOfCause(cause: unknown): Failure {
	if (cause instanceof NotSendable) {
		return cause.failure;
	}
	const failure = notSent('TABLES_NOT_USABLE');
	return cause instanceof TableUnusable ? { ...failure, ...wordsOfTables(cause.why) } : failure;
}

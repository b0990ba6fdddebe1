import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isTool } from '../input/agentInput';
import type { Operation } from '../operation';
import { findOperation } from '../resources';
import { readRunOptions } from '../resources/runOptions';
import { describe, NotSendable, notSent, type Failure } from '../service/outcome';
import { sanitizeServerText } from '../service/serverText';
import { shownError } from '../shown';
import { carryOut, tellNotSent } from './carryOut';
import { failureOutput, itemsPerRequest } from './outputItems';
import { itemsPerRow, rowForm } from './rowItems';
import type { Progress } from './run';
import { RunStopped } from './stopReport';
import { systemClock } from './systemClock';

/**
 * Runs the chosen operation over all input items and returns the output items: successes first, in input order, then
 * failures, so that the engine's Retry On Fail never takes a partly done run for one that failed.
 * Where the node continues on failures nothing is ever thrown: the engine would pass the input on as a success.
 */
export async function runOperation(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const items = context.getInputData();
	if (items.length === 0) return [];
	const stopAtFailure = !context.continueOnFail();
	const progress = { isSending: false };
	const startMs = systemClock.elapsedMs();
	try {
		const parameter = (name: string) => String(context.getNodeParameter(name, 0));
		const operation = findOperation(parameter('resource'), parameter('operation'));
		const options = readRunOptions(
			context.getNodeParameter('options', 0, {}) as IDataObject,
			operation.options,
		);
		const output = await carryOut({ context, operation, items, options, stopAtFailure, progress, startMs });
		return output.length === 0 && isTool(context) ? [nothing(operation)] : output;
	} catch (cause) {
		if (cause instanceof RunStopped) throw shownError(context, cause.message, cause.description);
		const failure = cause instanceof NotSendable ? cause.failure : unexpected(cause, progress);
		if (stopAtFailure) throw shownError(context, `${describe(failure)} ${failure.advice}`);
		tellNotSent(context, failure);
		const output = failureOutput(failure, { parameters: {}, itemIndexes: [...items.keys()] });
		return isPerRow(context) ? itemsPerRow([output], rowForm(context, items)) : itemsPerRequest([output]);
	}
}

/** What a model is told where there are no items: n8n would tell it nothing at all. */
function nothing({ paging }: Operation<unknown>): INodeExecutionData {
	return { json: paging === undefined ? { sent: 0 } : { found: 0 }, pairedItem: { item: 0 } };
}

/** Before the options could be read, as the node stores them. */
function isPerRow(context: IExecuteFunctions): boolean {
	const { options } = context.getNode().parameters;
	return typeof options === 'object' && options !== null && 'outputItemPer' in options
		? options.outputItemPer === 'row'
		: false;
}

/** A cause that no one foresaw: once requests are under way, nothing is known to be stored, nor not to be. */
function unexpected(cause: unknown, { isSending }: Progress): Failure {
	const told = cause instanceof Error ? cause.message : 'no reason was given';
	const advice = `Report this to the node's authors: ${sanitizeServerText(told)}`;
	const failure = notSent('UNEXPECTED', 'The node met something it does not know.', advice);
	return isSending ? { ...failure, outcome: 'UNKNOWN' } : failure;
}

import {
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';

import type { Call, Operation } from '../operation';
import {
	failureOutput,
	heldBackOutput,
	isFailure,
	itemsPerRequest,
	itemsPerRow,
	previewOutput,
	successOutputs,
	type Output,
	type RowForm,
} from './outputItems';
import { findOperation } from '../resources';
import { readRunOptions, type RunOptions } from '../resources/runOptions';
import { sanitizeServerText } from '../service/serverText';
import { describe, NotSendable, notSent, type Failure } from '../service/outcome';
import type { Delivered } from '../service/delivery/sender';
import { planRun } from './plan';
import { sendCalls } from './sendCalls';
import { inStretches } from '../input/stretches';
import { describeStop, summarize, summarizePreview } from './summary';

/** What Stop Workflow tells the user: a message of the node's own words, and the facts. */
class RunStopped extends Error {
	readonly description: string;

	constructor(message: string, description: string) {
		super(message);
		this.description = description;
	}
}

/** What a row of a Dry Run says. */
const DRY_RUN: RowForm['status'] = { Status: 'NOT_SENT', Message: 'Dry run: nothing was sent.' };

interface Run {
	context: IExecuteFunctions;
	operation: Operation<unknown>;
	items: INodeExecutionData[];
	options: RunOptions & IDataObject;
	stopAtFailure: boolean;
	progress: Progress;
}

interface Progress {
	/** Whether requests may be under way, or were in an earlier try: until then nothing was sent, whatever happens. */
	isSending: boolean;
}

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
	try {
		const parameter = (name: string) => String(context.getNodeParameter(name, 0));
		const operation = findOperation(parameter('resource'), parameter('operation'));
		const options = readRunOptions(context.getNodeParameter('options', 0, {}) as IDataObject);
		return await runAll({ context, operation, items, options, stopAtFailure, progress });
	} catch (cause) {
		if (cause instanceof RunStopped) {
			throw new NodeOperationError(context.getNode(), cause.message, { description: cause.description });
		}
		const failure = cause instanceof NotSendable ? cause.failure : unexpected(cause, progress);
		if (stopAtFailure) {
			throw new NodeOperationError(context.getNode(), describe(failure), { description: failure.advice });
		}
		const output = failureOutput(failure, { parameters: {}, itemIndexes: [...items.keys()] });
		return isPerRow(context) ? itemsPerRow([output], rowForm(context, items)) : itemsPerRequest([output]);
	}
}

async function runAll(run: Run): Promise<INodeExecutionData[]> {
	const { context, operation, options, stopAtFailure } = run;
	const plan = await planRun(run);
	const { calls, heldBack, earlier, ledger } = plan;
	run.progress.isSending = ledger?.isNew === false;
	const refused = heldBack.map(heldBackOutput);
	if (stopAtFailure && refused.length > 0 && options.invalidRows !== 'sendValid') {
		const message =
			ledger?.isNew === false
				? 'Some rows cannot be used any more. An earlier try may have stored something; nothing was sent since.'
				: 'Some rows cannot be used. Nothing was sent.';
		throw new RunStopped(message, describeStop({ operation, calls, heldBack, delivered: earlier }));
	}
	if (options.dryRun) {
		const message = summarizePreview({ calls, heldBack });
		context.addExecutionHints({ message, type: 'info', location: 'outputPane' });
		const previews = calls.map((call) => previewOutput(operation, call));
		return toItems(run, previews, refused, DRY_RUN);
	}

	const sent = await sendCalls({ ...run, onStart: () => (run.progress.isSending = true) }, plan);
	const done: Output[] = [];
	const failed: Output[] = [];
	for await (const batch of inStretches([...calls.keys()])) {
		for (const output of batch.flatMap((index) => toOutputs(run, calls[index]!, sent.delivered[index]!))) {
			(isFailure(output) ? failed : done).push(output);
		}
	}
	for (const output of refused) failed.push(output);
	const facts = { operation, calls, heldBack, sent, outputs: done.length };
	if (stopAtFailure && failed.length > 0) {
		throw new RunStopped(`Not every ${operation.unit} is done.`, describeStop({ ...facts, ...sent }));
	}
	context.addExecutionHints({
		message: summarize(facts),
		type: failed.length > 0 ? 'warning' : 'info',
		location: 'outputPane',
	});
	return toItems(run, done, failed);
}

function toOutputs({ operation, options }: Run, call: Call, { outcome, requestIds }: Delivered): Output[] {
	if (outcome.outcome !== 'OK') return [failureOutput(outcome, call, requestIds)];
	const RequestId = outcome.requestId ?? requestIds.at(-1) ?? '';
	const result = { data: outcome.data, RequestId, Attempts: requestIds.length };
	return successOutputs(call, operation.toJson(call, result, options), requestIds);
}

function toItems(
	run: Run,
	done: Output[],
	failed: Output[],
	status?: RowForm['status'],
): INodeExecutionData[] {
	const { options, items, context } = run;
	if (options.outputItemPer !== 'row') return itemsPerRequest([...done, ...failed]);
	// A row whose list had no records stays a row.
	const linked = new Set([...done, ...failed].flatMap(({ itemIndexes }) => itemIndexes));
	const unlinked = [...items.keys()].filter((index) => !linked.has(index));
	const form = { ...rowForm(context, items), status };
	return [...itemsPerRow([...done, { json: {}, itemIndexes: unlinked }], form), ...itemsPerRow(failed, form)];
}

/** Before the options could be read, as the node stores them. */
function isPerRow(context: IExecuteFunctions): boolean {
	const { options } = context.getNode().parameters;
	return typeof options === 'object' && options !== null && 'outputItemPer' in options
		? options.outputItemPer === 'row'
		: false;
}

function rowForm(context: IExecuteFunctions, items: readonly INodeExecutionData[]): RowForm {
	return { items, isErrorSplit: context.getNode().onError === 'continueErrorOutput' };
}

/** A cause that no one foresaw: once requests are under way, nothing is known to be stored, nor not to be. */
function unexpected(cause: unknown, { isSending }: Progress): Failure {
	const told = cause instanceof Error ? cause.message : 'no reason was given';
	const advice = `Report this to the node's authors: ${sanitizeServerText(told)}`;
	const failure = notSent('UNEXPECTED', 'The node met something it does not know.', advice);
	return isSending ? { ...failure, outcome: 'UNKNOWN' } : failure;
}

import {
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';

import { readItems } from '../input/itemReader';
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
} from './outputItems';
import { findOperation } from '../resources';
import { readRunOptions, type RunOptions } from '../resources/runOptions';
import { describe, NotSendable, notSent, type Failure } from '../service/outcome';
import type { Delivered } from '../service/delivery/sender';
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

interface Run {
	context: IExecuteFunctions;
	operation: Operation<unknown>;
	items: INodeExecutionData[];
	options: RunOptions & IDataObject;
	stopAtFailure: boolean;
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
	try {
		const parameter = (name: string) => String(context.getNodeParameter(name, 0));
		const operation = findOperation(parameter('resource'), parameter('operation'));
		const options = readRunOptions(context.getNodeParameter('options', 0, {}) as IDataObject);
		return await runAll({ context, operation, items, options, stopAtFailure });
	} catch (cause) {
		if (cause instanceof RunStopped) {
			throw new NodeOperationError(context.getNode(), cause.message, { description: cause.description });
		}
		const failure = cause instanceof NotSendable ? cause.failure : unexpected(cause);
		if (stopAtFailure) {
			throw new NodeOperationError(context.getNode(), describe(failure), { description: failure.advice });
		}
		return itemsPerRequest([failureOutput(failure, { parameters: {}, itemIndexes: [...items.keys()] })]);
	}
}

async function runAll(run: Run): Promise<INodeExecutionData[]> {
	const { context, operation, items, options, stopAtFailure } = run;
	const { calls, heldBack } = await operation.toCalls(readItems(context, operation, items), options);
	const refused = heldBack.map(heldBackOutput);
	if (stopAtFailure && refused.length > 0 && options.invalidRows !== 'sendValid') {
		throw new RunStopped(
			'Some rows cannot be used. Nothing was sent.',
			describeStop({ operation, calls, heldBack }),
		);
	}
	if (options.dryRun) {
		const message = summarizePreview({ calls, heldBack });
		context.addExecutionHints({ message, type: 'info', location: 'outputPane' });
		const previews = calls.map((call) => previewOutput(operation, call));
		return toItems(run, previews, refused);
	}

	const sent = await sendCalls(context, calls, run);
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
		throw new RunStopped(`Not every ${operation.unit} is done.`, describeStop(facts));
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

function toItems({ options, items }: Run, done: Output[], failed: Output[]): INodeExecutionData[] {
	if (options.outputItemPer === 'row') {
		// A row whose list had no records stays a row.
		const linked = new Set([...done, ...failed].flatMap(({ itemIndexes }) => itemIndexes));
		const unlinked = [...items.keys()].filter((index) => !linked.has(index));
		const rows = itemsPerRow([...done, { json: {}, itemIndexes: unlinked }], items);
		return [...rows, ...itemsPerRow(failed, items)];
	}
	return itemsPerRequest([...done, ...failed]);
}

/** Nothing is known to be stored, and nothing is known not to be: a cause that no one foresaw. */
function unexpected(cause: unknown): Failure {
	const advice = `Report this to the node's authors: ${cause instanceof Error ? cause.message : String(cause)}`;
	return { ...notSent('UNEXPECTED', 'The node met something it does not know.', advice), outcome: 'UNKNOWN' };
}

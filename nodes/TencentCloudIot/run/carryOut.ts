import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { inStretches } from '../input/stretches';
import type { Call, Operation } from '../operation';
import type { RunOptions } from '../resources/runOptions';
import type { Delivered } from '../service/delivery/sender';
import { describe, NotSendable, type Failure } from '../service/outcome';
import type { Health } from '../sync/marks';
import { healthOf } from '../sync/health';
import { reportRun } from '../sync/report';
import type { RunFacts } from '../sync/runFacts';
import { beginRemembered } from './beginRemembered';
import {
	failureOutput,
	heldBackOutput,
	isFailure,
	itemOfRun,
	itemsPerRequest,
	previewOutput,
	successOutputs,
	unsentOutput,
	type Output,
} from './outputItems';
import { planRun, type Plan } from './plan';
import type { RememberedRun } from './rememberedRun';
import { itemsPerRow, rowForm, type RowForm } from './rowItems';
import { describeChanges, factsOf } from './runReport';
import { sendCalls, type Sent } from './sendCalls';
import { reportInvalidRows, reportStop, type StopReport } from './stopReport';
import { summarize, summarizePreview } from './summary';
import { systemClock } from './systemClock';

/** Thrown where Stop Workflow ends the run. */
export class RunStopped extends Error {
	readonly description: string | undefined;

	constructor({ message, description }: StopReport) {
		super(message);
		this.description = description;
	}
}

/** What a row of a Dry Run says. */
const DRY_RUN: RowForm['status'] = { Status: 'NOT_SENT', Message: 'Dry run: nothing was sent.' };

/** One run of the node: its items, and what the user wants to be done with them. */
export interface Run {
	context: IExecuteFunctions;
	operation: Operation<unknown>;
	items: INodeExecutionData[];
	options: RunOptions & IDataObject;
	stopAtFailure: boolean;
	progress: Progress;
}

export interface Progress {
	/** Whether requests may be under way, or were in an earlier try: until then nothing was sent, whatever happens. */
	isSending: boolean;
}

/**
 * Carries a run out, from its items to the items that tell of it.
 * @throws RunStopped when the run is to end at the first failure
 * @throws NotSendable when nothing can be sent
 */
export async function carryOut(run: Run): Promise<INodeExecutionData[]> {
	const { operation, options, stopAtFailure } = run;
	const plan = await planRun(run);
	const { calls, heldBack, earlier, ledger } = plan;
	run.progress.isSending = ledger?.isNew === false;
	if (stopAtFailure && heldBack.length > 0 && options.invalidRows !== 'sendValid') {
		const stored =
			ledger?.isNew === false
				? 'An earlier try may have stored something; nothing was sent since.'
				: 'Nothing was sent.';
		throw new RunStopped(reportInvalidRows({ operation, calls, heldBack, delivered: earlier }, stored));
	}
	if (operation.sendsChanges !== true) return await sendPlan(run, plan, undefined);
	const remembered = await beginRemembered(run, plan);
	const memory: { health: Health } = { health: 'failing' };
	try {
		return await sendPlan(run, plan, remembered, memory);
	} finally {
		await remembered.end(memory.health);
	}
}

/** @param memory gets how the run ended, for an operation that remembers it */
async function sendPlan(
	run: Run,
	plan: Plan,
	remembered: RememberedRun | undefined,
	memory?: { health: Health },
): Promise<INodeExecutionData[]> {
	const { context, operation, options, stopAtFailure, items } = run;
	const { calls, heldBack } = plan;
	const refused = heldBack.map(heldBackOutput);
	const stopped = remembered?.begun.stopped;
	if (options.dryRun) {
		const message = [
			summarizePreview({ calls, heldBack }),
			...(stopped === undefined ? [] : [describe(stopped)]),
		];
		context.addExecutionHints({ message: message.join('; '), type: 'info', location: 'outputPane' });
		const previews = calls.map((call, index) =>
			previewOutput(operation, call, remembered?.begun.verdicts[index]),
		);
		return toItems(run, previews, refused, DRY_RUN);
	}
	const startMs = systemClock.elapsedMs();
	const report = (sent: Sent | undefined): RunFacts => {
		const durationMs = systemClock.elapsedMs() - startMs;
		return factsOf({ operation, calls, heldBack, sent, remembered, rowCount: items.length, durationMs });
	};
	if (stopped !== undefined) {
		if (stopAtFailure || options.outputItemPer !== 'run') throw new NotSendable(stopped);
		tellNotSent(context, stopped);
		const failure = failureOutput(stopped, { parameters: {}, itemIndexes: [...items.keys()] });
		return [itemOfRun(reportRun(report(undefined)), items.length), ...itemsPerRequest([failure])];
	}
	const onStart = () => (run.progress.isSending = true);
	const sent = await sendCalls({ ...run, onStart, remembered }, plan);
	const done: Output[] = [];
	const failed: Output[] = [];
	for await (const batch of inStretches([...calls.keys()])) {
		for (const index of batch) {
			const delivered = sent.delivered[index];
			if (delivered !== undefined) {
				for (const output of toOutputs(run, calls[index]!, delivered)) {
					(isFailure(output) ? failed : done).push(output);
				}
			} else if (options.outputItemPer === 'row') {
				done.push(unsentOutput(calls[index]!, remembered!.begun.verdicts[index]!, remembered!.paused));
			}
		}
	}
	for (const output of refused) failed.push(output);
	const isReported = options.outputItemPer === 'run' && operation.replaces !== undefined;
	const reported = isReported || remembered !== undefined ? report(sent) : undefined;
	if (memory !== undefined) memory.health = healthOf(reported!);
	const changes = remembered && describeChanges(reported!, remembered);
	const facts = { operation, calls, heldBack, sent, outputs: done.length, changes };
	if (stopAtFailure && failed.length > 0) {
		throw new RunStopped(reportStop({ ...facts, ...sent }));
	}
	context.addExecutionHints({
		message: summarize(facts),
		type: failed.length > 0 ? 'warning' : 'info',
		location: 'outputPane',
	});
	if (isReported) {
		return [itemOfRun(reportRun(reported!), items.length), ...itemsPerRequest(failed)];
	}
	return toItems(run, done, failed);
}

/** The banner of a run that sent nothing. */
export function tellNotSent(context: IExecuteFunctions, failure: Failure): void {
	const message = `${describe(failure)} ${failure.advice}`;
	context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
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

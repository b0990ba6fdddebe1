import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { inStretches } from '../input/stretches';
import { describe, NotSendable, refusalOf, type Failure } from '../service/outcome';
import type { Health } from '../sync/stateEntries';
import { showHint } from '../shown';
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
	unsentOutput,
	type Output,
} from './outputItems';
import { planRun, type Plan } from './plan';
import { showPlan, stopsForRows } from './preview';
import type { RememberedRun } from './rememberedRun';
import type { Run } from './run';
import { toItems, toOutputs } from './runItems';
import { countUnchanged, describeChanges, factsOf } from './runReport';
import { sendCalls, type Sent } from './sendCalls';
import { reportInvalidRows, reportStop, RunStopped } from './stopReport';
import { summarize } from './summary';
import { systemClock } from './systemClock';

/**
 * Carries a run out, from its items to the items that tell of it.
 * @throws RunStopped when the run is to end at the first failure
 * @throws NotSendable when nothing can be sent
 */
export async function carryOut(run: Run): Promise<INodeExecutionData[]> {
	const { operation, options } = run;
	const plan = await planRun(run);
	const { calls, heldBack, earlier, ledger, refusal } = plan;
	if (refusal !== undefined && !isFailureReported(run)) throw new NotSendable(refusal);
	run.progress.isSending = ledger?.isNew === false;
	if (stopsForRows(run, plan) && !options.dryRun) {
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
	if (options.dryRun) return showPlan(run, plan, remembered);
	const report = (sent: Sent | undefined, stopped?: Failure): RunFacts => {
		const durationMs = systemClock.elapsedMs() - run.startMs;
		const rowCount = items.length;
		return factsOf({ operation, calls, heldBack, sent, remembered, stopped, rowCount, durationMs });
	};
	const onStart = () => (run.progress.isSending = true);
	const stopped = remembered?.begun.stopped ?? plan.refusal;
	const sent = stopped ?? (await sendCalls({ ...run, onStart, remembered }, plan).catch(refusalOf));
	if ('outcome' in sent) {
		if (!isFailureReported(run)) throw new NotSendable(sent);
		tellNotSent(context, sent);
		const failure = failureOutput(sent, { parameters: {}, itemIndexes: [...items.keys()] });
		return [itemOfRun(reportRun(report(undefined, sent)), items.length), ...itemsPerRequest([failure])];
	}
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
				done.push(unsentOutput(calls[index]!, remembered!.isSkipped(index), remembered!.paused));
			}
		}
	}
	for (const output of refused) failed.push(output);
	const reported = isReported(run) || remembered !== undefined ? report(sent) : undefined;
	if (memory !== undefined) memory.health = healthOf(reported!);
	const changes = remembered && describeChanges(reported!, remembered);
	const facts = { operation, calls, heldBack, sent, outputs: done.length, changes };
	if (stopAtFailure && failed.length > 0) {
		throw new RunStopped(reportStop({ ...facts, ...sent, unchanged: reported && countUnchanged(reported) }));
	}
	showHint(context, summarize(facts), failed.length > 0 ? 'warning' : 'info');
	if (isReported(run)) {
		return [itemOfRun(reportRun(reported!), items.length), ...itemsPerRequest(failed)];
	}
	return toItems(run, done, failed);
}

/** Whether the run gives out one item of all that it did. */
function isReported({ operation, options }: Run): boolean {
	return options.outputItemPer === 'run' && operation.replaces !== undefined;
}

/** Whether it does so also when it can do nothing. */
function isFailureReported(run: Run): boolean {
	return isReported(run) && !run.stopAtFailure && !run.options.dryRun;
}

/** The banner of a run that sent nothing. */
export function tellNotSent(context: IExecuteFunctions, failure: Failure): void {
	showHint(context, `${describe(failure)} ${failure.advice}`, 'warning');
}

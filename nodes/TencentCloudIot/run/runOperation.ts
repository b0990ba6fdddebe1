import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { Execution } from '../host/execution';
import { giveTurnIfDue } from '../input/pausing';
import { NodeInput } from '../input/nodeInput';
import type { LocalOperation } from '../resources/operation/localOperation';
import { isAudit, isSync } from '../resources/operation/operation';
import { findLocalOperation, findOperation } from '../resources';
import { readSyncOptions } from '../resources/deviceBinding/sync.operation';
import { readRunOptions } from '../resources/runOptions';
import { explain, NotSendable, notSent, type Failure } from '../service/outcome';
import { showHint, shownError } from '../host/shown';
import { hostOf } from '../host/requests';
import { systemClock } from '../host/systemClock';
import { sanitizeServerText } from '../service/response/serverText';
import { Credential } from './connection';
import { ProjectTables } from './dataTables';
import { openSyncSession } from './syncSession';
import { type KeptForPeople, RunItems } from './items';
import { RunMemory } from './memory';
import { planRun } from './planRun';
import { RunReceipts } from './receipts';
import { runLocalOperation } from './runLocalOperation';
import { PreparedGroupMessage } from './groupMessage';
import { NO_RECEIPTS } from './receiptCounts';
import { type RunEnvironment, outputsRunItem, type Plan, type Run, type Selection } from './run';
import { hints, type Hint } from './report/summary';
import { dryRun } from './preview';
import { type EndedRun, type Preview, type RunResult, tallyRun } from './report/result';
import { sendRun } from './sendRun';
import { startInTurn } from '../sync/startInTurn';
import { ofRows, type Place, placesOf, withoutFullStop } from '../messages/text';
import { ADVICE, REASONS } from '../messages/reasons';

/** What n8n shows of a run. */
interface ShownRun {
	/** The items that the node outputs; or, for a run that Stop Workflow ends, the message and the reasons of the error. */
	output: INodeExecutionData[] | Hint;
	/** The hint that n8n shows above the output. */
	hint?: { hint: Hint; type: 'info' | 'warning' };
	/** Counts that n8n shows with the execution: in its list of executions, and in OpenTelemetry. */
	counts?: RunCounts | undefined;
}

/** The counts that n8n shows with the execution of a run that changes something at Tencent. */
interface RunCounts {
	/** The counts of this run, for the node's OpenTelemetry span. */
	tracing: Record<string, string | number>;
	/** The totals of all runs of all nodes in the execution, for n8n's list of executions. */
	totals: ReturnType<RunMemory['addTotals']>;
}

/**
 * Runs the chosen operation over all input items and returns the output items: successes first, in input order, then failures. With a
 * failure first, n8n's Retry On Fail would take a partly done run for a failed one.
 * If the node continues on failures, nothing is ever thrown: n8n would pass the input on as a success.
 *
 * Only this module reads n8n's context, at the beginning, and gives the result to n8n, at the end. No step in between knows the context.
 */
export async function runOperation(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const items = context.getInputData();
	if (items.length === 0) {
		return [];
	}
	const { helpers, logger } = context;
	const execution = new Execution(context);
	const input = new NodeInput(context, items, execution);
	const credential = new Credential(context);
	const ports: RunEnvironment['ports'] = {
		credential,
		host: {
			...hostOf(context),
			egressFilter: helpers.getSecureEgressFilter?.(),
		},
		openTables: () => new ProjectTables(context),
		deduplication: helpers,
		log: logger,
	};
	const openMemory = () => new RunMemory(context, { execution, credential }, items);
	const shownRun = await runSafely({ execution, input, ports }, items, openMemory);
	return handToN8n(context, shownRun);
}

/** Runs the operation. Never rejects: an error becomes the output of a blocked run. */
async function runSafely(
	environment: RunEnvironment,
	items: INodeExecutionData[],
	openMemory: () => RunMemory,
): Promise<ShownRun> {
	const sendingProgress = { isSending: false };
	try {
		const localOperation = findChosenLocalOperation(environment);
		if (localOperation !== undefined) {
			return { output: await runLocalOperation(environment, localOperation, items) };
		}
		return await runSteps(readRun(environment, items, { sendingProgress, memory: openMemory() }));
	} catch (cause) {
		const blocked = cause instanceof NotSendable ? cause.failure : unexpectedFailure(cause, sendingProgress);
		return await blockedOutput(environment, items, blocked);
	}
}

/**
 * Hands the result of a run to n8n.
 * @returns the output items
 * @throws an error with the name and members of n8n's NodeOperationError if Stop Workflow ends the run
 */
function handToN8n(context: IExecuteFunctions, { output, hint, counts }: ShownRun): INodeExecutionData[] {
	if (counts !== undefined) {
		attachCounts(context, counts);
	}
	if (hint !== undefined) {
		showHint(context, hint.hint, hint.type);
	}
	if (Array.isArray(output)) {
		return output;
	}
	const { message, reasons } = output;
	const error = shownError(
		context,
		message,
		reasons.length > 0 ? `What failed: ${reasons.join('; ')}` : undefined,
	);
	// Not an instance of n8n's own error classes: n8n logs the message of these, which names customers, but only the name of other errors.
	throw Object.assign(new Error(error.message), error, { name: error.name });
}

/**
 * Attaches the counts of a run to its execution, if this n8n can: n8n's list of executions shows and filters by `tencentIotHealth`,
 * `tencentIotSent` and `tencentIotFailed`, and the node's OpenTelemetry span has the run's counts.
 */
function attachCounts(context: IExecuteFunctions, { tracing, totals }: RunCounts): void {
	// n8n 1 lacks both functions.
	const newerFunctions: Partial<Pick<IExecuteFunctions, 'customData' | 'setMetadata'>> = context;
	newerFunctions.setMetadata?.({ tracing });
	newerFunctions.customData?.setAll({
		tencentIotHealth: totals.health,
		tencentIotSent: String(totals.sent),
		tencentIotFailed: String(totals.failed),
	});
}

/**
 * The chosen operation if it is a local one, which makes no request; undefined for any other.
 * @throws NotSendable if the node is a tool and takes its operation from an expression, which an agent's model could fill
 */
function findChosenLocalOperation({ execution, input }: RunEnvironment): LocalOperation | undefined {
	const { resource, operation } = input.stored;
	if (execution.isTool && [resource, operation].some((name) => String(name).startsWith('='))) {
		const reason = REASONS.operationFromExpression();
		throw new NotSendable(notSent('NO_SUCH_OPERATION', { reason, advice: ADVICE.chooseBoth() }));
	}
	return findLocalOperation(
		String(input.parameterOfRun('resource')),
		String(input.parameterOfRun('operation')),
	);
}

/**
 * Reads the operation and its options into a run.
 * @throws NotSendable when there is no such operation
 */
function readRun(
	environment: RunEnvironment,
	items: INodeExecutionData[],
	{ sendingProgress, memory }: Pick<Run, 'sendingProgress' | 'memory'>,
): Run {
	const startMs = systemClock.elapsedMs();
	const { input } = environment;
	const { continuesOnFail } = environment.execution;
	const operation = findOperation(
		String(input.parameterOfRun('resource')),
		String(input.parameterOfRun('operation')),
	);
	const runOptions = readRunOptions(operation, (group) => input.parameterOfRun(group, {}));
	const needsAllCustomers = isSync(operation) || isAudit(operation);
	const isReportedInOneItem =
		needsAllCustomers && runOptions.options.outputItemPer === 'run' && !continuesOnFail;
	const stopAtFailure = !continuesOnFail && !isReportedInOneItem;
	return {
		...environment,
		operation,
		items,
		...runOptions,
		places: placesOf(runOptions.options.nameCustomers),
		stopAtFailure,
		isReportedInOneItem,
		sendingProgress,
		memory,
		startMs,
	};
}

/** From the items to the items that show what became of them: plan, select, send, show. */
async function runSteps(run: Run): Promise<ShownRun> {
	const { plan, selection } = await planAndSelect(run);
	return run.options.dryRun
		? await previewAndShow(run, plan, selection)
		: await sendAndShow(run, plan, selection);
}

/** Plans and selects. Syncs of one process do so one after the other, because a Sync holds most of its memory while it does. */
async function planAndSelect(run: Run): Promise<{ plan: Plan; selection: Selection }> {
	const letNextStart = isSync(run.operation) ? await startInTurn(startingRun(run)) : () => undefined;
	try {
		const plan = await planRun(run);
		const { blocked, calls } = plan;
		// A Dry Run also shows a blocked plan, unless the plan has no calls to show.
		const isNothingToShow = run.options.dryRun && calls.length === 0;
		if (isNothingToShow && blocked !== undefined) {
			throw new NotSendable(blocked);
		}
		run.sendingProgress.isSending = plan.ledger?.isFirstAttempt === false;
		return { plan, selection: await selectCalls(run, plan, letNextStart) };
	} finally {
		letNextStart();
	}
}

/** The run as `startInTurn` needs it: its clock, the signal of a cancel, and what it logs when it has to wait. */
function startingRun({ execution, ports }: Run) {
	const { node, workflow, signal } = execution;
	const logPrefix = `Sync in node '${node.name}' of workflow ${workflow.id}`;
	const onWait = () =>
		ports.log.info(`${logPrefix}: waiting until the Syncs before it have read their rows.`);
	return { clock: systemClock, signal, onWait };
}

/** The last steps of a Dry Run: nothing is sent, and the plan is shown. */
async function previewAndShow(run: Run, plan: Plan, selection: Selection): Promise<ShownRun> {
	let preview: Preview | undefined;
	let kept: KeptForPeople | undefined;
	try {
		preview = dryRun.preview(run, plan, selection);
		// A scheduled Dry Run is reported as a run that sent nothing. Somebody who runs the workflow by hand sees that it is a Dry Run.
		if (selection.facts?.isManual === false) {
			const ended = tallyRun(dryRun.asUnsentRun(preview));
			const groupMessage = new PreparedGroupMessage(run, ended, NO_RECEIPTS);
			kept = { receiptCounts: NO_RECEIPTS, groupMessage };
		}
	} finally {
		run.memory.keepForLaterRuns();
		await selection.finish?.(preview && dryRun.asUnsentRun(preview), kept?.groupMessage?.changeLastCell);
	}
	// Read again after `finish`: the facts now also show whether the report was kept.
	return await showPreview(run, { ...preview, sync: selection.facts }, kept);
}

/** The last steps of a run that sends. */
async function sendAndShow(run: Run, plan: Plan, selection: Selection): Promise<ShownRun> {
	let result: RunResult | undefined;
	let kept: KeptForPeople | undefined;
	try {
		const receipts = await RunReceipts.open(run, plan, selection);
		result = await sendRun(run, plan, selection, (index, callResult) =>
			receipts?.addResult(index, callResult),
		);
		await giveTurnIfDue();
		kept = await keepForPeople(run, result, { selection, receipts });
	} finally {
		if (result?.blocked === undefined) {
			run.memory.keepForLaterRuns();
		}
		await selection.finish?.(result, kept?.groupMessage?.changeLastCell);
	}
	// Read again after `finish`: the facts now also show whether the sync state was kept.
	const { facts } = selection;
	const endResult = { ...result, sync: facts, lastReceiptsOfGone: kept.lastReceiptsOfGone };
	await giveTurnIfDue();
	const ended = tallyRun(endResult);
	if (facts?.notKept !== undefined) {
		kept.groupMessage?.prepareAgain(ended);
	}
	return await showRun(run, ended, kept);
}

/** Writes the last receipts of a run and prepares its message, both before the state is closed, so that a kill loses neither. */
async function keepForPeople(
	run: Run,
	result: RunResult,
	{ selection, receipts }: { selection: Selection; receipts: RunReceipts | undefined },
): Promise<KeptForPeople> {
	const isOfSync = selection.facts !== undefined;
	if (receipts === undefined && !isOfSync) {
		return { receiptCounts: NO_RECEIPTS, groupMessage: undefined };
	}
	const talliedRun = tallyRun({ ...result, sync: selection.facts });
	await giveTurnIfDue();
	const lastReceiptsOfGone = isOfSync ? await receipts?.findLastReceiptsOfGone(talliedRun) : undefined;
	const ended = { ...talliedRun, lastReceiptsOfGone };
	const receiptCounts = (await receipts?.writeRemaining(ended)) ?? RunReceipts.countUnwritten(ended);
	const groupMessage = isOfSync ? new PreparedGroupMessage(run, ended, receiptCounts) : undefined;
	return { receiptCounts, groupMessage, lastReceiptsOfGone };
}

/**
 * Selects the calls to send: for a Sync by its state, else all of them.
 * @param letNextStart called before the run waits for another run to end, so that other Syncs may start meanwhile
 */
async function selectCalls(run: Run, plan: Plan, letNextStart: () => void): Promise<Selection> {
	if (isSync(run.operation)) {
		const syncOptions = readSyncOptions(run.options);
		return await openSyncSession(
			run,
			plan,
			{ ...syncOptions, writesReceipts: RunReceipts.areWritten(run) },
			letNextStart,
		);
	}
	return { sendOrder: [...plan.calls.keys()], blocked: plan.blocked };
}

/** Makes what n8n shows of a run that has ended: the output, the hint and the counts. */
async function showRun(run: Run, ended: EndedRun, kept: KeptForPeople): Promise<ShownRun> {
	const { items, stopAtFailure } = run;
	const { blocked } = ended;
	const counts = countsOf(run, ended);
	const runItems = new RunItems(run, kept);
	if (blocked?.scope === 'run' && ended.calls.every(({ fate }) => fate.kind === 'notTried')) {
		const reportItems = outputsRunItem(run) ? await runItems.ofReport(ended) : [];
		if (run.isReportedInOneItem && reportItems.length > 0) {
			const hint = blockedMessage(blocked, run.places.hint);
			return { output: reportItems, hint: { hint, type: 'warning' }, counts };
		}
		return { ...(await blockedOutput(run, items, blocked, reportItems)), counts };
	}
	const outputs = await runItems.outputsOf(ended);
	const [firstFailed] = outputs.failed;
	if (stopAtFailure && firstFailed !== undefined) {
		return { output: hints.ofStop(ended, run.places.report, firstFailed), counts };
	}
	const isWarning = firstFailed !== undefined || ended.withheld.length > 0;
	const hint = hints.ofRun(ended, run.places.hint, outputs.done.length);
	const output = withItemForTool(run, await runItems.ofResult(ended, outputs));
	return { output, hint: { hint, type: isWarning ? 'warning' : 'info' }, counts };
}

/** Makes what n8n shows of a Dry Run: the output items and the hint. */
async function showPreview(run: Run, preview: Preview, kept: KeptForPeople | undefined): Promise<ShownRun> {
	const { blocked, withheld, sync } = preview;
	const isWarning = blocked !== undefined || withheld.length > 0 || sync?.stateCondition === 'interrupted';
	const hint = hints.ofDryRun(preview, run.places.hint);
	const output = withItemForTool(run, await new RunItems(run, kept).ofPreview(preview));
	return { output, hint: { hint, type: isWarning ? 'warning' : 'info' } };
}

/** Adds an item that says "nothing" to the empty output of a tool: the model of an agent would get no answer at all. */
function withItemForTool({ execution, operation }: Run, items: INodeExecutionData[]): INodeExecutionData[] {
	const nothingItem = {
		json: operation.paging === undefined ? { sent: 0 } : { found: 0 },
		pairedItem: { item: 0 },
	};
	return items.length === 0 && execution.isTool ? [nothingItem] : items;
}

/** The counts of a run for its execution; undefined for a run that only reads, or that an agent itself calls without an execution. */
function countsOf({ operation, memory }: Run, { tally }: EndedRun): RunCounts | undefined {
	if (operation.effect === 'read' || memory.isToolCall) {
		return undefined;
	}
	const { units, health, requests, retries } = tally;
	const { Pushed, Due, Unchanged: unchanged, Postponed: postponed } = tally.counts;
	// A scheduled re-push (`Due`) was sent and accepted like any other.
	const sent = Pushed + Due;
	const failed = units - sent - unchanged - postponed;
	return {
		tracing: { health, sent, failed, unchanged, postponed, requests, retries },
		// n8n keeps one value of each count for the whole execution. So that value is the total of all nodes and all rounds of a loop.
		totals: memory.addTotals({ health, sent, failed }),
	};
}

/** The option 'Name Customers' as the node stores it: a run may be blocked before its options could be read. */
function mayNameCustomers(input: NodeInput): boolean {
	const { options } = input.stored;
	return (options as IDataObject | undefined)?.['nameCustomers'] !== false;
}

/**
 * What n8n shows of a run that failed as a whole for one reason: an error that stops the node or, if On Error lets the node continue, error
 * items and a hint.
 */
async function blockedOutput(
	environment: RunEnvironment,
	items: INodeExecutionData[],
	blocked: Failure,
	reportItems: INodeExecutionData[] = [],
): Promise<ShownRun> {
	const places = placesOf(mayNameCustomers(environment.input));
	if (!environment.execution.continuesOnFail) {
		return { output: blockedMessage(blocked, places.report) };
	}
	const hint = blockedMessage(blocked, places.hint);
	const output = await RunItems.ofBlocked(environment, items, blocked, reportItems);
	return { output, hint: { hint, type: 'warning' } };
}

/** The message of a run that was blocked for one reason. */
function blockedMessage(blocked: Failure, place: Place): Hint {
	return { message: explain(blocked, place), reasons: [] };
}

/** The failure for an unexpected error. Once requests may be in flight, Tencent may or may not have applied them. */
function unexpectedFailure(cause: unknown, { isSending }: Run['sendingProgress']): Failure {
	const causeText = cause instanceof Error ? cause.message : 'no reason was given';
	const failure = notSent('UNEXPECTED', { text: ofRows(withoutFullStop(sanitizeServerText(causeText))) });
	return isSending ? { ...failure, outcome: 'UNKNOWN' } : failure;
}

import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isTool } from '../input/agentInput';
import type { KeptOperation } from '../resources/operation/keptOperation';
import { findKeptOperation, findOperation } from '../resources';
import { readSyncOptions } from '../resources/deviceBinding/sync.operation';
import { readRunOptions } from '../resources/runOptions';
import { NotSendable, notSent, type Failure } from '../service/outcome';
import { showHint, shownError } from '../host/shown';
import { timezoneOf } from '../input/dateTime';
import { systemClock } from '../host/systemClock';
import { sanitizeServerText } from '../service/response/serverText';
import { openSyncSession } from './syncSession';
import { blockedItems, outputsOf, previewItems, previewOutputs, resultItems, runItems } from './items';
import { RunMemory } from './memory';
import { planRun } from './planRun';
import { keepsReceipts, NO_RECEIPTS, RunReceipts } from './receipts';
import { runKept } from './runKept';
import { prepareTelling } from './tell';
import type { KeptForPeople } from './kept';
import { outputsRunItem, type Plan, type Run, type Selection, hintPlaceOf } from './run';
import { blockedMessage, executionHint, type Hint, previewHint, stopMessage } from './report/summary';
import { previewRun } from './preview';
import type { Preview } from './report/preview';
import { unsentRun } from './report/previewReport';
import { type EndedRun, type RunResult, tallied } from './report/result';
import { sendRun } from './sendRun';
import { ofRows, placeOfHint, placeOfReport } from '../messages/text';
import { ADVICE, REASONS } from '../messages/failures';

/** Items, or the message of a run that Stop Workflow ends. */
type ItemsOrStop = INodeExecutionData[] | Hint;

/**
 * Runs the chosen operation over all input items and returns the output items: successes first, in input order, then
 * failures, so that the engine's Retry On Fail never takes a partly done run for one that failed.
 * Where the node continues on failures nothing is ever thrown: the engine would pass the input on as a success.
 */
export async function runOperation(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const items = context.getInputData();
	if (items.length === 0) {
		return [];
	}
	const progress = { isSending: false };
	let output: ItemsOrStop;
	try {
		const kept = keptOperationOf(context);
		output =
			kept === undefined
				? await perform(readRun(context, items, progress))
				: await runKept(context, kept, items);
	} catch (cause) {
		const blocked = cause instanceof NotSendable ? cause.failure : unexpected(cause, progress);
		output = await blockedOutput(context, items, blocked);
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
	// Not of n8n's own classes: of those n8n logs the message, which names customers, of others the name alone.
	throw Object.assign(new Error(error.message), error, { name: error.name });
}

/**
 * The operation, where it makes no request.
 * @throws NotSendable where a tool has it from an expression, which an agent's model could fill
 */
function keptOperationOf(context: IExecuteFunctions): KeptOperation | undefined {
	const { resource, operation } = context.getNode().parameters;
	if (isTool(context) && [resource, operation].some((name) => String(name).startsWith('='))) {
		const reason = REASONS.fromExpression();
		throw new NotSendable(notSent('NO_SUCH_OPERATION', { reason, advice: ADVICE.chooseBoth() }));
	}
	const parameter = (name: string) => String(context.getNodeParameter(name, 0));
	return findKeptOperation(parameter('resource'), parameter('operation'));
}

/**
 * What the node is to do.
 * @throws NotSendable when there is no such operation
 */
function readRun(context: IExecuteFunctions, items: INodeExecutionData[], progress: Run['progress']): Run {
	const begun = { startMs: systemClock.elapsedMs(), memory: new RunMemory(context, items) };
	const parameter = (name: string) => String(context.getNodeParameter(name, 0));
	const operation = findOperation(parameter('resource'), parameter('operation'));
	const read = readRunOptions(operation, (group) => context.getNodeParameter(group, 0, {}));
	const { purpose } = operation.customers ?? {};
	const isOfAll = purpose === 'sync' || purpose === 'audit';
	const isToldInOneItem = isOfAll && read.options.outputItemPer === 'run' && !context.continueOnFail();
	const stopAtFailure = !context.continueOnFail() && !isToldInOneItem;
	return { context, operation, items, ...read, stopAtFailure, isToldInOneItem, progress, ...begun };
}

/** From the items to the items that show what became of them: plan, select, send, show. */
async function perform(run: Run): Promise<ItemsOrStop> {
	const plan = await planRun(run);
	// What could be planned is shown although it may not be sent.
	if (run.options.dryRun && plan.blocked !== undefined && plan.calls.length === 0) {
		throw new NotSendable(plan.blocked);
	}
	run.progress.isSending = plan.ledger?.isFirstAttempt === false;
	const selection = await select(run, plan);
	return run.options.dryRun ? await preview(run, plan, selection) : await sendAndShow(run, plan, selection);
}

/** A Dry Run: from a plan to the items that show it. */
async function preview(run: Run, plan: Plan, selection: Selection): Promise<INodeExecutionData[]> {
	let planned: Preview | undefined;
	try {
		planned = previewRun(run, plan, selection);
	} finally {
		run.memory.keep();
		await selection.finish?.(planned && unsentRun(planned));
	}
	// Whether the sync state could be read shows at the end.
	return await showPreview(run, { ...planned, sync: selection.facts });
}

async function sendAndShow(run: Run, plan: Plan, selection: Selection): Promise<ItemsOrStop> {
	let result: RunResult | undefined;
	let kept: KeptForPeople | undefined;
	try {
		const receipts = await RunReceipts.open(run, plan, selection);
		result = await sendRun(run, plan, selection, (index, settled) => receipts?.settle(index, settled));
		kept = await keepForPeople(run, result, { selection, receipts });
	} finally {
		if (result?.blocked === undefined) {
			run.memory.keep();
		}
		await selection.finish?.(result, kept?.telling?.change);
	}
	// Whether the sync state could be kept shows at the end.
	const shown = { ...result, sync: selection.facts, gone: kept.gone };
	return await show({ ...run, kept }, tallied(shown, run.operation));
}

/** Writes the last receipts of a run, and prepares what it tells: both before the state is closed, so that a kill loses neither. */
async function keepForPeople(
	run: Run,
	result: RunResult,
	{ selection, receipts }: { selection: Selection; receipts: RunReceipts | undefined },
): Promise<KeptForPeople> {
	const isSync = selection.facts !== undefined;
	if (receipts === undefined && !isSync) {
		return { receipts: NO_RECEIPTS, telling: undefined };
	}
	const counted = tallied({ ...result, sync: selection.facts }, run.operation);
	const gone = isSync ? await receipts?.findGone(counted) : undefined;
	const ended = { ...counted, gone };
	const keptReceipts = (await receipts?.end(ended)) ?? NO_RECEIPTS;
	const telling = isSync ? prepareTelling(run, ended, { selection, receipts: keptReceipts }) : undefined;
	return { receipts: keptReceipts, telling, gone };
}

async function select(run: Run, plan: Plan): Promise<Selection> {
	if (run.operation.customers?.purpose === 'sync') {
		const chosen = readSyncOptions(run.options);
		return await openSyncSession(run, plan, { ...chosen, writesReceipts: keepsReceipts(run) });
	}
	return { order: [...plan.calls.keys()], blocked: plan.blocked };
}

async function show(run: Run, result: EndedRun): Promise<ItemsOrStop> {
	const { context, operation, items, stopAtFailure } = run;
	const { blocked } = result;
	showBesideExecution(run, result);
	if (blocked?.scope === 'run' && result.calls.every(({ fate }) => fate.kind === 'notTried')) {
		const report = outputsRunItem(run) ? await runItems(run, result) : [];
		if (run.isToldInOneItem && report.length > 0) {
			showHint(context, blockedMessage(blocked, hintPlaceOf(run)), 'warning');
			return report;
		}
		return await blockedOutput(context, items, blocked, report);
	}
	const outputs = await outputsOf(run, result);
	const [failed] = outputs.failed;
	if (stopAtFailure && failed !== undefined) {
		return stopMessage(operation, result, {
			output: failed,
			place: placeOfReport(run.options.nameCustomers),
			timezone: timezoneOf(context),
		});
	}
	const isWarning = failed !== undefined || result.withheld.length > 0;
	const style = { place: hintPlaceOf(run), timezone: timezoneOf(context), outputs: outputs.done.length };
	const hint = executionHint(operation, result, style);
	showHint(context, hint, isWarning ? 'warning' : 'info');
	return withNothing(run, await resultItems(run, result, outputs));
}

async function showPreview(run: Run, preview: Preview): Promise<INodeExecutionData[]> {
	const { context, operation } = run;
	const outputs = await previewOutputs(run, preview);
	const { blocked, withheld, sync } = preview;
	const isWarning = blocked !== undefined || withheld.length > 0 || sync?.state === 'interrupted';
	showHint(context, previewHint(operation, preview, hintPlaceOf(run)), isWarning ? 'warning' : 'info');
	return withNothing(run, await previewItems(run, preview, outputs));
}

/** The items; for a tool where there is none, one that says so: a model would get nothing at all. */
function withNothing({ context, operation }: Run, shown: INodeExecutionData[]): INodeExecutionData[] {
	const none = { json: operation.paging === undefined ? { sent: 0 } : { found: 0 }, pairedItem: { item: 0 } };
	return shown.length === 0 && isTool(context) ? [none] : shown;
}

/**
 * Shows a run that changes something at Tencent beside its execution, where n8n offers that: its list of executions shows
 * and filters by `tencentIotHealth`, `tencentIotSent` and `tencentIotFailed`; the node's OpenTelemetry span has the run's counts.
 */
function showBesideExecution({ context, operation, memory }: Run, { tally }: EndedRun): void {
	if (operation.effect === 'read' || memory.isToolCall) {
		return;
	}
	const { units, health, requests, retries } = tally;
	const { Pushed, Due, Unchanged: unchanged, Postponed: postponed } = tally.counts;
	const sent = Pushed + Due;
	const failed = units - sent - unchanged - postponed;
	// n8n 1 offers nodes no custom data.
	const offered: Partial<Pick<IExecuteFunctions, 'customData' | 'setMetadata'>> = context;
	offered.setMetadata?.({
		tracing: { health, sent, failed, unchanged, postponed, requests, retries },
	});
	if (offered.customData === undefined) {
		return;
	}
	// All nodes and all rounds of a loop share the keys of their execution.
	const totals = memory.addTotals({ health, sent, failed });
	offered.customData.setAll({
		tencentIotHealth: totals.health,
		tencentIotSent: String(totals.sent),
		tencentIotFailed: String(totals.failed),
	});
}

/** The option 'Name Customers' as the node stores it: a run may be blocked before its options could be read. */
function isNamingCustomers(context: IExecuteFunctions): boolean {
	const { options } = context.getNode().parameters;
	return (options as IDataObject | undefined)?.['nameCustomers'] !== false;
}

/** The output of a blocked run. */
async function blockedOutput(
	context: IExecuteFunctions,
	items: INodeExecutionData[],
	blocked: Failure,
	report: INodeExecutionData[] = [],
): Promise<ItemsOrStop> {
	const namesCustomers = isNamingCustomers(context);
	if (!context.continueOnFail()) {
		return blockedMessage(blocked, placeOfReport(namesCustomers));
	}
	showHint(context, blockedMessage(blocked, placeOfHint(namesCustomers)), 'warning');
	return await blockedItems(context, items, blocked, report);
}

/** A cause that no one foresaw: once requests are in flight, nothing is known to be stored, nor not to be. */
function unexpected(cause: unknown, { isSending }: Run['progress']): Failure {
	const text = cause instanceof Error ? cause.message : 'no reason was given';
	const failure = notSent('UNEXPECTED', { text: ofRows(sanitizeServerText(text)) });
	return isSending ? { ...failure, outcome: 'UNKNOWN' } : failure;
}

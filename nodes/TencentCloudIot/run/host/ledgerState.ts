import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isToolCall } from '../../input/agentInput';
import type { LedgerEntries, LedgerState } from '../attempts/ledger';
import { executionState } from './executionState';

/** The attempts of one tool call have nothing in common but the arguments that the model gave for it. */
const toolCalls = new WeakMap<object, LedgerEntries>();

/** Where the ledger of a run is kept, and whether an earlier attempt has begun it. */
export function ledgerState(context: IExecuteFunctions, items: readonly INodeExecutionData[]): LedgerState {
	return isToolCall(context) ? ofToolCall(items) : ofRun(context);
}

/** That of the engine's run of the node. In a loop each round is a run of its own, and sends what it is given. */
function ofRun(context: IExecuteFunctions): LedgerState {
	const state = executionState(context) as { ledger?: LedgerEntries & { run: unknown } };
	const { $runIndex: run } = context.getWorkflowDataProxy(0);
	const isFirstAttempt = state.ledger?.run !== run;
	if (isFirstAttempt) state.ledger = { run, settled: {}, unclear: {} };
	return { entries: state.ledger!, isFirstAttempt };
}

function ofToolCall([item]: readonly INodeExecutionData[]): LedgerState {
	const known = toolCalls.get(item!.json);
	const entries = known ?? { settled: {}, unclear: {} };
	toolCalls.set(item!.json, entries);
	return { entries, isFirstAttempt: known === undefined };
}

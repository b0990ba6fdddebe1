import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { isToolCall } from '../input/agentInput';

/**
 * What this node keeps of one execution, as plain JSON that is changed in place: numbers and digests, since n8n's redaction
 * leaves them. It stands in the execution's own data, which lasts through n8n's Retry On Fail, through loops and waits. n8n's
 * own Retry of a failed execution takes that data along, but is another execution, of which nothing is known: the service may
 * hold something else by then. Where an agent itself calls its tool nothing is kept.
 */
export function executionState(context: IExecuteFunctions): IDataObject {
	if (isToolCall(context)) return {};
	const state = context.getContext('node');
	const execution = context.getExecutionId();
	if (state.execution !== execution) {
		for (const name of Object.keys(state)) delete state[name];
		memories.delete(state);
		state.execution = execution;
	}
	return state;
}

const memories = new WeakMap<object, object>();

/**
 * What this node keeps of one execution for n8n's Retry On Fail, which stays in the process. It is in none of the data that n8n
 * saves, and may have ids.
 */
export function attemptMemory(context: IExecuteFunctions): object {
	const state = executionState(context);
	const memory = memories.get(state) ?? {};
	memories.set(state, memory);
	return memory;
}

/**
 * Notes in the execution's own data that the node runs, and finds out whether that data has lost its earlier runs in the same
 * execution: n8n's Engine 2.0 hands each run of a loop empty data. To be called once in each run.
 */
export function noteRun(context: IExecuteFunctions): { hasLostEarlierRuns: boolean } {
	if (isToolCall(context)) return { hasLostEarlierRuns: false };
	const { id } = context.getNode();
	const shared = context.getContext('flow') as { tencentCloudIotNodes?: string[] };
	// Also from an execution of which this one is n8n's own Retry.
	const known = (shared.tencentCloudIotNodes ??= []);
	const isKnown = known.includes(id);
	if (!isKnown) known.push(id);
	const isLater = Number(context.getWorkflowDataProxy(0).$runIndex) > 0;
	return { hasLostEarlierRuns: isLater && !isKnown };
}

import type { IExecuteFunctions } from 'n8n-workflow';

import { isToolCall } from '../../input/agentInput';

/**
 * Notes in the execution's own data that the node runs, and finds out whether that data has lost its earlier runs in the same
 * execution: n8n's Engine 2.0 hands each run of a loop empty data. To be called once in each run.
 */
export function noteRun(context: IExecuteFunctions): { hasLostEarlierRuns: boolean } {
	// Where an agent itself calls its tool nothing is kept.
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

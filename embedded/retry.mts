import type { IRun, IRunExecutionData } from 'n8n-workflow';
import { n8nWorkflow } from './engine.mts';

/**
 * The data with which n8n's own Retry of a failed execution starts, as in ExecutionService.retry: everything that was
 * saved except the failure and the failed run of the node.
 */
export function dataForRetry(saved: IRun): IRunExecutionData {
	// Data read from the database shares no objects with the saved run.
	const data = n8nWorkflow.deepCopy(saved.data);
	const { lastNodeExecuted, runData } = data.resultData;
	if (lastNodeExecuted === undefined) {
		return data;
	}
	delete data.resultData.error;
	const runs = runData[lastNodeExecuted];
	if (runs?.at(-1)?.error !== undefined) {
		runs.pop();
	}
	return data;
}

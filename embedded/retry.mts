import type { IRun, IRunExecutionData } from 'n8n-workflow';
import { n8nWorkflow } from './engine.mts';

/**
 * What n8n's own Retry of a failed execution starts from, as its server makes it (ExecutionService.retry): all that was
 * saved, without the failure and the failed run of the node.
 */
export function dataForRetry(saved: IRun): IRunExecutionData {
	// What the database gives back shares no object with the run that was saved.
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

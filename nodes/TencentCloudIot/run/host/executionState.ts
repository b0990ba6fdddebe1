import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

/**
 * What this node keeps of one execution, as plain JSON that is changed in place. It stands in the execution's own data,
 * which lasts through n8n's Retry On Fail, through loops and waits. n8n's own Retry of a failed execution takes that data
 * along, but is another execution, of which nothing is known: the service may hold something else by then.
 */
export function executionState(context: IExecuteFunctions): IDataObject {
	const state = context.getContext('node');
	const execution = context.getExecutionId();
	if (state.execution !== execution) {
		for (const name of Object.keys(state)) delete state[name];
		state.execution = execution;
	}
	return state;
}

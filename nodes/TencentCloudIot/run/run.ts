import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Operation } from '../operation';
import type { RunOptions } from '../resources/runOptions';

/** One run of the node: its items, and what the user wants to be done with them. */
export interface Run {
	context: IExecuteFunctions;
	operation: Operation<unknown>;
	items: INodeExecutionData[];
	options: RunOptions & IDataObject;
	/** Whether the first final failure ends the run. */
	stopAtFailure: boolean;
	progress: Progress;
	/** Whether earlier runs of the node in the same execution have left nothing, so that it is not known what they pushed. */
	hasLostEarlierRuns: boolean;
	/** When it began, by `elapsedMs`. */
	startMs: number;
}

export interface Progress {
	/** Whether requests may be in flight, or were in an earlier attempt: until then nothing was sent, whatever happens. */
	isSending: boolean;
}

/** Whether the run outputs one item with all its counts, before the items of what failed. */
export function outputsRunItem({ operation, options }: Pick<Run, 'operation' | 'options'>): boolean {
	return options.outputItemPer === 'run' && operation.fullReplace === true;
}

import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Operation } from '../operation';
import type { RunOptions } from '../resources/runOptions';

/** One run of the node: its items, and what the user wants to be done with them. */
export interface Run {
	context: IExecuteFunctions;
	operation: Operation<unknown>;
	items: INodeExecutionData[];
	options: RunOptions & IDataObject;
	stopAtFailure: boolean;
	progress: Progress;
	/** When it began, by `elapsedMs`. */
	startMs: number;
}

export interface Progress {
	/** Whether requests may be under way, or were in an earlier try: until then nothing was sent, whatever happens. */
	isSending: boolean;
}

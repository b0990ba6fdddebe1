import type { IDataObject, INodePropertyOptions } from 'n8n-workflow';

import type { Fields, Options } from '../../input/fields/field';
import type { DataTables } from '../../tables/dataTables';

/** What the node has kept, and what an operation needs to know besides to answer for one item. */
export interface Kept {
	tables: DataTables;
	/** The application of the credential, as the log knows it. */
	account(): Promise<string>;
	/** The workflow's, by its IANA name. */
	timezone: string;
	/** Unix milliseconds. */
	nowMs: number;
	/** Of the workflow that runs the operation. */
	workflowId: string;
	/** The execution's id: news is confirmed by the execution that told it. */
	execution: string;
	/** The item that came in. */
	input: IDataObject;
}

/** An operation on what the node keeps in n8n: it makes no request, and knows nothing of n8n. */
export interface KeptOperation<Declared extends Fields = Fields> {
	/** Stored in workflows: never changes once published. */
	value: string;
	/** How the operation is listed: name, action and description. */
	option: Pick<INodePropertyOptions, 'name' | 'action' | 'description'>;
	/** What a model needs to know besides the description, where the node is a tool. */
	toolAdvice?: string;
	/** Whether a model may call it: what decides something is for people. */
	isForModels: boolean;
	fields: Declared;
	/**
	 * @returns the output items for one input item
	 * @throws NotSendable with what is wrong and what to do
	 */
	run(values: Options<Declared>, kept: Kept): Promise<IDataObject[]>;
}

/** Declares an operation, with the types of its fields. */
export function keptOperation<Declared extends Fields>(operation: KeptOperation<Declared>): KeptOperation {
	return operation as unknown as KeptOperation;
}

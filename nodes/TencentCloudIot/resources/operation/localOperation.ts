import type { IDataObject } from 'n8n-workflow';

import type { Fields, Options } from '../../input/fields/field';
import type { DataTables } from '../../tables/dataTables';
import type { ListedOperation } from './operation';

/** What a local operation gets for one item: the tables in which the node keeps its data, the item, and facts about the run. */
export interface LocalEnvironment {
	tables: DataTables;
	/** The hash that receipts use for the account of the credential. */
	accountHash(): Promise<string>;
	/** The IANA name of the workflow's time zone. */
	timezone: string;
	/** The time of the run, in Unix milliseconds. */
	nowMs: number;
	/** The id of the workflow that runs the operation. */
	workflowId: string;
	/** The id of the execution. Only the execution that reported news can confirm that the news was delivered. */
	executionId: string;
	/** The input item. */
	input: IDataObject;
}

/** An operation that makes no request. It works on what the node keeps in n8n's tables, e.g. *Approve Plan*. Its code does not depend on n8n. */
export interface LocalOperation<Declared extends Fields = Fields> extends ListedOperation {
	/** Whether a model may call the operation. Decisions are for people only. */
	isForModels: boolean;
	fields: Declared;
	/**
	 * @returns the output items for one input item
	 * @throws NotSendable with what is wrong and what to do
	 */
	run(values: Options<Declared>, environment: LocalEnvironment): Promise<IDataObject[]>;
}

/** Declares a local operation, and derives the types of its values from its fields. */
export function localOperation<Declared extends Fields>(operation: LocalOperation<Declared>): LocalOperation {
	return operation as unknown as LocalOperation;
}

import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { EditorList, Fields, Options } from '../../input/fields/field';
import type { ItemReader } from '../../input/itemReader';
import type { ColumnClues } from '../../input/columnFit';
import type { Action, EFFECTS } from '../../service/actions';
import type { ResponseData, Failure } from '../../service/outcome';
import type { Conduct } from '../../service/delivery/conduct';
import type { DeviceInfo, NamedDevices } from '../../service/devices';
import type { Paging } from '../../service/paging';
import type { Finding } from '../../messages/findings';
import { type Text } from '../../messages/text';

/** A request for one or more items. */
interface RequestOfItems {
	/** The Action's own parameters, under the service's own names. */
	parameters: IDataObject;
	/** The Action, if it differs from the operation's. */
	action?: Action | undefined;
	/** The input items that the request is made from, ascending. All paired items derive from this list. */
	itemIndexes: readonly number[];
	/** For a request of several items: the share of each item in the parameters, by the item's index. */
	parametersByRow?: (() => ReadonlyMap<number, IDataObject>) | undefined;
	/** How the call is carried out, if it takes several requests. */
	conduct?: Conduct | undefined;
}

/** A call that does not send the full set of a customer. */
interface CallOfItems extends RequestOfItems {
	customer?: undefined;
}

/** A call with all devices of a customer. */
export interface CallOfCustomer extends RequestOfItems {
	customer: CustomerSet;
}

/** What an operation plans to send: usually one request. */
export type Call = CallOfItems | CallOfCustomer;

/** All devices of one customer, e.g. `{ id: 'user_1024', devices: [{ CustomerDeviceNo, DeviceId, ProductName }] }`. */
interface CustomerSet {
	/** The CustomerId, as it is sent. */
	id: string;
	devices: readonly DeviceInfo[];
}

/** Input items that are not sent, and why. */
export interface Withheld {
	/** The known parameters of the request that would have been sent for the items. */
	parameters: IDataObject;
	itemIndexes: readonly number[];
	/** The CustomerId, if the rows name the customer that they belong to. */
	customerId?: string | undefined;
	findings: readonly Finding[];
	/** Whether Tencent stored, or may have stored, something for these items in an earlier attempt of n8n's Retry On Fail. */
	mayBeStored?: boolean;
	/** Why the items are not sent, if the reason is not in the rows. */
	refusal?: Failure | undefined;
}

/** The result of a successful call. */
interface Result {
	data: ResponseData;
	RequestId: string;
	/** How many requests were sent for the call. */
	Attempts: number;
	/** The workflow's time zone, by its IANA name. */
	timezone: string;
}

/** What an operation plans from all items of a run. */
export interface Calls {
	calls: Call[];
	withheld: Withheld[];
	/** The items of each customer that is left out because it has no device. */
	leftOut?: ReadonlyMap<string, readonly number[]> | undefined;
	/** Assumptions about the rows, for the summary, e.g. "row 3 without a CustomerId is nobody's". */
	remarks?: readonly string[] | undefined;
	/** Whether each row was accepted unchanged, and nothing was found or assumed about them together. */
	isClean?: boolean;
	/** Counts the devices that all rows name, valid or not. */
	countNamedDevices?: () => Promise<NamedDevices>;
}

/** Reads the typed input of one item. */
export type ReadInput<Input> = (reader: ItemReader, itemIndex: number) => Input;

/** The rows that name one customer. */
export interface RowsOfCustomer {
	/** The indexes of the items, ascending. */
	itemIndexes: number[];
	/** A digest of everything that judging the rows depends on; undefined if the rows cannot be recognized in a later run. */
	rowsDigest: string | undefined;
}

/** Recognizes rows that an earlier run judged and found clean, and makes calls from them without judging them again. */
export interface CleanRows<Input, Chosen> {
	/**
	 * Groups the rows by their customers, without judging them.
	 * @param account identifies the account that is pushed to
	 * @returns the rows by CustomerId, in the order of their first appearance; undefined if each run has to judge the rows
	 */
	groupByCustomer(
		reader: ItemReader,
		options: Chosen,
		account: string,
	): Promise<ReadonlyMap<string, RowsOfCustomer> | undefined>;
	/**
	 * Makes the calls of all customers and judges only the rows that are not remembered. `countNamedDevices` of the result counts only devices
	 * in the judged rows.
	 * @param customers the result of `groupByCustomer`
	 * @param isRemembered whether an earlier run found all rows clean, including those of the customer with this index
	 * @returns undefined if a row that was judged is not clean: then all rows have to be judged together
	 */
	toCalls(
		reader: ItemReader,
		options: Chosen,
		readInput: ReadInput<Input>,
		customers: ReadonlyMap<string, RowsOfCustomer>,
		isRemembered: (index: number) => boolean,
	): Promise<Calls | undefined>;
}

/** What an operation does with rows that are grouped by customer. */
interface CustomerRows<Input, OwnOptions extends Fields> {
	/**
	 * - `push`: each call sends all devices of its customer, which may replace those at Tencent
	 * - `sync`: the same, only for customers that differ from the sync state. It needs the rows of all customers
	 * - `audit`: all rows are compared with what Tencent lists; nothing is changed
	 */
	purpose: 'push' | 'sync' | 'audit';
	/** The fields to which the user maps columns of the rows. */
	columns(options: Options<OwnOptions>): ColumnClues;
	/** How clean rows of an earlier run are recognized; undefined if every run judges all rows. */
	clean?: CleanRows<Input, Options<OwnOptions>>;
}

/** What the panel shows of an operation, besides its fields. */
export interface ListedOperation {
	/** Stored in workflows: never changes once published. */
	value: string;
	/** How the operation is listed: name, action and description. */
	option: Pick<INodePropertyOptions, 'name' | 'action' | 'description'>;
	/** What a model needs to know besides the description, if the node is a tool. */
	toolAdvice?: string;
}

/** The declaration of an operation. It does not call n8n, loop over items or catch errors: the run does that. */
export interface Operation<Input, OwnOptions extends Fields = Fields> extends ListedOperation {
	properties: INodeProperties[];
	/** The lists that the editor calls to fill the fields. */
	lists: readonly EditorList[];
	/** The operation's own options: entries of 'Options' besides those that all operations have, and separate groups of options. */
	options: OwnOptions;
	/** The service's Action. */
	action: Action;
	/** What the Action does to Tencent: its entry in `EFFECTS`. */
	effect: (typeof EFFECTS)[Action];
	/** Set for operations that group the rows by customer: Push, Sync and Audit. */
	customers?: CustomerRows<Input, OwnOptions>;
	/** Advice for a request that may or may not have been applied and must not be sent again. */
	unclearAdvice?: Text;
	/** Advice on what to correct if the service refused a value of the request. */
	refusedAdvice: Text;
	/** The requests per second, instead of the user's setting. The run then repeats no request, because each call does so itself. */
	ownRate?: number;
	/** How the Action returns a list page by page, if it does. */
	paging?: Paging;
	/** Makes the function that reads the inputs of a run. It is made once for the run, so it can keep what all items share. */
	inputReader(options: Options<OwnOptions>): ReadInput<Input>;
	/** Plans the calls of a run. @param batches the inputs of all items, in order */
	toCalls(batches: AsyncIterable<readonly Input[]>, options: Options<OwnOptions>): Promise<Calls>;
	/** Whether a response proves that the request was carried out. If not, a text may say why, e.g. 'the device is offline'. */
	isDone(data: ResponseData): boolean | Text;
	/** The members of a response that `toJson` reads. Only these are kept in memory and in the execution's data. */
	reads: readonly string[];
	/** The data of the output item for a successful request. For a list: the data of one output item for each record. */
	toJson(call: Call, result: Result, options: Options<OwnOptions>): IDataObject | IDataObject[];
	/** Replaces `toJson` for calls whose output items are each linked to their own rows. An error item has the key `error`. */
	toOutputs?(
		call: Call,
		result: Result,
		options: Options<OwnOptions>,
	): Array<Pick<Call, 'itemIndexes'> & { json: IDataObject }>;
	/** The unit of a call, in the singular: "customer". */
	unit: string;
	/** The parameters that identify the unit for a user, e.g. `['ProductId', 'DeviceName']`; empty for a list. */
	namedBy: readonly string[];
	/** Counts what the calls would send, for the summary of a Dry Run: "37 customers, 120 devices". */
	countPlanned(calls: readonly Call[]): string;
	/**
	 * Counts what was done, for the summary, without a full stop: "35 of 37 customers, 120 devices pushed".
	 * @param doneCalls the successful calls
	 * @param total the number of all units, done or not
	 * @param outputs the number of output items of these calls
	 * @param data the response to the first of these calls
	 */
	countDone(doneCalls: readonly Call[], total: number, outputs: number, data?: ResponseData): string;
}

/** The member of an operation that shows what the operation does with the rows of a customer. */
type OperationPurpose = Pick<Operation<unknown>, 'customers'>;

/** Whether each call of an operation brings a customer's full set of devices, and may replace it. */
export function bringsFullSets({ customers }: OperationPurpose): boolean {
	return customers !== undefined && customers.purpose !== 'audit';
}

/** Whether an operation pushes what has changed since its last run, and so needs the rows of all customers. */
export function isSync({ customers }: OperationPurpose): boolean {
	return customers?.purpose === 'sync';
}

/** Whether an operation compares the rows of all customers with what Tencent lists. */
export function isAudit({ customers }: OperationPurpose): boolean {
	return customers?.purpose === 'audit';
}

import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { EditorList, Fields, Options } from '../../input/fields/field';
import type { ItemReader } from '../../input/itemReader';
import type { ColumnNames } from '../../input/columnFit';
import type { Action, EFFECTS } from '../../service/actions';
import type { ResponseData, Failure } from '../../service/outcome';
import type { Conduct } from '../../service/delivery/conduct';
import type { DeviceInfo, NamedDevices } from '../../service/devices';
import type { Paging } from '../../service/paging';
import type { Finding } from '../../messages/findings';
import { type Text } from '../../messages/text';

/** What one request does for one or more items. */
interface RequestOfItems {
	/** The Action's own parameters, by the service's own names. */
	parameters: IDataObject;
	/** The Action, where it is another than the operation's. */
	action?: Action | undefined;
	/** The input items that went into it, ascending. Paired items come from here and from nowhere else. */
	itemIndexes: readonly number[];
	/** What each of these items alone gave to the parameters, by its index; left out where the parameters are one item's. */
	ownParameters?: (() => ReadonlyMap<number, IDataObject>) | undefined;
	/** How it is carried out, where that takes several requests. */
	conduct?: Conduct | undefined;
}

/** A call of rows, each of which is for itself. */
interface CallOfItems extends RequestOfItems {
	customer?: undefined;
}

/** A call that brings the full set of a customer's devices. */
export interface CallOfCustomer extends RequestOfItems {
	customer: CustomerSet;
}

/** A call, as an operation plans it. */
export type Call = CallOfItems | CallOfCustomer;

/** All devices of one customer, e.g. `{ id: 'user_1024', devices: [{ CustomerDeviceNo, DeviceId, ProductName }] }`. */
interface CustomerSet {
	/** The CustomerId. */
	id: string;
	devices: readonly DeviceInfo[];
}

/** Input items that are not sent, and why. */
export interface Withheld {
	/** What is known of the request they would have been part of. */
	parameters: IDataObject;
	itemIndexes: readonly number[];
	/** The CustomerId, where the rows name one whose set they belong to. */
	customerId?: string | undefined;
	findings: readonly Finding[];
	/** Whether an earlier attempt of the run has, or may have, stored something in its place. */
	mayBeStored?: boolean;
	/** Why they are not sent, if nothing in the rows is to be corrected. */
	refusal?: Failure | undefined;
}

/** The result of a request that was carried out. */
interface Result {
	data: ResponseData;
	RequestId: string;
	/** How many requests it took. */
	Attempts: number;
	/** The workflow's time zone, by its IANA name. */
	timezone: string;
}

export interface Calls {
	calls: Call[];
	withheld: Withheld[];
	/** The items of each customer that is left out because it has no device. */
	leftOut?: ReadonlyMap<string, readonly number[]> | undefined;
	/** What was assumed of the rows, for the summary, e.g. "row 3 without a CustomerId is nobody's". */
	remarks?: readonly string[] | undefined;
	/** Whether each row was accepted as it stands, and nothing was found or assumed of them together. */
	isClean?: boolean;
	/** Counts the devices that all rows name, valid or not. */
	named?: () => Promise<NamedDevices>;
}

/** Reads the typed input of one item. */
type ReadInput<Input> = (reader: ItemReader, itemIndex: number) => Input;

/** The rows that name one customer. */
export interface RowsOfCustomer {
	/** Their items, ascending. */
	itemIndexes: number[];
	/** Names all that their judgement depends on; undefined where they cannot be known again. */
	digest: string | undefined;
}

/** How rows are recognized that an earlier run has judged and found clean, and how they become calls without being judged again. */
export interface CleanRows<Input, Chosen> {
	/**
	 * Groups the rows by their customers, without judging them.
	 * @param account names the account that is pushed to
	 * @returns by CustomerId, in first-seen order; undefined where rows have to be judged in each run
	 */
	group(
		reader: ItemReader,
		options: Chosen,
		account: string,
	): Promise<ReadonlyMap<string, RowsOfCustomer> | undefined>;
	/**
	 * The calls of all customers, of which only some are judged. `named` of the result is about these alone.
	 * @param customers those that `group` gave
	 * @param isRemembered whether the rows of this customer, by its index, were judged before, among others whose rows were clean, too
	 * @returns undefined where all rows have to be judged, since not all are clean
	 */
	toCalls(
		reader: ItemReader,
		options: Chosen,
		read: ReadInput<Input>,
		customers: ReadonlyMap<string, RowsOfCustomer>,
		isRemembered: (index: number) => boolean,
	): Promise<Calls | undefined>;
}

/** What is done with rows of customers. */
interface CustomerRows<Input, Own extends Fields> {
	/**
	 * - `push`: each call brings the full set of its customer, and may replace it
	 * - `sync`: the same, for the customers that changed, as the sync state knows them: it takes the rows of all customers
	 * - `audit`: all rows are compared with what Tencent lists; nothing is changed
	 */
	purpose: 'push' | 'sync' | 'audit';
	/** The fields to which the user maps columns of the rows. */
	columns(options: Options<Own>): ColumnNames;
	/** Left out where rows are judged in each run. */
	clean?: CleanRows<Input, Options<Own>>;
}

/** One operation of the node, in typed data: it contains no call of n8n, no loop over items and no catch. */
export interface Operation<Input, Own extends Fields = Fields> {
	/** Stored in workflows: never changes once published. */
	value: string;
	/** How the operation is listed: name, action and description. */
	option: Pick<INodePropertyOptions, 'name' | 'action' | 'description'>;
	/** What a model needs to know besides the description, where the node is a tool. */
	toolAdvice?: string;
	properties: INodeProperties[];
	/** What the editor calls to fill them. */
	lists: readonly EditorList[];
	/** The operation's own entries of 'Options', besides those that all operations have, and groups of options beside it. */
	options: Own;
	/** The service's Action. */
	action: Action;
	/** Its entry in `EFFECTS`. */
	effect: (typeof EFFECTS)[Action];
	/** Set where the rows are grouped into customers: what Push, Sync and Audit alone need. */
	customers?: CustomerRows<Input, Own>;
	/** What a user should do when it is unclear whether a request was applied that may not be sent again. */
	unclearAdvice?: Text;
	/** What a user should correct when the service refused a value of the request. */
	refusedAdvice: Text;
	/** Its own rate of requests per second, in place of the user's, and no attempts but those that its calls make. */
	ownRate?: number;
	/** How the Action hands out a list, if it does. */
	paging?: Paging;
	/** How the input of an item is read: made once for a run, so that it may keep what holds for all items. */
	inputReader(options: Options<Own>): ReadInput<Input>;
	/** @param batches the inputs of all items, in order */
	toCalls(batches: AsyncIterable<readonly Input[]>, options: Options<Own>): Promise<Calls>;
	/** Whether a response proves that the request was carried out; a text is why it was not, e.g. 'the device is offline'. */
	isDone(data: ResponseData): boolean | Text;
	/** The members of a response that `toJson` reads: nothing else of it is kept, in memory or in the execution's data. */
	reads: readonly string[];
	/** The output item's data for a request that was done, or that of each of its output items: a list's records. */
	toJson(call: Call, result: Result, options: Options<Own>): IDataObject | IDataObject[];
	/** The call's output items, each with its own rows, in place of those of `toJson`. An item of an error has the key `error`. */
	toOutputs?(
		call: Call,
		result: Result,
		options: Options<Own>,
	): Array<Pick<Call, 'itemIndexes'> & { json: IDataObject }>;
	/** What one call stands for, in the singular: "customer". */
	unit: string;
	/** The parameters by which a user knows that unit, e.g. `['ProductId', 'DeviceName']`; empty for a list. */
	namedBy: readonly string[];
	/** What is to be done, for the summary of a Dry Run: "37 customers, 120 devices". */
	countPlanned(calls: readonly Call[]): string;
	/**
	 * What was done, for the summary, without a full stop: "35 of 37 customers, 120 devices pushed".
	 * @param calls those that were done
	 * @param total how many units there were in all
	 * @param outputs how many output items the calls gave
	 * @param data what the first of them was answered
	 */
	countDone(calls: readonly Call[], total: number, outputs: number, data?: ResponseData): string;
}

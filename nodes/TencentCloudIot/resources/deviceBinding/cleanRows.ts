import { CustomerGroups } from '../../binding/customers';
import { CustomersJudgedApart } from '../../binding/judgedApart';
import { planPushes, toPushCall } from '../../binding/pushes';
import { visitCompoundIds } from '../../binding/readings';
import { FIELDS, type MappedField, type Row } from '../../binding/row';
import { RowReader } from '../../binding/rowReader';
import { inBatches } from '../../input/batches';
import { needsEngine } from '../../input/fieldSource';
import type { ItemReader } from '../../input/itemReader';
import { forEachPausing, runInTurns, isTurnDue, type Pausing } from '../../input/pausing';
import { digestOfText } from '../../service/signing/signature';
import { HASH_CHARACTERS } from '../../sync/state/hashes';
import type { CallOfCustomer, CleanRows, RowsOfCustomer } from '../operation/operation';
import { COLUMN_PARAMETERS } from './columns';
import type { RowHandling } from './rowHandling';

/** Reads the rows of the item with this index. */
type ReadRowsOfItem = (itemIndex: number) => Row[];

/** The rows of all customers, by their ids. */
type RowsOfCustomers = ReadonlyMap<string, RowsOfCustomer>;

/**
 * Recognizes clean rows that have not changed since an earlier run, so they need not be judged again. Rows are clean if each one is
 * accepted unchanged and nothing was found or assumed about them together. The result for a clean customer depends only on the cells of
 * its mapped fields in the order of the rows, on the options of 'Row Handling', and on what other customers have in common with it
 * (`CustomersJudgedApart`). Other columns matter only for rows that cannot be used.
 */
export const cleanRows: CleanRows<Row | Row[], { rowHandling: RowHandling }> = {
	async groupByCustomer(reader, { rowHandling }, account) {
		const isOfTool = reader.stored('devicesFrom') === 'list';
		// Evaluating an expression twice for each row would take longer than judging its result.
		if (isOfTool || Object.values(reader.sources).some(needsEngine)) {
			return undefined;
		}
		const customers = await runInTurns(groupRows(reader, new RowReader(rowHandling)));
		const settingsDigest = digestOfText(JSON.stringify([account, reader.sources, rowHandling]));
		const makeDigest = (rows: RowsOfCustomer) => {
			rows.rowsDigest = digestOf(settingsDigest, rows.itemIndexes, reader);
		};
		await runInTurns(forEachPausing(customers.values(), makeDigest));
		return customers;
	},

	async toCalls(reader, { rowHandling }, readInput, customers, isRemembered) {
		const rowsOf: ReadRowsOfItem = (itemIndex) => [readInput(reader, itemIndex)].flat();
		const itemIndexesToJudge = [...customers.values()]
			.filter((_, index) => !isRemembered(index))
			.flatMap(({ itemIndexes }) => itemIndexes);
		const judgedPlan = await planPushes(rowsInBatches(itemIndexesToJudge, rowsOf), rowHandling);
		if (!judgedPlan.isClean) {
			return undefined;
		}
		const judgedCalls = new Map(judgedPlan.calls.map((call) => [call.customer.id, call]));
		const areApart = await runInTurns(areJudgedApart(judgedCalls, customers, reader, rowsOf));
		if (!areApart) {
			return undefined;
		}
		const planCall: PlanCall = ({ itemIndexes }) => planAgain(itemIndexes.flatMap(rowsOf), rowHandling);
		const calls: CallOfCustomer[] = [];
		const pass = forEachPausing(customers, ([id, rows]) => {
			calls.push(judgedCalls.get(id) ?? new UnreadCall(rows, new UnreadCustomer(id, rows, planCall)));
		});
		await runInTurns(pass);
		return { ...judgedPlan, calls };
	},
};

/** Groups rows by customer, without digests yet. Rows whose CustomerId cannot be used go to the customer `''`. */
function* groupRows(reader: ItemReader, rowReader: RowReader): Pausing<Map<string, RowsOfCustomer>> {
	const customers = new Map<string, RowsOfCustomer>();
	/** Adds the rows from `start` to `end` (not included), which all have this cell as their CustomerId. */
	const addRows = (cell: unknown, start: number, end: number) => {
		const customerId = rowReader.readUsableId(() => cell);
		// Created with its full length: a list that grows by `push` has room for 17 entries at first, which takes 10 MB more for 100,000 customers.
		const itemIndexes = new Array<number>(end - start);
		for (let offset = 0; offset < itemIndexes.length; offset++) {
			itemIndexes[offset] = start + offset;
		}
		const rowsAbove = customers.get(customerId);
		if (rowsAbove === undefined) {
			customers.set(customerId, { itemIndexes, rowsDigest: undefined });
			return;
		}
		for (const itemIndex of itemIndexes) {
			rowsAbove.itemIndexes.push(itemIndex);
		}
	};
	// Most sheets have the rows of a customer below each other, as one block. Its id is read once.
	let blockStart = 0;
	let blockCell: unknown;
	yield* forEachPausing(reader.rows.keys(), (itemIndex) => {
		const cell = readCell(reader, 'CustomerId', itemIndex);
		if (cell !== blockCell && itemIndex > 0) {
			addRows(blockCell, blockStart, itemIndex);
			blockStart = itemIndex;
		}
		blockCell = cell;
	});
	if (reader.rows.length > 0) {
		addRows(blockCell, blockStart, reader.rows.length);
	}
	return customers;
}

/** The cell of a field. It is undefined if it is missing or cannot be read. Rows with such cells have no digest, so each run judges them. */
function readCell(reader: ItemReader, field: MappedField, itemIndex: number): unknown {
	try {
		return reader.read(COLUMN_PARAMETERS[field], itemIndex);
	} catch {
		return undefined;
	}
}

/**
 * The digest of a customer's rows; undefined if a cell is anything but a text, a number or a list of these. It covers the CustomerId as each
 * row writes it: a row with the exact name of the column may be a header, one with a blank after the name is not.
 * @param settingsDigest what the digest depends on besides the cells. It includes a key of the account, so nobody without the App Secret
 * can make other rows with the same digest
 */
function digestOf(
	settingsDigest: string,
	itemIndexes: readonly number[],
	reader: ItemReader,
): string | undefined {
	const cells: unknown[] = [];
	for (const itemIndex of itemIndexes) {
		for (const field of FIELDS) {
			const cell = readCell(reader, field, itemIndex);
			const isList = Array.isArray(cell) && cell.every(isTextOrNumber);
			if (!isList && !isTextOrNumber(cell)) {
				return undefined;
			}
			cells.push(cell);
		}
	}
	// JSON escapes a lone half of a surrogate pair. Otherwise different halves would become the same bytes in UTF-8, and give the same digest.
	return digestOfText(settingsDigest + JSON.stringify(cells), HASH_CHARACTERS);
}

function isTextOrNumber(cell: unknown): boolean {
	return typeof cell === 'string' || Number.isFinite(cell);
}

async function* rowsInBatches(
	itemIndexes: readonly number[],
	rowsOf: ReadRowsOfItem,
): AsyncGenerator<Row[][]> {
	for await (const batch of inBatches(itemIndexes)) {
		yield Array.from(batch, rowsOf);
	}
}

/**
 * Whether the customers that were judged have nothing in common with the others, so that judging all rows would give the same result.
 * @param judgedCalls the calls of the customers that were judged, by CustomerId
 */
function* areJudgedApart(
	judgedCalls: ReadonlyMap<string, CallOfCustomer>,
	customers: RowsOfCustomers,
	reader: ItemReader,
	rowsOf: ReadRowsOfItem,
): Pausing<boolean> {
	if (judgedCalls.size === 0) {
		return true;
	}
	let hasCompound = false;
	yield* visitCompoundIds(new Set(customers.keys()), () => {
		hasCompound = true;
	});
	if (hasCompound) {
		return false;
	}
	const judgedCustomers = new CustomersJudgedApart(
		Array.from(judgedCalls.values(), ({ customer }) => customer),
	);
	const sharesDevice = (itemIndex: number) => {
		const deviceId = readCell(reader, 'DeviceId', itemIndex);
		const deviceNo = readCell(reader, 'CustomerDeviceNo', itemIndex);
		if (isSentAsIs(deviceId) && isSentAsIs(deviceNo)) {
			return judgedCustomers.overlaps(deviceId, deviceNo);
		}
		return rowsOf(itemIndex).some(({ device }) =>
			judgedCustomers.overlaps(device.DeviceId, device.CustomerDeviceNo),
		);
	};
	for (const [customerId, { itemIndexes }] of customers) {
		const isOther = !judgedCalls.has(customerId);
		if (isOther && (judgedCustomers.hasIdLike(customerId) || itemIndexes.some(sharesDevice))) {
			return false;
		}
		if (isTurnDue()) {
			yield;
		}
	}
	return true;
}

/** Matches the cells of most ids and numbers. Clean rows send such cells unchanged: nothing has to be trimmed or split into a list. */
const PLAIN_CELL = /^[\w/:-]+$/;

function isSentAsIs(cell: unknown): cell is string {
	return typeof cell === 'string' && PLAIN_CELL.test(cell);
}

/** Plans the call of a customer from its rows. */
type PlanCall = (rows: RowsOfCustomer) => CallOfCustomer;

/**
 * A customer whose call is planned from its rows when its devices are first read. For nearly all customers nobody reads them. It is a class, and
 * all customers share `planCall`, because an object with its own getters would take half a kilobyte, and its own function 100 bytes.
 */
class UnreadCustomer {
	readonly id: string;
	readonly #rows: RowsOfCustomer;
	readonly #planCall: PlanCall;
	#planned: CallOfCustomer | undefined;

	constructor(id: string, rows: RowsOfCustomer, planCall: PlanCall) {
		this.id = id;
		this.#rows = rows;
		this.#planCall = planCall;
	}

	get planned() {
		this.#planned ??= this.#planCall(this.#rows);
		return this.#planned;
	}

	get devices() {
		return this.planned.customer.devices;
	}
}

/** The call of an `UnreadCustomer`. */
class UnreadCall implements CallOfCustomer {
	readonly itemIndexes: readonly number[];
	readonly customer: UnreadCustomer;

	constructor({ itemIndexes }: RowsOfCustomer, customer: UnreadCustomer) {
		this.itemIndexes = itemIndexes;
		this.customer = customer;
	}

	get parameters() {
		return this.customer.planned.parameters;
	}

	get parametersByRow() {
		return this.customer.planned.parametersByRow;
	}
}

/** Plans the call of a customer from its rows alone. For clean rows the result is the same as among all rows. */
function planAgain(
	rows: readonly Row[],
	{ emptyCustomerId, emptyProductName, rowsWithoutDevice, sharedDevices }: RowHandling,
): CallOfCustomer {
	const groups = new CustomerGroups(emptyCustomerId, rowsWithoutDevice, emptyProductName);
	for (const row of rows) {
		groups.add(row);
	}
	const { customers } = withoutPauses(groups.finish(sharedDevices));
	return toPushCall(customers[0]!);
}

function withoutPauses<Result>(pass: Pausing<Result>): Result {
	for (;;) {
		const step = pass.next();
		if (step.done === true) {
			return step.value;
		}
	}
}

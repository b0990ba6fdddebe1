import {
	type Condition,
	type DataTables,
	equal,
	momentOf,
	type ReadStep,
	type TableRow,
} from '../../tables/dataTables';
import { type Coverage, type Proof, proofOf, lastTrueMsOf } from './proof';
import { LIST_LOG_TABLES, type LogTable, LogTables, logTablesIn, tableNameAt } from './logTables';
import { joinRepeats } from './repeats';
import {
	markFormat,
	runFormat,
	type Mark,
	type Receipt,
	receiptFormat,
	type ReceiptOfNamedCustomer,
	repeatEndFormat,
	type RunRow,
} from './receipt';

/** Which receipts a person wants to see, of one account. */
interface ReceiptQuery {
	/** The hash of App Key and endpoint, as in the column `account`. */
	accountHash: string;
	/** The CustomerId; '' for every customer. */
	customerId: string;
	/** A DeviceId, the DeviceName that ends it, or a CustomerDeviceNo; '' for every device. */
	device: string;
	/** The first moment of the period, Unix milliseconds; undefined for no limit. */
	fromMs?: number | undefined;
	/** The first moment after the period, Unix milliseconds; undefined for no limit. */
	untilMs?: number | undefined;
	/** The largest number of receipts to return. */
	mostReceipts: number;
	/** The present time, Unix milliseconds. The table of its month is read first. */
	nowMs: number;
	/** Gives when a failure that is not over yet was met last, from the lock row of its node: `OngoingFailures.lastMetMsOf`. */
	lastMetMsOf?: (receipt: Receipt) => number | undefined;
	/** Receipts that the log lacks, as the lock rows say: those that no run could write, and those of runs under way. */
	unwritten?: Pick<Coverage, 'gaps' | 'runningNodeKeys'>;
}

/** The receipts that a `ReceiptQuery` has found, and what they prove. */
export interface FoundReceipts {
	/** The receipts in the period, the newest first. */
	receipts: Receipt[];
	/** Whether the log may have more receipts in the period than `mostReceipts`. */
	isListCut: boolean;
	/** What the receipts until the end of the period prove of the customer; undefined if the query names no customer. */
	proof?: Proof;
	/** If the log has no receipt of exactly this CustomerId: ids that differ from it in upper and lower case only. */
	otherSpellings: string[];
}

/** A run takes at most this long. So the table of a month may have receipts that are up to this much older than the month. */
const LONGEST_RUN_MS = 24 * 3_600_000;

/** At most this many receipts of a customer are read from each table, to find the last accepted one. */
const MOST_RECEIPTS_OF_CUSTOMER = 500;

/** At most this many receipts are searched for customers that have left the rows. That takes 20 calls of n8n. */
const MOST_SEARCHED_RECEIPTS = 20_000;
/** How many receipts one call of the search reads. */
const ROWS_A_READ = 1_000;

/** How a search for the last receipts of customers compares CustomerIds with the wanted hashes, and when it ends. */
interface SearchSettings {
	/** Gives the hash of a CustomerId. */
	keyOf: (customerId: string) => string;
	/** The search ends when it has found this many customers; undefined to search for all. */
	mostCustomers?: number;
	/** The search ends after this many receipts. */
	mostReceipts?: number;
}

/** How many reads one call of the host makes. */
const READS_A_CALL = 5;

/** A read from the table of a month: which rows, and how many of the newest. */
type MonthRead = Pick<ReadStep, 'where' | 'newest'>;

/** What one or more reads have found in the tables of all months. */
interface RowsOfMonths {
	/** The tables of the log, the newest month first. */
	months: LogTable[];
	/** The rows that each read has found in all months together, in the order of the reads. */
	rowsOfReads: TableRow[][];
}

/**
 * Reads what runs have written into the log. If a method cannot read it, it throws `TableUnusable`, or what the host's database rejects with.
 */
export class ReceiptLog {
	readonly #tables: DataTables;

	constructor(tables: DataTables) {
		this.#tables = tables;
	}

	/** Finds the receipts that a person wants to see. */
	async findReceipts(query: ReceiptQuery): Promise<FoundReceipts> {
		const { customerId, nowMs } = query;
		if (customerId === '') {
			return { ...(await this.#readPeriod(query)), otherSpellings: [] };
		}
		const reads = [readOfMarks(query), readOfHistory(query)];
		const { months, rowsOfReads } = await this.#readAllMonths(nowMs, reads);
		const [markRows = [], customerRows = []] = rowsOfReads;
		const { gaps, ...coverageOfMarks } = coverageOf(markRows, months, query);
		const coverage = { ...coverageOfMarks, gaps: [...gaps, ...gapsOfUnreadableRows(customerRows, nowMs)] };
		const customerReceipts = receiptsIn(customerRows, query.lastMetMsOf);
		if (customerReceipts.length === 0) {
			const otherSpellings = await this.#findSpellings(months, query);
			return { receipts: [], isListCut: false, proof: proofOf([], coverage), otherSpellings };
		}
		const { fromMs = -Infinity, device, mostReceipts } = query;
		const matchingReceipts = customerReceipts.filter(
			(receipt) => lastTrueMsOf(receipt) >= fromMs && namesDevice(receipt, device),
		);
		return {
			receipts: matchingReceipts.slice(0, mostReceipts),
			isListCut: matchingReceipts.length > mostReceipts,
			proof: proofOf(customerReceipts, coverage),
			otherSpellings: [],
		};
	}

	/** Reads the rows of a node's last runs, the newest first. */
	async readLastRuns(accountHash: string, nodeKey: string, mostRuns: number): Promise<RunRow[]> {
		const where = [equal('account', runFormat.accountCell(accountHash)), equal('customer', nodeKey)];
		const lastRuns: RunRow[] = [];
		for (const { id } of await this.#tablesNewestFirst()) {
			const runRows = await this.#readNewest(id, where, mostRuns - lastRuns.length);
			lastRuns.push(...runRows.flatMap((row) => runFormat.read(row) ?? []));
			if (lastRuns.length >= mostRuns) {
				break;
			}
		}
		return lastRuns;
	}

	/**
	 * Finds, for each wanted customer, the last receipt that is not `GONE`. The state has only the hashes of customers, the receipts have their ids.
	 * The search reads the newest receipts first, a thousand in each call. It ends when it has found all wanted customers (or `mostCustomers` of
	 * them), has read `mostReceipts`, or has come to the end of the log.
	 * @param wantedKeys the hashes of the wanted customers
	 * @returns the receipts that were found, by the hashes of the customers
	 */
	async findLastReceipts(
		accountHash: string,
		wantedKeys: ReadonlySet<string>,
		{ keyOf, mostCustomers = Infinity, mostReceipts = MOST_SEARCHED_RECEIPTS }: SearchSettings,
	): Promise<Map<string, ReceiptOfNamedCustomer>> {
		const receiptByCustomerKey = new Map<string, ReceiptOfNamedCustomer>();
		if (wantedKeys.size === 0) {
			return receiptByCustomerKey;
		}
		const wantedCount = Math.min(wantedKeys.size, mostCustomers);
		let remainingReceiptCount = mostReceipts;
		for (const { id } of await this.#tablesNewestFirst()) {
			let beforeRowId = Infinity;
			while (remainingReceiptCount > 0 && beforeRowId > 0 && receiptByCustomerKey.size < wantedCount) {
				const where: Condition[] = [equal('account', accountHash)];
				if (beforeRowId < Infinity) {
					where.push({ column: 'id', is: 'less', value: beforeRowId });
				}
				const receiptRows = await this.#readNewest(id, where, ROWS_A_READ);
				for (const row of receiptRows) {
					const customerKey = keyOf(String(row['customer']));
					const receipt =
						wantedKeys.has(customerKey) && !receiptByCustomerKey.has(customerKey)
							? receiptFormat.read(row)
							: undefined;
					// A receipt `GONE` has no devices, so the search goes on to an older receipt. Either the customer was
					// gone once and came back, or only another Sync no longer has it.
					if (receipt !== undefined && isReceiptOfRows(receipt)) {
						receiptByCustomerKey.set(customerKey, receipt);
					}
				}
				remainingReceiptCount -= ROWS_A_READ;
				beforeRowId = receiptRows.length < ROWS_A_READ ? 0 : (receiptRows.at(-1)?.id ?? 0);
			}
		}
		return receiptByCustomerKey;
	}

	/** The tables of the log, the newest month first. */
	async #tablesNewestFirst(): Promise<LogTable[]> {
		return (await new LogTables(this.#tables).list()).toReversed();
	}

	async #readNewest(id: string, every: readonly Condition[], newest: number): Promise<TableRow[]> {
		const [rows] = await this.#tables.run([{ do: 'read', table: { id }, where: { every }, newest }]);
		return rows;
	}

	/** Reads from all months. The call that lists the tables also reads the current month, so a log of one month needs only one call. */
	async #readAllMonths(nowMs: number, reads: readonly MonthRead[]): Promise<RowsOfMonths> {
		const name = tableNameAt(nowMs);
		const readsOfThisMonth = reads.map(
			(monthRead): ReadStep => ({ do: 'read', table: { name }, ...monthRead }),
		);
		const [listed, ...rowsOfThisMonth] = await this.#tables.run([LIST_LOG_TABLES, ...readsOfThisMonth]);
		const months = logTablesIn(listed).toReversed();
		const otherMonths = months.filter((month) => month.name !== name);
		const rowsOfOtherMonths = await this.#readMonths(otherMonths, reads);
		const rowsOfReads = rowsOfOtherMonths.map((rows, index) => [...(rowsOfThisMonth[index] ?? []), ...rows]);
		return { months, rowsOfReads };
	}

	/**
	 * Makes the same reads in the table of each month, several in one call: a call by itself takes as long as looking through 100,000 rows.
	 * @returns for each read the rows of all months, those of the newest month first
	 */
	async #readMonths(
		monthsNewestFirst: readonly LogTable[],
		reads: readonly MonthRead[],
	): Promise<TableRow[][]> {
		const rowsOfReads = reads.map((): TableRow[] => []);
		const steps = monthsNewestFirst.flatMap(({ id }) => {
			return reads.map((monthRead): ReadStep => ({ do: 'read', table: { id }, ...monthRead }));
		});
		for (let start = 0; start < steps.length; start += READS_A_CALL) {
			const rowsOfSteps = await this.#tables.run(steps.slice(start, start + READS_A_CALL));
			for (const [index, rows] of rowsOfSteps.entries()) {
				rowsOfReads[(start + index) % reads.length]?.push(...rows);
			}
		}
		return rowsOfReads;
	}

	/** Reads the receipts of all customers in a period, as many as `mostReceipts` allows. */
	async #readPeriod(query: ReceiptQuery): Promise<Pick<FoundReceipts, 'receipts' | 'isListCut'>> {
		const { accountHash, device, fromMs = -Infinity, untilMs = Infinity, mostReceipts, lastMetMsOf } = query;
		const foundReceipts: Receipt[] = [];
		let isListCut = false;
		for (const month of await this.#tablesNewestFirst()) {
			const isInPeriod = month.untilMs > fromMs && month.fromMs < untilMs + LONGEST_RUN_MS;
			// One receipt more than `mostReceipts` shows that the list is cut. Earlier months have only older receipts, so they are not read then.
			if (!isInPeriod || foundReceipts.length > mostReceipts) {
				continue;
			}
			const periodConditions = [equal('account', accountHash), ...timeConditions(query)];
			const reads = deviceConditions(device).map((conditions): MonthRead => {
				return { where: { every: [...periodConditions, ...conditions] }, newest: mostReceipts + 1 };
			});
			const rowsOfReads = await this.#readMonths([month], reads);
			isListCut ||= rowsOfReads.some((rowsOfRead) => rowsOfRead.length > mostReceipts);
			const rows = distinctRows(rowsOfReads.flat());
			foundReceipts.push(...receiptsIn(rows, lastMetMsOf).filter((receipt) => namesDevice(receipt, device)));
		}
		const receipts = foundReceipts.sort((a, b) => b.atMs - a.atMs);
		return {
			receipts: receipts.slice(0, mostReceipts),
			isListCut: isListCut || receipts.length > mostReceipts,
		};
	}

	/** Finds the CustomerIds in the log that differ from the wanted one in upper and lower case only. */
	async #findSpellings(
		months: readonly LogTable[],
		{ accountHash, customerId }: ReceiptQuery,
	): Promise<string[]> {
		const containsId: Condition = { column: 'customer', is: 'contains', value: customerId };
		const readOfSimilarIds = {
			where: { every: [equal('account', accountHash), containsId] },
			newest: MOST_RECEIPTS_OF_CUSTOMER,
		};
		const [rows = []] = await this.#readMonths(months, [readOfSimilarIds]);
		const spellings = new Set(rows.map(({ customer }) => String(customer)));
		// The wanted id is not another spelling, but may have receipts after the end of the period.
		spellings.delete(customerId);
		return [...spellings].filter((spelling) => spelling.toLowerCase() === customerId.toLowerCase());
	}
}

/** Makes the read of a customer's receipts until the end of the period. Those before the period say what Tencent had accepted already. */
function readOfHistory({ accountHash, customerId, untilMs }: ReceiptQuery): MonthRead {
	const every = [
		equal('account', accountHash),
		equal('customer', customerId),
		...timeConditions({ untilMs }),
	];
	return { where: { every }, newest: MOST_RECEIPTS_OF_CUSTOMER };
}

/**
 * Reads the receipts among rows, and joins those of one repeated failure. A receipt may have two rows, since an INSERT that gets no response is
 * made again: such a receipt is returned once.
 * @param lastMetMsOf as in `joinRepeats`
 * @returns the receipts, the newest first
 */
function receiptsIn(
	rows: readonly TableRow[],
	lastMetMsOf: ReceiptQuery['lastMetMsOf'] = () => undefined,
): Receipt[] {
	const receiptsByContent = new Map<string, Receipt>();
	for (const row of rows) {
		const receipt = receiptFormat.read(row);
		if (receipt !== undefined) {
			const { customerId, nodeKey, atMs, outcome, requestId } = receipt;
			receiptsByContent.set(JSON.stringify([customerId, nodeKey, atMs, outcome, requestId]), receipt);
		}
	}
	const repeatEnds = rows.flatMap((row) => repeatEndFormat.read(row) ?? []);
	return joinRepeats([...receiptsByContent.values()], repeatEnds, lastMetMsOf);
}

/** Counts each row of a customer that cannot be read, because somebody has edited the row, as a missing receipt. */
function gapsOfUnreadableRows(rows: readonly TableRow[], nowMs: number): Coverage['gaps'] {
	const unreadableRows = rows.filter(
		(row) => receiptFormat.read(row) === undefined && repeatEndFormat.read(row) === undefined,
	);
	return unreadableRows.map((row) => {
		const atMs = momentOf(row['at']);
		return { atMs: Number.isNaN(atMs) ? nowMs : atMs, missing: 1 };
	});
}

function timeConditions({ fromMs, untilMs }: Pick<ReceiptQuery, 'fromMs' | 'untilMs'>): Condition[] {
	const conditions: Condition[] = [];
	if (fromMs !== undefined) {
		conditions.push({ column: 'at', is: 'atLeast', value: new Date(fromMs).toISOString() });
	}
	if (untilMs !== undefined) {
		conditions.push({ column: 'at', is: 'less', value: new Date(untilMs).toISOString() });
	}
	return conditions;
}

/**
 * Makes the reads that find a device in the JSON of receipts: as a DeviceId, as the DeviceName that ends one, or as a CustomerDeviceNo. Each read
 * searches for the text with the quotes or the slash around it. Otherwise the newest receipts with `lock_1` could all be of `lock_10` to `lock_19`.
 * @returns the conditions of each read; one read without a condition if the query names no device
 */
function deviceConditions(device: string): Condition[][] {
	if (device === '') {
		return [[]];
	}
	const escapedDevice = JSON.stringify(device).slice(1, -1);
	const searchedTexts = [`["${escapedDevice}","`, `/${escapedDevice}","`, `","${escapedDevice}","`];
	return searchedTexts.map((value) => [{ column: 'receipt', is: 'contains', value }]);
}

/** Rows of one table, each once, the newest first. Two reads may have found the same row. */
function distinctRows(rows: readonly TableRow[]): TableRow[] {
	const rowsById = new Map(rows.map((row) => [row.id, row]));
	return [...rowsById.values()].sort((a, b) => b.id - a.id);
}

/** Whether a receipt names a device, whatever its case: by its DeviceId, the DeviceName that ends it, or its CustomerDeviceNo. */
function namesDevice({ devices }: Receipt, device: string): boolean {
	if (device === '') {
		return true;
	}
	const lowerCaseDevice = device.toLowerCase();
	return devices.some(({ DeviceId, CustomerDeviceNo }) => {
		const [, deviceName] = DeviceId.toLowerCase().split('/');
		const names = [DeviceId.toLowerCase(), deviceName, CustomerDeviceNo.toLowerCase()];
		return names.includes(lowerCaseDevice);
	});
}

function readOfMarks({ accountHash }: ReceiptQuery): MonthRead {
	return { where: { every: [equal('account', markFormat.accountCell(accountHash))] } };
}

/** Finds since when the log of an account has all receipts, and which ones it lacks. */
function coverageOf(
	rows: readonly TableRow[],
	monthsNewestFirst: readonly LogTable[],
	{ nowMs, unwritten = { gaps: [], runningNodeKeys: [] } }: ReceiptQuery,
): Coverage {
	const marks = rows.flatMap((row) => markFormat.read(row) ?? []);
	const gaps = marks.flatMap((mark) => {
		return mark.kind === 'gap' ? [{ atMs: mark.atMs, missing: mark.missing }] : [];
	});
	gaps.push(...unwritten.gaps);
	const { runningNodeKeys } = unwritten;
	const marksOfKinds = (...kinds: Array<Mark['kind']>) => marks.filter(({ kind }) => kinds.includes(kind));
	const laterStartMarks = marksOfKinds('begin', 'dropped');
	const isCompleteSinceFirstRun = laterStartMarks.length === 0 && marksOfKinds('first').length > 0;
	const oldestMonthMs = monthsNewestFirst.at(-1)?.fromMs ?? nowMs;
	const latestStartMs = Math.max(oldestMonthMs, ...laterStartMarks.map(({ atMs }) => atMs));
	return { completeFromMs: isCompleteSinceFirstRun ? undefined : latestStartMs, gaps, runningNodeKeys };
}

function isReceiptOfRows(receipt: Receipt): receipt is ReceiptOfNamedCustomer {
	return receipt.outcome !== 'GONE';
}

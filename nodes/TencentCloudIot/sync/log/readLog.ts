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
	/** Whether the log has more receipts in the period than `mostReceipts`. */
	isListCut: boolean;
	/** What the receipts until the end of the period prove of the customer; undefined if the query names no customer. */
	proof?: Proof;
	/** If the log has no receipt of exactly this CustomerId: ids that differ from it in upper and lower case only. */
	otherSpellings: string[];
}

/** A run takes at most this long. So the table of a month may have receipts that are up to this much older than the month. */
const LONGEST_RUN_MS = 24 * 3_600_000;

/**
 * One read returns at most this many rows, and a further read those before them. n8n would read a longer list in pieces, and fail if a run wrote a
 * row in between.
 */
const ROWS_A_READ = 1_000;

/** At most this many receipts are searched for customers that have left the rows. That takes 20 calls of n8n. */
const MOST_SEARCHED_RECEIPTS = 20_000;

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

/** Which rows to read from the table of a month, the newest first. */
interface MonthRead {
	/** The conditions that each row meets. */
	every: readonly Condition[];
	/** How many rows the first call reads; `ROWS_A_READ` at most. If the table has more, further calls read the rows before them. */
	firstCount: number;
	/** Whether the rows that were read so far are enough. */
	isEnough: (rows: readonly TableRow[]) => boolean;
}

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
		const every = [equal('account', runFormat.accountCell(accountHash)), equal('customer', nodeKey)];
		const runsIn = (rows: readonly TableRow[]) => rows.flatMap((row) => runFormat.read(row) ?? []);
		let lastRuns: RunRow[] = [];
		for (const month of await this.#tablesNewestFirst()) {
			const wantedCount = mostRuns - lastRuns.length;
			if (wantedCount > 0) {
				const monthRead = {
					every,
					firstCount: Math.min(wantedCount, ROWS_A_READ),
					isEnough: (rows: readonly TableRow[]) => runsIn(rows).length >= wantedCount,
				};
				const [rows = []] = await this.#readMonths([month], [monthRead]);
				lastRuns = [...lastRuns, ...runsIn(rows)];
			}
		}
		return lastRuns.slice(0, mostRuns);
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
				const receiptRows = await this.#readPage(id, [equal('account', accountHash)], beforeRowId);
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
				beforeRowId = rowIdBefore(receiptRows, ROWS_A_READ);
			}
		}
		return receiptByCustomerKey;
	}

	/** The tables of the log, the newest month first. */
	async #tablesNewestFirst(): Promise<LogTable[]> {
		return (await new LogTables(this.#tables).list()).toReversed();
	}

	/** Reads the newest rows with an id below `beforeRowId` from one table: `ROWS_A_READ` of them, or fewer if there are no more. */
	async #readPage(id: string, every: readonly Condition[], beforeRowId: number): Promise<TableRow[]> {
		const olderRows: Condition[] =
			beforeRowId < Infinity ? [{ column: 'id', is: 'less', value: beforeRowId }] : [];
		const where = { every: [...every, ...olderRows] };
		const [rows] = await this.#tables.run([{ do: 'read', table: { id }, where, newest: ROWS_A_READ }]);
		return rows;
	}

	/** Adds the rows before `firstRows`, which the first call of a read has found in one table, until the rows are enough or the table has no more. */
	async #readFurther(id: string, monthRead: MonthRead, firstRows: readonly TableRow[]): Promise<TableRow[]> {
		let rows = [...firstRows];
		let beforeRowId = rowIdBefore(rows, monthRead.firstCount);
		while (beforeRowId > 0 && !monthRead.isEnough(rows)) {
			const page = await this.#readPage(id, monthRead.every, beforeRowId);
			rows = [...rows, ...page];
			beforeRowId = rowIdBefore(page, ROWS_A_READ);
		}
		return rows;
	}

	/** Reads from all months. The call that lists the tables also reads the current month, so a log of one month needs only one call. */
	async #readAllMonths(nowMs: number, reads: readonly MonthRead[]): Promise<RowsOfMonths> {
		const name = tableNameAt(nowMs);
		const stepsOfThisMonth = reads.map((monthRead) => readStep({ name }, monthRead));
		const [listed, ...firstRowsOfThisMonth] = await this.#tables.run([LIST_LOG_TABLES, ...stepsOfThisMonth]);
		const months = logTablesIn(listed).toReversed();
		const thisMonth = months.find((month) => month.name === name);
		const otherMonths = months.filter((month) => month !== thisMonth);
		const rowsOfOtherMonths = await this.#readMonths(otherMonths, reads);
		const rowsOfReads: TableRow[][] = [];
		for (const [index, monthRead] of reads.entries()) {
			const firstRows = firstRowsOfThisMonth[index] ?? [];
			const rowsOfThisMonth =
				thisMonth === undefined ? [] : await this.#readFurther(thisMonth.id, monthRead, firstRows);
			rowsOfReads.push([...rowsOfThisMonth, ...(rowsOfOtherMonths[index] ?? [])]);
		}
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
		const rowsOfReads = reads.map((): TableRow[][] => []);
		const readsOfMonths = monthsNewestFirst.flatMap(({ id }) => {
			return reads.map((monthRead, index) => ({ id, monthRead, rowsOfRead: rowsOfReads[index] }));
		});
		for (let start = 0; start < readsOfMonths.length; start += READS_A_CALL) {
			const readsOfCall = readsOfMonths.slice(start, start + READS_A_CALL);
			const steps = readsOfCall.map(({ id, monthRead }) => readStep({ id }, monthRead));
			const firstRowsOfSteps = await this.#tables.run(steps);
			for (const [index, { id, monthRead, rowsOfRead }] of readsOfCall.entries()) {
				rowsOfRead?.push(await this.#readFurther(id, monthRead, firstRowsOfSteps[index] ?? []));
			}
		}
		return rowsOfReads.map((rowsOfMonths) => rowsOfMonths.flat());
	}

	/** Reads the receipts of all customers in a period, as many as `mostReceipts` allows. */
	async #readPeriod(query: ReceiptQuery): Promise<Pick<FoundReceipts, 'receipts' | 'isListCut'>> {
		const { accountHash, device, fromMs = -Infinity, untilMs = Infinity, mostReceipts, lastMetMsOf } = query;
		const matchingReceiptsIn = (rows: readonly TableRow[]) => {
			return receiptsIn(rows, lastMetMsOf).filter((receipt) => namesDevice(receipt, device));
		};
		const periodConditions = [equal('account', accountHash), ...timeConditions(query)];
		// One receipt more than `mostReceipts` shows that the list is cut.
		const reads = deviceConditions(device).map((conditions): MonthRead => {
			return {
				every: [...periodConditions, ...conditions],
				firstCount: Math.min(mostReceipts + 1, ROWS_A_READ),
				isEnough: (rows) => matchingReceiptsIn(rows).length > mostReceipts,
			};
		});
		let receipts: Receipt[] = [];
		for (const month of await this.#tablesNewestFirst()) {
			const isInPeriod = month.untilMs > fromMs && month.fromMs < untilMs + LONGEST_RUN_MS;
			// Earlier months have only older receipts, so they are not read once there are enough.
			if (!isInPeriod || receipts.length > mostReceipts) {
				continue;
			}
			const rowsOfReads = await this.#readMonths([month], reads);
			receipts = [...receipts, ...matchingReceiptsIn(distinctRows(rowsOfReads.flat()))];
		}
		receipts.sort((a, b) => b.atMs - a.atMs);
		return {
			receipts: receipts.slice(0, mostReceipts),
			isListCut: receipts.length > mostReceipts,
		};
	}

	/** Finds the CustomerIds in the log that differ from the wanted one in upper and lower case only. */
	async #findSpellings(
		months: readonly LogTable[],
		{ accountHash, customerId }: ReceiptQuery,
	): Promise<string[]> {
		// An id that begins and ends with this one is hardly ever another id. A search for ids that contain this one would find far more of them.
		const readOfSimilarIds: MonthRead = {
			every: [
				equal('account', accountHash),
				{ column: 'customer', is: 'like', value: `${customerId}%` },
				{ column: 'customer', is: 'like', value: `%${customerId}` },
			],
			firstCount: ROWS_A_READ,
			isEnough: () => true,
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
	return readOfAllRows(every);
}

/** Makes a read of all rows that meet the conditions. */
function readOfAllRows(every: readonly Condition[]): MonthRead {
	return { every, firstCount: ROWS_A_READ, isEnough: () => false };
}

/** The step that makes the first call of a read. */
function readStep(table: ReadStep['table'], { every, firstCount }: MonthRead): ReadStep {
	return { do: 'read', table, where: { every }, newest: firstCount };
}

/** The id below which a table may have further rows, after a read that returned `rows`; 0 if it returned fewer than it asked for, so there are no more. */
function rowIdBefore(rows: readonly TableRow[], requestedCount: number): number {
	return rows.length < requestedCount ? 0 : (rows.at(-1)?.id ?? 0);
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
	return searchedTexts.map((text) => [{ column: 'receipt', is: 'like', value: `%${text}%` }]);
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
	return readOfAllRows([equal('account', markFormat.accountCell(accountHash))]);
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

/**
 * The rows of the log. A receipt says what became of one customer in one run; the row of a run says how the run ended; a mark says what the log
 * lacks.
 *
 * All rows have the same four columns. With each further column it takes a fifth longer to write 100,000 rows. Values that no read searches for
 * are JSON in one column, so later versions can add values: n8n's node cannot add a column.
 */
import type { DeviceInfo } from '../../service/devices';
import type { OutcomeName } from '../../service/outcome';
import { momentOf } from '../../tables/dataTables';
import { isMoment, isText, parseMembers } from '../edited';

/** The columns of a log table. */
export const LOG_COLUMNS = {
	/** The hash of App Key and endpoint (`StateHashes.applicationHash`). ` runs` follows it for the row of a run, ` marks` for a mark. */
	account: 'string',
	/** The CustomerId as sent; for a run or a mark, the key of the node. */
	customer: 'string',
	/** When the outcome was known, or the run ended. */
	at: 'date',
	/** The rest of a `Receipt`, a `RepeatEnd`, a `RunRow` or a `Mark`, as JSON. */
	receipt: 'string',
} as const;

export type LogRow = Record<keyof typeof LOG_COLUMNS, string>;

/**
 * What became of a customer.
 * - `OK`: Tencent accepted exactly these devices
 * - `REFUSED`, `NOT_SENT`: nothing was changed
 * - `UNKNOWN`: Tencent may have applied these devices
 * - `GONE`: no row names the customer any more, and nothing was sent
 */
type ReceiptOutcome = OutcomeName | 'GONE';

/** What became of one customer in one run. */
export interface Receipt {
	customerId: string;
	/** When the outcome was known, Unix milliseconds. A repeated failure has the time when it was first met. */
	atMs: number;
	/** For a repeated failure: when the last run that met it began, Unix milliseconds. Undefined for any other receipt. */
	lastMetMs?: number | undefined;
	outcome: ReceiptOutcome;
	/** The key of the node. */
	nodeKey: string;
	/** Whether the node is a Push. A Push may have the rows of a few customers only, so it cannot tell that a customer is gone. */
	isPush?: boolean;
	/** The code of the failure, or of why some rows of an accepted customer were not sent. */
	code?: string | undefined;
	/** The text that belongs to `code`. */
	reason?: string | undefined;
	/** The devices as sent; empty if nothing could be sent. */
	devices: readonly DeviceInfo[];
	/** The RequestId of the response that decided the outcome, or else of the last request; undefined if no request was made. */
	requestId?: string | undefined;
}

/** A receipt of a customer that the rows name: any but `GONE`. */
export interface ReceiptOfNamedCustomer extends Receipt {
	outcome: OutcomeName;
}

/** How a run ended. Successive runs that wrote no receipt and ended the same way share one row. */
export interface RunRow {
	/** The key of the node. */
	nodeKey: string;
	/** When the run ended, Unix milliseconds; for several runs, the last one. */
	atMs: number;
	/** When the run began, Unix milliseconds; for several runs, the first one. */
	sinceMs: number;
	/** How many runs the row stands for. */
	runs: number;
	/** `ok`, `degraded` or `failing`. */
	health: string;
	/** Why the whole run failed, as a code; '' if the run did not fail. */
	code: string;
	/** How many receipts the run has written. */
	receipts: number;
	/** How many receipts the run could not write. */
	missing: number;
	/** The summary of the run's report in English. With *Name Customers* off it has no names. */
	summary: string;
	/** The summary in Chinese. */
	summaryZh: string;
}

/**
 * Says since when the log has all receipts of a node, or which receipts it lacks. There are few marks, so all of them are read each time.
 * - `first`: this was the first run of the node, so the node has no older receipts
 * - `begin`: the node writes receipts from this run on, but ran before
 * - `gap`: receipts of this run could not be written
 * - `dropped`: the tables of the months before `atMs` were dropped
 */
export type Mark = { nodeKey: string; atMs: number } & (
	| { kind: 'first' | 'begin' | 'dropped' }
	| { kind: 'gap'; missing: number }
);

/** The JSON of a receipt in the column `receipt`. The names are short because each of 100,000 rows has them. */
interface StoredReceipt {
	/** `Receipt.outcome` */
	o: ReceiptOutcome;
	/** `Receipt.nodeKey` */
	n: string;
	/** 1 if the node is a Push. */
	p?: 1 | undefined;
	/** `Receipt.code` */
	c?: string | undefined;
	/** `Receipt.reason` */
	w?: string | undefined;
	/** `Receipt.requestId` */
	r?: string | undefined;
	/** The devices, each as three texts. */
	d: Array<[deviceId: string, deviceNo: string, product: string]>;
}

/**
 * Makes a row of the log.
 * @param account the cell of the column `account`; ends with ` runs` or ` marks` in the row of a run or a mark
 * @param stored what the column `receipt` holds
 */
function makeLogRow(account: string, customer: string, atMs: number, stored: object): LogRow {
	return { account, customer, at: new Date(atMs).toISOString(), receipt: JSON.stringify(stored) };
}

/** Writes a receipt as a row, and reads such a row. */
export const receiptFormat = {
	write(accountHash: string, receipt: Receipt): LogRow {
		const { customerId, atMs, outcome, nodeKey, isPush, code, reason, devices, requestId } = receipt;
		const stored: StoredReceipt = {
			o: outcome,
			n: nodeKey,
			p: isPush === true ? 1 : undefined,
			c: code,
			w: reason,
			r: requestId,
			d: devices.map(({ DeviceId, CustomerDeviceNo, ProductName }) => [
				DeviceId,
				CustomerDeviceNo,
				ProductName,
			]),
		};
		return makeLogRow(accountHash, customerId, atMs, stored);
	},

	/** Reads the row of a receipt. @returns undefined if somebody has edited the row so that it cannot be read */
	read(row: Readonly<Record<string, unknown>>): Receipt | undefined {
		const stored = parseMembers<StoredReceipt>(row['receipt']);
		const atMs = momentOf(row['at']);
		if (!isOutcome(stored.o) || !isListOfLists(stored.d) || Number.isNaN(atMs)) {
			return undefined;
		}
		const devices = stored.d.map((device) => {
			const [DeviceId = '', CustomerDeviceNo = '', ProductName = ''] = device.map(String);
			return { DeviceId, CustomerDeviceNo, ProductName };
		});
		return {
			customerId: String(row['customer']),
			atMs,
			outcome: stored.o,
			nodeKey: String(stored.n ?? ''),
			isPush: stored.p === 1,
			code: isText(stored.c) ? stored.c : undefined,
			reason: isText(stored.w) ? stored.w : undefined,
			devices,
			requestId: isText(stored.r) ? stored.r : undefined,
		};
	},
};

/**
 * A row of the log that says until when a repeated failure lasted. The run that finds the failure over writes this row, because the receipt of the
 * failure has only the time when it was first met.
 */
export interface RepeatEnd {
	customerId: string;
	/** The key of the node. */
	nodeKey: string;
	/** When the last run that met the failure began, Unix milliseconds. */
	lastMetMs: number;
}

/** Writes the end of a repeated failure as a row, and reads such a row. */
export const repeatEndFormat = {
	write(accountHash: string, { customerId, nodeKey, lastMetMs }: RepeatEnd): LogRow {
		return makeLogRow(accountHash, customerId, lastMetMs, { n: nodeKey, until: lastMetMs });
	},

	/** Reads the row of a `RepeatEnd`. @returns undefined if the row is something else */
	read(row: Readonly<Record<string, unknown>>): RepeatEnd | undefined {
		const { n: nodeKey, until } = parseMembers<{ n: string; until: number }>(row['receipt']);
		if (!isText(nodeKey) || typeof until !== 'number') {
			return undefined;
		}
		return { customerId: String(row['customer']), nodeKey, lastMetMs: until };
	},
};

/** Writes the row of a run, and reads such a row. */
export const runFormat = {
	/** The cell `account` of the rows of runs. It differs from that of receipts, so a search for receipts finds no such row. */
	accountCell(accountHash: string): string {
		return `${accountHash} runs`;
	},

	write(accountHash: string, { nodeKey, atMs, ...stored }: RunRow): LogRow {
		return makeLogRow(runFormat.accountCell(accountHash), nodeKey, atMs, stored);
	},

	/** Reads the row of a run. @returns undefined if somebody has edited the row so that it cannot be read */
	read(row: Readonly<Record<string, unknown>>): RunRow | undefined {
		const stored = parseMembers<RunRow>(row['receipt']);
		return runFormat.ofMembers({ ...stored, nodeKey: row['customer'], atMs: momentOf(row['at']) });
	},

	/** Makes the row of a run from its members as JSON has them. @returns undefined if somebody has edited them so that they cannot be read */
	ofMembers(members: Partial<Record<keyof RunRow, unknown>>): RunRow | undefined {
		const { nodeKey, atMs, health } = members;
		if (!isText(health) || !isMoment(atMs)) {
			return undefined;
		}
		return {
			nodeKey: String(nodeKey),
			atMs,
			sinceMs: Number(members.sinceMs ?? atMs),
			runs: Number(members.runs ?? 1),
			health,
			code: String(members.code ?? ''),
			receipts: Number(members.receipts ?? 0),
			missing: Number(members.missing ?? 0),
			summary: String(members.summary ?? ''),
			summaryZh: String(members.summaryZh ?? ''),
		};
	},
};

/** Writes a mark as a row, and reads such a row. */
export const markFormat = {
	/** The cell `account` of marks. It differs from that of receipts, so a search for receipts finds no mark. */
	accountCell(accountHash: string): string {
		return `${accountHash} marks`;
	},

	write(accountHash: string, { nodeKey, atMs, ...stored }: Mark): LogRow {
		return makeLogRow(markFormat.accountCell(accountHash), nodeKey, atMs, stored);
	},

	/** Reads the row of a mark. @returns undefined if somebody has edited the row so that it cannot be read */
	read(row: Readonly<Record<string, unknown>>): Mark | undefined {
		const { kind, missing } = parseMembers<{ kind: string; missing: number }>(row['receipt']);
		const nodeAndTime = { nodeKey: String(row['customer']), atMs: momentOf(row['at']) };
		if (Number.isNaN(nodeAndTime.atMs)) {
			return undefined;
		}
		if (kind === 'gap') {
			return { ...nodeAndTime, kind, missing: Number(missing ?? 0) };
		}
		return kind === 'first' || kind === 'begin' || kind === 'dropped' ? { ...nodeAndTime, kind } : undefined;
	},
};

const OUTCOMES: readonly ReceiptOutcome[] = ['OK', 'REFUSED', 'NOT_SENT', 'UNKNOWN', 'GONE'];

function isListOfLists(value: unknown): value is unknown[][] {
	return Array.isArray(value) && value.every(Array.isArray);
}

function isOutcome(value: unknown): value is ReceiptOutcome {
	return OUTCOMES.some((outcome) => outcome === value);
}

/**
 * What stands in the log: a receipt says what became of one customer in one run, a run's row what a run came to.
 *
 * Both are rows of four columns: each further column costs a fifth of the time that it takes to write 100,000 rows. What need not be
 * searched is JSON in one column, so that it may grow: the columns of a table are for ever.
 */
import type { DeviceInfo } from '../../service/devices';
import type { OutcomeName } from '../../service/outcome';
import { isText, parseMembers } from '../edited';

/** The columns of a log table. */
export const LOG_COLUMNS = {
	/** Which application of Tencent it is about, keyed; behind it stands ` runs` for the row of a run, and ` marks` for a mark. */
	account: 'string',
	/** The CustomerId as sent; of runs and marks the key of their node. */
	customer: 'string',
	/** When that was known. */
	at: 'date',
	/** A `Receipt`, a `RunRow` or a `Mark` as JSON, without what the other columns have. */
	receipt: 'string',
} as const;

export type LogRow = Record<keyof typeof LOG_COLUMNS, string>;

/**
 * What became of a customer.
 * - `OK`: Tencent accepted exactly these devices
 * - `REFUSED`, `NOT_SENT`: nothing was changed
 * - `UNKNOWN`: Tencent may have applied these devices
 * - `GONE`: the customer is not in the rows any more; nothing was sent
 */
type ReceiptOutcome = OutcomeName | 'GONE';

export interface Receipt {
	customerId: string;
	/** When the outcome was known; of a failure that has repeated itself, the first time. */
	atMs: number;
	/** Of a failure that has repeated itself: when the last run that met it began. Undefined for any other receipt. */
	lastMs?: number | undefined;
	outcome: ReceiptOutcome;
	/** Names workflow and node. */
	node: string;
	/** Whether the node is a Push: it may have the rows of a few customers only, so its receipts never say that one is gone. */
	isPush?: boolean;
	/** Why it failed, or why rows of an accepted customer were left out. */
	code?: string | undefined;
	reason?: string | undefined;
	/** As sent; none where nothing could be sent. */
	devices: readonly DeviceInfo[];
	/** The RequestId of the response that decided the outcome; undefined where no request was made. */
	requestId?: string | undefined;
}

/** A receipt that says what became of a customer of the rows. */
export interface ReceiptOfRows extends Receipt {
	outcome: OutcomeName;
}

/** How a run ended. Runs in sequence that have nothing to do are one row, with the time of the last one. */
export interface RunRow {
	/** Names workflow and node. */
	node: string;
	/** When the run ended; of several runs the last one. */
	atMs: number;
	/** When the run began; of several runs the first one. */
	sinceMs: number;
	/** How many runs it stands for. */
	runs: number;
	health: string;
	/** Why the whole run failed; '' where it did not. */
	code: string;
	/** How many receipts were written. */
	receipts: number;
	/** How many could not be written. */
	missing: number;
	/** What was said of it, in English and Chinese; without names where customers must not be named. */
	summary: string;
	summaryZh: string;
}

/**
 * What the log does not have, or from when on it has all. Marks are few, so that a question reads all of them.
 * - `first`: with this run the node began; no receipt of it is older
 * - `begin`: from this run on the node writes receipts; it ran before
 * - `gap`: receipts of this run could not be written
 * - `dropped`: months before this one were dropped
 */
export type Mark = { node: string; atMs: number } & (
	| { kind: 'first' | 'begin' | 'dropped' }
	| { kind: 'gap'; missing: number }
);

/** The JSON in the column `receipt`. Its names are short because each of 100,000 rows has them. */
interface StoredReceipt {
	o: ReceiptOutcome;
	n: string;
	/** 1 for a Push. */
	p?: 1 | undefined;
	c?: string | undefined;
	w?: string | undefined;
	r?: string | undefined;
	/** The devices, three texts for each. */
	d: Array<[deviceId: string, serialNo: string, product: string]>;
}

/** @param stored what the JSON of the row has */
function rowOf(account: string, customer: string, atMs: number, stored: object): LogRow {
	return { account, customer, at: new Date(atMs).toISOString(), receipt: JSON.stringify(stored) };
}

/** Writes a receipt as a row, and reads it. */
export const receiptFormat = {
	write(account: string, receipt: Receipt): LogRow {
		const { customerId, atMs, outcome, node, isPush, code, reason, devices, requestId } = receipt;
		const stored: StoredReceipt = {
			o: outcome,
			n: node,
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
		return rowOf(account, customerId, atMs, stored);
	},

	/** @returns undefined for a row that somebody has edited so that it cannot be read */
	read(row: Readonly<Record<string, unknown>>): Receipt | undefined {
		const stored = parseMembers(row['receipt']) as Partial<StoredReceipt>;
		const atMs = Date.parse(String(row['at']));
		if (!isOutcome(stored.o) || !Array.isArray(stored.d) || Number.isNaN(atMs)) {
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
			node: String(stored.n ?? ''),
			isPush: stored.p === 1,
			code: stored.c,
			reason: stored.w,
			devices,
			requestId: stored.r,
		};
	},
};

/** The end of a failure that has repeated itself. Once the failure is over this row follows its receipt, which has the first time only. */
export interface RepeatEnd {
	customerId: string;
	/** Names workflow and node. */
	node: string;
	/** When the last run that met the failure began, Unix milliseconds. */
	lastMs: number;
}

/** Writes the end of a repeated failure as a row, and reads it. */
export const repeatEndFormat = {
	write(account: string, { customerId, node, lastMs }: RepeatEnd): LogRow {
		return rowOf(account, customerId, lastMs, { n: node, until: lastMs });
	},

	/** @returns undefined for any other row */
	read(row: Readonly<Record<string, unknown>>): RepeatEnd | undefined {
		const { n: node, until } = parseMembers<{ n: string; until: number }>(row['receipt']);
		if (!isText(node) || typeof until !== 'number') {
			return undefined;
		}
		return { customerId: String(row['customer']), node, lastMs: until };
	},
};

/** Writes the row of a run, and reads it. */
export const runFormat = {
	/** What the column `account` has for the rows of runs. */
	accountOf(account: string): string {
		return `${account} runs`;
	},

	write(account: string, { node, atMs, ...stored }: RunRow): LogRow {
		return rowOf(runFormat.accountOf(account), node, atMs, stored);
	},

	/** @returns undefined for a row that somebody has edited so that it cannot be read */
	read(row: Readonly<Record<string, unknown>>): RunRow | undefined {
		const stored = parseMembers<RunRow>(row['receipt']);
		const atMs = Date.parse(String(row['at']));
		if (!isText(stored.health) || Number.isNaN(atMs)) {
			return undefined;
		}
		return {
			node: String(row['customer']),
			atMs,
			sinceMs: Number(stored.sinceMs ?? atMs),
			runs: Number(stored.runs ?? 1),
			health: stored.health,
			code: String(stored.code ?? ''),
			receipts: Number(stored.receipts ?? 0),
			missing: Number(stored.missing ?? 0),
			summary: String(stored.summary ?? ''),
			summaryZh: String(stored.summaryZh ?? ''),
		};
	},
};

/** Writes a mark as a row, and reads it. */
export const markFormat = {
	/** What the column `account` has for marks. */
	accountOf(account: string): string {
		return `${account} marks`;
	},

	write(account: string, { node, atMs, ...stored }: Mark): LogRow {
		return rowOf(markFormat.accountOf(account), node, atMs, stored);
	},

	/** @returns undefined for a row that somebody has edited so that it cannot be read */
	read(row: Readonly<Record<string, unknown>>): Mark | undefined {
		const { kind, missing } = parseMembers<{ kind: string; missing: number }>(row['receipt']);
		const place = { node: String(row['customer']), atMs: Date.parse(String(row['at'])) };
		if (Number.isNaN(place.atMs)) {
			return undefined;
		}
		if (kind === 'gap') {
			return { ...place, kind, missing: Number(missing ?? 0) };
		}
		return kind === 'first' || kind === 'begin' || kind === 'dropped' ? { ...place, kind } : undefined;
	},
};

const OUTCOMES: readonly ReceiptOutcome[] = ['OK', 'REFUSED', 'NOT_SENT', 'UNKNOWN', 'GONE'];

function isOutcome(value: unknown): value is ReceiptOutcome {
	return OUTCOMES.some((outcome) => outcome === value);
}

/**
 * Keeps the log small when customers keep failing for the same reason. The run that first meets a failure (a customer is refused, or withheld)
 * writes a receipt. Later runs that meet it again write none: the lock row remembers the failure until it is over.
 *
 *     a run             writes into the log                                          keeps in the lock row
 *     meets it first    a receipt                                                    a key of the failure
 *     meets it again    nothing                                                      the key, and when this run began
 *     no longer         until when it lasted (`RepeatEnd`), and the next receipt     nothing
 *
 * A request without a clear response always gets a receipt: Tencent may have applied each of them.
 */
import { digestOfText } from '../../service/signing/signature';
import { entriesOf, isText, readMembers } from '../edited';
import type { Receipt, RepeatEnd } from './receipt';

/** The failures in the lock row that the same run has met last. */
interface Repeats {
	/** When that run began, Unix milliseconds; 0 for failures that only one run has met. */
	lastMs: number;
	/** A key for each failure: 6 characters of a digest of the customer, 5 of a digest of the failure, and the time of the receipt in base 36. */
	keys: readonly string[];
}

/** How many characters of a key are the digest of the customer. */
const CUSTOMER_LENGTH = 6;
/** How many characters of a key are the digest of the failure. */
const FAILURE_LENGTH = 5;

/** The base of the time in a key: Unix milliseconds then have eight characters, in base 10 thirteen. */
const TIME_BASE = 36;

/** The lock row keeps at most this many failures: they take 110 kB. Of any further failure each run writes a receipt. */
const MOST_REPEATS = 5_000;

/** The failure of one customer that is not over yet. */
interface Repeat {
	/** A digest of outcome, code and devices, from `failureKey`. */
	failure: string;
	/** The time of the receipt, Unix milliseconds. */
	receiptMs: number;
	/** When the last run that met the failure began, Unix milliseconds; 0 if only one run has met it. */
	lastMs: number;
}

/** The failures of one node that are not over yet. A run reads them from the lock row, brings them up to date and writes them back. */
export class RepeatedFailures {
	/** The failure of each customer, by the customer's digest from `customerKey`. */
	readonly #byCustomer = new Map<string, Repeat>();

	constructor(repeats: readonly Repeats[]) {
		for (const { lastMs, keys } of repeats) {
			for (const key of keys) {
				const customer = key.slice(0, CUSTOMER_LENGTH);
				const failure = key.slice(CUSTOMER_LENGTH, CUSTOMER_LENGTH + FAILURE_LENGTH);
				const receiptMs = parseInt(key.slice(CUSTOMER_LENGTH + FAILURE_LENGTH), TIME_BASE);
				this.#byCustomer.set(customer, { failure, receiptMs, lastMs });
			}
		}
	}

	/** Whether a receipt is of a failure that has a receipt in the log already. Then it need not be written. */
	isRepeated(receipt: Receipt): boolean {
		return isFailure(receipt) && this.#find(receipt)?.failure === failureKey(receipt);
	}

	/** If this receipt ends a repeated failure: when the last run that met the failure began. Else undefined. */
	endedBy(receipt: Receipt): number | undefined {
		const repeat = this.#find(receipt);
		if (repeat === undefined || repeat.lastMs === 0 || this.isRepeated(receipt)) {
			return undefined;
		}
		return repeat.lastMs;
	}

	/** For the receipt of a failure in the log: when the last run that met it began. Undefined if only one run met it, or it is over. */
	lastOf(receipt: Receipt): number | undefined {
		const repeat = this.#find(receipt);
		return repeat?.receiptMs === receipt.atMs && repeat.lastMs > 0 ? repeat.lastMs : undefined;
	}

	/**
	 * Brings the failures up to date with the receipts of a run. Call it once these are in the log, or need not be written.
	 * @param beganMs when the run began, Unix milliseconds
	 */
	note(receipts: readonly Receipt[], beganMs: number): void {
		for (const receipt of receipts) {
			const repeat = this.#find(receipt);
			if (repeat !== undefined && this.isRepeated(receipt)) {
				repeat.lastMs = beganMs;
			} else if (isFailure(receipt)) {
				const failure = failureKey(receipt);
				this.#byCustomer.set(customerKey(receipt), { failure, receiptMs: receipt.atMs, lastMs: 0 });
			} else if (repeat !== undefined) {
				this.#byCustomer.delete(customerKey(receipt));
			}
		}
	}

	/** The failures as the lock row keeps them. */
	get kept(): Repeats[] {
		const keysByRun = new Map<number, string[]>();
		const newest = [...this.#byCustomer].slice(-MOST_REPEATS);
		for (const [customer, { failure, receiptMs, lastMs }] of newest) {
			const keys = keysByRun.get(lastMs) ?? [];
			keys.push(customer + failure + receiptMs.toString(TIME_BASE));
			keysByRun.set(lastMs, keys);
		}
		return [...keysByRun].map(([lastMs, keys]) => ({ lastMs, keys }));
	}

	#find(receipt: Receipt): Repeat | undefined {
		// In most runs no customer fails, so no digest has to be made.
		return this.#byCustomer.size === 0 ? undefined : this.#byCustomer.get(customerKey(receipt));
	}
}

/**
 * Joins successive receipts of the same failure of a customer into the first one, and sets its `lastMs`. The log has several if a run was killed
 * before it had changed the lock row.
 * @param receipts the one that was written last comes first, which decides the order of two with the same millisecond
 * @param lastOf gives when a failure that is not over yet was met last: see `RepeatedFailures.lastOf`
 * @returns the joined receipts, the newest first
 */
export function joinRepeats(
	receipts: readonly Receipt[],
	ends: readonly RepeatEnd[],
	lastOf: (receipt: Receipt) => number | undefined,
): Receipt[] {
	const joined: Receipt[] = [];
	const newestOfCustomers = new Map<string, Receipt>();
	const byTime = [...receipts.toReversed(), ...ends].sort((a, b) => timeOf(a) - timeOf(b));
	for (const receiptOrEnd of byTime) {
		const owner = `${receiptOrEnd.node} ${receiptOrEnd.customerId}`;
		const newest = newestOfCustomers.get(owner);
		const isOnlyEnd = !('outcome' in receiptOrEnd);
		if (
			newest !== undefined &&
			isFailure(newest) &&
			(isOnlyEnd || failureText(receiptOrEnd) === failureText(newest))
		) {
			newest.lastMs = timeOf(receiptOrEnd);
		} else if (!isOnlyEnd) {
			const receipt = { ...receiptOrEnd };
			newestOfCustomers.set(owner, receipt);
			joined.push(receipt);
		}
	}
	for (const receipt of joined) {
		receipt.lastMs = lastOf(receipt) ?? receipt.lastMs;
	}
	return joined.reverse();
}

function timeOf(entry: Receipt | RepeatEnd): number {
	return 'outcome' in entry ? entry.atMs : entry.lastMs;
}

/** Reads `RepeatedFailures.kept` from the cell `last`. An entry that somebody has edited so that it cannot be read is left out. */
export function readRepeats(value: unknown): Repeats[] {
	return entriesOf(value, isGroup).map(({ lastMs, keys }) => ({ lastMs, keys: entriesOf(keys, isText) }));
}

function isGroup(value: unknown): value is Repeats {
	const { lastMs, keys } = readMembers<Repeats>(value);
	return typeof lastMs === 'number' && Array.isArray(keys);
}

function isFailure({ outcome }: Receipt): boolean {
	return outcome === 'REFUSED' || outcome === 'NOT_SENT';
}

function customerKey({ node, customerId }: Receipt): string {
	return digestOfText(`${node} ${customerId}`, CUSTOMER_LENGTH);
}

function failureKey(receipt: Receipt): string {
	return digestOfText(failureText(receipt), FAILURE_LENGTH);
}

function failureText({ outcome, code, devices }: Receipt): string {
	return JSON.stringify([outcome, code, devices]);
}

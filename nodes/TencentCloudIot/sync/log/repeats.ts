/**
 * Failures that stand in the log already: customers that are refused or withheld on and on. Such a customer has one receipt, from the run
 * that met the failure first; what later runs meet again is remembered in the lock row:
 *
 *     first met        a receipt                                             in the lock row: its key
 *     met again        nothing                                               its key, and the run that met it last
 *     over             until when it repeated itself (`RepeatEnd`),          nothing
 *                      and the receipt that ends it
 *
 * A request without a clear response is no such failure: each may have been applied, also after somebody else has pushed the customer.
 */
import { digestOfText } from '../../service/signing/signature';
import { entriesOf, isText, readMembers } from '../edited';
import type { Receipt, RepeatEnd } from './receipt';

/** Failures in the lock row, grouped by the run that met them last. */
interface Repeats {
	/** When that run began, Unix milliseconds; 0 for failures that only one run has met. */
	lastMs: number;
	/** For each failure: 6 characters of a digest of its customer, 5 of a digest of the failure, and the time of its receipt in base 36. */
	keys: readonly string[];
}

const CUSTOMER_LENGTH = 6;
const FAILURE_LENGTH = 5;

/** In base 36 a time of these decades, in milliseconds, has eight characters. */
const TIME_BASE = 36;

/** 5,000 of them are 110 kB in the lock row; the failures beyond are written again by each run. */
const MOST_REPEATS = 5_000;

/** The failure of one customer that is not over yet. */
interface Repeat {
	/** A digest of outcome, code and devices, from `failureKey`. */
	failure: string;
	/** The time of its receipt. */
	receiptMs: number;
	/** When the last run that met it began; 0 where only one run has met it. */
	lastMs: number;
}

/** The failures of one node that are not over yet: read from its lock row, and brought up to date by a run. */
export class RepeatedFailures {
	/** By the digest of a customer, from `customerKey`. */
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

	/** Whether a receipt says the same as the one that the log has of its customer. */
	isRepeated(receipt: Receipt): boolean {
		return isFailure(receipt) && this.#find(receipt)?.failure === failureKey(receipt);
	}

	/** If this receipt ends a failure that has repeated itself: when the last run that met the failure began. Else undefined. */
	endedBy(receipt: Receipt): number | undefined {
		const repeat = this.#find(receipt);
		if (repeat === undefined || repeat.lastMs === 0 || this.isRepeated(receipt)) {
			return undefined;
		}
		return repeat.lastMs;
	}

	/** For the receipt of a failure in the log: when the last run that met it began. Undefined where only one run met it, or it is over. */
	lastOf(receipt: Receipt): number | undefined {
		const repeat = this.#find(receipt);
		return repeat?.receiptMs === receipt.atMs && repeat.lastMs > 0 ? repeat.lastMs : undefined;
	}

	/**
	 * Takes in the receipts of a run, once they are in the log.
	 * @param runMs when the run began, Unix milliseconds
	 */
	note(receipts: readonly Receipt[], runMs: number): void {
		for (const receipt of receipts) {
			const repeat = this.#find(receipt);
			if (repeat !== undefined && this.isRepeated(receipt)) {
				repeat.lastMs = runMs;
			} else if (isFailure(receipt)) {
				const failure = failureKey(receipt);
				this.#byCustomer.set(customerKey(receipt), { failure, receiptMs: receipt.atMs, lastMs: 0 });
			} else if (repeat !== undefined) {
				this.#byCustomer.delete(customerKey(receipt));
			}
		}
	}

	/** What the lock row is to have. */
	get kept(): Repeats[] {
		const byRun = new Map<number, string[]>();
		const newest = [...this.#byCustomer].slice(-MOST_REPEATS);
		for (const [customer, { failure, receiptMs, lastMs }] of newest) {
			const keys = byRun.get(lastMs) ?? [];
			keys.push(customer + failure + receiptMs.toString(TIME_BASE));
			byRun.set(lastMs, keys);
		}
		return [...byRun].map(([lastMs, keys]) => ({ lastMs, keys }));
	}

	#find(receipt: Receipt): Repeat | undefined {
		// In most runs nobody fails: then no digest is made.
		return this.#byCustomer.size === 0 ? undefined : this.#byCustomer.get(customerKey(receipt));
	}
}

/**
 * Joins receipts that say the same failure again into the first one, and sets when it was met last. The log has a failure twice if a run was
 * killed before it had changed the lock row.
 * @param receipts in the order in which they were written, the last one first: that decides between two of the same millisecond
 * @param lastOf gives when a failure that is not over yet was met last: see `RepeatedFailures.lastOf`
 * @returns the newest first
 */
export function joinRepeats(
	receipts: readonly Receipt[],
	ends: readonly RepeatEnd[],
	lastOf: (receipt: Receipt) => number | undefined,
): Receipt[] {
	const joined: Receipt[] = [];
	const newestOfCustomers = new Map<string, Receipt>();
	const byTime = [...receipts.toReversed(), ...ends].sort((a, b) => timeOf(a) - timeOf(b));
	for (const entry of byTime) {
		const owner = `${entry.node} ${entry.customerId}`;
		const newest = newestOfCustomers.get(owner);
		const isOnlyEnd = !('outcome' in entry);
		if (newest !== undefined && isFailure(newest) && (isOnlyEnd || contentOf(entry) === contentOf(newest))) {
			newest.lastMs = timeOf(entry);
		} else if (!isOnlyEnd) {
			const receipt = { ...entry };
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

/** What the lock row has; nothing where somebody has edited it. */
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
	return digestOfText(contentOf(receipt), FAILURE_LENGTH);
}

function contentOf({ outcome, code, devices }: Receipt): string {
	return JSON.stringify([outcome, code, devices]);
}

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

/** Failures that one run has met last. */
interface Repeats {
	/** When that run began, Unix milliseconds; 0 for failures that were met once. */
	lastMs: number;
	/** For each failure 6 characters of its customer, 5 of what failed, and the time of its receipt. */
	keys: readonly string[];
}

const CUSTOMER_LENGTH = 6;
const FAILURE_LENGTH = 5;

/** Base 36 has eight characters for a time of these decades, in milliseconds. */
const TIME_BASE = 36;

/** 5,000 of them are 110 kB in the lock row; the failures beyond are written again by each run. */
const MOST_REPEATS = 5_000;

/** What is remembered of one customer. */
interface Repeat {
	failure: string;
	/** Of its receipt. */
	receiptMs: number;
	/** The run that met it last; 0 where it was met once. */
	lastMs: number;
}

/** The failures of one node, as its lock row and its runs know them. */
export class RepeatedFailures {
	readonly #byCustomer = new Map<string, Repeat>();

	constructor(repeats: readonly Repeats[]) {
		for (const { lastMs, keys } of repeats) {
			for (const key of keys) {
				const customer = key.slice(0, CUSTOMER_LENGTH);
				const failure = key.slice(CUSTOMER_LENGTH, CUSTOMER_LENGTH + FAILURE_LENGTH);
				const atMs = parseInt(key.slice(CUSTOMER_LENGTH + FAILURE_LENGTH), TIME_BASE);
				this.#byCustomer.set(customer, { failure, receiptMs: atMs, lastMs });
			}
		}
	}

	/** Whether a receipt says the same as the one that the log has of its customer. */
	has(receipt: Receipt): boolean {
		return isFailure(receipt) && this.#find(receipt)?.failure === failureKey(receipt);
	}

	/** Until when the failure of a customer repeated itself which this receipt ends; undefined where there is none to end. */
	endedBy(receipt: Receipt): number | undefined {
		const repeat = this.#find(receipt);
		if (repeat === undefined || repeat.lastMs === 0 || this.has(receipt)) {
			return undefined;
		}
		return repeat.lastMs;
	}

	/** When the failure was met last that a receipt in the log says; undefined where it was met once, or is over. */
	lastOf(receipt: Receipt): number | undefined {
		const repeat = this.#find(receipt);
		return repeat?.receiptMs === receipt.atMs && repeat.lastMs > 0 ? repeat.lastMs : undefined;
	}

	/**
	 * Takes in what a run has met: its receipts stand in the log.
	 * @param runMs when it began, Unix milliseconds
	 */
	note(receipts: readonly Receipt[], runMs: number): void {
		for (const receipt of receipts) {
			const repeat = this.#find(receipt);
			if (repeat !== undefined && this.has(receipt)) {
				repeat.lastMs = runMs;
			} else if (isFailure(receipt)) {
				const { atMs } = receipt;
				this.#byCustomer.set(customerKey(receipt), {
					failure: failureKey(receipt),
					receiptMs: atMs,
					lastMs: 0,
				});
			} else if (repeat !== undefined) {
				this.#byCustomer.delete(customerKey(receipt));
			}
		}
	}

	/** For the lock row, grouped by the runs that met them last. */
	get kept(): Repeats[] {
		const byRun = new Map<number, string[]>();
		for (const [customer, { failure, receiptMs: atMs, lastMs }] of [...this.#byCustomer].slice(
			-MOST_REPEATS,
		)) {
			const keys = byRun.get(lastMs) ?? [];
			keys.push(customer + failure + atMs.toString(TIME_BASE));
			byRun.set(lastMs, keys);
		}
		return [...byRun].map(([lastMs, keys]) => ({ lastMs, keys }));
	}

	#find(receipt: Receipt): Repeat | undefined {
		// Nothing is looked up, and no digest made, where nobody fails: most runs are like that.
		return this.#byCustomer.size === 0 ? undefined : this.#byCustomer.get(customerKey(receipt));
	}
}

/**
 * Tells each failure once, with the time when it was met last: the log has it again where a run was killed before the lock row knew of it.
 * @param receipts those that were written later first; of two in the same millisecond that decides
 * @param lastOf when a failure was met last that is not over yet
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

/**
 * Keeps the log small when customers keep failing for the same reason. The run that first meets a failure (a customer is refused, or withheld)
 * writes a receipt. Later runs that meet it again write none: the lock row remembers the failure until it is over.
 *
 *     a run that              writes into the log                                          keeps in the lock row
 *     first meets a failure   a receipt                                                    a key of the failure
 *     meets it again          nothing                                                      the key, and when this run began
 *     no longer meets it      until when it lasted (`RepeatEnd`), and the next receipt     nothing
 *
 * A request without a clear response always gets a receipt: Tencent may have applied each of them.
 */
import { digestOfText } from '../../service/signing/signature';
import { entriesOf, isText, readMembers } from '../edited';
import type { Receipt, RepeatEnd } from './receipt';

/** The failures in the lock row that were last met by the same run. */
interface FailureGroup {
	/** When the run that last met the failures began, Unix milliseconds; 0 for failures that only one run has met. */
	lastMs: number;
	/**
	 * A key for each failure: 6 characters of a digest of the customer, 5 of a digest of the failure, and the time of the receipt in base 36. A
	 * later run sees by the digests that it has met the failure again, and the time leads to the receipt of the failure.
	 */
	keys: readonly string[];
}

/** A failure's key begins with a digest of node and customer, this many characters long. */
const CUSTOMER_DIGEST_LENGTH = 6;
/** A digest of the failure comes next in the key, this many characters long. */
const FAILURE_DIGEST_LENGTH = 5;

/** The base of the time in a key: Unix milliseconds then have eight characters, in base 10 thirteen. */
const TIME_BASE = 36;

/** The lock row keeps at most this many failures, which take 110 kB. If more customers fail, each run writes a receipt of every further failure. */
const MOST_FAILURES_KEPT = 5_000;

/** The failure of one customer that is not over yet. */
interface OngoingFailure {
	/** A digest of outcome, code and devices, from `failureDigestOf`. */
	failureDigest: string;
	/** The time of the receipt that reports the failure, Unix milliseconds. */
	receiptMs: number;
	/** When the last run that met the failure began, Unix milliseconds; 0 if only one run has met the failure. */
	lastMetMs: number;
}

/** The failures of one node that are not over yet. A run reads them from the lock row, brings them up to date and writes them back. */
export class OngoingFailures {
	/** The failure of each customer, by the customer's digest from `customerDigestOf`. */
	readonly #failuresByCustomerDigest = new Map<string, OngoingFailure>();

	constructor(failureGroups: readonly FailureGroup[]) {
		for (const { lastMs: lastMetMs, keys } of failureGroups) {
			for (const key of keys) {
				const customerDigest = key.slice(0, CUSTOMER_DIGEST_LENGTH);
				const failureDigest = key.slice(
					CUSTOMER_DIGEST_LENGTH,
					CUSTOMER_DIGEST_LENGTH + FAILURE_DIGEST_LENGTH,
				);
				const receiptMs = parseInt(key.slice(CUSTOMER_DIGEST_LENGTH + FAILURE_DIGEST_LENGTH), TIME_BASE);
				this.#failuresByCustomerDigest.set(customerDigest, { failureDigest, receiptMs, lastMetMs });
			}
		}
	}

	/** Whether the log already has a receipt of the failure that `receipt` reports. Then `receipt` need not be written. */
	isRepeated(receipt: Receipt): boolean {
		return (
			isRefusedOrNotSent(receipt) &&
			this.#ongoingFailureOf(receipt)?.failureDigest === failureDigestOf(receipt)
		);
	}

	/** If `receipt` ends a repeated failure: when the last run that met the failure began. Else undefined. */
	lastMetMsIfEndedBy(receipt: Receipt): number | undefined {
		const { lastMetMs = 0 } = this.#ongoingFailureOf(receipt) ?? {};
		const isRepeatedFailure = lastMetMs > 0;
		return isRepeatedFailure && !this.isRepeated(receipt) ? lastMetMs : undefined;
	}

	/** For a receipt in the log: when the last run that met its failure began. Undefined if only one run met the failure, or it is over. */
	lastMetMsOf(receipt: Receipt): number | undefined {
		const ongoingFailure = this.#ongoingFailureOf(receipt);
		return ongoingFailure?.receiptMs === receipt.atMs && ongoingFailure.lastMetMs > 0
			? ongoingFailure.lastMetMs
			: undefined;
	}

	/**
	 * Brings the failures up to date with the receipts of a run. Call it once the log has these receipts, or needs none of them.
	 * @param beganMs when the run began, Unix milliseconds
	 */
	noteReceipts(receipts: readonly Receipt[], beganMs: number): void {
		for (const receipt of receipts) {
			const ongoingFailure = this.#ongoingFailureOf(receipt);
			if (ongoingFailure !== undefined && this.isRepeated(receipt)) {
				ongoingFailure.lastMetMs = beganMs;
			} else if (isRefusedOrNotSent(receipt)) {
				const failureDigest = failureDigestOf(receipt);
				this.#failuresByCustomerDigest.set(customerDigestOf(receipt), {
					failureDigest,
					receiptMs: receipt.atMs,
					lastMetMs: 0,
				});
			} else if (ongoingFailure !== undefined) {
				this.#failuresByCustomerDigest.delete(customerDigestOf(receipt));
			}
		}
	}

	/** Reads the failures that the cell `last` keeps (`LogMemory.repeats`). An entry that somebody has edited so that it cannot be read is ignored. */
	static readFailureGroups(value: unknown): FailureGroup[] {
		return entriesOf(value, isGroup).map(({ lastMs, keys }) => ({ lastMs, keys: entriesOf(keys, isText) }));
	}

	/** The failures that are not over yet, as the lock row keeps them: in groups by the last run that met them. */
	get failureGroups(): FailureGroup[] {
		const keysByLastMetMs = new Map<number, string[]>();
		const newestFailures = [...this.#failuresByCustomerDigest].slice(-MOST_FAILURES_KEPT);
		for (const [customerDigest, { failureDigest, receiptMs, lastMetMs }] of newestFailures) {
			const keys = keysByLastMetMs.get(lastMetMs) ?? [];
			keys.push(customerDigest + failureDigest + receiptMs.toString(TIME_BASE));
			keysByLastMetMs.set(lastMetMs, keys);
		}
		return [...keysByLastMetMs].map(([lastMs, keys]) => ({ lastMs, keys }));
	}

	#ongoingFailureOf(receipt: Receipt): OngoingFailure | undefined {
		// In most runs no customer fails, so no digest has to be made.
		return this.#failuresByCustomerDigest.size === 0
			? undefined
			: this.#failuresByCustomerDigest.get(customerDigestOf(receipt));
	}
}

/**
 * Joins successive receipts of a customer that report the same failure: keeps the earliest of them, and sets its `lastMetMs`. The log has several
 * such receipts if a run was killed before it had changed the lock row.
 * @param receipts in any order, except that of two with the same time the one that was written later comes first
 * @param repeatEnds the rows of the log that say until when a failure lasted
 * @param lastMetMsOf gives when a failure that is not over yet was last met: see `OngoingFailures.lastMetMsOf`
 * @returns the joined receipts, the newest first
 */
export function joinRepeats(
	receipts: readonly Receipt[],
	repeatEnds: readonly RepeatEnd[],
	lastMetMsOf: (receipt: Receipt) => number | undefined,
): Receipt[] {
	const joinedReceipts: Receipt[] = [];
	const newestReceiptByNodeAndCustomer = new Map<string, Receipt>();
	const entriesOldestFirst = [...receipts.toReversed(), ...repeatEnds].sort(
		(a, b) => timeMsOf(a) - timeMsOf(b),
	);
	for (const receiptOrRepeatEnd of entriesOldestFirst) {
		const nodeAndCustomer = `${receiptOrRepeatEnd.nodeKey} ${receiptOrRepeatEnd.customerId}`;
		const newestReceipt = newestReceiptByNodeAndCustomer.get(nodeAndCustomer);
		if (newestReceipt !== undefined && continuesFailure(receiptOrRepeatEnd, newestReceipt)) {
			newestReceipt.lastMetMs = timeMsOf(receiptOrRepeatEnd);
		} else if ('outcome' in receiptOrRepeatEnd) {
			const joinedReceipt = { ...receiptOrRepeatEnd };
			newestReceiptByNodeAndCustomer.set(nodeAndCustomer, joinedReceipt);
			joinedReceipts.push(joinedReceipt);
		}
	}
	for (const receipt of joinedReceipts) {
		receipt.lastMetMs = lastMetMsOf(receipt) ?? receipt.lastMetMs;
	}
	return joinedReceipts.reverse();
}

/**
 * Whether the failure that `earlier` reports went on until `receiptOrRepeatEnd`: a further receipt of that failure, or the row that says
 * until when the failure lasted.
 */
function continuesFailure(receiptOrRepeatEnd: Receipt | RepeatEnd, earlier: Receipt): boolean {
	const isRepeatEnd = !('outcome' in receiptOrRepeatEnd);
	return (
		isRefusedOrNotSent(earlier) && (isRepeatEnd || failureText(receiptOrRepeatEnd) === failureText(earlier))
	);
}

function timeMsOf(receiptOrRepeatEnd: Receipt | RepeatEnd): number {
	return 'outcome' in receiptOrRepeatEnd ? receiptOrRepeatEnd.atMs : receiptOrRepeatEnd.lastMetMs;
}

function isGroup(value: unknown): value is FailureGroup {
	const { lastMs, keys } = readMembers<FailureGroup>(value);
	return typeof lastMs === 'number' && Array.isArray(keys);
}

function isRefusedOrNotSent({ outcome }: Receipt): boolean {
	return outcome === 'REFUSED' || outcome === 'NOT_SENT';
}

function customerDigestOf({ nodeKey, customerId }: Receipt): string {
	return digestOfText(`${nodeKey} ${customerId}`, CUSTOMER_DIGEST_LENGTH);
}

function failureDigestOf(receipt: Receipt): string {
	return digestOfText(failureText(receipt), FAILURE_DIGEST_LENGTH);
}

function failureText({ outcome, code, devices }: Receipt): string {
	return JSON.stringify([outcome, code, devices]);
}

import { shownText } from '../../host/shown';
import { dayAndTime } from '../../input/dateTime';
import { RUN } from '../../messages/run';
import { presentMembers } from '../../resources/operation/presentMembers';
import { type Fact, ofRows, ours, type Text } from '../../messages/text';
import type { ReceiptOfRows } from '../../sync/log/receipt';
import { asStop, type Moved } from '../../sync/safetyChecks';
import type { EndedRun } from './result';

/** The most of a kind that messages, plans and reports name: customers that are gone, devices that have moved. */
export const MOST_EXAMPLES = 5;

/**
 * The last receipts of the customers that this run no longer found in the rows. There are none of a run that was stopped: who is missing
 * from its rows is not gone yet.
 */
export function receiptsOfGone({ gone, blocked, sync }: EndedRun): ReceiptOfRows[] {
	const keys = blocked === undefined ? (sync?.missing ?? []) : [];
	return keys.flatMap((key) => gone?.get(key) ?? []);
}

/** The last receipts of the customers that are missing from the rows of a plan. */
export function receiptsOfMissing({ gone, blocked }: EndedRun): ReceiptOfRows[] {
	const keys = asStop(blocked)?.plan?.changes?.missing ?? [];
	return keys.flatMap((key) => gone?.get(key) ?? []);
}

/** "user_1: last accepted 11-28 02:15". */
export function describeGone({ customerId, outcome, atMs }: ReceiptOfRows, timezone: string): Text {
	const at = dayAndTime(Math.floor(atMs / 60_000), timezone);
	return RUN.lastReceipt[outcome]({ customer: ofRows(customerId), at: ours(at) });
}

/** A customer that is gone, as a report shows it: what became of its last request. */
export function showGone({ customerId, outcome, atMs, requestId }: ReceiptOfRows) {
	return presentMembers({
		CustomerId: shownText(customerId),
		LastOutcome: outcome,
		LastAt: new Date(atMs).toISOString(),
		/** Left out where no request was made. */
		LastRequestId: requestId,
	});
}

/** The customer that had a moved device before. If it is no longer in the rows, the log may have its name. */
export function formerOwnerOf({ from, fromKey }: Moved, gone: EndedRun['gone']): string | undefined {
	return from ?? gone?.get(fromKey)?.customerId;
}

/** The former owner of a moved device for a message: its id, or in words that the customer is gone. */
export function nameFormerOwner(move: Moved, gone: EndedRun['gone']): Fact {
	const from = formerOwnerOf(move, gone);
	return from === undefined ? RUN.goneCustomer() : ofRows(from);
}

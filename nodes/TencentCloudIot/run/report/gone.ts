import { shownText } from '../../host/shown';
import { dayAndTime } from '../../input/dateTime';
import { RUN } from '../../messages/run';
import { presentMembers } from '../../resources/operation/presentMembers';
import { type Fact, ofRows, ours, type Text } from '../../messages/text';
import type { ReceiptOfNamedCustomer } from '../../sync/log/receipt';
import { asStop, type MovedDevice } from '../../sync/stop';
import type { EndedRun } from './result';

/** Messages, plans and reports name at most this many customers that are gone, and as many devices that have moved. */
export const MOST_EXAMPLES = 5;

/** The last receipts of the customers that are no longer in the rows and that no report has named. Those that were pushed come first. */
export function receiptsOfUnreportedGone({ lastReceiptsOfGone, sync }: EndedRun): ReceiptOfNamedCustomer[] {
	const goneKeys = sync?.goneKeys ?? [];
	return goneKeys.flatMap(([key]) => lastReceiptsOfGone?.get(key) ?? []);
}

/** The last receipts of the customers that are missing from the rows of a run which a safety check stopped. */
export function lastReceiptsOfMissing({ lastReceiptsOfGone, blocked }: EndedRun): ReceiptOfNamedCustomer[] {
	const missingKeys = asStop(blocked)?.planFacts?.changes?.missingKeys ?? [];
	return missingKeys.flatMap((key) => lastReceiptsOfGone?.get(key) ?? []);
}

/** What the last receipt of a customer that is gone says, e.g. "user_1: last accepted 11-28 02:15". */
export function lastReceiptText(
	{ customerId, outcome, atMs }: ReceiptOfNamedCustomer,
	timezone: string,
): Text {
	const at = dayAndTime(Math.floor(atMs / 60_000), timezone);
	return RUN.lastReceipt[outcome]({ customer: ofRows(customerId), at: ours(at) });
}

/** A customer that is gone, as a report shows it: by its last receipt. */
export function showLastReceipt({ customerId, outcome, atMs, requestId }: ReceiptOfNamedCustomer) {
	return presentMembers({
		CustomerId: shownText(customerId),
		LastOutcome: outcome,
		LastAt: new Date(atMs).toISOString(),
		/** The RequestId of the last receipt; left out if no request was made. */
		LastRequestId: requestId,
	});
}

/** The customer that had a moved device before. If that customer is no longer in the rows, the log may have its name. */
export function formerOwnerOf(
	{ formerOwnerId, formerOwnerKey }: MovedDevice,
	lastReceiptsOfGone: EndedRun['lastReceiptsOfGone'],
): string | undefined {
	return formerOwnerId ?? lastReceiptsOfGone?.get(formerOwnerKey)?.customerId;
}

/** Names the former owner of a moved device in a message: by the CustomerId, or by words for a customer that is gone. */
export function nameFormerOwner(move: MovedDevice, lastReceiptsOfGone: EndedRun['lastReceiptsOfGone']): Fact {
	const formerOwner = formerOwnerOf(move, lastReceiptsOfGone);
	return formerOwner === undefined ? RUN.goneCustomer() : ofRows(formerOwner);
}

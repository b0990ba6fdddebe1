import type { OwnCode } from '../codes';
import type { Failure } from '../outcome';
import { PAGE_SIZE } from '../paging';

const ASK_SUPPORT = `Run the workflow again; if it persists, ask for at most ${PAGE_SIZE} records and give the RequestId to Tencent Cloud support`;

/** A page could not be read, so the list is incomplete. */
export function withPage(failure: Failure, page: number, read: number): Failure {
	if (page === 1) return failure;
	return {
		...failure,
		reason: `Page ${page} could not be read (${read} records were read before it). ${failure.reason}`,
	};
}

export function pageLost(readings: number): Failure {
	return incomplete(
		'LIST_INCOMPLETE',
		`A page was missing in each of ${readings} attempts to read the list.`,
	);
}

/** The service repeats a page: without this check the list would never end. */
export function pageRepeated(page: number, requestId: string | undefined): Failure {
	const reason = `Page ${page} had the same records as an earlier page.`;
	return incomplete('PAGE_REPEATED', reason, requestId);
}

export function endedEarly(read: number, counted: number, requestId: string | undefined): Failure {
	const reason = `The list ended after ${read} of ${counted} records.`;
	return incomplete('LIST_INCOMPLETE', reason, requestId);
}

/** The rest would not fit into n8n's memory. */
export function tooLarge(read: number, requestId: string | undefined): Failure {
	const reason = `The list is larger than 64 MiB or a million records; reading ended after ${read}.`;
	const advice = "Switch 'Return All' off, or ask for a part of the list";
	return { ...incomplete('LIST_TOO_LARGE', reason, requestId), advice };
}

function incomplete(code: OwnCode, reason: string, requestId?: string): Failure {
	return {
		outcome: 'UNKNOWN',
		code,
		reason,
		advice: ASK_SUPPORT,
		retry: 'never',
		scope: 'call',
		...(requestId !== undefined && { requestId }),
	};
}

import type { AnswerData } from '../answer';
import type { Failure } from '../outcome';
import { firstPage, PAGE_SIZE, recordsIn, wantedOf, type Paging } from '../paging';
import type { Parameters } from '../signature';
import type { Delivered } from './sender';

/**
 * Carries one call through all the pages it wants, each page a request with its own attempts, and gives all records
 * in one answer. When a page does not come, or one comes again, the call has failed: a list with a hole or with records
 * twice is no answer.
 */
export async function sendPages(
	send: (parameters: Parameters) => Promise<Delivered>,
	parameters: Parameters,
	paging: Paging,
): Promise<Delivered> {
	const wanted = wantedOf(parameters, paging);
	const records: unknown[] = [];
	const requestIds: string[] = [];
	const contexts = new Set<unknown>();
	const firstRecords = new Set<string>();
	let page: Parameters | undefined = firstPage(parameters, paging);
	for (let pages = 1; ; pages++) {
		const delivered: Delivered = await send(page);
		const { outcome } = delivered;
		requestIds.push(...delivered.requestIds);
		if (outcome.outcome !== 'OK') {
			return { ...delivered, outcome: withPage(outcome, pages, records.length), requestIds, pages };
		}
		const found = recordsIn(outcome.data, paging.list) ?? [];
		const firstRecord = JSON.stringify(found[0]);
		if (firstRecords.has(firstRecord)) {
			return { ...delivered, outcome: pageRepeated(pages, outcome.requestId), requestIds, pages };
		}
		firstRecords.add(firstRecord);
		for (const record of found) records.push(record);
		const isOver = found.length === 0 || records.length >= wanted;
		page = isOver ? undefined : nextPage(page, paging, outcome.data, records.length, contexts);
		if (page === undefined) {
			const data = { ...outcome.data, [paging.list]: records.slice(0, wanted) };
			return { ...delivered, outcome: { ...outcome, data }, requestIds, pages };
		}
		page = { ...page, [paging.size]: Math.min(PAGE_SIZE, wanted - records.length) };
	}
}

/**
 * The next page, or undefined after the last one. A cursor goes on as long as it changes, whatever Listover says: the
 * pages of this API and of its siblings contradict each other on which of its values means the end.
 */
function nextPage(
	page: Parameters,
	{ by }: Paging,
	{ Total, Context }: AnswerData,
	read: number,
	contexts: Set<unknown>,
): Parameters | undefined {
	if (by === 'Offset')
		return typeof Total === 'number' && read >= Total ? undefined : { ...page, Offset: read };
	if (typeof Context !== 'string' || Context === '' || contexts.has(Context)) return undefined;
	contexts.add(Context);
	return { ...page, Context };
}

function withPage(failure: Failure, page: number, read: number): Failure {
	if (page === 1) return failure;
	return { ...failure, reason: `Page ${page} did not come, after ${read} records. ${failure.reason}` };
}

/** The service does not go on: without an end of its own it would be asked for ever. */
function pageRepeated(page: number, requestId: string | undefined): Failure {
	return {
		outcome: 'UNKNOWN',
		code: 'PAGE_REPEATED',
		reason: `Page ${page} began with a record that an earlier page began with.`,
		advice: `Ask for at most ${PAGE_SIZE} records; if it stays, give the RequestId to Tencent Cloud support`,
		retry: 'never',
		scope: 'call',
		...(requestId !== undefined && { requestId }),
	};
}

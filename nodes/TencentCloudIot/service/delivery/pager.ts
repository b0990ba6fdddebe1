import { REASONS } from '../../messages/failures';
import { type Outcome, type Failure, notSent, type ResponseData } from '../outcome';
import { firstPage, PAGE_SIZE, readPage, recordsIn, wantedOf, type Paging } from '../paging';
import { isObject } from '../response/parseResponse';
import { type Parameters, digestOfText } from '../signing/signature';
import type { Delivered } from '../fate';
import type { Conduct } from './conduct';
import { HeapBudget, heapBytesOf } from '../heapBudget';

/**
 * Bytes that a record takes as an output item, in addition to itself: a second copy of its object, its link to the input, and n8n's own
 * copy of both. Measured with records of two members in n8n-core 2.41.
 */
const ITEM_BYTES = 250;

/** The most empty pages in a row that are followed, each with another cursor. With one more, the list counts as read to its end. */
const MOST_EMPTY_PAGES = 3;

/** A list that may have a hole is read again, up to this many times in all. */
const MOST_READINGS = 3;

type SendPage = (parameters: Parameters) => Promise<Delivered>;

/** What one reading of a list gave. It may have a hole if the service moved past a page whose response was lost. */
type ListRead = readonly [fate: Delivered, mayHaveHole?: boolean];

/** For a run whose calls read lists: makes the conduct of each call. All lists of the run share one limit of memory. */
export function readsPages(paging: Paging): (parameters: Parameters) => Conduct {
	const pager = new Pager();
	return (parameters) => async (requests) => await pager.sendPages(requests.send, parameters, paging);
}

/** Reads the lists of one run, and limits the memory that they take together. */
class Pager {
	readonly #budget = new HeapBudget();

	/**
	 * Reads all pages of one call and returns all records in one response. Each page is a request with attempts of its own. The
	 * call fails when a page is missing or repeated, when there are fewer records than the service counts, or when the lists of
	 * the run take too much memory.
	 */
	async sendPages(send: SendPage, parameters: Parameters, paging: Paging): Promise<Delivered> {
		const requestIds: string[] = [];
		let pages = 0;
		const sendCounted: SendPage = async (page) => {
			const fate = await send(page);
			pages++;
			if (fate.kind === 'answered') {
				requestIds.push(...fate.requestIds);
			}
			return fate;
		};
		for (let readings = 1; ; readings++) {
			const [fate, mayHaveHole] = await this.#readPages(sendCounted, parameters, paging);
			if (fate.kind !== 'answered' && requestIds.length === 0) {
				return fate;
			}
			const outcome = fate.kind === 'answered' ? fate.outcome : fate.why;
			if (!mayHaveHole || readings === MOST_READINGS) {
				return { kind: 'answered', requestIds, pages, outcome };
			}
		}
	}

	/** Reads the list once, from its first page to its end. */
	async #readPages(send: SendPage, parameters: Parameters, paging: Paging): Promise<ListRead> {
		const wanted = wantedOf(parameters, paging);
		const records: unknown[] = [];
		const seenDigests = new Set<string>();
		let emptyPages = 0;
		let counted = 0;
		let heapBytes = 0;
		let page: Parameters | undefined = firstPage(parameters, paging);
		for (let pages = 1; ; pages++) {
			const fate: Delivered = await send(page);
			if (fate.kind !== 'answered') {
				this.#budget.giveBack(heapBytes);
				return [{ ...fate, why: withPage(fate.why, pages, records.length) }];
			}
			const { outcome } = fate;
			const endWith = (end: Outcome): ListRead => {
				if (end.outcome !== 'OK') {
					this.#budget.giveBack(heapBytes);
				}
				return [{ ...fate, outcome: end }];
			};
			if (outcome.outcome !== 'OK') {
				return endWith(withPage(outcome, pages, records.length));
			}
			// A cursor may advance with each request: if a response was lost, the retry may have read the page after the lost one.
			if (fate.mayBeTwice && pages > 1 && paging.by === 'Context') {
				const reason = REASONS.pageMissing({ readings: MOST_READINGS });
				return [endWith(incomplete(notSent('LIST_INCOMPLETE', { reason })))[0], true];
			}
			const {
				records: found,
				total = 0,
				next: further,
			} = readPage(page, paging, outcome.data, records.length);
			for (const record of found) {
				records.push(record);
			}
			counted = Math.max(counted, total);
			const pageBytes = heapBytesOf(found) + found.length * ITEM_BYTES;
			heapBytes += pageBytes;
			const stillToCome = Math.max(0, Math.min(wanted, counted) - records.length);
			if (!this.#budget.take(pageBytes) || !this.#budget.has(stillToCome * ITEM_BYTES)) {
				return endWith(tooLarge(records.length, outcome.requestId));
			}
			emptyPages = found.length === 0 ? emptyPages + 1 : 0;
			const isOver = emptyPages > MOST_EMPTY_PAGES || records.length >= wanted;
			const next = isOver ? undefined : further;
			const texts = found.map((record) => JSON.stringify(record));
			// Kept instead of the page itself, which may have megabytes.
			const digest = digestOfText(texts.join());
			const isSeen = found.length > 0 && seenDigests.has(digest);
			// A page of equal records, such as events of one second, may repeat if it is the last one or Total allows for it.
			const isUniform = paging.by === 'Context' && new Set(texts).size === 1;
			const mayRepeat = isUniform && (next === undefined || records.length <= counted);
			// Without this check the list would never end.
			if (isSeen && !mayRepeat) {
				return endWith(incomplete(notSent('PAGE_REPEATED', { page: pages }), outcome.requestId));
			}
			seenDigests.add(digest);
			// An empty page is the last one, unless its cursor leads further.
			page = found.length === 0 && next?.Context === page.Context ? undefined : next;
			if (page === undefined) {
				const data = { ...outcome.data, [paging.list]: records.slice(0, wanted) };
				const isShort = records.length < Math.min(wanted, counted);
				return endWith(isShort ? tooShort(records.length, counted, outcome.requestId) : { ...outcome, data });
			}
			page = { ...page, [paging.size]: Math.min(PAGE_SIZE, wanted - records.length) };
		}
	}
}

/** The failure of a page, with the number of the page and how many records were read before it. */
function withPage(failure: Failure, page: number, read: number): Failure {
	if (page === 1) {
		return failure;
	}
	return {
		...failure,
		reason: REASONS.pageNotRead({ page, read, reason: failure.reason }),
	};
}

/** The failure of a list whose remaining records might not fit into n8n's memory. */
function tooLarge(read: number, requestId: string | undefined): Failure {
	return incomplete(notSent('LIST_TOO_LARGE', { reason: REASONS.listTooLarge({ read }) }), requestId);
}

/** The failure of a list that ended early: the service counts more records than were read. */
function tooShort(read: number, counted: number, requestId: string | undefined): Failure {
	return incomplete(notSent('LIST_INCOMPLETE', { reason: REASONS.listEnded({ read, counted }) }), requestId);
}

/** The failure of a list of which only a part was read. */
function incomplete(why: Failure, requestId?: string): Failure {
	const failure: Failure = { ...why, outcome: 'UNKNOWN', scope: 'call' };
	if (requestId !== undefined) {
		failure.requestId = requestId;
	}
	return failure;
}

/** Whether a response has the list, and all its records are objects. */
export function hasList(data: ResponseData, list: string): boolean {
	return recordsIn(data, list)?.every(isObject) === true;
}

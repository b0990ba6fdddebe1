import { REASONS } from '../../messages/reasons';
import { type Outcome, type Failure, notSent, type ResponseData } from '../outcome';
import { firstPage, PAGE_SIZE, type Page, readPage, recordsIn, wantedCountOf, type Paging } from '../paging';
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

/** The most consecutive empty pages that are followed, each with another cursor. After one more, the list counts as completely read. */
const MOST_EMPTY_PAGES = 3;

/** A list that may have a gap is read again, up to this many times in total. */
const MOST_READINGS = 3;

type SendPage = (parameters: Parameters) => Promise<Delivered>;

/** The list of one call, and how its pages are requested. */
interface ListOfCall {
	send: SendPage;
	/** The parameters of the call. */
	parameters: Parameters;
	paging: Paging;
	/** Limits the memory that the lists of the run take together. */
	budget: HeapBudget;
}

/** Makes the function that gives each call of a run its conduct: reading all pages of its list. The lists of the run share one memory limit. */
export function pagingConduct(paging: Paging): (parameters: Parameters) => Conduct {
	const budget = new HeapBudget();
	return (parameters) => async (requests) =>
		await readList({ send: requests.send, parameters, paging, budget });
}

/**
 * Reads all pages of one call and returns all records in one response. Each page is a request with attempts of its own. The
 * call fails when a page is missing or repeated, when there are fewer records than the service counts, or when the lists of
 * the run take too much memory.
 */
async function readList(list: ListOfCall): Promise<Delivered> {
	const requestIds: string[] = [];
	let pages = 0;
	const send: SendPage = async (request) => {
		const fate = await list.send(request);
		pages++;
		if (fate.kind === 'answered') {
			requestIds.push(...fate.requestIds);
		}
		return fate;
	};
	for (let readings = 1; ; readings++) {
		const reading = new ListReading({ ...list, send });
		const fate = await reading.readToEnd();
		if (fate.kind !== 'answered' && requestIds.length === 0) {
			return fate;
		}
		if (!reading.mayHaveGap || readings === MOST_READINGS) {
			const outcome = fate.kind === 'answered' ? fate.outcome : fate.why;
			return { kind: 'answered', requestIds, pages, outcome };
		}
	}
}

/** One reading of a list, from its first page to its end. A list that is read again gets a new reading. */
class ListReading {
	/** Whether the service may have moved past a page whose response was lost. */
	mayHaveGap = false;
	readonly #list: ListOfCall;
	/** How many records the call wants. */
	readonly #wantedCount: number;
	readonly #records: unknown[] = [];
	/** The highest number of records that the service has counted. */
	#totalCount = 0;
	#request: Parameters;
	#pageNumber = 1;
	/** How many of the latest pages were empty, without a filled one between them. */
	#emptyPages = 0;
	/** The digests of the pages: the pages themselves may have megabytes. */
	readonly #seenDigests = new Set<string>();
	/** What the records have taken from the budget. */
	#heapBytes = 0;

	constructor(list: ListOfCall) {
		this.#list = list;
		this.#wantedCount = wantedCountOf(list.parameters, list.paging);
		this.#request = firstPage(list.parameters, list.paging);
	}

	/** Reads page after page. A reading that fails releases what it has taken from the budget. */
	async readToEnd(): Promise<Delivered> {
		const { send, budget } = this.#list;
		for (;;) {
			const fate = await send(this.#request);
			if (fate.kind !== 'answered') {
				budget.release(this.#heapBytes);
				return { ...fate, why: this.#withPage(fate.why) };
			}
			const outcome = this.#takeResponse(fate);
			if (outcome !== undefined) {
				if (outcome.outcome !== 'OK') {
					budget.release(this.#heapBytes);
				}
				return { ...fate, outcome };
			}
			this.#pageNumber++;
		}
	}

	/** Takes the response with a page. @returns the outcome of the reading, if it ends here; undefined if there is a next page */
	#takeResponse({ outcome, mayBeTwice }: Extract<Delivered, { kind: 'answered' }>): Outcome | undefined {
		const { paging } = this.#list;
		if (outcome.outcome !== 'OK') {
			return this.#withPage(outcome);
		}
		// A cursor may advance with each request: if a response was lost, the retry may have read the page after the lost one.
		const followsCursor = this.#pageNumber > 1 && paging.by === 'Context';
		if (mayBeTwice && followsCursor) {
			this.mayHaveGap = true;
			const reason = REASONS.pageMissing({ readings: MOST_READINGS });
			return incomplete(notSent('LIST_INCOMPLETE', { reason }));
		}
		const { requestId } = outcome;
		const page = readPage(this.#request, paging, outcome.data, this.#records.length);
		if (!this.#keep(page)) {
			return tooLarge(this.#records.length, requestId);
		}
		const next = this.#requestAfter(page);
		// Without this check the list would never end.
		if (this.#isRepeated(page, next === undefined)) {
			return incomplete(notSent('PAGE_REPEATED', { page: this.#pageNumber }), requestId);
		}
		if (next !== undefined) {
			this.#request = next;
			return undefined;
		}
		if (this.#records.length < Math.min(this.#wantedCount, this.#totalCount)) {
			return tooShort(this.#records.length, this.#totalCount, requestId);
		}
		const data = { ...outcome.data, [paging.list]: this.#records.slice(0, this.#wantedCount) };
		return { ...outcome, data };
	}

	/** Keeps the records of a page. @returns whether the budget has room for them, and for the items of the records that are still to come */
	#keep({ records, total = 0 }: Page): boolean {
		const { budget } = this.#list;
		for (const record of records) {
			this.#records.push(record);
		}
		this.#totalCount = Math.max(this.#totalCount, total);
		const pageBytes = heapBytesOf(records) + records.length * ITEM_BYTES;
		this.#heapBytes += pageBytes;
		const recordsToCome = Math.max(0, Math.min(this.#wantedCount, this.#totalCount) - this.#records.length);
		return budget.take(pageBytes) && budget.has(recordsToCome * ITEM_BYTES);
	}

	/** Makes the request for the page after this one; undefined if this one is the last. */
	#requestAfter({ records, next }: Page): Parameters | undefined {
		const isEmpty = records.length === 0;
		this.#emptyPages = isEmpty ? this.#emptyPages + 1 : 0;
		const missingCount = this.#wantedCount - this.#records.length;
		const isReadToEnd = missingCount <= 0 || this.#emptyPages > MOST_EMPTY_PAGES;
		if (next === undefined || isReadToEnd) {
			return undefined;
		}
		// An empty page is the last one, unless its cursor leads further.
		if (isEmpty && next.Context === this.#request.Context) {
			return undefined;
		}
		return { ...next, [this.#list.paging.size]: Math.min(PAGE_SIZE, missingCount) };
	}

	/** Whether an earlier page of this reading had the same records, which shows that the service does not advance. */
	#isRepeated({ records }: Page, isLast: boolean): boolean {
		const recordTexts = records.map((record) => JSON.stringify(record));
		const digest = digestOfText(recordTexts.join());
		const isSeen = records.length > 0 && this.#seenDigests.has(digest);
		this.#seenDigests.add(digest);
		// A page of identical records, such as events of one second, may repeat if it is the last one or Total allows for it.
		const isUniform = this.#list.paging.by === 'Context' && new Set(recordTexts).size === 1;
		const mayRepeat = isUniform && (isLast || this.#records.length <= this.#totalCount);
		return isSeen && !mayRepeat;
	}

	/** The failure of a page, with the number of the page and how many records were read before it. */
	#withPage(failure: Failure): Failure {
		const page = this.#pageNumber;
		if (page === 1) {
			return failure;
		}
		const reason = REASONS.pageNotRead({ page, read: this.#records.length, reason: failure.reason });
		return { ...failure, reason };
	}
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

import { HeapBudget, heapBytesOf } from '../heapBudget';
import type { Failure, Outcome, ResponseData } from '../outcome';
import { type Page, PAGE_SIZE, readPage } from '../paging';
import type { Parameters } from '../signing/signature';

/** Bytes that a map takes for an entry, in addition to its key and its kept members. */
const ENTRY_BYTES = 48;

/** The `kept` members of each entry of a list, by the entry's `keys`, joined by line feeds. */
type EntriesById = ReadonlyMap<string, ResponseData>;

/** A list that is read as a whole. */
export interface WholeList {
	/** The Action and its own parameters, without those of a page. */
	parameters: Parameters;
	/** The member of a response with the entries. */
	member: string;
	/** The members that together identify an entry; each is a text. */
	keys: readonly [string, ...string[]];
	/** The members to keep. */
	kept: readonly string[];
}

/** How the pages of a list are read. */
interface ReadingSettings {
	/** Sends the request for a page until its outcome is known. */
	send: (page: Parameters) => Promise<Outcome>;
	/** The most pages that are requested at once. */
	concurrency: number;
	budget: HeapBudget;
	/** The failure of a list that takes more than the budget. */
	tooLarge: Failure;
}

/** What reading a list has produced. */
interface ListResult {
	/** The entries; undefined if the list is not proven to be complete. */
	listed: EntriesById | undefined;
	/** Why a page could not be read, or the list is too large. */
	failure: Failure | undefined;
	/** The bytes that the entries have taken from the budget, to be released when the entries are dropped. */
	bytes: number;
}

/**
 * Reads a whole list. If the reading was not complete, or rows name ids that the list does not have, the list is read once more: only
 * ids that two complete readings lack count as missing.
 * @param missingIds the ids that rows name; each reading removes those that it finds
 */
export async function readWhole(
	list: WholeList,
	missingIds: Set<string>,
	reading: ReadingSettings,
): Promise<ListResult> {
	const { budget } = reading;
	const readOnce = async () => await new ListReader(list, missingIds, reading).readAll();
	let result = await readOnce();
	if (result.listed === undefined && result.failure === undefined) {
		budget.release(result.bytes);
		result = await readOnce();
	}
	if (result.listed === undefined || missingIds.size === 0) {
		return result;
	}
	budget.release(result.bytes);
	// Frees the first reading, since two of them may not fit into memory.
	result = NOT_READ;
	return await readOnce();
}

const NOT_READ: ListResult = { listed: undefined, failure: undefined, bytes: 0 };

/**
 * Reads the pages of a list. Each page starts with the last entry of the page before: an entry that is added or removed shifts
 * those after it, so that two pages no longer meet. The list is complete if all pages meet, every response has the same Total,
 * and there are that many entries. Then no entry that existed the whole time is missed, as long as entries keep their order. That
 * they keep it is not documented: a moving entry can stay hidden if others are added and removed in exactly its place.
 */
class ListReader {
	readonly #list: WholeList;
	readonly #missingIds: Set<string>;
	readonly #reading: ReadingSettings;
	readonly #listed = new Map<string, ResponseData>();
	/** The first and the last id of each page. */
	readonly #edges: Array<readonly [first: string | undefined, last: string | undefined]> = [];
	/** The Total of the first response. */
	#total = NaN;
	/** How many entries a full page has. */
	#pageSize = PAGE_SIZE;
	#pageCount = 1;
	#nextPage = 0;
	#failure: Failure | undefined;
	#bytes = 0;
	#isEachPageComplete = true;

	/** @param missingIds the ids that rows name; those that the list has are removed */
	constructor(list: WholeList, missingIds: Set<string>, reading: ReadingSettings) {
		this.#list = list;
		this.#missingIds = missingIds;
		this.#reading = reading;
	}

	async readAll(): Promise<ListResult> {
		await this.#readNextPage();
		const readFurtherPages = async (): Promise<void> => {
			while (this.#nextPage < this.#pageCount && this.#mayBeComplete) {
				await this.#readNextPage();
			}
		};
		await Promise.all(Array.from({ length: this.#reading.concurrency }, readFurtherPages));
		const edges = this.#edges;
		const doPagesMeet = edges.every(([first], page) => page === 0 || first === edges[page - 1]?.[1]);
		const isComplete = this.#mayBeComplete && doPagesMeet && this.#listed.size === this.#total;
		return { listed: isComplete ? this.#listed : undefined, failure: this.#failure, bytes: this.#bytes };
	}

	/** Whether all pages so far were read and were complete. If not, no further page is requested. */
	get #mayBeComplete(): boolean {
		return this.#isEachPageComplete && this.#failure === undefined;
	}

	async #readNextPage(): Promise<void> {
		const { parameters, member } = this.#list;
		const page = this.#nextPage;
		this.#nextPage++;
		const Offset = page * (this.#pageSize - 1);
		const request = { ...parameters, Offset, Limit: PAGE_SIZE };
		const outcome = await this.#reading.send(request);
		if (outcome.outcome === 'OK') {
			this.#takePage(page, readPage(request, { list: member, by: 'Offset' }, outcome.data, Offset));
		} else {
			this.#failure ??= outcome;
		}
	}

	#takePage(page: number, { records, total = NaN }: Page): void {
		const entries = records as readonly ResponseData[];
		const ids = entries.map((entry) => idOf(entry, this.#list.keys));
		if (page === 0) {
			this.#measureList(entries.length, total);
		}
		this.#checkPage(page, ids, total);
		let pageBytes = 0;
		for (const [index, entry] of entries.entries()) {
			pageBytes += this.#keepEntry(ids[index] ?? '', entry);
		}
		this.#bytes += pageBytes;
		const hasMore = page === 0 && entries.length > 0 && this.#total > entries.length;
		const bytesToCome = hasMore ? pageBytes * (this.#total / entries.length - 1) : 0;
		const { budget, tooLarge } = this.#reading;
		if (!budget.take(pageBytes) || !budget.has(bytesToCome)) {
			this.#failure ??= tooLarge;
			this.#listed.clear();
		}
	}

	/** Derives from the first page how many entries a page has, and how many pages the list has. */
	#measureList(firstPageLength: number, total: number): void {
		this.#total = total;
		// The service may return smaller pages than requested.
		if (firstPageLength > 1 && firstPageLength < total) {
			this.#pageSize = firstPageLength;
		}
		// Enough pages that the last one is never full: an entry that the Total does not count would show on it.
		const isOnePage = firstPageLength === total && total !== this.#pageSize;
		this.#pageCount = isOnePage ? 1 : Math.ceil(total / (this.#pageSize - 1));
	}

	/** Notes whether a page is complete: it must have as many entries as the first response implies. @param total the Total of its response */
	#checkPage(page: number, ids: ReadonlyArray<string | undefined>, total: number): void {
		const expectedLength = Math.min(this.#pageSize, this.#total - page * (this.#pageSize - 1));
		// The service may ignore the page and return the whole list each time.
		const isWholeList = ids.length === this.#total;
		const hasExpectedLength = isWholeList || ids.length === expectedLength;
		this.#isEachPageComplete &&= total === this.#total && hasExpectedLength && !ids.includes(undefined);
		if (page === 0 || !isWholeList) {
			this.#edges[page] = [ids[0], ids.at(-1)];
		}
	}

	/** Keeps an entry of the list. @returns the bytes that it takes */
	#keepEntry(id: string, entry: ResponseData): number {
		const { keys, kept } = this.#list;
		const keptMembers = Object.fromEntries(kept.map((name) => [name, entry[name]]));
		this.#listed.set(id, keptMembers);
		this.#missingIds.delete(String(entry[keys[0]]));
		return ENTRY_BYTES + heapBytesOf(id) + heapBytesOf(keptMembers);
	}
}

/** The keys of an entry as one text; undefined if it lacks one of them. */
function idOf(entry: ResponseData, keys: WholeList['keys']): string | undefined {
	const keyValues = keys.map((name) => entry[name]);
	return keyValues.every((value) => typeof value === 'string') ? keyValues.join('\n') : undefined;
}

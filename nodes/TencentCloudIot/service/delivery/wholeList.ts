import { HeapBudget, heapBytesOf } from '../heapBudget';
import type { Failure, Outcome, ResponseData } from '../outcome';
import { PAGE_SIZE, readPage } from '../paging';
import type { Parameters } from '../signing/signature';

/** Bytes that a map takes for an entry, in addition to its key and its kept members. */
const ENTRY_BYTES = 48;

/** The `kept` members of each entry of a list, by the entry's `keys`, joined by line feeds. */
type Listed = ReadonlyMap<string, ResponseData>;

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
interface Reading {
	/** Sends the request of a page to its end. */
	send: (page: Parameters) => Promise<Outcome>;
	/** The most pages that are requested at once. */
	concurrency: number;
	budget: HeapBudget;
	/** The failure of a list that takes more than the budget. */
	tooLarge: Failure;
}

/** What the reading of a list gave. */
interface ListResult {
	/** The entries; undefined if the list is not proven to be complete. */
	listed: Listed | undefined;
	/** Why a page could not be read, or the list is too large. */
	failure: Failure | undefined;
	/** The bytes that the entries have taken of the budget, to be given back with them. */
	bytes: number;
}

/**
 * Reads a list to its end. If the reading was not complete, or rows name ids that the list does not have, the list is read once more: only
 * ids that two complete readings lack count as missing.
 * @param missing the ids that rows name; each reading removes those that it finds
 */
export async function readWhole(
	list: WholeList,
	missing: Set<string>,
	reading: Reading,
): Promise<ListResult> {
	const { budget } = reading;
	const read = async () => await readAll(list, missing, reading);
	let result = await read();
	if (result.listed === undefined && result.failure === undefined) {
		budget.giveBack(result.bytes);
		result = await read();
	}
	if (result.listed === undefined || missing.size === 0) {
		return result;
	}
	budget.giveBack(result.bytes);
	// Frees the first reading, since two of them may not fit into memory.
	result = NOT_READ;
	return await read();
}

const NOT_READ: ListResult = { listed: undefined, failure: undefined, bytes: 0 };

/**
 * Reads the pages of a list. Each page begins with the last entry of the page before: an entry that is added or removed shifts
 * those behind it, so that two pages no longer meet. The list is complete if all pages meet, every response has the same Total,
 * and there are that many entries. As long as entries keep their order, no entry that existed all the time is then missed. That
 * they keep it is not documented: a moving entry can stay hidden if others are added and removed in just its place.
 */
async function readAll(
	{ parameters, member, keys, kept }: WholeList,
	missing: Set<string>,
	{ send, concurrency, budget, tooLarge }: Reading,
): Promise<ListResult> {
	const paging = { list: member, by: 'Offset' } as const;
	const listed = new Map<string, ResponseData>();
	const edges: Array<readonly [first: string | undefined, last: string | undefined]> = [];
	let total = NaN;
	let size = PAGE_SIZE;
	let pages = 1;
	let nextPage = 0;
	let failure: Failure | undefined;
	let bytes = 0;
	let isEachPageComplete = true;
	const measureList = (firstPageLength: number, counted: number): void => {
		total = counted;
		// The service may return smaller pages than requested.
		if (firstPageLength > 1 && firstPageLength < total) {
			size = firstPageLength;
		}
		// Enough pages that the last one is never full: an entry that the Total does not count would show on it.
		pages = firstPageLength === total && total !== size ? 1 : Math.ceil(total / (size - 1));
	};
	const checkPage = (page: number, ids: ReadonlyArray<string | undefined>, counted: number): void => {
		const expected = Math.min(size, total - page * (size - 1));
		// The service may ignore the page and return the whole list each time.
		const isList = ids.length === total;
		const hasExpectedEntries = isList || ids.length === expected;
		isEachPageComplete &&= counted === total && hasExpectedEntries && !ids.includes(undefined);
		if (page === 0 || !isList) {
			edges[page] = [ids[0], ids.at(-1)];
		}
	};
	const keepEntry = (id: string, entry: ResponseData): number => {
		const keptMembers = Object.fromEntries(kept.map((name) => [name, entry[name]]));
		listed.set(id, keptMembers);
		missing.delete(String(entry[keys[0]]));
		return ENTRY_BYTES + heapBytesOf(id) + heapBytesOf(keptMembers);
	};
	const takePage = (page: number, { records, total: counted = NaN }: ReturnType<typeof readPage>): void => {
		const entries = records as readonly ResponseData[];
		const ids = entries.map((entry) => idOf(entry, keys));
		if (page === 0) {
			measureList(entries.length, counted);
		}
		checkPage(page, ids, counted);
		let pageBytes = 0;
		for (const [index, entry] of entries.entries()) {
			pageBytes += keepEntry(ids[index] ?? '', entry);
		}
		bytes += pageBytes;
		const hasMore = page === 0 && entries.length > 0 && total > entries.length;
		const bytesToCome = hasMore ? pageBytes * (total / entries.length - 1) : 0;
		if (!budget.take(pageBytes) || !budget.has(bytesToCome)) {
			failure ??= tooLarge;
			listed.clear();
		}
	};
	const readNext = async (): Promise<void> => {
		const page = nextPage;
		nextPage++;
		const Offset = page * (size - 1);
		const request = { ...parameters, Offset, Limit: PAGE_SIZE };
		const read = await send(request);
		if (read.outcome === 'OK') {
			takePage(page, readPage(request, paging, read.data, Offset));
		} else {
			failure ??= read;
		}
	};
	const readOn = async (): Promise<void> => {
		while (nextPage < pages && isEachPageComplete && failure === undefined) {
			await readNext();
		}
	};
	await readNext();
	await Promise.all(Array.from({ length: concurrency }, readOn));
	const doesMeet = edges.every(([first], page) => page === 0 || first === edges[page - 1]?.[1]);
	const isComplete = failure === undefined && isEachPageComplete && doesMeet && listed.size === total;
	return { listed: isComplete ? listed : undefined, failure, bytes };
}

/** The keys of an entry as one text; undefined if it lacks one of them. */
function idOf(entry: ResponseData, keys: WholeList['keys']): string | undefined {
	const keyValues = keys.map((name) => entry[name]);
	return keyValues.every((value) => typeof value === 'string') ? keyValues.join('\n') : undefined;
}

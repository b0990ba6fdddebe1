import { HeapBudget, heapBytesOf } from '../heapBudget';
import type { Failure, Outcome, ResponseData } from '../outcome';
import { PAGE_SIZE, readPage } from '../paging';
import type { Parameters } from '../signing/signature';

/** What an entry takes besides its key and what is kept of it, as a member of a map. Bytes. */
const ENTRY_BYTES = 48;

/** The entries of a list by their `keys`, which are joined by line feeds, with their `kept` members. */
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
	/** The most pages at once. */
	concurrency: number;
	budget: HeapBudget;
	/** The failure of a list that takes more than the budget. */
	tooLarge: Failure;
}

/** The entries of a list if it was read to its end, and why a page could not be read. */
interface ListResult {
	listed: Listed | undefined;
	failure: Failure | undefined;
	/** What the entries take of the budget, to be given back with them. */
	bytes: number;
}

/**
 * Reads a list as a whole: again if it was not complete, and to confirm that something is missing. Only what two complete readings
 * lack counts as missing.
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
	// Only one reading is in memory at a time.
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
	let isWhole = true;
	const take = (page: number, { records, total: counted = NaN }: ReturnType<typeof readPage>): void => {
		const entries = records as readonly ResponseData[];
		if (page === 0) {
			total = counted;
			// The service may return smaller pages than requested.
			if (entries.length > 1 && entries.length < total) {
				size = entries.length;
			}
			// The last page is never full: it shows an entry that the Total does not count.
			pages = entries.length === total && total !== size ? 1 : Math.ceil(total / (size - 1));
		}
		const ids = entries.map((entry) => {
			const keyValues = keys.map((name) => entry[name]);
			return keyValues.every((value) => typeof value === 'string') ? keyValues.join('\n') : undefined;
		});
		const expected = Math.min(size, total - page * (size - 1));
		// The service may return the whole list each time.
		const isList = entries.length === total;
		const hasExpectedEntries = isList || entries.length === expected;
		isWhole &&= counted === total && hasExpectedEntries && !ids.includes(undefined);
		if (page === 0 || !isList) {
			edges[page] = [ids[0], ids.at(-1)];
		}
		let pageBytes = 0;
		for (const [index, entry] of entries.entries()) {
			const id = ids[index] ?? '';
			const keptMembers = Object.fromEntries(kept.map((name) => [name, entry[name]]));
			listed.set(id, keptMembers);
			pageBytes += ENTRY_BYTES + heapBytesOf(id) + heapBytesOf(keptMembers);
			missing.delete(String(entry[keys[0]]));
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
			take(page, readPage(request, paging, read.data, Offset));
		} else {
			failure ??= read;
		}
	};
	const readOn = async (): Promise<void> => {
		while (nextPage < pages && isWhole && failure === undefined) {
			await readNext();
		}
	};
	await readNext();
	await Promise.all(Array.from({ length: concurrency }, readOn));
	const doesMeet = edges.every(([first], page) => page === 0 || first === edges[page - 1]?.[1]);
	const isComplete = failure === undefined && isWhole && doesMeet && listed.size === total;
	return { listed: isComplete ? listed : undefined, failure, bytes };
}

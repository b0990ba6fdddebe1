import type { Failure, ResponseData } from '../service/outcome';
import { PAGE_SIZE, recordsIn } from '../service/paging';
import type { Parameters } from '../service/signing/signature';
import type { AuditList, Listed } from './lists';

/** What a list came to. */
export interface ListResult {
	/** Its entries, if nothing is left to read for what follows from them. */
	listed: Listed | undefined;
	/** What rows name and no reading has shown. */
	missing: ReadonlySet<string>;
	/** Why a page could not be read. */
	failure: Failure | undefined;
}

/** Reads one page. */
export type ReadPage = (parameters: Parameters) => Promise<{ data: ResponseData } | { failure: Failure }>;

/**
 * A reading that is not complete is repeated once. What rows name and no reading has shown is missing only when two complete
 * readings agree.
 * @param concurrency the most pages that are read at once
 */
export async function readList(
	list: AuditList,
	readPage: ReadPage,
	concurrency: number,
): Promise<ListResult> {
	const missing = new Set(list.named());
	const read = async () => await readOnce(list, missing, readPage, concurrency);
	let result = await read();
	if (result.listed === undefined && result.failure === undefined) result = await read();
	return result.listed !== undefined && missing.size > 0 ? await read() : result;
}

/**
 * Each page begins with the last entry of the page before: an entry that comes or goes moves those behind it, which shows
 * where two pages meet. The list is complete where all pages meet, each response has the same Total, and there are that
 * many entries. As long as entries keep their order, none that was there all the time is then missed. That they keep it is
 * not documented: one that moves can hide where others come and go in just its place, so that no page moves.
 * @param missing what rows name: loses what this reading shows
 */
async function readOnce(
	{ parameters, member, keys, kept }: AuditList,
	missing: Set<string>,
	readPage: ReadPage,
	concurrency: number,
): Promise<ListResult> {
	const listed = new Map<string, ResponseData>();
	const edges: Array<readonly [first: string | undefined, last: string | undefined]> = [];
	let [total, size, pages, next] = [NaN, PAGE_SIZE, 1, 0];
	let failure: Failure | undefined;
	let isWhole = true;
	const take = (page: number, data: ResponseData): void => {
		const entries = (recordsIn(data, member) ?? []) as readonly ResponseData[];
		if (page === 0 && typeof data.Total === 'number') {
			total = data.Total;
			// The service may have shorter pages.
			if (entries.length > 1 && entries.length < Math.min(total, PAGE_SIZE)) size = entries.length;
			// The last page is never full: it shows an entry that the Total does not count.
			pages = Math.ceil(total / (size - 1));
		}
		const ids = entries.map((entry) => keyOf(entry, keys));
		const expected = Math.min(size, total - page * (size - 1));
		isWhole &&= data.Total === total && entries.length === expected && !ids.includes(undefined);
		edges[page] = [ids[0], ids.at(-1)];
		for (const [index, entry] of entries.entries()) {
			listed.set(ids[index] ?? '', Object.fromEntries(kept.map((name) => [name, entry[name]])));
			missing.delete(String(entry[keys[0]]));
		}
	};
	const readNext = async (): Promise<void> => {
		const page = next++;
		const read = await readPage({ ...parameters, Offset: page * (size - 1), Limit: PAGE_SIZE });
		if ('data' in read) take(page, read.data);
		else failure ??= read.failure;
	};
	const readRest = async (): Promise<void> => {
		while (next < pages && isWhole && failure === undefined) await readNext();
	};
	await readNext();
	await Promise.all(Array.from({ length: concurrency }, readRest));
	const doesMeet = edges.every(([first], page) => page === 0 || first === edges[page - 1]![1]);
	const isComplete = failure === undefined && isWhole && doesMeet && listed.size === total;
	return { listed: isComplete ? listed : undefined, missing, failure };
}

function keyOf(entry: ResponseData, names: readonly string[]): string | undefined {
	const own = names.map((name) => entry[name]);
	return own.every((one) => typeof one === 'string') ? own.join('\n') : undefined;
}

import type { ResponseData } from './outcome';
import type { Parameters } from './signing/signature';

/** The service documents no maximum page size; this is the one of Tencent Cloud's other list operations. */
export const PAGE_SIZE = 100;

/** How an Action pages its list. */
export interface Paging {
	/** The member of the Action's response with the records, e.g. `Customers`. */
	list: string;
	/**
	 * The parameter for the number of records: in a request, those of one page; in a call, those of all pages together. A call without it
	 * wants all records.
	 */
	size: 'Limit' | 'Size';
	/** The parameter for a page's start: the number of records before it, or the cursor of the last response. */
	by: 'Offset' | 'Context';
}

/** The parameters of the first page. */
export function firstPage<Own extends Parameters>(parameters: Own, paging: Paging): Own {
	const start = paging.by === 'Offset' ? { Offset: 0 } : {};
	return { ...parameters, ...start, [paging.size]: Math.min(PAGE_SIZE, wantedCountOf(parameters, paging)) };
}

/** The records of a response; undefined when it has no such list. */
export function recordsIn(data: ResponseData, list: string): readonly unknown[] | undefined {
	const records = data[list];
	if (Array.isArray(records)) {
		return records;
	}
	// A service in Go returns null for an empty list, or leaves it out.
	return records === null || (records === undefined && data.Total === 0) ? [] : undefined;
}

/** How many records a call wants, all pages together; Infinity if it wants all. */
export function wantedCountOf(parameters: Parameters, { size }: Paging): number {
	const wanted = parameters[size];
	return typeof wanted === 'number' ? wanted : Infinity;
}

/** A page of a list, as a response has it. */
export interface Page {
	records: readonly unknown[];
	/** How many records the list has in total; undefined if the service does not count them. */
	total: number | undefined;
	/** The request for the next page; undefined if this page is known to be the last. */
	next: Parameters | undefined;
}

/**
 * Reads a page of a list from the response to its request. A cursor (text or number) is followed as long as there is one: it
 * may stay the same through a whole list, and the documentation of this API and its siblings disagrees on which value of
 * Listover means the end.
 * @param readBeforeCount how many records of the list were read before
 */
export function readPage(
	request: Parameters,
	paging: Pick<Paging, 'list' | 'by'>,
	data: ResponseData,
	readBeforeCount: number,
): Page {
	const records = recordsIn(data, paging.list) ?? [];
	const { Total, Context } = data;
	const total = typeof Total === 'number' ? Total : undefined;
	if (paging.by === 'Offset') {
		const readCount = readBeforeCount + records.length;
		const isLast = total !== undefined && readCount >= total;
		return { records, total, next: isLast ? undefined : { ...request, Offset: readCount } };
	}
	const isCursor =
		(typeof Context === 'string' && Context !== '') || (typeof Context === 'number' && Context !== 0);
	return { records, total, next: isCursor ? { ...request, Context } : undefined };
}

import type { ResponseData } from './outcome';
import type { Parameters } from './signing/signature';

/** The service documents no maximum page size; this is the one of Tencent Cloud's other list operations. */
export const PAGE_SIZE = 100;

/** How an Action pages its list. */
export interface Paging {
	/** The member of its response with the records, e.g. `Customers`. */
	list: string;
	/** The parameter for the number of records. In a call it is the total that is wanted; left out: all. */
	size: 'Limit' | 'Size';
	/** The parameter for a page's start: the number of records before it, or the cursor of the last response. */
	by: 'Offset' | 'Context';
}

/** The parameters of the first page. */
export function firstPage<Own extends Parameters>(parameters: Own, paging: Paging): Own {
	const start = paging.by === 'Offset' ? { Offset: 0 } : {};
	return { ...parameters, ...start, [paging.size]: Math.min(PAGE_SIZE, wantedOf(parameters, paging)) };
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

/** The total number of records that a call wants. */
export function wantedOf(parameters: Parameters, { size }: Paging): number {
	const wanted = parameters[size];
	return typeof wanted === 'number' ? wanted : Infinity;
}

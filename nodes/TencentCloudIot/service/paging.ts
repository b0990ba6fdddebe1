import type { AnswerData } from './response/answer';
import type { Parameters } from './signing/signature';

/** The service states no largest page; this is that of Tencent Cloud's list operations. */
export const PAGE_SIZE = 100;

/** How an Action hands out a list. */
export interface Paging {
	/** The member of its answers that holds the records. */
	list: string;
	/** The parameter for the number of records. In a call it says how many are wanted in all; left out: every one. */
	size: 'Limit' | 'Size';
	/** The parameter for where a page starts: the number of records before it, or a cursor of the last answer. */
	by: 'Offset' | 'Context';
}

/** The request that a call starts with. */
export function firstPage(parameters: Parameters, paging: Paging): Parameters {
	const start = paging.by === 'Offset' ? { Offset: 0 } : {};
	return { ...parameters, ...start, [paging.size]: Math.min(PAGE_SIZE, wantedOf(parameters, paging)) };
}

/** The records of an answer; undefined when it is not an answer with that list. */
export function recordsIn(data: AnswerData, list: string): readonly unknown[] | undefined {
	const records = data[list];
	if (Array.isArray(records)) return records;
	// What is written in Go answers an empty list with null, or leaves it out.
	return records === null || (records === undefined && data.Total === 0) ? [] : undefined;
}

/** How many records a call wants in all. */
export function wantedOf(parameters: Parameters, { size }: Paging): number {
	const wanted = parameters[size];
	return typeof wanted === 'number' ? wanted : Infinity;
}

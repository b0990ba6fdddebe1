import { integer } from './parameters.mts';

/** The usual default of Tencent Cloud's list operations; this service documents none. */
const defaultLimit = 20;

/** The largest page of those operations. */
export const pageSize = integer(0, 100);

/** The optional parameters of a list that is paged by offset. */
export const byOffset = { Offset: integer(0), Limit: pageSize };

/** A page by offset. */
export function offsetPage<T>(found: readonly T[], Offset = 0, Limit = defaultLimit): readonly T[] {
	return found.slice(Offset, Offset + Limit);
}

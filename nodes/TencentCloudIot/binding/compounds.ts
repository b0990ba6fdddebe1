import { forEachPausing, type Pausing } from '../input/pausing';
import { partsOf, tokenCount } from './readings';

/**
 * Finds ids that hold another one, as `KH0001_VIP` holds `KH0001`. A part has fewer runs and signs than the whole: where all
 * ids have as many, as in most sheets, nothing is looked up.
 */
export function* eachCompound(
	ids: ReadonlySet<string>,
	visit: (compound: string, part: string) => void,
): Pausing {
	const counts = new Set<number>();
	yield* forEachPausing(ids, (id) => {
		counts.add(tokenCount(id));
	});
	if (counts.size < 2) {
		return;
	}
	const ascending = [...counts].sort((a, b) => a - b);
	yield* forEachPausing(ids, (id) => {
		const fewer = ascending.slice(0, ascending.indexOf(tokenCount(id)));
		if (fewer.length === 0) {
			return;
		}
		for (const part of partsOf(id, fewer)) {
			if (ids.has(part)) {
				visit(id, part);
			}
		}
	});
}

/** The entries between two pauses. The costliest entries take some milliseconds each. */
const ENTRIES_BEFORE_PAUSE = 8;

/** A long pass over rows or customers. Whoever runs it may turn to other work at each pause. */
export type Pausing<Result = void> = Generator<void, Result>;

/** Takes each entry in order, and pauses now and then. */
export function* forEachPausing<Entry>(entries: Iterable<Entry>, take: (entry: Entry) => void): Pausing {
	let count = 0;
	for (const entry of entries) {
		take(entry);
		count += 1;
		if (count % ENTRIES_BEFORE_PAUSE === 0) {
			yield;
		}
	}
}

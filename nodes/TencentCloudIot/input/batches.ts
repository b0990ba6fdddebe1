import { giveTurnIfDue, isTurnDue } from './pausing';

/** The most entries in a batch. The reader of a batch keeps what it made of it in memory until the next batch. */
const LARGEST_BATCH = 256;

/**
 * Yields all entries in order, in batches. Between two batches the event loop gets its turn if the work since its last turn took long. Read
 * each batch once and completely.
 */
export async function* inBatches<Entry>(entries: readonly Entry[]): AsyncGenerator<Iterable<Entry>> {
	let next = 0;
	function* batch(): Iterable<Entry> {
		const end = Math.min(next + LARGEST_BATCH, entries.length);
		do {
			yield entries[next]!;
			next++;
		} while (next < end && !isTurnDue());
	}
	while (next < entries.length) {
		yield batch();
		await giveTurnIfDue();
	}
}

/** The most records in one JSON text: an expression of n8n can still parse a text of this many in one go. */
const RECORDS_PER_TEXT = 1_000;

/** Splits records into groups of at most 1,000. Each group becomes one JSON text. */
export function inGroups<Entry>(records: readonly Entry[]): Entry[][] {
	const count = Math.ceil(records.length / RECORDS_PER_TEXT);
	return Array.from({ length: count }, (_, index) =>
		records.slice(index * RECORDS_PER_TEXT, (index + 1) * RECORDS_PER_TEXT),
	);
}

import { sleep } from 'n8n-workflow';

/** After so much work at a stretch the event loop gets a turn: in queue mode a blocked one loses the job. */
const LONGEST_STRETCH_MS = 50;

/** So many entries are in a batch at most: what is made of one is kept until the next. */
const BATCH_SIZE = 256;

/**
 * All entries in order and in batches, each of which ends when its work takes long. Between two of them the event loop
 * gets a turn whenever the work of the loop over the batches takes long. To be read to its end, each batch once.
 */
export async function* inStretches<Entry>(entries: readonly Entry[]): AsyncGenerator<Iterable<Entry>> {
	let startMs = performance.now();
	const isLong = () => performance.now() - startMs > LONGEST_STRETCH_MS;
	let next = 0;
	function* batch(): Iterable<Entry> {
		const end = Math.min(next + BATCH_SIZE, entries.length);
		do yield entries[next++]!;
		while (next < end && !isLong());
	}
	while (next < entries.length) {
		yield batch();
		if (isLong()) {
			await sleep(0);
			startMs = performance.now();
		}
	}
}

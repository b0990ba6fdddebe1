import { sleep } from 'n8n-workflow';

/** After so much work at a stretch the event loop gets a turn: in queue mode a blocked one loses the job. */
const LONGEST_STRETCH_MS = 50;

/** So many entries are worked on between two looks at the clock. */
const BATCH_SIZE = 256;

/**
 * All entries in order and in batches, with a turn for the event loop between two of them whenever the work of the
 * loop over the batches takes long.
 */
export async function* inStretches<Entry>(entries: readonly Entry[]): AsyncGenerator<readonly Entry[]> {
	let startMs = performance.now();
	for (let first = 0; first < entries.length; first += BATCH_SIZE) {
		yield entries.slice(first, first + BATCH_SIZE);
		if (performance.now() - startMs > LONGEST_STRETCH_MS) {
			await sleep(0);
			startMs = performance.now();
		}
	}
}

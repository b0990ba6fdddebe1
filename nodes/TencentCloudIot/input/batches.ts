/** A batch yields to the event loop after this much work: in queue mode a blocked loop loses the job. Milliseconds. */
const LONGEST_BATCH_MS = 50;

/** The most entries of a batch, whose results are held in memory until the next. */
const BATCH_SIZE = 256;

/**
 * All entries in order, in batches that yield to the event loop when their work takes long. Read each batch once, to its
 * end.
 */
export async function* inBatches<Entry>(entries: readonly Entry[]): AsyncGenerator<Iterable<Entry>> {
	let startMs = performance.now();
	const isLong = () => performance.now() - startMs > LONGEST_BATCH_MS;
	let next = 0;
	function* batch(): Iterable<Entry> {
		const end = Math.min(next + BATCH_SIZE, entries.length);
		do {
			yield entries[next]!;
			next++;
		} while (next < end && !isLong());
	}
	while (next < entries.length) {
		yield batch();
		if (isLong()) {
			await nextTurn();
			startMs = performance.now();
		}
	}
}

/** Runs a pass that pauses now and then, and yields to the event loop where its work takes long. */
export async function inTurns<Result>(pass: Generator<void, Result>): Promise<Result> {
	let startMs = performance.now();
	for (;;) {
		const step = pass.next();
		if (step.done === true) {
			return step.value;
		}
		if (performance.now() - startMs > LONGEST_BATCH_MS) {
			await nextTurn();
			startMs = performance.now();
		}
	}
}

/** What an expression of n8n can read at once as one text, whatever the number of records. */
const RECORDS_PER_TEXT = 1_000;

/** Records in groups of at most 1,000, each for one JSON text. */
export function inGroups<Entry>(records: readonly Entry[]): Entry[][] {
	const count = Math.ceil(records.length / RECORDS_PER_TEXT);
	return Array.from({ length: count }, (_, index) =>
		records.slice(index * RECORDS_PER_TEXT, (index + 1) * RECORDS_PER_TEXT),
	);
}

/** Resolves after other work of this process had its turn. A message needs neither n8n nor a timer, which takes a millisecond. */
async function nextTurn(): Promise<void> {
	const { port1: receiver, port2: sender } = new MessageChannel();
	await new Promise<unknown>((resolve) => {
		receiver.once('message', resolve);
		sender.postMessage(undefined);
	});
	receiver.close();
}

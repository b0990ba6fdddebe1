/** A pass yields to the event loop after this much work: in queue mode a worker whose loop stays blocked loses its job. Milliseconds. */
const LONGEST_WORK_MS = 50;

/** The most entries of a batch. Who reads a batch holds its results in memory until the next batch. */
const LARGEST_BATCH = 256;

/** When a pass last yielded to the event loop. All passes share this time, because many short passes in a row would block the loop, too. */
let lastTurnMs = 0;

function isLongAgo(): boolean {
	return performance.now() - lastTurnMs > LONGEST_WORK_MS;
}

/**
 * Yields all entries in order, in batches. Between two batches the event loop gets its turn if the work since the last one took long. Read
 * each batch once, to its end.
 */
export async function* inBatches<Entry>(entries: readonly Entry[]): AsyncGenerator<Iterable<Entry>> {
	let next = 0;
	function* batch(): Iterable<Entry> {
		const end = Math.min(next + LARGEST_BATCH, entries.length);
		do {
			yield entries[next]!;
			next++;
		} while (next < end && !isLongAgo());
	}
	while (next < entries.length) {
		yield batch();
		await takeTurns();
	}
}

/** Runs a pass to its end. At each of its pauses the event loop gets its turn if the work since the last one took long. */
export async function inTurns<Result>(pass: Generator<void, Result>): Promise<Result> {
	for (;;) {
		const step = pass.next();
		if (step.done === true) {
			return step.value;
		}
		if (isLongAgo()) {
			await takeTurns();
		}
	}
}

/** Gives the event loop its turn if the work since the last one took long. Call it between two parts of a run that do not pause themselves. */
export async function takeTurns(): Promise<void> {
	if (isLongAgo()) {
		await nextTurn();
		lastTurnMs = performance.now();
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

/** Resolves after other work of this process had its turn. A message port needs nothing of n8n, and a timer would wait a millisecond longer. */
async function nextTurn(): Promise<void> {
	const { port1: receiver, port2: sender } = new MessageChannel();
	await new Promise<unknown>((resolve) => {
		receiver.once('message', resolve);
		sender.postMessage(undefined);
	});
	receiver.close();
}

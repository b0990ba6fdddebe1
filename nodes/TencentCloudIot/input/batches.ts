/** The event loop gets its turn after this much work: in queue mode a blocked loop loses the job. Milliseconds. */
const LONGEST_WORK_MS = 50;

/** The most entries of a batch, whose results are held in memory until the next. */
const BATCH_SIZE = 256;

/** When a pass last gave the event loop its turn. All passes share it: many short ones, one behind the other, would block the loop as well. */
let lastTurnMs = 0;

function isLongAgo(): boolean {
	return performance.now() - lastTurnMs > LONGEST_WORK_MS;
}

/**
 * All entries in order, in batches that yield to the event loop when the work since its last turn took long. Read each batch
 * once, to its end.
 */
export async function* inBatches<Entry>(entries: readonly Entry[]): AsyncGenerator<Iterable<Entry>> {
	let next = 0;
	function* batch(): Iterable<Entry> {
		const end = Math.min(next + BATCH_SIZE, entries.length);
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

/** Runs a pass that pauses now and then, and yields to the event loop where the work since its last turn took long. */
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

/** Yields to the event loop where the work since its last turn took long: between two parts of a run that do not pause themselves. */
export async function takeTurns(): Promise<void> {
	if (isLongAgo()) {
		await nextTurn();
		lastTurnMs = performance.now();
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

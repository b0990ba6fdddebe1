/**
 * Long work over rows or customers gives n8n's event loop a turn now and then. There are three ways, because the work differs:
 *
 *     forEachPausing          in code without `await`, such as the passes of `binding/`, which consist of passes. `runInTurns` runs a whole pass
 *     inBatches (batches.ts)  in code with `await`, and for a caller that must not hold the results of more than one batch
 *     forEachPausingByCount   in the sync state. It pauses after a number of entries, by the clock of the run, so a run in virtual time
 *                             pauses at the same entries each time
 *
 * The first two pause once more than `LONGEST_WORK_MS` have passed since the event loop had its last turn.
 */

/** A pass yields to the event loop after this many milliseconds: in queue mode a worker whose loop stays blocked loses its job. */
const LONGEST_WORK_MS = 50;

/** The entries between two checks of the clock. The costliest entries take some milliseconds each. */
const ENTRIES_BETWEEN_CHECKS = 8;

/** When a pass last yielded to the event loop. All passes share this time, because many short passes in a row would also block the loop. */
let lastTurnMs = 0;

/** A long pass over rows or customers. Its caller may do other work at each pause. */
export type Pausing<Result = void> = Generator<void, Result>;

/** Whether the event loop should get its turn, since the work since its last turn took long. */
export function isTurnDue(): boolean {
	return performance.now() - lastTurnMs > LONGEST_WORK_MS;
}

/** Calls `take` with each entry in order, and pauses when the event loop should get its turn. */
export function* forEachPausing<Entry>(entries: Iterable<Entry>, take: (entry: Entry) => void): Pausing {
	let count = 0;
	for (const entry of entries) {
		take(entry);
		count += 1;
		if (count % ENTRIES_BETWEEN_CHECKS === 0 && isTurnDue()) {
			yield;
		}
	}
}

/** Lets the event loop serve other work of the process. */
export type Pause = () => Promise<void>;

/** The entries between two pauses of `forEachPausingByCount`. They take 10 to 20 ms of a core. */
const ENTRIES_BETWEEN_PAUSES = 5000;

/** Takes each entry in order, with a pause after each 5,000 entries. */
export async function forEachPausingByCount<Entry>(
	entries: Iterable<Entry>,
	pause: Pause,
	take: (entry: Entry) => void,
): Promise<void> {
	let count = 0;
	for (const entry of entries) {
		take(entry);
		count += 1;
		if (count % ENTRIES_BETWEEN_PAUSES === 0) {
			await pause();
		}
	}
}

/** Runs a whole pass. At each of its pauses the event loop gets its turn if the work since its last turn took long. */
export async function runInTurns<Result>(pass: Pausing<Result>): Promise<Result> {
	for (;;) {
		const step = pass.next();
		if (step.done === true) {
			return step.value;
		}
		await giveTurnIfDue();
	}
}

/** Gives the event loop its turn if the work since its last turn took long. Call it between two parts of a run that do not pause themselves. */
export async function giveTurnIfDue(): Promise<void> {
	if (isTurnDue()) {
		await giveTurn();
		lastTurnMs = performance.now();
	}
}

/** Resolves once other work of this process has run. A message port needs nothing from n8n, and a timer would wait a millisecond longer. */
async function giveTurn(): Promise<void> {
	const { port1: receiver, port2: sender } = new MessageChannel();
	await new Promise<unknown>((resolve) => {
		receiver.once('message', resolve);
		sender.postMessage(undefined);
	});
	receiver.close();
}

/**
 * Lets the Syncs of this process start one after the other, in the order in which they call `startInTurn`. A run is
 *
 *     waiting    until all earlier runs have started, or its own execution is aborted
 *     starting   while it reads, judges and compares its rows; after two minutes the next run no longer waits for it
 *     started    while it sends, or waits to take over the lock row of a run that may be dead. No other run waits for it
 *
 * Starting is most of a run's work, and needs the most memory. If several runs started at once, each would get only a part of the event loop,
 * and n8n's database would respond to all of them too late to send anything.
 */
import type { Clock } from '../service/transport/clock';

/**
 * After this time the next run starts even if this one is still starting: n8n may leave the calls of a run unanswered for minutes.
 * Starting with 100,000 customers takes 5 to 10 s, and with a million devices three times as long. Milliseconds.
 */
const LONGEST_START_MS = 120_000;

/** Resolves when all runs that have called `startInTurn` in this process so far have started. */
let allRunsStarted: Promise<unknown> = Promise.resolve();
/** How many runs of this process have called `startInTurn` and not started yet. */
let notStartedCount = 0;

/** A run that waits for its turn. */
interface StartingRun {
	clock: Clock;
	/** The signal of the execution. When it is aborted the run stops waiting. */
	signal: AbortSignal | undefined;
	/** Called once if the run has to wait, before it waits. */
	onWait: () => void;
}

/**
 * Waits until it is this run's turn to start.
 * @returns a function that the run calls when it has started; further calls have no effect
 */
export async function startInTurn({ clock, signal, onWait }: StartingRun): Promise<() => void> {
	const earlierRunsStarted = allRunsStarted;
	let noteThisStarted = () => {};
	const thisRunStarted = new Promise<void>((resolve) => {
		noteThisStarted = resolve;
	});
	// A later run waits for all earlier ones, even if one of those was aborted while it waited.
	allRunsStarted = Promise.all([earlierRunsStarted, thisRunStarted]);
	notStartedCount++;
	void thisRunStarted.then(() => {
		notStartedCount--;
	});
	if (notStartedCount > 1) {
		onWait();
		await settledOrAborted(earlierRunsStarted, signal);
	}
	const turnOffAlarm = clock.alarm(LONGEST_START_MS, noteThisStarted);
	return () => {
		turnOffAlarm();
		noteThisStarted();
	};
}

/** Waits until `awaited` resolves or the signal is aborted, whichever comes first. @param awaited a promise that never rejects */
async function settledOrAborted(awaited: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
	await new Promise<void>((resolve) => {
		const stopWaiting = () => resolve();
		signal?.addEventListener('abort', stopWaiting, { once: true });
		if (signal?.aborted === true) {
			stopWaiting();
		}
		void awaited.then(() => {
			signal?.removeEventListener('abort', stopWaiting);
			stopWaiting();
		});
	});
}

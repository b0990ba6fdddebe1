/**
 * Lets the Syncs of this process start one after the other, in the order in which they come:
 *
 *     waiting    another Sync is starting. It waits until that one has started, or its own execution is aborted
 *     starting   it reads, judges and compares all of its rows, for two minutes at most: then the next one no longer waits for it
 *     started    it sends, waits for an owner that may be dead, or has ended. It holds up nobody, however long it sends
 *
 * Starting is most of a run's work, and takes the most memory that it ever holds. If several runs did so at once, each would get a part of
 * the event loop, and n8n's database would answer all of them too late to send anything.
 */
import type { Clock } from '../service/transport/clock';

/**
 * A run that takes longer to start no longer holds up others: n8n may leave its calls unanswered for minutes. Reading, judging and comparing
 * 100,000 customers takes 5 to 10 s; a million devices take three times as long. Milliseconds.
 */
const LONGEST_START_MS = 120_000;

/** Settles when all runs that have come so far in this process have started. */
let allStarted: Promise<unknown> = Promise.resolve();
/** How many of them have not started yet. */
let startingCount = 0;

/** A run that waits for its turn. */
interface StartingRun {
	clock: Clock;
	/** The signal of the execution: the waiting ends when it is aborted. */
	signal: AbortSignal | undefined;
	/** Called before the run waits. */
	onWait: () => void;
}

/**
 * Waits until it is this run's turn to start.
 * @returns to be called when the run has started; calls after the first one have no effect
 */
export async function startInTurn({ clock, signal, onWait }: StartingRun): Promise<() => void> {
	const earlierStarted = allStarted;
	let resolveStarted = () => {};
	const started = new Promise<void>((resolve) => {
		resolveStarted = resolve;
	});
	// A run that comes later waits for all before it, even if one of them has stopped waiting.
	allStarted = Promise.all([earlierStarted, started]);
	startingCount++;
	void started.then(() => {
		startingCount--;
	});
	if (startingCount > 1) {
		onWait();
		await settledOrAborted(earlierStarted, signal);
	}
	const turnOffAlarm = clock.alarm(LONGEST_START_MS, resolveStarted);
	return () => {
		turnOffAlarm();
		resolveStarted();
	};
}

/** Resolves as soon as the promise has, or the signal is aborted. */
async function settledOrAborted(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
	await new Promise<void>((resolve) => {
		const stopWaiting = () => resolve();
		signal?.addEventListener('abort', stopWaiting, { once: true });
		if (signal?.aborted === true) {
			stopWaiting();
		}
		void promise.then(() => {
			signal?.removeEventListener('abort', stopWaiting);
			stopWaiting();
		});
	});
}

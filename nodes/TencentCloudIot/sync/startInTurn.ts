import type { Clock } from '../service/transport/clock';

/**
 * A run that takes longer to start holds up no other: n8n may not answer its calls for minutes. To read, judge and compare 100,000
 * customers takes 5 to 10 s, a million devices three times as long. Milliseconds.
 */
const LONGEST_START_MS = 120_000;

/** Settled when all runs of this process have started that have come so far. */
let allStarted: Promise<unknown> = Promise.resolve();
/** How many of them have not. */
let starting = 0;

/** What waits for its turn. */
interface StartingRun {
	clock: Clock;
	/** Of the execution: when it is aborted the waiting ends. */
	signal: AbortSignal | undefined;
	/** Called before the run waits. */
	onWait: () => void;
}

/**
 * Lets the Syncs of this process start one after the other, in the order in which they come:
 *
 *     waiting ─► starting ─► started: it sends, or waits for an owner that may be dead, or has ended
 *
 * A run that starts reads, judges and compares all of its rows. That is most of its work, and of what it ever holds in memory. If several
 * did so at once, each would get a part of the event loop, and n8n's database would answer all of them too late to send anything. A run
 * that has started holds up nobody, however long it sends.
 * @returns says that the run has started; calls after the first have no effect
 */
export async function startInTurn({ clock, signal, onWait }: StartingRun): Promise<() => void> {
	const earlierStarted = allStarted;
	let resolveStarted = () => {};
	const started = new Promise<void>((resolve) => {
		resolveStarted = resolve;
	});
	// Whoever comes behind a run that has stopped waiting still waits for those before it.
	allStarted = Promise.all([earlierStarted, started]);
	starting++;
	void started.then(() => {
		starting--;
	});
	if (starting > 1) {
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

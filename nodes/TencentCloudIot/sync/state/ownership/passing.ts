import type { Clock } from '../../../service/transport/clock';

/** A run that passes has taken back what it added after this time, milliseconds. */
export const PASSING_MS = 400;
const MOST_ATTEMPTS = 4;

/** Attempts something until a run that passes is gone. @returns whether it was done */
export async function outlastPassing(
	clock: Clock,
	isDone: () => Promise<boolean>,
	pauseMs = PASSING_MS,
): Promise<boolean> {
	for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
		if (attempt > 0) await clock.sleep(pauseMs);
		if (await isDone()) return true;
	}
	return false;
}

import { setTimeout as sleep } from 'node:timers/promises';

/** How long a look is repeated; a busy machine is slow. Milliseconds. */
const LONGEST_MS = 60_000;

/**
 * Repeats a look at something that changes by itself until the look no longer throws, and gives what it found.
 *
 * @throws what the last look threw when the time is over
 */
export async function eventually<T>(look: () => T | Promise<T>, timeoutMs = LONGEST_MS): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		try {
			return await look();
		} catch (cause) {
			if (Date.now() > deadline) {
				throw cause;
			}
		}
		await sleep(100);
	}
}

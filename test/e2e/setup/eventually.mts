import { setTimeout as sleep } from 'node:timers/promises';

/** How long a check is repeated; a busy machine is slow. Milliseconds. */
const LONGEST_MS = 60_000;

/**
 * Repeats a check of something that changes by itself until the check no longer throws, and returns its result.
 *
 * @throws the last error if the time is over
 */
export async function eventually<T>(check: () => T | Promise<T>, timeoutMs = LONGEST_MS): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		try {
			return await check();
		} catch (cause) {
			if (Date.now() > deadline) {
				throw cause;
			}
		}
		await sleep(100);
	}
}

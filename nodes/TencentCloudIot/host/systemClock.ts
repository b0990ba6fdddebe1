import { sleep } from 'n8n-workflow';

import type { Clock } from '../service/transport/clock';

/** How often a sleep checks its signal, so that a cancelled run ends soon and leaves no timer behind. */
const SLICE_MS = 100;

/** The clock of real runs, and of the editor's requests. */
export const systemClock: Clock = {
	nowMs: () => Date.now(),
	elapsedMs: () => performance.now(),
	async sleep(ms, signal) {
		const endMs = performance.now() + ms;
		let remainingMs = ms;
		while (remainingMs > 0 && !signal?.aborted) {
			await sleep(Math.min(SLICE_MS, remainingMs));
			remainingMs = endMs - performance.now();
		}
	},
	// The timer of such a signal does not keep the process alive. The request that the alarm ends does.
	alarm(ms, ring) {
		const timeout = AbortSignal.timeout(Math.ceil(ms));
		timeout.addEventListener('abort', ring);
		return () => timeout.removeEventListener('abort', ring);
	},
};

import { sleep } from 'n8n-workflow';

import type { Clock } from '../service/transport/clock';

/** How often a sleep checks its signal: a cancelled run ends soon and leaves no timer behind. Milliseconds. */
const SLICE_MS = 100;

/** The clock of real runs, and of the editor's requests. */
export const systemClock: Clock = {
	nowMs: () => Date.now(),
	elapsedMs: () => performance.now(),
	async sleep(ms, signal) {
		const endMs = performance.now() + ms;
		let restMs = ms;
		while (restMs > 0 && !signal?.aborted) {
			await sleep(Math.min(SLICE_MS, restMs));
			restMs = endMs - performance.now();
		}
	},
	// A timer of a signal does not keep the process alive. It need not: the request that it ends does.
	alarm(ms, ring) {
		const time = AbortSignal.timeout(Math.ceil(ms));
		time.addEventListener('abort', ring);
		return () => time.removeEventListener('abort', ring);
	},
};

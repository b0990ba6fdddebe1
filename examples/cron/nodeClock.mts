import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../nodes/TencentCloudIot/service/transport/clock.ts';

/** Time by Node's own timers. */
export const nodeClock: Clock = {
	nowMs: () => Date.now(),
	elapsedMs: () => performance.now(),
	sleep: async (ms, signal) => {
		// An abort ends the wait and is not an error here.
		await sleep(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
	},
	alarm: (ms, ring) => {
		const timer = setTimeout(ring, ms);
		return () => clearTimeout(timer);
	},
};

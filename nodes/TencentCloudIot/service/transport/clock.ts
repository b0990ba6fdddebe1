import delay, { clearDelay } from 'delay';

/** Time as the service layer sees it. Tests pass their own. */
export interface Clock {
	/** Wall clock, Unix milliseconds: for timestamps. */
	nowMs(): number;
	/** Milliseconds that never jump: for waits and rates. */
	elapsedMs(): number;
	/** Resolves after `ms`, or at once when the signal is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
	/** Calls `ring` after `ms`, unless the returned function was called first. */
	alarm(ms: number, ring: () => void): () => void;
}

export const systemClock: Clock = {
	nowMs: () => Date.now(),
	elapsedMs: () => performance.now(),
	sleep: async (ms, signal) => await delay<undefined>(ms, signal && { signal }).catch(() => undefined),
	alarm: (ms, ring) => {
		let isOff = false;
		const waiting = delay(ms);
		void waiting.then(() => {
			if (!isOff) ring();
		});
		return () => {
			isOff = true;
			clearDelay(waiting);
		};
	},
};

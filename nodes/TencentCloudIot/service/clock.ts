import delay from 'delay';

/** Time as the service layer sees it. Tests pass their own. */
export interface Clock {
	/** Wall clock, Unix milliseconds: for timestamps. */
	nowMs(): number;
	/** Milliseconds that never jump: for waits and rates. */
	elapsedMs(): number;
	/** Resolves after `ms`, or at once when the signal is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
	nowMs: () => Date.now(),
	elapsedMs: () => performance.now(),
	sleep: async (ms, signal) => await delay<undefined>(ms, signal && { signal }).catch(() => undefined),
};

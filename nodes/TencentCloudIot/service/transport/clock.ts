/** The port to time. Tests pass their own. */
export interface Clock {
	/** Wall clock, Unix milliseconds: for timestamps. */
	nowMs(): number;
	/** Milliseconds that never jump: for waits and rates. */
	elapsedMs(): number;
	/** Resolves after `ms`, or soon after the signal is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
	/** Calls `ring` after `ms`, unless the returned function was called first. */
	alarm(ms: number, ring: () => void): () => void;
}

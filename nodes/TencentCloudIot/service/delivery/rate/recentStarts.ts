const SECOND_MS = 1_000;

/** No request is assumed to arrive at the service later than this after its start. Milliseconds. */
const LATEST_ARRIVAL_MS = 250;

/** Also the fastest request may have travelled slower than another one will. Milliseconds. */
const JITTER_MS = 10;

/** A request that was started. Milliseconds of `elapsedMs`. */
export interface Started {
	atMs: number;
	/** Infinity while it is in flight. */
	endedMs: number;
}

/** The requests of the last second, which say when a further one may start. */
export class RecentStarts {
	/** Oldest first; those before `#firstRecent` no longer count. */
	#starts: Started[] = [];
	#firstRecent = 0;

	add(started: Started): void {
		this.#starts.push(started);
		const sinceMs = started.atMs - LATEST_ARRIVAL_MS - SECOND_MS;
		while (this.#starts[this.#firstRecent]!.atMs < sinceMs) this.#firstRecent++;
		if (this.#firstRecent > this.#starts.length / 2) {
			this.#starts = this.#starts.slice(this.#firstRecent);
			this.#firstRecent = 0;
		}
	}

	/**
	 * When a request may start so that in no second more arrive than `perSecond`: once the second is over that began with the
	 * arrival of the oldest one that counts.
	 * @param fastestMs the shortest time from start to end of a request: the delay that all arrivals share
	 */
	freeMs(perSecond: number, fastestMs: number): number {
		if (this.#starts.length < perSecond) return -Infinity;
		const { atMs, endedMs } = this.#starts[this.#starts.length - Math.ceil(perSecond)]!;
		const sharedMs = Math.max(0, fastestMs - JITTER_MS);
		return Math.min(atMs + LATEST_ARRIVAL_MS, endedMs - sharedMs) + SECOND_MS;
	}
}

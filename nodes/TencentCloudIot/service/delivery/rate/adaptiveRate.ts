/** The accepted rate is measured over this time. */
const WINDOW_MS = 1_000;

/** After throttling the rate drops to this part of the accepted rate, so that the limit is not hit again at once. */
const BACK_OFF = 0.97;

/** If at least this part of the rate was accepted, all of it counts as accepted: some responses may still be in flight. */
const NEARLY_ALL = 0.75;

/** The rate that is assumed if the service throttles before an accepted rate could be measured. */
const FIRST_GUESS_PER_SECOND = 10;

/** Time after which the rate is back where it was throttled; from there it grows faster and faster. */
const RECOVERY_MS = 30_000;

/**
 * A request rate that detects a limit which the service does not report. When throttled, it falls to just below the rate that
 * was accepted in the last second. It recovers on a cubic curve: it stays just below the limit for a long time, and rises
 * quickly once the limit is gone.
 */
export class AdaptiveRate {
	/** The rate never exceeds this; Infinity for no limit. */
	mostPerSecond = Infinity;
	/** The times at which requests succeeded within the last `WINDOW_MS`, oldest first. */
	readonly #successesMs: number[] = [];
	/** The last throttling, with the rate that the service had accepted before it. */
	#lastThrottling: { acceptedPerSecond: number; atMs: number } | undefined;

	/** How many requests per second may start now. */
	perSecond(nowMs: number): number {
		if (this.#lastThrottling === undefined) {
			return this.mostPerSecond;
		}
		const { acceptedPerSecond, atMs } = this.#lastThrottling;
		const growth = (1 - BACK_OFF) * ((nowMs - atMs) / RECOVERY_MS) ** 3;
		return Math.min(this.mostPerSecond, acceptedPerSecond * (BACK_OFF + growth));
	}

	noteSuccess(nowMs: number): void {
		this.#successesMs.push(nowMs);
		this.#countRecent(nowMs);
	}

	/**
	 * Lowers the rate because the service throttled a request.
	 * @param activeSinceMs the end of the last pause, or the start of the first run: less than a second after it is too short to measure
	 */
	noteThrottling(nowMs: number, activeSinceMs: number): void {
		const acceptedCount = Math.max(1, this.#countRecent(nowMs));
		const perSecond = this.perSecond(nowMs);
		// If nearly all requests were accepted, the rate only just met the limit: some responses are still in flight.
		const isNearlyAll = acceptedCount >= NEARLY_ALL * perSecond;
		const isMeasured = nowMs - activeSinceMs >= WINDOW_MS;
		let leastPerSecond = 1;
		if (isNearlyAll) {
			leastPerSecond = perSecond;
		} else if (!isMeasured) {
			leastPerSecond = perSecond === Infinity ? FIRST_GUESS_PER_SECOND : perSecond / 2;
		}
		this.#lastThrottling = { acceptedPerSecond: Math.max(acceptedCount, leastPerSecond), atMs: nowMs };
	}

	#countRecent(nowMs: number): number {
		while ((this.#successesMs[0] ?? Infinity) <= nowMs - WINDOW_MS) {
			this.#successesMs.shift();
		}
		return this.#successesMs.length;
	}
}
